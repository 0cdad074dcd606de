import type { Event } from '../outbox/events.js';
import type { Undone, UndoneMembership } from './plan-undo.js';

/** undo-events: what is said about one thing that was undone. `at`: when. */
export function undoEvents({ subject, id: subjectId, does, now, next, changes }: Undone, at: Date): Event[] {
  const event = (type: Event['type'], data: Event['data']): Event => ({ type, subjectId, data });
  if (subject === 'group') {
    if (does === 'restore') return [event('group.restored', { changes })];
    if (does === 'revert') return [event('group.updated', { changes })];
    const gone = Object.entries(now!).filter(([, value]) => value !== null);
    const all = Object.fromEntries(gone.map(([name, value]) => [name, [value, null]]));
    return [event('group.deleted', { displayName: now!['displayName'], externalId: now!['externalId'], changes: all })];
  }
  if (does === 'restore') return [event('user.restored', { changes })];
  if (does === 'remove') {
    const { userName, externalId, active, connectionId } = now!;
    const all = {
      ...(active === true && { active: [true, false] }),
      ...(connectionId !== null && { connectionId: [connectionId, null] }),
      deletedAt: [null, at],
    };
    return [event('user.deleted', { userName, externalId, changes: all })];
  }
  const { active, ...profile } = changes;
  return [
    ...(Object.keys(profile).length > 0 ? [event('user.updated', { changes: profile })] : []),
    ...(active ? [event(next!['active'] === true ? 'user.reactivated' : 'user.deactivated', {})] : []),
  ];
}

/** An event for each group and reason; who has several reasons is told under the first. */
export function memberEvents(memberships: readonly Omit<UndoneMembership, 'groupName'>[]): Event[] {
  const left = groupBy(
    memberships.filter(({ after }) => after.length === 0),
    ({ groupId }) => groupId,
  );
  const joined = groupBy(
    memberships.filter(({ before, after }) => before.length === 0 && after.length > 0),
    ({ groupId, after }) => `${groupId} ${after[0]!}`,
  );
  return [
    ...[...left].map(([subjectId, each]): Event => ({
      type: 'group.members-removed',
      subjectId,
      data: { members: each.map(({ userId }) => userId) },
    })),
    ...[...joined.values()].map((each): Event => ({
      type: 'group.members-added',
      subjectId: each[0]!.groupId,
      data: { members: each.map(({ userId }) => userId), origin: each[0]!.after[0]! },
    })),
  ];
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const found = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const list = found.get(key);
    if (list) list.push(item);
    else found.set(key, [item]);
  }
  return found;
}
