import { applyPatch } from '../../../../src/scim/protocol/patch/apply-patch.js';
import { parsePatchRequest } from '../../../../src/scim/protocol/patch/parse-patch-request.js';
import { readResource } from '../../../../src/scim/protocol/read-resource.js';
import { USER } from '../../../../src/scim/protocol/resource-types.js';
import type { Json, JsonObject } from '../../../../src/scim/protocol/schema/attribute.js';

/**
 * The long PATCH of Microsoft's SCIM validator, distilled: one operation for each attribute it knows, as `replace` on a user that has
 * them all, and as `add` on a user that has none. Texts are random there too, also where a URI or a locale would belong.
 */

const ENT = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

const VALUES: readonly (readonly [path: string, value: Json])[] = [
  ['displayName', 'GVTCGLQKLFXB'],
  ['title', 'MMZLIBGYSNWA'],
  ['preferredLanguage', 'sd-PK'],
  ['nickName', 'KOEEYDIQMQBW'],
  ['userType', 'KBMZGYGCXQTJ'],
  ['locale', 'WQDVQBEFMKQS'],
  ['timezone', 'Africa/Bissau'],
  ['profileUrl', 'MFGMUGTYPBKA'],
  ['externalId', '2f9b7f2c-0b4f'],
  ['name.givenName', 'Kristin'],
  ['name.familyName', 'Reba'],
  ['name.formatted', 'Zoie'],
  ['name.middleName', 'Ramona'],
  ['name.honorificPrefix', 'Stephan'],
  ['name.honorificSuffix', 'Virginie'],
  ['emails[type eq "work"].value', 'shannon@altenwerth.name'],
  ['emails[type eq "work"].primary', true],
  ['addresses[type eq "work"].formatted', 'EJAPFMHMIAJH'],
  ['addresses[type eq "work"].streetAddress', '26170 Maggio Flat'],
  ['addresses[type eq "work"].locality', 'HUJEVDPSTWVQ'],
  ['addresses[type eq "work"].region', 'UNEZRQICCKKT'],
  ['addresses[type eq "work"].postalCode', 'si8 9gh'],
  ['addresses[type eq "work"].primary', 'True'],
  ['addresses[type eq "work"].country', 'Estonia'],
  ['phoneNumbers[type eq "work"].value', '96-446-2213'],
  ['phoneNumbers[type eq "work"].primary', true],
  ['phoneNumbers[type eq "mobile"].value', '96-446-2214'],
  ['phoneNumbers[type eq "fax"].value', '96-446-2215'],
  ['roles[primary eq "True"].display', 'YFZCTPUHWLRK'],
  ['roles[primary eq "True"].value', 'DVZVJKKNZAYQ'],
  ['roles[primary eq "True"].type', 'LQQXWRTEJDEB'],
  [`${ENT}:employeeNumber`, 'JEWFWJJRHMSD'],
  [`${ENT}:costCenter`, 'WTULLPOBVUZL'],
  [`${ENT}:organization`, 'XFGTREMUNDGX'],
  [`${ENT}:department`, 'VGYWUTJQTVIJ'],
  [`${ENT}:manager`, { value: 'XTYUNHLYOHUG' }],
];

