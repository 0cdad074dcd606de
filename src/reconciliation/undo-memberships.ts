import type { Origin } from '../directory/directory-types.js';
import type { Cell, NetChanges, NetMembership } from './net-changes.js';
import type { Conflict, Draft, UndoFacts, UndoneMembership } from './plan-undo.js';

/**
 * undo-memberships: what becomes of memberships, once it is clear who comes back, who goes and who stays. A reason that the client gave
 * ends, one that it took is given again; either only where it is still as the client left it. Whoever goes leaves every group.
 */
export function undoMemberships(net: NetChanges, facts: UndoFacts, { undone, conflicts }: Draft) {
  const present = new Map(facts.memberships.map((each) => [`${each.groupId} ${each.userId}`, each.origins]));
  const goes = new Set(undone.filter(({ does }) => does === 'remove').map(({ id }) => id));
  const comes = new Set(undone.filter(({ does }) => does === 'restore').map(({ id }) => id));
  const inUse = new Set(conflicts.filter(({ because }) => because === 'in-use').map(({ id }) => id));
  const told = new Set(conflicts.map(({ id }) => id));
  const isThere = ({ groupId, userId }: NetMembership): boolean => {
    const user = facts.users.get(userId);
    return (facts.groups.has(groupId) || comes.has(groupId)) && (user?.deletedAt === null || comes.has(userId));
  };
  const back = new Map(undone.map(({ id, name }) => [id, name]));
  const groupName = (id: string) => facts.groups.get(id)?.displayName ?? back.get(id) ?? '';
  const memberships: UndoneMembership[] = facts.memberships
    .filter(({ groupId, userId }) => goes.has(groupId) || goes.has(userId))
    .map(({ groupId, userId, origins }) => ({
      groupId,
      groupName: groupName(groupId),
      userId,
      before: origins,
      after: [],
    }));
  const missed: Conflict[] = [];
  for (const each of net.memberships) {
    const { groupId, userId, certain } = each;
    if ([groupId, userId].some((id) => goes.has(id) || inUse.has(id))) continue;
    const before = present.get(`${groupId} ${userId}`) ?? [];
    const { after, clashes } = reverted(each, before);
    const conflict = (because: Conflict['because'], wanted: readonly Origin[] | null): void => {
      if (told.has(groupId) || told.has(userId)) return;
      const changes = { origins: [before, wanted] } as const;
      missed.push({ subject: 'membership', id: groupId, name: groupName(groupId), userId, because, changes });
    };
    if (!certain) conflict('unlogged', null);
    else if (!isThere(each)) {
      if (after ?? clashes) conflict('gone', after ?? clashes!);
    } else {
      if (after) memberships.push({ groupId, groupName: groupName(groupId), userId, before, after });
      if (clashes) conflict('changed-since', clashes);
    }
  }
  return { memberships: memberships.sort(inOrder), conflicts: missed.sort(inOrder) };
}

/** What it becomes, and what it would have become had others not written over the client; undefined: nothing is to be done, or said. */
function reverted({ reasons }: NetMembership, before: readonly Origin[]) {
  const back: Origin[] = [];
  const clashes: Origin[] = [];
  for (const [origin, cell] of Object.entries(reasons) as [Origin, Cell][]) {
    const was = 'lost' in cell ? cell.lost : cell.found;
    if (origin === 'default' || before.includes(origin) === was) continue;
    if ('lost' in cell) clashes.push(origin);
    else if (cell.found !== cell.left) back.push(origin);
  }
  const without = (origins: readonly Origin[]): readonly Origin[] | undefined =>
    origins.length === 0
      ? undefined
      : [
          ...before.filter((origin) => !origins.includes(origin)),
          ...origins.filter((origin) => !before.includes(origin)),
        ];
  return { after: without(back), clashes: without(clashes) };
}

const inOrder = (a: { groupId?: string; id?: string; userId: string | null }, b: typeof a): number => {
  const [left, right] = [a, b].map((each) => `${each.groupId ?? each.id!} ${each.userId!}`);
  return left! < right! ? -1 : 1;
};
