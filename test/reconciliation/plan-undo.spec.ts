import type { Group, Origin, User } from '../../src/directory/directory-types.js';
import { keepsHolder } from '../../src/reconciliation/keeps-holder.js';
import { netChanges, type OwnedChange } from '../../src/reconciliation/net-changes.js';
import { draftUndo, type Draft, type UndoFacts } from '../../src/reconciliation/plan-undo.js';
import { claimKey, claimsOf, settle, type ClaimRules } from '../../src/reconciliation/settle-undo.js';
import { undoMemberships } from '../../src/reconciliation/undo-memberships.js';

type Changes = OwnedChange['changes'];

let serial = 0;
const entry = (mine: boolean, action: string, targetId: string, changes: Changes): OwnedChange => ({
  id: String(serial++),
  at: new Date(0),
  actorKind: 'scim-client',
  actorId: 'token',
  correlationId: 'c',
  action,
  targetId,
  changes,
  mine,
});
const mine = (action: string, targetId: string, changes: Changes = {}) => entry(true, action, targetId, changes);
const theirs = (action: string, targetId: string, changes: Changes = {}) => entry(false, action, targetId, changes);
const members = (who: string[], before: Origin[], after: Origin[]) => ({
  members: [null, who] as const,
  origins: [before, after] as const,
});

const user = (id: string, over: Partial<User> = {}): User => ({
  id,
  connectionId: 'c1',
  provenance: 'scim',
  active: true,
  userName: id,
  externalId: null,
  attributes: {},
  role: 'member',
  breakGlass: false,
  scimLinkApproved: false,
  version: 1,
  createdAt: new Date(0),
  updatedAt: new Date(0),
  deletedAt: null,
  ...over,
});
const group = (id: string, over: Partial<Group> = {}): Group => ({
  id,
  connectionId: 'c1',
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
  ...over,
});
const facts = (over: {
  users?: User[];
  groups?: Group[];
  memberships?: UndoFacts['memberships'];
  signedIn?: string[];
}) => ({
  users: new Map((over.users ?? []).map((each) => [each.id, each])),
  groups: new Map((over.groups ?? []).map((each) => [each.id, each])),
  memberships: over.memberships ?? [],
  signedIn: new Set(over.signedIn ?? []),
  roles: ['admin', 'member'],
});
const CREATED: Changes = Object.fromEntries(
  Object.entries({ userName: 'ada', active: true, provenance: 'scim', connectionId: 'c1', role: 'member' })
    .concat([
      ['breakGlass', false],
      ['scimLinkApproved', false],
    ] as never)
    .map(([name, value]) => [name, [null, value]]),
);
const BURIED = '2026-01-01T00:00:00.000Z';
const tombstone = (id: string, over: Partial<User> = {}) =>
  user(id, { active: false, deletedAt: new Date(BURIED), ...over });
const deletion: Changes = { userName: [null, 'ada'], active: [true, false], deletedAt: [null, BURIED] };

const draft = (entries: OwnedChange[], over: Parameters<typeof facts>[0]) =>
  draftUndo(netChanges(entries), facts(over));
const told = ({ undone, conflicts }: Draft) => [
  ...undone.map(({ id, does, changes }) => [does, id, changes]),
  ...conflicts.map(({ id, because, changes }) => [because, id, changes]),
];

