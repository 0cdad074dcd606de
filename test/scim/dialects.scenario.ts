import { startTestServer, type TestServer } from '../support/app.js';
import { createTenant, request, type JsonObject, type Reply, type Tenant } from '../support/scenario.js';
import { expectNoEffects, sideEffects } from '../support/side-effects.js';

const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';
const SEARCH = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest';
const PATCH_OP = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

interface Row {
  readonly what: string;
  readonly method: string;
  /** USER and GROUP stand for ids. */
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** What strict answers: scimType, or a status without one. */
  readonly strict: string | number;
  /** What tolerant answers, where it is no success. */
  readonly tolerant?: string;
}

type Ids = Readonly<Record<'USER' | 'GROUP', string>>;

const user = (more: JsonObject): JsonObject => ({ schemas: [USER], userName: 'new@example.com', ...more });
const patch = (...Operations: unknown[]) => ({ schemas: [PATCH_OP], Operations });
const ofUser = (what: string, operation: JsonObject, strict: string, tolerant?: string): Row => ({
  what,
  method: 'PATCH',
  path: '/Users/USER',
  body: patch(operation),
  strict,
  ...(tolerant === undefined ? {} : { tolerant }),
});
const ofGroup = (what: string, operation: JsonObject, strict: string): Row => ({
  ...ofUser(what, operation, strict),
  path: '/Groups/GROUP',
});
const post = (what: string, more: JsonObject, strict: string): Row => ({
  what,
  method: 'POST',
  path: '/Users',
  body: user(more),
  strict,
});
const filter = (text: string): Row => ({
  what: text,
  method: 'GET',
  path: `/Users?filter=${encodeURIComponent(text)}`,
  strict: 'invalidFilter',
});

const search = (path: string, more: JsonObject): Row => ({
  what: `${path} ${JSON.stringify(more)}`,
  method: 'POST',
  path,
  body: { schemas: [SEARCH], ...more },
  strict: more['attributes'] === undefined ? 'invalidFilter' : 'invalidValue',
});

