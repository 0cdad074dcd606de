import type { StoredAuditEntry, StoredSignIn } from '../../audit/records.reader.js';
import type { SignInDetail } from '../../sessions/sign-in-detail.js';
import type { StoredEvent } from '../../outbox/events.reader.js';
import type { AuditEntryView, EventView, SignInDetailView, SignInView } from './record.view.js';

/** Records as operators see them. */

export const toSignInView = (signIn: Omit<StoredSignIn, 'claims' | 'decision'>): SignInView => ({
  id: signIn.id,
  incidentCode: signIn.incidentCode,
  at: signIn.at.toISOString(),
  connectionId: signIn.connectionId,
  outcome: signIn.outcome,
  reason: signIn.reason,
  matchedBy: signIn.matchedBy,
  userId: signIn.userId,
  sessionId: signIn.sessionId,
  correlationId: signIn.correlationId,
});

export const toSignInDetailView = (signIn: StoredSignIn, received?: SignInDetail): SignInDetailView => ({
  ...toSignInView(signIn),
  claims: signIn.claims,
  decision: signIn.decision,
  received: received ?? null,
});

export const toAuditEntryView = (entry: StoredAuditEntry): AuditEntryView => ({ ...entry, at: entry.at.toISOString() });

export const toEventView = (event: StoredEvent): EventView => ({
  ...event,
  occurredAt: event.occurredAt.toISOString(),
});
