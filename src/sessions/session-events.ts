import type { Event } from '../outbox/events.js';
import type { EndedSession, RevocationReason } from './sessions.service.js';

/** One event for each person whose sessions ended. */
export function sessionsRevoked(ended: readonly EndedSession[], reason: RevocationReason): Event[] {
  const byPerson = new Map<string, string[]>();
  for (const { id, userId } of ended) byPerson.set(userId, [...(byPerson.get(userId) ?? []), id]);
  return [...byPerson].map(([subjectId, sessionIds]) => ({
    type: 'session.revoked',
    subjectId,
    data: { sessionIds, reason },
  }));
}