/** The same request to a tolerant connection, which does it, and to a strict one, which refuses it and changes nothing. */
const ROWS: readonly Row[] = [
  ofUser('an operation without path', { op: 'replace', value: { active: true } }, 'invalidSyntax'),
  ofUser('an operation with a blank path', { op: 'replace', path: '', value: { active: true } }, 'invalidSyntax'),
  ofUser('a removal without path', { op: 'remove' }, 'invalidSyntax', 'noTarget'),
  ofUser('a verb with a capital', { op: 'Replace', path: 'title', value: 'T' }, 'invalidSyntax'),
  ofUser('a verb in capitals', { op: 'REPLACE', path: 'title', value: 'T' }, 'invalidSyntax'),
  ofUser('a boolean as text', { op: 'replace', path: 'active', value: 'True' }, 'invalidValue'),
  ofUser('a list for one value', { op: 'replace', path: 'title', value: ['T'] }, 'invalidValue'),
  ofUser('an object for a plain value', { op: 'replace', path: 'title', value: { value: 'T' } }, 'invalidValue'),
  ofUser('an unknown path', { op: 'replace', path: 'shoeSize', value: 1 }, 'invalidSyntax', 'invalidPath'),
  ofUser('a manager as text', { op: 'add', path: `${ENTERPRISE}:manager`, value: '271' }, 'invalidValue'),
  ofUser('an attribute of an extension without URN', { op: 'add', path: 'department', value: 'D' }, 'invalidSyntax'),
  ofUser('a password', { op: 'replace', path: 'password', value: 'x' }, 'invalidSyntax'),
  ofUser('a text as element', { op: 'add', path: 'roles', value: 'admin' }, 'invalidValue'),
  ofUser('an element without list', { op: 'replace', path: 'roles', value: { value: 'admin' } }, 'invalidValue'),
  ofUser('elements removed by value', { op: 'remove', path: 'emails', value: [{ value: 'a@b' }] }, 'invalidValue'),
  ofUser(
    'a whole element by filter',
    { op: 'replace', path: 'addresses[type eq "work"]', value: { country: 'SE' } },
    'invalidPath',
  ),
  ofUser(
    'a text compared with a boolean',
    { op: 'add', path: 'roles[primary eq "True"].value', value: 'admin' },
    'invalidFilter',
  ),
  ofUser(
    'a replacement without match',
    { op: 'replace', path: 'phoneNumbers[type eq "fax"].value', value: '1' },
    'noTarget',
  ),
  {
    ...ofUser('no PatchOp schema', {}, 'invalidSyntax'),
    body: { Operations: patch({ op: 'add', path: 'title', value: 'T' }).Operations },
  },
  { ...ofUser('no operations', {}, 'invalidSyntax'), body: patch() },
  {
    ...ofUser('further keys', {}, 'invalidSyntax'),
    body: { ...patch({ op: 'add', path: 'title', value: 'T' }), id: '1' },
  },
  ofGroup('members removed by value', { op: 'remove', path: 'members', value: [{ value: 'USER' }] }, 'invalidValue'),
  ofGroup(
    'members in members',
    { op: 'remove', path: 'members', value: { members: [{ value: 'USER' }] } },
    'invalidValue',
  ),
  ofGroup('members as texts', { op: 'add', path: 'members', value: ['USER'] }, 'invalidValue'),
  post('an unknown attribute', { shoeSize: 42 }, 'invalidSyntax'),
  post('an unknown sub-attribute', { name: { shoe: 'x' } }, 'invalidSyntax'),
  post('an unknown schema', { schemas: [USER, 'urn:example:x'] }, 'invalidSyntax'),
  post(
    "Microsoft's schema",
    { schemas: [USER, 'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/User'] },
    'invalidSyntax',
  ),
  post('no schemas', { schemas: undefined }, 'invalidSyntax'),
  post('an empty list of schemas', { schemas: [] }, 'invalidSyntax'),
  post('the schemas of SCIM 1', { schemas: ['urn:scim:schemas:core:2.0'] }, 'invalidSyntax'),
  post('another schema than its own', { schemas: [ENTERPRISE] }, 'invalidSyntax'),
  post('an extension not in schemas', { [ENTERPRISE]: { department: 'D' } }, 'invalidSyntax'),
  post('a key with a dot', { 'name.givenName': 'x' }, 'invalidSyntax'),
  post('a key with a URN', { [`${USER}:title`]: 'T' }, 'invalidSyntax'),
  post('a password', { password: 'x' }, 'invalidSyntax'),
  post('a boolean as text', { active: 'true' }, 'invalidValue'),
  { ...post('an answer in another form than JSON', {}, ''), headers: { accept: 'text/html' }, strict: 406 },
  { ...post('another media type', {}, ''), headers: { 'content-type': 'application/json' }, strict: 415 },
  {
    what: 'brackets in attributes',
    method: 'GET',
    path: `/Users?attributes=${encodeURIComponent('emails[type eq "work"]')}`,
    strict: 'invalidValue',
  },
  post('an empty element', { emails: [null] }, 'invalidValue'),
  ofUser('a path as key', { op: 'replace', value: { 'emails[type eq "work"].value': 'c@d' } }, 'invalidSyntax'),
  {
    what: 'a bare entity tag',
    method: 'GET',
    path: '/Users/USER',
    headers: { 'if-none-match': '99' },
    strict: 'invalidValue',
  },
  { what: 'a filter on a change', method: 'DELETE', path: '/Users/USER?filter=userName+pr', strict: 'invalidFilter' },
  filter('emails[type eq "work"].value eq "a@b"'),
  filter('userType eq Employee'),
  filter('not title pr'),
  filter('active eq "True"'),
  filter('manager.value eq "1"'),
  search('/Users/.search', { filter: 'userType eq Employee' }),
  search('/Users/.search', { Filter: 'userType eq Employee' }),
  search('/.search', { filter: 'displayName eq Sales' }),
  search('/.search', { filter: 'active eq "True"' }),
  search('/.search', { filter: 'department eq "Sales"' }),
  search('/.search', { attributes: ['id', 'emails[type eq "work"]'] }),
];

