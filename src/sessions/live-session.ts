/** A session that is live. */
export interface LiveSession {
  readonly id: string;
  readonly organizationId: string;
  readonly userId: string;
  /** null: opened with a recovery code. */
  readonly connectionId: string | null;
  readonly authenticatedAt: Date;
  readonly createdAt: Date;
  /** Its last use, to the minute. */
  readonly lastSeenAt: Date;
  readonly expiresAt: Date;
}

/** What makes a session `s` live at `now`, but for its user, who must be active. */
export const isLive = (now: `$${number}`): string =>
  `s.revoked_at IS NULL AND s.expires_at > ${now} AND (s.idle_until IS NULL OR s.idle_until > ${now})`;

/** Columns of LiveSession for `sessions s`. */
export const LIVE_COLUMNS = `s.id, s.organization_id AS "organizationId", s.user_id AS "userId", s.connection_id AS "connectionId",
  s.authenticated_at AS "authenticatedAt", s.created_at AS "createdAt", s.last_seen_at AS "lastSeenAt", s.expires_at AS "expiresAt"`;