describe('plan-undo', () => {
  const title = (before: string | null, after: string | null): Changes => ({ title: [before, after] });
  const update = (...changes: [string | null, string | null][]) =>
    changes.map((each) => mine('user.updated', 'ada', title(...each)));

  it.each([
    ['as the client left it: what the client found', update(['a', 'b']), 'b', [['revert', 'ada', title('b', 'a')]]],
    [
      'several changes: what the first found',
      update(['a', 'b'], ['b', 'c']),
      'c',
      [['revert', 'ada', title('c', 'a')]],
    ],
    ['what was not there goes', update([null, 'b']), 'b', [['revert', 'ada', title('b', null)]]],
    ['back already', update(['a', 'b'], ['b', 'a']), 'a', []],
    [
      'others wrote over it',
      [...update(['a', 'b']), theirs('user.updated', 'ada', title('b', 'z'))],
      'z',
      [['changed-since', 'ada', title('z', 'a')]],
    ],
    ['others wrote it back', [...update(['a', 'b']), theirs('user.updated', 'ada', title('b', 'a'))], 'a', []],
    [
      'others wrote in between',
      [...update(['a', 'b']), theirs('user.updated', 'ada', title('b', 'z')), ...update(['z', 'c'])],
      'c',
      [['revert', 'ada', title('c', 'z')]],
    ],
    [
      'others wrote in between, and what was there',
      [
        ...update(['a', 'b']),
        theirs('user.updated', 'ada', title('b', 'z')),
        theirs('user.updated', 'ada', title('z', 'b')),
        ...update(['b', 'c']),
      ],
      'c',
      [['revert', 'ada', title('c', 'b')]],
    ],
    ['others wrote what has no entry', update(['a', 'b']), 'y', [['changed-since', 'ada', title('y', 'a')]]],
    ['others alone', [theirs('user.updated', 'ada', title('a', 'b'))], 'b', []],
  ])('an attribute, %s', (_name, entries, now, expected) => {
    expect(told(draft(entries, { users: [user('ada', { attributes: { title: now } })] }))).toEqual(expected);
  });

  it.each([
    ['untouched: goes', [], {}, [['remove', 'ada', {}]]],
    ['gone already', [mine('user.deleted', 'ada', deletion)], { deletedAt: new Date(BURIED) }, []],
    [
      'changed by others',
      [theirs('user.updated', 'ada', { role: ['member', 'admin'] })],
      { role: 'admin' },
      [['in-use', 'ada', { role: ['admin', null] }]],
    ],
    [
      'given something new by others',
      [theirs('user.updated', 'ada', { title: [null, 'Dr'] })],
      { attributes: { title: 'Dr' } },
      [['in-use', 'ada', { title: ['Dr', null] }]],
    ],
  ])('somebody the client made, %s', (_name, later, now, expected) => {
    const entries = [mine('user.created', 'ada', CREATED), ...later];
    expect(told(draft(entries, { users: [user('ada', now)] }))).toEqual(expected);
  });

  it('somebody the client made stays when they signed in, or others put them into a group', () => {
    const entries = [
      mine('user.created', 'ada', CREATED),
      mine('group.members-added', 'g', members(['ada'], [], ['scim'])),
    ];
    const users = [user('ada')];
    const member = (origins: Origin[]) => ({ groupId: 'g', userId: 'ada', origins });
    const kinds = (over: Parameters<typeof facts>[0]) => told(draft(entries, { users, ...over })).map(([kind]) => kind);
    expect(kinds({ memberships: [member(['scim', 'default'])] })).toEqual(['remove']);
    expect(kinds({ memberships: [member(['scim', 'manual'])] })).toEqual(['in-use']);
    expect(kinds({ signedIn: ['ada'] })).toEqual(['in-use']);
  });

  it('nobody who is a break-glass person by now loses their access', () => {
    const entries = [
      mine('user.reactivated', 'ada', { active: [false, true], title: ['a', 'b'] }),
      theirs('user.updated', 'ada', { breakGlass: [false, true] }),
    ];
    const drafts = (breakGlass: boolean) =>
      told(draft(entries, { users: [user('ada', { breakGlass, attributes: { title: 'b' } })] }));
    const back = { active: [true, false], title: ['b', 'a'] };
    expect(drafts(true)).toEqual([['break-glass', 'ada', back]]);
    expect(drafts(false)).toEqual([['revert', 'ada', back]]);
  });

  it('somebody the client deleted comes back with what they were', () => {
    const entries = [mine('user.updated', 'ada', title('a', 'b')), mine('user.deleted', 'ada', deletion)];
    const back = { title: ['b', 'a'], active: [false, true], deletedAt: [BURIED, null] };
    expect(told(draft(entries, { users: [tombstone('ada', { attributes: { title: 'b' } })] }))).toEqual([
      ['restore', 'ada', back],
    ]);
    const lost = told(draft(entries, { users: [tombstone('ada', { role: 'no more' })] }));
    expect(lost.map(([kind]) => kind)).toEqual(['unknown-role']);
    const bare = [mine('user.deleted', 'ada', { userName: [null, 'ada'] })];
    expect(told(draft(bare, { users: [tombstone('ada')] }))).toEqual([['unlogged', 'ada', {}]]);
  });

  it('a group the client deleted comes back; one that others deleted since does not', () => {
    const all: Changes = { displayName: ['Red', null], provenance: ['scim', null], isDefault: [false, null] };
    const deleted = [mine('group.updated', 'g', { displayName: ['Rouge', 'Red'] }), mine('group.deleted', 'g', all)];
    expect(told(draft(deleted, {}))).toMatchObject([
      ['restore', 'g', { displayName: [null, 'Rouge'], provenance: [null, 'scim'] }],
    ]);
    const byOthers = [deleted[0]!, theirs('group.deleted', 'g', all)];
    expect(told(draft(byOthers, {}))).toEqual([['gone', 'g', {}]]);
    const restored = Object.fromEntries(Object.entries(all).map(([name, [was]]) => [name, [null, was] as const]));
    const undone = [...deleted, theirs('group.restored', 'g', { ...restored, displayName: [null, 'Rouge'] })];
    expect(told(draft(undone, { groups: [group('g', { displayName: 'Rouge' })] }))).toEqual([]);
  });
});

