import { decideLogin, type LoginDecision, type LoginFacts } from '../../src/reconciliation/decide-login.js';

type Match = Extract<LoginFacts['match'], { kind: 'user' }>;
interface Case {
  readonly row: string;
  readonly given: string;
  readonly connection?: Partial<LoginFacts['connection']>;
  readonly user?: Partial<Match['user']>;
  readonly by?: Match['by'];
  readonly linkedElsewhere?: boolean;
  readonly match?: LoginFacts['match'];
  readonly domain?: Partial<NonNullable<LoginFacts['domain']>> | null;
  readonly emailTaken?: boolean;
  readonly missing?: LoginFacts['missing'];
  readonly then: Partial<LoginDecision>;
}

const HERE = 'connection-here';

function factsOf(test: Case): LoginFacts {
  const connection = {
    id: HERE,
    enabled: true,
    jit: true,
    requireScim: false,
    linkManualUsers: false,
    allowedDomains: null,
    ...test.connection,
  };
  const user = { id: 'u1', provenance: 'jit' as const, active: true, connectionId: HERE, ...test.user };
  const match: LoginFacts['match'] =
    test.match ??
    (test.user
      ? { kind: 'user', by: test.by ?? 'identity', user, linkedElsewhere: test.linkedElsewhere ?? false }
      : { kind: 'none' });
  const domain =
    test.domain === null
      ? undefined
      : { name: 'example.com', verifiedHere: false, verifiedElsewhere: false, ...test.domain };
  return { connection, match, domain, emailTaken: test.emailTaken ?? false, missing: test.missing ?? [] };
}

const untouched = { profile: 'untouched', groups: 'untouched' } as const;
const reset = { profile: 'overwrite', groups: 'reset' } as const;
const rejected = (reason: string) => ({ kind: 'reject', reason }) as Partial<LoginDecision>;

