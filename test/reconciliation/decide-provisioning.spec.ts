import {
  decideGroupChange,
  decideGroupCreate,
  decideGroupRemove,
  decideUserChange,
  decideUserCreate,
  refuseEndOfAccess,
} from '../../src/reconciliation/decide-provisioning.js';

const ADOPTS = { id: 'here', takeover: 'adopt' } as const;
const CONFLICTS = { id: 'here', takeover: 'conflict' } as const;
const user = (fields: Partial<Parameters<typeof decideUserChange>[1]> = {}) => ({
  id: 'u1',
  provenance: 'scim' as const,
  connectionId: 'here' as string | null,
  scimLinkApproved: false,
  breakGlass: false,
  userName: 'ada',
  ...fields,
});
const group = (fields: Partial<Parameters<typeof decideGroupChange>[1]> = {}) => ({
  id: 'g1',
  provenance: 'scim' as const,
  connectionId: 'here' as string | null,
  protected: false,
  displayName: 'Sales',
  ...fields,
});
const jit = user({ provenance: 'jit' });
const manual = user({ provenance: 'manual', connectionId: null });
const refusal = (reason: string) => ({ kind: 'refuse', reason });

describe('decide-provisioning: creating a user', () => {
  it.each([
    ['a', 'nobody', ADOPTS, undefined, undefined, { kind: 'create' }],
    ['b', 'a scim user of the userName', ADOPTS, user(), undefined, refusal('uniqueness')],
    ['c', 'a jit user of the userName', ADOPTS, jit, undefined, { kind: 'adopt' }],
    ['c', 'a jit user who signs in with the externalId', ADOPTS, undefined, jit, { kind: 'adopt' }],
    ['c', 'a jit user, takeover conflict', CONFLICTS, jit, undefined, refusal('uniqueness')],
    [
      'a',
      'a scim user who signs in with the externalId but has another userName',
      ADOPTS,
      undefined,
      user(),
      { kind: 'create' },
    ],
    ['d', 'a manual user of the userName', ADOPTS, manual, undefined, refusal('uniqueness')],
    [
      'd',
      'a manual user an operator approved',
      ADOPTS,
      { ...manual, scimLinkApproved: true },
      undefined,
      { kind: 'adopt' },
    ],
    ['-', 'two different people', ADOPTS, jit, user({ id: 'u2', provenance: 'jit' }), refusal('uniqueness')],
  ] as const)('row %s: %s', (_row, _given, connection, byUserName, bySubject, then) => {
    expect(decideUserCreate(connection, { byUserName, bySubject })).toMatchObject(then);
  });
});

describe('decide-provisioning: changing a user', () => {
  it.each([
    ['e', 'a jit user', ADOPTS, jit, false, { kind: 'adopt' }],
    ['e', 'a jit user, takeover conflict', CONFLICTS, jit, false, refusal('takeover-conflict')],
    ['f', 'a manual user', ADOPTS, manual, false, refusal('manual-user')],
    [
      'f',
      'a manual user an operator approved',
      ADOPTS,
      { ...manual, scimLinkApproved: true },
      false,
      { kind: 'adopt' },
    ],
    ['g', 'its own scim user', ADOPTS, user(), true, { kind: 'apply' }],
    [
      '-',
      'a scim user of another connection with scim on',
      ADOPTS,
      user({ connectionId: 'other' }),
      true,
      refusal('other-connection'),
    ],
    [
      '-',
      'a scim user of another connection with scim off',
      ADOPTS,
      user({ connectionId: 'other' }),
      false,
      { kind: 'adopt' },
    ],
  ] as const)('row %s: %s', (_row, _given, connection, existing, authorityHasScim, then) => {
    expect(decideUserChange(connection, existing, authorityHasScim)).toMatchObject(then);
  });

  it('row j: only a break-glass user cannot lose access', () => {
    expect(refuseEndOfAccess(user({ breakGlass: true }))).toMatchObject(refusal('break-glass'));
    expect(refuseEndOfAccess(user())).toBeUndefined();
  });
});

describe('decide-provisioning: groups', () => {
  const own = group();
  const byHand = group({ provenance: 'manual', connectionId: null });
  const guarded = { ...byHand, protected: true };

  it.each([
    ['a', 'nothing', ADOPTS, false, undefined, { kind: 'create' }],
    ['k', 'a manual group', ADOPTS, false, byHand, { kind: 'adopt' }],
    ['k', 'a manual group, takeover conflict', CONFLICTS, false, byHand, refusal('manual-group')],
    ['-', 'a protected manual group', ADOPTS, false, guarded, refusal('protected-group')],
    ['l', 'a scim group', ADOPTS, false, own, refusal('uniqueness')],
    ['l', 'a scim group, several allowed', ADOPTS, true, own, { kind: 'create' }],
  ] as const)('create, row %s: %s', (_row, _given, connection, duplicateGroupNames, existing, then) => {
    expect(decideGroupCreate({ ...connection, duplicateGroupNames }, existing)).toMatchObject(then);
  });

  it.each([
    ['its own group', ADOPTS, own, false, { kind: 'apply' }],
    ['its own protected group', ADOPTS, { ...own, protected: true }, false, { kind: 'apply' }],
    ['a manual group', ADOPTS, byHand, false, { kind: 'adopt' }],
    ['a manual group, takeover conflict', CONFLICTS, byHand, false, refusal('manual-group')],
    ['a protected manual group', ADOPTS, guarded, false, refusal('protected-group')],
    [
      'a group of another connection with scim on',
      ADOPTS,
      { ...own, connectionId: 'other' },
      true,
      refusal('other-connection'),
    ],
    [
      'a group of another connection with scim off',
      ADOPTS,
      { ...own, connectionId: 'other' },
      false,
      { kind: 'adopt' },
    ],
  ] as const)('change: %s', (_given, connection, existing, authorityHasScim, then) => {
    expect(decideGroupChange(connection, existing, authorityHasScim)).toMatchObject(then);
  });

  it('removes whatever it may change, but nothing protected', () => {
    expect(decideGroupRemove(ADOPTS, own, false)).toMatchObject({ kind: 'apply' });
    expect(decideGroupRemove(ADOPTS, byHand, false)).toMatchObject({ kind: 'adopt' });
    expect(decideGroupRemove(ADOPTS, { ...own, protected: true }, false)).toMatchObject(refusal('protected-group'));
  });
});