describe('undo-memberships', () => {
  const plan = (entries: OwnedChange[], over: Parameters<typeof facts>[0]) => {
    const net = netChanges(entries);
    const { memberships, conflicts } = undoMemberships(net, facts(over), draftUndo(net, facts(over)));
    return [
      ...memberships.map(({ before, after }) => [before, after]),
      ...conflicts.map(({ because, changes }) => [because, changes]),
    ];
  };
  const users = [user('ada')];
  const groups = [group('g')];
  const present = (origins: Origin[]) => ({
    users,
    groups,
    memberships: origins.length ? [{ groupId: 'g', userId: 'ada', origins }] : [],
  });
  const change = (by: typeof mine, before: Origin[], after: Origin[]) =>
    by('group.members-changed'.replace('changed', 'claimed'), 'g', members(['ada'], before, after));

  it.each([
    ['a reason it gave ends', [change(mine, [], ['scim'])], ['scim'], [[['scim'], []]]],
    [
      'the others stay',
      [change(mine, ['manual'], ['manual', 'scim'])],
      ['manual', 'scim'],
      [[['manual', 'scim'], ['manual']]],
    ],
    ['reasons it took are given again', [change(mine, ['scim', 'manual'], [])], [], [[[], ['scim', 'manual']]]],
    ['beside one that came since', [change(mine, ['manual'], [])], ['jit:c2'], [[['jit:c2'], ['jit:c2', 'manual']]]],
    ['others gave it again', [change(mine, ['manual'], []), change(theirs, [], ['manual'])], ['manual'], []],
    [
      'others took it again',
      [change(mine, ['manual'], []), change(theirs, [], ['manual']), change(theirs, ['manual'], [])],
      [],
      [['changed-since', { origins: [[], ['manual']] }]],
    ],
    ['default reasons follow from the groups', [change(mine, ['default'], [])], [], []],
    [
      'an entry of an older version',
      [mine('group.members-removed', 'g', { members: [null, ['ada']] })],
      [],
      [['unlogged', { origins: [[], null] }]],
    ],
  ])('%s', (_name, entries, now, expected) => {
    expect(plan(entries, present(now as Origin[]))).toEqual(expected);
  });

  it('nobody joins what others have deleted, and nobody comes back into a group who is gone', () => {
    const removed = [change(mine, ['scim'], [])];
    const gone = [['gone', { origins: [[], ['scim']] }]];
    expect(plan(removed, { users })).toEqual(gone);
    expect(plan(removed, { users: [tombstone('ada')], groups })).toEqual(gone);
  });

  it('who goes leaves every group, whatever the reason', () => {
    const entries = [mine('user.created', 'ada', CREATED)];
    expect(plan(entries, present(['default']))).toEqual([[['default'], []]]);
  });
});