const CASES: readonly Case[] = [
  {
    row: '1',
    given: 'a disabled connection and a known person',
    connection: { enabled: false },
    user: {},
    then: rejected('connection-disabled'),
  },
  {
    row: '1',
    given: 'a disabled connection and nobody',
    connection: { enabled: false },
    then: rejected('connection-disabled'),
  },
  {
    row: '2',
    given: 'a tombstone',
    match: { kind: 'tombstone', by: 'identity', userId: 'u0' },
    then: rejected('deprovisioned'),
  },
  {
    row: '2',
    given: 'a tombstone, jit off',
    connection: { jit: false },
    match: { kind: 'tombstone', by: 'userName', userId: 'u0' },
    then: rejected('deprovisioned'),
  },
  {
    row: 'ambiguous',
    given: 'two people of one externalId',
    match: { kind: 'ambiguous', by: 'externalId', userIds: ['a', 'b'] },
    then: rejected('ambiguous'),
  },
  {
    row: '3',
    given: 'an inactive scim user',
    user: { provenance: 'scim', active: false },
    then: rejected('deactivated'),
  },
  { row: '3', given: 'an inactive jit user', user: { active: false }, then: rejected('deactivated') },
  {
    row: '3',
    given: 'an inactive manual user',
    user: { provenance: 'manual', active: false },
    then: rejected('deactivated'),
  },
  { row: '4', given: 'an active scim user', user: { provenance: 'scim' }, then: { kind: 'accept', ...untouched } },
  {
    row: '4',
    given: 'an active scim user of another connection',
    user: { provenance: 'scim', connectionId: 'other' },
    by: 'userName',
    then: { kind: 'accept', ...untouched },
  },
  {
    row: '4',
    given: 'an active scim user, jit off',
    connection: { jit: false },
    user: { provenance: 'scim' },
    then: { kind: 'accept', ...untouched },
  },
  { row: '5', given: 'an active jit user', user: {}, then: { kind: 'update', ...reset } },
  {
    row: '5',
    given: 'an active jit user whose connection is gone',
    user: { connectionId: null },
    then: { kind: 'update', ...reset },
  },
  {
    row: '5b',
    given: 'an active jit user of another connection',
    user: { connectionId: 'other' },
    by: 'userName',
    then: { kind: 'accept', ...untouched },
  },
  {
    row: '6',
    given: 'an active jit user, jit off',
    connection: { jit: false },
    user: {},
    then: { kind: 'accept', ...untouched },
  },
  {
    row: '7',
    given: 'a manual user of a verified domain, linking allowed',
    connection: { linkManualUsers: true },
    user: { provenance: 'manual' },
    by: 'userName',
    domain: { verifiedHere: true },
    then: { kind: 'link', ...reset },
  },
  {
    row: '8',
    given: 'a manual user of an unverified domain, linking allowed',
    connection: { linkManualUsers: true },
    user: { provenance: 'manual' },
    by: 'userName',
    then: rejected('account-not-linked'),
  },
  {
    row: '8',
    given: 'a manual user of a verified domain, linking not allowed',
    user: { provenance: 'manual' },
    by: 'email',
    domain: { verifiedHere: true },
    then: rejected('account-not-linked'),
  },
  {
    row: '8',
    given: 'a manual user, linked already',
    user: { provenance: 'manual' },
    by: 'identity',
    then: { kind: 'accept', ...untouched },
  },
  {
    row: '8',
    given: 'a manual user of a verified domain, linking allowed, jit off',
    connection: { linkManualUsers: true, jit: false },
    user: { provenance: 'manual' },
    by: 'userName',
    domain: { verifiedHere: true },
    then: rejected('account-not-linked'),
  },
  { row: '9', given: 'nobody', then: { kind: 'create' } },
  {
    row: '10',
    given: 'nobody, people must be pushed first',
    connection: { requireScim: true },
    then: rejected('not-provisioned'),
  },
  { row: '11', given: 'nobody, jit off', connection: { jit: false }, then: rejected('not-provisioned') },
  {
    row: '12',
    given: "nobody, the domain is another organization's",
    domain: { verifiedElsewhere: true },
    then: rejected('domain-not-allowed'),
  },
  {
    row: '12',
    given: 'nobody, the domain is outside allowedDomains',
    connection: { allowedDomains: ['example.org'] },
    then: rejected('domain-not-allowed'),
  },
  {
    row: '12',
    given: 'nobody, no domain but allowedDomains',
    connection: { allowedDomains: ['example.com'] },
    domain: null,
    then: rejected('domain-not-allowed'),
  },
  {
    row: '9',
    given: 'nobody, the domain is among allowedDomains',
    connection: { allowedDomains: ['example.com'] },
    then: { kind: 'create' },
  },
  { row: '13', given: "nobody, but the e-mail is somebody's", emailTaken: true, then: rejected('account-not-linked') },
  {
    row: 'identity-conflict',
    given: 'a userName whose person signs in with another NameID',
    user: {},
    by: 'userName',
    linkedElsewhere: true,
    then: rejected('identity-conflict'),
  },
  {
    row: 'identity-conflict',
    given: 'an e-mail whose person signs in with another NameID',
    user: { provenance: 'scim' },
    by: 'email',
    linkedElsewhere: true,
    then: rejected('identity-conflict'),
  },
  {
    row: '4',
    given: 'an externalId whose person also has another NameID',
    user: { provenance: 'scim' },
    by: 'externalId',
    linkedElsewhere: true,
    then: { kind: 'accept' },
  },
  {
    row: 'attributes',
    given: 'nobody, and no userName in the assertion',
    missing: [{ field: 'userName', lookedFor: ['uid'] }],
    then: rejected('attribute-missing'),
  },
];

describe('decide-login', () => {
  it.each(CASES)('row $row: $given', (test) => {
    const decision = decideLogin(factsOf(test));
    expect(decision).toMatchObject({ rule: test.row, ...test.then });
  });

  it('names the person and the key in every decision about somebody', () => {
    for (const test of CASES.filter((candidate) => candidate.user && candidate.row !== '1')) {
      expect(decideLogin(factsOf(test))).toMatchObject({ userId: 'u1', matchedBy: test.by ?? 'identity' });
    }
  });

  it('names the attributes that were looked for when one is missing', () => {
    const decision = decideLogin(factsOf(CASES.find(({ row }) => row === 'attributes')!));
    expect(decision).toMatchObject({ detail: expect.stringContaining('uid') as unknown });
  });
});
