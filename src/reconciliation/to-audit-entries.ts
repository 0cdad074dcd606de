import type { AuditEntry } from '../audit/audit-log.service.js';
import type { IdentityStep, MembershipStep, Steps } from '../directory/trail.service.js';
import type { Event } from '../outbox/events.js';

/**
 * What the log says about one transaction: an entry for each event, with old and new value, and for each step of a membership or an
 * identity, announced or not. Members are lists: one entry for all who had the same reasons before and have the same after, so that
 * ten thousand people are ten entries. rebuild.ts reads what is written here.
 */

/** So many people one entry names. */
export const MOST_MEMBERS = 1000;

export function toAuditEntries(
  events: readonly Event[],
  steps: Steps,
  unannounced: readonly AuditEntry[],
): readonly AuditEntry[] {
  const members = new Set(toMemberEntries(steps.memberships));
  const takeMembers = (action: string, groupId: string) => {
    const found = [...members].filter((entry) => entry.action === action && entry.targetId === groupId);
    for (const entry of found) members.delete(entry);
    return found;
  };
  const announced = events.flatMap((event) =>
    event.type === 'group.members-added' || event.type === 'group.members-removed'
      ? takeMembers(event.type, event.subjectId)
      : [toAuditEntry(event)],
  );
  return [...announced, ...unannounced, ...toIdentityEntries(events, steps.identities), ...members];
}

/** By the first word of the type; of all others the subject is a user. */
const TARGETS: Readonly<Record<string, AuditEntry['targetType']>> = {
  group: 'group',
  session: 'session',
  provisioning: 'connection',
  changes: 'connection',
  recovery: 'organization',
};

/** What the type alone says. */
const IMPLIED: Readonly<Record<string, AuditEntry['changes']>> = {
  'user.deactivated': { active: [true, false] },
  'user.reactivated': { active: [false, true] },
};

function toAuditEntry(event: Event): AuditEntry {
  const { changes, ...facts } = event.data as { changes?: AuditEntry['changes'] } & Record<string, unknown>;
  const others = Object.entries(facts).map(([name, value]) => [name, [null, value]] as const);
  return {
    action: event.type,
    targetType: TARGETS[event.type.split('.')[0]!] ?? 'user',
    targetId: event.subjectId,
    changes: { ...IMPLIED[event.type], ...Object.fromEntries(others), ...changes },
  };
}

function toMemberEntries(steps: readonly MembershipStep[]): AuditEntry[] {
  const alike = new Map<string, MembershipStep[]>();
  for (const step of steps) {
    const key = `${step.groupId} ${reasons(step.before)} ${reasons(step.after)}`;
    const found = alike.get(key);
    if (found) found.push(step);
    else alike.set(key, [step]);
  }
  return [...alike.values()].flatMap((same) => {
    const { groupId, before, after } = same[0]!;
    return chunks(same, MOST_MEMBERS).map((chunk) => ({
      action: actionOf(before.length, after.length),
      targetType: 'group' as const,
      targetId: groupId,
      changes: { members: [null, chunk.map(({ userId }) => userId)], origins: [[...before], [...after]] } as const,
    }));
  });
}

const reasons = (origins: readonly string[]) => [...origins].sort().join();

function actionOf(before: number, after: number): string {
  if (before === 0) return 'group.members-added';
  if (after === 0) return 'group.members-removed';
  return after > before ? 'group.members-claimed' : 'group.members-released';
}

/** A link that an event tells of needs no second entry; one that led to somebody else is told of there too. */
function toIdentityEntries(events: readonly Event[], steps: readonly IdentityStep[]): AuditEntry[] {
  const told = new Set(events.filter(({ type }) => type === 'user.linked').map(({ subjectId }) => subjectId));
  return steps.flatMap(({ connectionId, subject, before, after }): AuditEntry[] => {
    if (before === after) return [];
    const linked: AuditEntry = {
      action: 'user.linked',
      targetType: 'user',
      targetId: after,
      changes: { connectionId: [null, connectionId], subject: [null, subject] },
    };
    const unlinked = (targetId: string): AuditEntry => ({
      action: 'user.unlinked',
      targetType: 'user',
      targetId,
      changes: { connectionId: [connectionId, null], subject: [subject, null] },
    });
    return [...(told.has(after) ? [] : [linked]), ...(before === null ? [] : [unlinked(before)])];
  });
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, n) => items.slice(n * size, (n + 1) * size));
}