describe('settle-undo', () => {
  const rules: ClaimRules = {
    declared: [{ subject: 'user', name: 'urn:x:badge', path: ['urn:x', 'badge'], caseExact: true }],
    duplicateNames: () => false,
  };
  const renamed = (id: string, before: string, after: string) =>
    mine('user.updated', id, { userName: [before, after] });
  const settled = (entries: OwnedChange[], users: User[], held: Record<string, string> = {}) => {
    const first = draftUndo(netChanges(entries), facts({ users }));
    const names = users
      .filter(({ deletedAt }) => deletedAt === null)
      .map((each) => [`user userName ${each.userName}`, each.id] as const);
    return told(settle(first, rules, new Map([...names, ...Object.entries(held)])));
  };

  it('names go round in a circle', () => {
    const entries = [renamed('u1', 'a', 'b'), renamed('u2', 'b', 'a')];
    const users = [user('u1', { userName: 'b' }), user('u2', { userName: 'a' })];
    expect(settled(entries, users)).toEqual([
      ['revert', 'u1', { userName: ['b', 'a'] }],
      ['revert', 'u2', { userName: ['a', 'b'] }],
    ]);
  });

  it('a name that somebody else has is taken, and so is what waits for the one who therefore keeps theirs', () => {
    const entries = [renamed('u1', 'a', 'b'), renamed('u2', 'b', 'c')];
    const users = [user('u1', { userName: 'b' }), user('u2', { userName: 'c' }), user('u3', { userName: 'a' })];
    expect(settled(entries, users)).toEqual([
      ['taken', 'u1', { userName: ['b', 'a'] }],
      ['taken', 'u2', { userName: ['c', 'b'] }],
    ]);
  });

  it('nobody comes back without their name; an attribute that is unique only keeps itself back', () => {
    const gone = mine('user.deleted', 'u1', { ...deletion });
    expect(settled([gone], [tombstone('u1', { userName: 'a' }), user('u2', { userName: 'a' })])).toEqual([
      ['taken', 'u1', { userName: ['a', 'a'] }],
    ]);
    const badge = mine('user.updated', 'u1', { 'urn:x': [{ badge: '7' }, null], title: ['a', 'b'] });
    expect(settled([badge], [user('u1', { attributes: { title: 'b' } })], { 'user urn:x:badge 7': 'u9' })).toEqual([
      ['revert', 'u1', { title: ['b', 'a'] }],
      ['taken', 'u1', { 'urn:x': [null, { badge: '7' }] }],
    ]);
  });

  it('two who would get one name both keep theirs', () => {
    const entries = [renamed('u1', 'a', 'b'), renamed('u2', 'a', 'c')];
    expect(
      settled(entries, [user('u1', { userName: 'b' }), user('u2', { userName: 'c' })]).map(([kind]) => kind),
    ).toEqual(['taken', 'taken']);
  });

  it('several groups of one name are no claim where the connection allows them', () => {
    const net = netChanges([mine('group.updated', 'g', { displayName: ['Red', 'Blue'] })]);
    const [undone] = draftUndo(net, facts({ groups: [group('g', { displayName: 'Blue' })] })).undone;
    expect(claimsOf(undone!, rules).map(claimKey)).toEqual(['group displayName red']);
    expect(claimsOf(undone!, { ...rules, duplicateNames: () => true })).toEqual([]);
  });
});

describe('keeps-holder', () => {
  const admins = group('admins', { role: 'admin' });
  const keeps = (
    entries: OwnedChange[],
    over: Parameters<typeof facts>[0],
    inGroups: { groupId: string; userId: string }[] = [],
  ) => {
    const net = netChanges(entries);
    const all = facts(over);
    const { undone, conflicts } = draftUndo(net, all);
    const { memberships } = undoMemberships(net, all, { undone, conflicts });
    return keepsHolder('admin', new Set(all.users.keys()), all, inGroups, { undone, memberships });
  };
  const demoted = mine('user.updated', 'ada', { role: ['admin', 'member'] });
  const promoted = mine('user.updated', 'ada', { role: ['member', 'admin'] });
  const joined = mine('group.members-added', 'admins', members(['ada'], [], ['scim']));
  const isIn = { groupId: 'admins', userId: 'ada' };
  const member = { ...isIn, origins: ['scim' as const] };

  it('by the own role, by a group, and not by what is undone', () => {
    expect(keeps([demoted], { users: [user('ada')] })).toBe(true);
    expect(keeps([promoted], { users: [user('ada', { role: 'admin' })] })).toBe(false);
    expect(keeps([promoted], { users: [user('ada', { role: 'admin' })], groups: [admins] }, [isIn])).toBe(true);
    expect(keeps([joined], { users: [user('ada')], groups: [admins], memberships: [member] }, [isIn])).toBe(false);
  });

  it('a group that comes back gives it; somebody inactive has it not', () => {
    const gone = [
      mine('group.members-removed', 'admins', members(['ada'], ['scim'], [])),
      mine('group.deleted', 'admins', {
        displayName: ['Admins', null],
        role: ['admin', null],
        provenance: ['scim', null],
      }),
    ];
    expect(keeps(gone, { users: [user('ada')] })).toBe(true);
    expect(keeps(gone, { users: [user('ada', { active: false })] })).toBe(false);
  });
});
