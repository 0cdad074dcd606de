import type { Attributes } from '../../src/directory/directory-types.js';
import type { LoginClaims } from '../../src/reconciliation/changes.js';
import { driftOf, kindsOf } from '../../src/reconciliation/describe-drift.js';
import { planFor, type KnownGroup } from '../../src/reconciliation/plan-memberships.js';
import { DEFAULT_PROVISIONING } from '../../src/organizations/connection.js';

const work = { value: 'ada@example.com', type: 'work', primary: true };
const home = { value: 'ada@home.example', type: 'home' };

function drift(attributes: Attributes, asserted: Partial<LoginClaims>, known: readonly KnownGroup[] = []) {
  const claims: LoginClaims = {
    subject: { format: '', nameQualifier: '', value: 'ada' },
    roles: [],
    groups: { kind: 'unmapped' },
    missing: [],
    ...asserted,
  };
  const user = {
    userName: 'Ada@example.com',
    externalId: null,
    active: true,
    provenance: 'scim' as const,
    connectionId: 'c',
    role: 'member',
    breakGlass: false,
    scimLinkApproved: false,
    attributes,
  };
  const connection = { id: 'c', provisioning: DEFAULT_PROVISIONING };
  return driftOf(user, claims, { plan: planFor(connection, claims.groups, known), known });
}

describe('describe-drift', () => {
  it.each<[string, Attributes, Partial<LoginClaims>, readonly string[]]>([
    ['nothing asserted', { displayName: 'Ada' }, {}, []],
    ['the primary address', { emails: [work, home] }, { email: 'ADA@example.com' }, []],
    ['an address without type or mark', { emails: [{ value: 'ada@example.com' }] }, { email: 'ada@example.com' }, []],
    [
      'a work address beside the primary one',
      {
        emails: [
          { ...home, primary: true },
          { ...work, primary: false },
        ],
      },
      { email: 'ada@example.com' },
      [],
    ],
    ['an address that is only the private one', { emails: [work, home] }, { email: 'ada@home.example' }, ['emails']],
    ['another address', { emails: [work] }, { email: 'ada.l@example.com' }, ['emails']],
    ['an address where there is none', {}, { email: 'ada@example.com' }, ['emails']],
    ['the userName in another case', {}, { userName: 'ADA@EXAMPLE.COM' }, []],
    ['another userName', {}, { userName: 'al' }, ['userName']],
    [
      'the e-mail in place of a userName',
      { emails: [home] },
      { userName: 'ada@home.example', email: 'ada@home.example' },
      [],
    ],
    ['another display name', { displayName: 'Ada L' }, { displayName: 'Ada' }, ['displayName']],
    ['a display name where there is none', {}, { displayName: 'Ada' }, ['displayName']],
    [
      'a joined name where no display name is',
      { name: { givenName: 'Ada', familyName: 'L' } },
      { givenName: 'Ada', familyName: 'L', displayName: 'Ada L' },
      [],
    ],
    [
      'a joined name that is not the display name',
      { displayName: 'Countess', name: { givenName: 'Ada', familyName: 'L' } },
      { givenName: 'Ada', familyName: 'L', displayName: 'Ada L' },
      ['displayName'],
    ],
    [
      'the same parts of the name',
      { name: { givenName: 'Ada', familyName: 'L', formatted: 'A. L.' } },
      { givenName: 'Ada', familyName: 'L' },
      [],
    ],
    ['another family name', { name: { givenName: 'Ada', familyName: 'L' } }, { familyName: 'B' }, ['name']],
  ])('%s', (_name, attributes, asserted, differs) => {
    const found = drift(attributes, asserted);
    expect(Object.keys(found.profile)).toEqual(differs);
    expect(kindsOf(found)).toEqual(differs.length > 0 ? ['profile'] : []);
  });

  const group = (id: string, origins: KnownGroup['origins'], more: Partial<KnownGroup['group']> = {}): KnownGroup => ({
    origins,
    underScim: false,
    group: {
      id,
      connectionId: null,
      provenance: 'scim',
      loginPolicy: 'authoritative',
      protected: false,
      isDefault: false,
      role: null,
      displayName: id,
      externalId: null,
      attributes: {},
      version: 1,
      createdAt: new Date(0),
      updatedAt: new Date(0),
      ...more,
    },
  });

  it.each<[string, LoginClaims['groups'], readonly KnownGroup[], object]>([
    ['the same groups', listed('a'), [group('a', ['scim'])], {}],
    ['a group besides', listed('a', 'b'), [group('a', ['scim']), group('b', null)], { assertedOnly: ['b'] }],
    ['a group less', listed(), [group('a', ['scim'])], { storedOnly: ['a'] }],
    ['a group less that a sign-in gave once', listed(), [group('a', ['jit:c'])], { storedOnly: ['a'] }],
    ['a group less that an operator gave', listed(), [group('a', ['manual'])], {}],
    ['a default group', listed(), [group('a', ['default', 'scim'], { isDefault: true })], {}],
    ['a value that names nothing', listed('a', 'x'), [group('a', ['scim'])], { unknown: ['x'] }],
    ['no groups at all', { kind: 'absent' }, [group('a', ['scim'])], { storedOnly: ['a'] }],
    ['too many groups', { kind: 'overage' }, [group('a', ['scim'])], {}],
    ['groups that are not mapped', { kind: 'unmapped' }, [group('a', ['scim'])], {}],
  ])('%s', (_name, groups, known, expected) => {
    const found = drift({}, { groups }, known);
    expect(found.groups).toEqual({ assertedOnly: [], storedOnly: [], unknown: [], ...expected });
    const kinds = Object.keys(expected).map((name) => (name === 'unknown' ? 'unknown-groups' : 'groups'));
    expect(kindsOf(found)).toEqual(kinds);
  });
});

function listed(...values: string[]): LoginClaims['groups'] {
  return { kind: 'listed', values };
}
