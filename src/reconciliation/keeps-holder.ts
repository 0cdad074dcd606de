import type { UndoFacts, Undone, UndoneMembership } from './plan-undo.js';

/** Does any of these people, about whom something is undone, have the role afterwards, by themselves or through a group? */
export function keepsHolder(
  role: string,
  people: ReadonlySet<string>,
  facts: UndoFacts,
  inGroups: readonly { readonly groupId: string; readonly userId: string }[],
  { undone, memberships }: { readonly undone: readonly Undone[]; readonly memberships: readonly UndoneMembership[] },
): boolean {
  const after = new Map(undone.map((each) => [each.id, each]));
  const gives = (groupId: string): boolean => {
    const group = after.get(groupId);
    return (group ? group.next?.['role'] : facts.groups.get(groupId)?.role) === role;
  };
  const decided = new Set(memberships.map(({ groupId, userId }) => `${groupId} ${userId}`));
  const members = new Set([
    ...inGroups.filter(({ groupId, userId }) => !decided.has(`${groupId} ${userId}`)).map(({ userId }) => userId),
    ...memberships.filter((each) => each.after.length > 0 && gives(each.groupId)).map(({ userId }) => userId),
  ]);
  return [...people].some((id) => {
    const user = facts.users.get(id);
    const row = after.has(id) ? after.get(id)!.next : user && { active: user.active, role: user.role };
    return row?.['active'] === true && (row['role'] === role || members.has(id));
  });
}
