import type { ListedSession } from '../../sessions/sessions.reader.js';
import type { LiveSession } from '../../sessions/live-session.js';
import type { ListedSessionView, SessionView } from './session.view.js';

export const toSessionView = (session: LiveSession): SessionView => ({
  id: session.id,
  connectionId: session.connectionId,
  authenticatedAt: session.authenticatedAt.toISOString(),
  createdAt: session.createdAt.toISOString(),
  lastSeenAt: session.lastSeenAt.toISOString(),
  expiresAt: session.expiresAt.toISOString(),
});

export const toListedSessionView = (session: ListedSession): ListedSessionView => ({
  ...toSessionView(session),
  userId: session.userId,
  userName: session.userName,
  nameId: session.nameId,
  sessionIndex: session.sessionIndex,
});