describe('the dialects', () => {
  let server: TestServer;
  let tolerant: Tenant;
  let strict: Tenant;

  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(() => server.close());
  beforeEach(async () => {
    tolerant = await createTenant(server);
    strict = await createTenant(server, { provisioning: { dialect: 'strict' } });
  });

  /** A user with an e-mail address in a group. */
  async function prepare(tenant: Tenant): Promise<Ids> {
    const body = user({ emails: [{ type: 'work', value: 'a@b' }], userName: 'present@example.com' });
    const { id } = (await tenant.scim<{ id: string }>('POST', '/Users', body)).json;
    const group = { schemas: [GROUP], displayName: 'G', members: [{ value: id }] };
    return { USER: id, GROUP: (await tenant.scim<{ id: string }>('POST', '/Groups', group)).json.id };
  }

  async function send(tenant: Tenant, ids: Ids, { method, path, body, headers }: Row): Promise<Reply> {
    const filled = (text: string) => text.replace(/\b(USER|GROUP)\b/g, (_all, name: 'USER' | 'GROUP') => ids[name]);
    const sent = body === undefined ? undefined : (JSON.parse(filled(JSON.stringify(body))) as unknown);
    return tenant.scim(method, filled(path), sent, headers);
  }

  it.each(ROWS)('$what', async (row) => {
    const understood = await send(tolerant, await prepare(tolerant), row);
    if (row.tolerant === undefined) expect([200, 201, 204]).toContain(understood.status);
    else expect([understood.status, understood.json['scimType']]).toEqual([400, row.tolerant]);

    const ids = await prepare(strict);
    let refused!: Reply;
    expectNoEffects(await sideEffects(server, async () => void (refused = await send(strict, ids, row))));
    expect([refused.status, refused.json['scimType']]).toEqual(
      typeof row.strict === 'number' ? [row.strict, undefined] : [400, row.strict],
    );
    expect(refused.json['schemas']).toEqual(['urn:ietf:params:scim:api:messages:2.0:Error']);
  });

  it('a token without the word Bearer', async () => {
    const bare = (tenant: Tenant) =>
      request(server, 'GET', '/scim/v2/Users', { headers: { authorization: tenant.token } });
    expect([(await bare(tolerant)).status, (await bare(strict)).status]).toEqual([200, 401]);
  });

  it('a replaced complex attribute keeps what is not mentioned, or nothing', async () => {
    const names = [];
    for (const tenant of [tolerant, strict]) {
      const { USER: id } = await prepare(tenant);
      const change = (...operations: JsonObject[]) => tenant.scim('PATCH', `/Users/${id}`, patch(...operations));
      await change(
        { op: 'add', path: 'name', value: { givenName: 'Ada', familyName: 'Byron' } },
        { op: 'add', path: ENTERPRISE, value: { department: 'D', division: 'E' } },
      );
      // To add is to merge in both.
      await change({ op: 'add', path: 'name', value: { middleName: 'K' } });
      const { json } = await change(
        { op: 'replace', path: 'name', value: { familyName: 'Lovelace' } },
        { op: 'replace', path: ENTERPRISE, value: { division: 'F' } },
      );
      names.push([json['name'], json[ENTERPRISE]]);
    }
    expect(names).toEqual([
      [
        { givenName: 'Ada', middleName: 'K', familyName: 'Lovelace' },
        { department: 'D', division: 'F' },
      ],
      [{ familyName: 'Lovelace' }, { division: 'F' }],
    ]);
  });

  it('discovery answers for the connection of the token', async () => {
    const config = async (token?: string) =>
      (await request(server, 'GET', '/scim/v2/ServiceProviderConfig', { token })).json['interopProfileConformant'];
    expect([await config(), await config(tolerant.token), await config(strict.token)]).toEqual([
      undefined,
      undefined,
      true,
    ]);
    const attributes = async (tenant: Tenant, path: string) =>
      JSON.stringify((await tenant.scim('GET', path)).json).includes('"name":"password"');
    for (const path of ['/Schemas', `/Schemas/${USER}`]) {
      expect([await attributes(tolerant, path), await attributes(strict, path)]).toEqual([true, false]);
    }
  });

  it('names what is wrong, where, and why it matters here', async () => {
    const { USER: id } = await prepare(strict);
    const body = patch({ op: 'add', path: 'title', value: 'T' }, { op: 'Add', path: 'title', value: 'T' });
    expect((await strict.scim('PATCH', `/Users/${id}`, body)).json['detail']).toBe(
      'Operations[1]: "op" is add, remove or replace, in lower case (RFC 7644 section 3.5.2). This connection is set to the strict dialect.',
    );
  });
});
