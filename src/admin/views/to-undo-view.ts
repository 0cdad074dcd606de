import type { Undone, UndoneMembership } from '../../reconciliation/plan-undo.js';
import type { UndoPlan, UndoWindow } from '../../reconciliation/undo-planner.service.js';
import type { UndoneCountView, UndoneItemView, UndoView } from './undo.view.js';

/** An undo as operators see it. */

const MOST_ITEMS = 1000;

export function toUndoView(state: 'preview' | 'done', { from, until }: UndoWindow, plan: UndoPlan): UndoView {
  const { undone, memberships, conflicts, digest, logged } = plan;
  const kinds = memberships.map(kindOf);
  const count = (kind: string): number => kinds.filter((each) => each === kind).length;
  const items = [...undone.map(toItem), ...memberships.slice(0, MOST_ITEMS).map(toMembershipItem)];
  return {
    state,
    digest,
    from: from.toISOString(),
    until: until.toISOString(),
    changes: logged,
    users: countOf(undone, 'user'),
    groups: countOf(undone, 'group'),
    memberships: { joined: count('joined'), changed: count('changed'), left: count('left') },
    conflictCount: conflicts.length,
    conflicts: conflicts.slice(0, MOST_ITEMS).map(({ because, ...conflict }) => ({ ...conflict, what: because })),
    items: items.slice(0, MOST_ITEMS),
    more: Math.max(undone.length + memberships.length, conflicts.length) > MOST_ITEMS,
  };
}

function countOf(undone: readonly Undone[], subject: Undone['subject']): UndoneCountView {
  const count = (does: Undone['does']) =>
    undone.filter((each) => each.subject === subject && each.does === does).length;
  return { restored: count('restore'), reverted: count('revert'), removed: count('remove') };
}

const toItem = ({ subject, id, name, does, changes }: Undone): UndoneItemView => ({
  subject,
  id,
  name,
  userId: null,
  what: does,
  changes,
});

const toMembershipItem = (membership: UndoneMembership): UndoneItemView => ({
  subject: 'membership',
  id: membership.groupId,
  name: membership.groupName,
  userId: membership.userId,
  what: kindOf(membership),
  changes: { origins: [membership.before, membership.after] },
});

function kindOf({ before, after }: UndoneMembership): 'joined' | 'changed' | 'left' {
  if (before.length === 0) return 'joined';
  return after.length === 0 ? 'left' : 'changed';
}
