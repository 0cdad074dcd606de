import { startTestServer, type TestServer } from '../support/app.js';
import { createTenant, type JsonObject, type Tenant } from '../support/scenario.js';

/** The examples of RFC 7644 section 3.4.2.2 and their traps, over people one can hold in one's head. */

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const PEOPLE: Readonly<Record<string, JsonObject>> = {
  ada: {
    userName: 'bjensen',
    name: { familyName: "O'Malley", givenName: 'Ada' },
    title: 'Guide',
    userType: 'Employee',
    emails: [
      { type: 'work', value: 'ada@example.org' },
      { type: 'home', value: 'ada@example.com' },
    ],
  },
  bob: { userName: 'JSmith', userType: 'Intern', emails: [{ type: 'work', value: 'Bob@Example.com', primary: true }] },
  cid: {
    userName: 'cid',
    title: 'a "b" and (c) or [d]',
    ims: [{ type: 'xmpp', value: 'cid@foo.com' }],
    active: false,
    externalId: 'True',
    [ENTERPRISE]: { department: 'R&D', manager: { value: '26118915' }, employeeNumber: '701984' },
  },
  dee: {
    userName: 'dee_100%',
    nickName: '\u00c4gypten',
    emails: [{ value: 'dee@other.net' }],
    addresses: [{ country: 'DE' }],
  },
};

let server: TestServer;
let tenant: Tenant;

beforeAll(async () => {
  server = await startTestServer();
  tenant = await createTenant(server);
  for (const [displayName, body] of Object.entries(PEOPLE))
    expect((await tenant.scim('POST', '/Users', { ...body, displayName })).status).toBe(201);
});
afterAll(() => server.close());

const found = async (filter: string) => {
  const reply = await tenant.scim<{ Resources: JsonObject[] }>('GET', `/Users?filter=${encodeURIComponent(filter)}`);
  return reply.status === 200
    ? reply.json.Resources.map((one) => one['displayName']).join(' ')
    : `${reply.status} ${String((reply.json as unknown as JsonObject)['scimType'])}`;
};

it.each<[title: string, filter: string, names: string]>([
  ['R-070 a name', 'userName eq "bjensen"', 'ada'],
  ['R-070 operators and names in any case', 'USERNAME Eq "BJENSEN" OR username EQ "cid"', 'ada cid'],
  ['R-079 an apostrophe', `name.familyName co "O'Malley"`, 'ada'],
  ['R-073 begins with, in any case', 'userName sw "J"', 'bob'],
  ['R-077 the core URN', 'urn:ietf:params:scim:schemas:core:2.0:User:userName sw "J"', 'bob'],
  ['R-076 presence', 'title pr', 'ada cid'],
  ['R-076 absence', 'not (title pr)', 'bob dee'],
  ['R-076 null is absence', 'title eq null', 'bob dee'],
  ['R-076 ne is true of what is absent', 'title ne "Guide"', 'bob cid dee'],
  ['R-076 presence of a complex attribute', 'addresses pr or name pr', 'ada dee'],
  ['R-070 and', 'title pr and userType eq "Employee"', 'ada'],
  ['R-070 or', 'title pr or userType eq "Intern"', 'ada bob cid'],
  ['R-070 and binds before or', 'userType eq "Intern" or title pr and active eq false', 'bob cid'],
  ['R-070 parentheses bind first', '(userType eq "Intern" or title pr) and active eq false', 'cid'],
  ['R-070 not binds before and', 'not (userType eq "Intern") and emails pr', 'ada dee'],
  ['R-071 any e-mail', 'emails co "example.com"', 'ada bob'],
  ['R-071 by value without saying so', 'emails eq "ADA@example.org"', 'ada'],
  [
    'R-070 the example of the standard',
    'userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")',
    'ada',
  ],
  [
    'R-070 the same with not',
    'userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org")',
    'cid dee',
  ],
  ['R-072 without brackets two values may match', 'emails.type eq "work" and emails.value co "example.com"', 'ada bob'],
  ['R-072 in brackets one value must', 'emails[type eq "work" and value co "@example.com"]', 'bob'],
  [
    'R-072 two value paths',
    'emails[type eq "work" and value co "@example.com"] or ims[type eq "xmpp" and value co "@foo.com"]',
    'bob cid',
  ],
  ['R-078 not in brackets', 'emails[not (type eq "home")]', 'ada bob dee'],
  [
    'R-078 nested conditions in brackets',
    'emails[(type eq "work" or not (type pr)) and not (value ew ".org")]',
    'bob dee',
  ],
  ['R-078 not around brackets', 'emails pr and not (emails[type eq "work"])', 'dee'],
  ['R-078 a sub-attribute behind brackets', 'emails[type eq "home"].value sw "ada"', 'ada'],
  ['R-074 moments', 'meta.lastModified gt "2011-05-13T04:42:34Z"', 'ada bob cid dee'],
  ['R-074 moments with an offset', 'meta.created lt "2011-05-13T04:42:34+02:00"', ''],
  ['R-074 texts', 'userName ge "cid" and userName lt "jsmith"', 'cid dee'],
  ['R-074 booleans have no order', 'active gt true', '400 invalidFilter'],
  ['R-077 an extension', `${ENTERPRISE}:department eq "r&d"`, 'cid'],
  ['R-077 an extension by its bare name', 'manager.value eq "26118915"', 'cid'],
  ['R-077 who has the extension', `schemas eq "${ENTERPRISE}"`, 'cid'],
  ['R-077 the kind of resource', 'meta.resourceType eq "User" and userName sw "c"', 'cid'],
  ['R-079 brackets and words in a text', 'title eq "a \\"b\\" and (c) or [d]"', 'cid'],
  ['R-079 escapes', 'nickName eq "\\u00c4gypten"', 'dee'],
  ['R-079 a text where a boolean belongs', 'active eq "False"', 'cid'],
  ['R-079 a text that looks like a boolean', 'externalId eq "True"', 'cid'],
  ['R-079 a number where a text belongs', 'employeeNumber eq 701984', 'cid'],
  ['R-080 no wildcards', 'userName co "%"', 'dee'],
  ['R-080 no wildcards of one letter', 'userName co "e_1"', 'dee'],
  ['R-073 other letters too', 'nickName sw "\u00e4G"', 'dee'],
  ['R-073 externalId with case', 'externalId eq "true"', ''],
  ['R-075 only a name', 'userName', '400 invalidFilter'],
  ['R-075 no value', 'userName eq', '400 invalidFilter'],
  ['R-075 no name', 'eq "x"', '400 invalidFilter'],
  ['R-075 an unknown operator', 'userName regex "x"', '400 invalidFilter'],
  ['R-075 an unknown attribute', 'shoeSize eq 7', '400 invalidFilter'],
  ['R-029 the password', 'password sw "a"', '400 invalidFilter'],
])('%s: %s', async (_title, filter, names) => {
  expect([filter, await found(filter)]).toEqual([filter, names]);
});