const EXPECTED: JsonObject = {
  userName: 'gloria@hintz.com',
  active: true,
  displayName: 'GVTCGLQKLFXB',
  title: 'MMZLIBGYSNWA',
  preferredLanguage: 'sd-PK',
  nickName: 'KOEEYDIQMQBW',
  userType: 'KBMZGYGCXQTJ',
  locale: 'WQDVQBEFMKQS',
  timezone: 'Africa/Bissau',
  profileUrl: 'MFGMUGTYPBKA',
  externalId: '2f9b7f2c-0b4f',
  name: {
    givenName: 'Kristin',
    familyName: 'Reba',
    formatted: 'Zoie',
    middleName: 'Ramona',
    honorificPrefix: 'Stephan',
    honorificSuffix: 'Virginie',
  },
  emails: [{ type: 'work', value: 'shannon@altenwerth.name', primary: true }],
  addresses: [
    {
      type: 'work',
      formatted: 'EJAPFMHMIAJH',
      streetAddress: '26170 Maggio Flat',
      locality: 'HUJEVDPSTWVQ',
      region: 'UNEZRQICCKKT',
      postalCode: 'si8 9gh',
      primary: true,
      country: 'Estonia',
    },
  ],
  phoneNumbers: [
    { type: 'work', value: '96-446-2213', primary: true },
    { type: 'mobile', value: '96-446-2214' },
    { type: 'fax', value: '96-446-2215' },
  ],
  roles: [{ primary: true, display: 'YFZCTPUHWLRK', value: 'DVZVJKKNZAYQ', type: 'LQQXWRTEJDEB' }],
  [ENT]: {
    employeeNumber: 'JEWFWJJRHMSD',
    costCenter: 'WTULLPOBVUZL',
    organization: 'XFGTREMUNDGX',
    department: 'VGYWUTJQTVIJ',
    manager: { value: 'XTYUNHLYOHUG' },
  },
};

const MINIMAL: JsonObject = { userName: 'gloria@hintz.com', active: true };

/** Everything has another value, one further e-mail and phone number among it, and the phone number is the primary one. */
const FULL = readResource(USER, {
  ...MINIMAL,
  displayName: 'a',
  title: 'b',
  preferredLanguage: 'c',
  nickName: 'd',
  userType: 'e',
  locale: 'f',
  timezone: 'g',
  profileUrl: 'h',
  externalId: 'i',
  name: {
    givenName: 'j',
    familyName: 'k',
    formatted: 'l',
    middleName: 'm',
    honorificPrefix: 'n',
    honorificSuffix: 'o',
  },
  emails: [
    { type: 'work', value: 'p@q.r' },
    { type: 'other', value: 's@t.u', primary: true },
  ],
  addresses: [
    { type: 'work', formatted: 'v', streetAddress: 'w', locality: 'x', region: 'y', postalCode: 'z', country: 'EE' },
  ],
  phoneNumbers: [
    { type: 'work', value: '1' },
    { type: 'mobile', value: '2' },
    { type: 'fax', value: '3' },
    { type: 'home', value: '4', primary: true },
  ],
  roles: [{ primary: 'True', display: 'aa', value: 'bb', type: 'cc' }],
  [ENT]: { employeeNumber: 'dd', costCenter: 'ee', organization: 'ff', department: 'gg', manager: 'hh' },
}).document;

const request = (op: string) =>
  parsePatchRequest({
    schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
    Operations: VALUES.map(([path, value]) => ({ op, path, value })),
  });

describe("the long PATCH of Microsoft's validator", () => {
  it('has 36 operations', () => expect(VALUES).toHaveLength(36));

  it.each(['add', 'Add', 'replace'])('%s on a minimal user makes everything', (op) => {
    expect(applyPatch(USER, MINIMAL, request(op))).toEqual(EXPECTED);
  });

  it.each(['replace', 'Replace', 'add'])('%s on a full user changes everything and nothing else', (op) => {
    expect(applyPatch(USER, FULL, request(op))).toEqual({
      ...EXPECTED,
      emails: [...(EXPECTED['emails'] as Json[]), { type: 'other', value: 's@t.u' }],
      phoneNumbers: [...(EXPECTED['phoneNumbers'] as Json[]), { type: 'home', value: '4' }],
    });
  });

  it('changes nothing the second time', () => {
    const once = applyPatch(USER, FULL, request('replace'));
    expect(applyPatch(USER, once, request('replace'))).toEqual(once);
    expect(applyPatch(USER, once, request('add'))).toEqual(once);
  });

  it('makes the same of the operations in the opposite order', () => {
    const backwards = request('add').reverse();
    const document = applyPatch(USER, MINIMAL, backwards);
    // Only the order of the phone numbers may tell.
    const sorted = (elements: Json | undefined) => (elements as { type: string }[]).map(({ type }) => type).sort();
    expect(sorted(document['phoneNumbers'])).toEqual(sorted(EXPECTED['phoneNumbers']));
    expect({ ...document, phoneNumbers: null }).toEqual({ ...EXPECTED, phoneNumbers: null });
  });
});
