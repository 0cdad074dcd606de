import { toLoginClaims } from '../../src/saml/to-login-claims.js';
import type { AttributeMapping } from '../../src/organizations/connection.js';
import type { SamlAttributes } from '../../src/saml/protocol/read-attributes.js';

const nameId = { value: 'subject-1', format: 'urn:persistent', nameQualifier: '' };
const WS = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/';
const MS = 'http://schemas.microsoft.com/';

function attributes(values: Record<string, readonly string[]>, friendly: Record<string, string> = {}): SamlAttributes {
  return new Map(
    Object.entries(values).map(([name, list]) => [name, { name, friendlyName: friendly[name], values: list }]),
  );
}
const claims = (
  values: Record<string, readonly string[]>,
  mapping: AttributeMapping = {},
  friendly: Record<string, string> = {},
) => toLoginClaims({ nameId, attributes: attributes(values, friendly) }, mapping);

describe('to-login-claims', () => {
  it.each<[string, Record<string, readonly string[]>, object]>([
    [
      'Entra ID',
      {
        [`${WS}name`]: ['ada@contoso.com'],
        [`${WS}givenname`]: ['Ada'],
        [`${WS}surname`]: ['Lovelace'],
        [`${WS}emailaddress`]: ['ada.l@contoso.com'],
        [`${MS}identity/claims/objectidentifier`]: ['oid-1'],
        [`${MS}identity/claims/displayname`]: ['Ada L'],
        [`${MS}ws/2008/06/identity/claims/role`]: ['Admin'],
      },
      {
        userName: 'ada@contoso.com',
        email: 'ada.l@contoso.com',
        givenName: 'Ada',
        familyName: 'Lovelace',
        displayName: 'Ada L',
        externalId: 'oid-1',
        roles: ['Admin'],
      },
    ],
    [
      'Okta',
      { login: ['ada@x.com'], email: ['ada@x.com'], firstName: ['Ada'], lastName: ['L'] },
      { userName: 'ada@x.com', email: 'ada@x.com', givenName: 'Ada', familyName: 'L', displayName: 'Ada L' },
    ],
    ['Keycloak', { email: ['a@b.cd'], Role: ['r1', 'r2'] }, { userName: 'a@b.cd', roles: ['r1', 'r2'] }],
    [
      'Shibboleth',
      { 'urn:oid:0.9.2342.19200300.100.1.3': ['a@b.cd'], 'urn:oid:2.5.4.42': ['Ada'], 'urn:oid:2.5.4.4': ['L'] },
      { userName: 'a@b.cd', email: 'a@b.cd', givenName: 'Ada', familyName: 'L' },
    ],
  ])('recognises %s without a mapping', (_idp, values, expected) => {
    expect(claims(values)).toMatchObject({ ...expected, subject: nameId, missing: [] });
  });

  it('a mapping replaces the usual names of its field', () => {
    const mapping = { userName: ['uid'], email: ['contact'] };
    expect(claims({ uid: ['ada'], login: ['other'], contact: ['a@b.cd'], email: ['x@y.zz'] }, mapping)).toMatchObject({
      userName: 'ada',
      email: 'a@b.cd',
    });
    expect(claims({ email: ['x@y.zz'] }, { userName: ['NameID'] })).toMatchObject({
      userName: 'subject-1',
      email: 'x@y.zz',
    });
    expect(claims({ 'urn:x': ['ada'] }, { userName: ['uid'] }, { 'urn:x': 'uid' })).toMatchObject({ userName: 'ada' });
  });

  it('takes an e-mail NameID where nothing else says who it is, and says what is missing where that is none', () => {
    const byMail = toLoginClaims({ nameId: { ...nameId, value: 'a@b.cd' }, attributes: new Map() }, {});
    expect(byMail).toMatchObject({ userName: 'a@b.cd', email: 'a@b.cd', missing: [] });
    const nobody = claims({ email: ['not an address'] }, { userName: ['uid'] });
    expect(nobody.userName).toBeUndefined();
    expect(nobody.missing).toEqual([
      { field: 'userName', lookedFor: expect.arrayContaining(['uid', 'email']) as unknown },
    ]);
  });

  it.each<[string, Record<string, readonly string[]>, AttributeMapping, object]>([
    ['no mapping', { groups: ['a'] }, {}, { kind: 'unmapped' }],
    ['not in the assertion', {}, { groups: ['groups'] }, { kind: 'absent' }],
    ['there without a value', { groups: [] }, { groups: ['groups'] }, { kind: 'listed', values: [] }],
    ['one', { groups: ['a'] }, { groups: ['groups'] }, { kind: 'listed', values: ['a'] }],
    [
      'several, repeated, in two attributes',
      { g1: ['a', 'b'], g2: ['b', 'c'] },
      { groups: ['g1', 'g2'] },
      { kind: 'listed', values: ['a', 'b', 'c'] },
    ],
    [
      "Entra's link instead of groups",
      { [`${MS}claims/groups.link`]: ['https://graph.example/x'] },
      { groups: [`${MS}ws/2008/06/identity/claims/groups`] },
      { kind: 'overage' },
    ],
    ['_claim_names', { _claim_names: ['{"groups":"src1"}'] }, { groups: ['groups'] }, { kind: 'overage' }],
  ])('groups: %s', (_what, values, mapping, expected) => {
    expect(claims(values, mapping).groups).toEqual(expected);
  });

  it('#20 an externalId too long for an index is none, also where a name of the same letters would be short', () => {
    // Four bytes each; compared as a name, one.
    const zeros = '\u{1d7d8}'.repeat(500);
    const read = (ext: string) => claims({ ext: [ext], email: ['a@b.cd'] }, { externalId: ['ext'] }).externalId;
    expect(read(zeros)).toBe(zeros);
    expect(read(`${zeros}\u{1d7d8}`)).toBeUndefined();
  });
});
