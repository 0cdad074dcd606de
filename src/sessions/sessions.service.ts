import { Injectable } from '@nestjs/common';
import type { Queryable, Transaction } from '../database/transaction.js';
import type { Subject } from '../directory/directory-types.js';
import { newId } from '../platform/ids.js';
import { mintToken, parseToken } from '../platform/secrets.js';
import { isMeant } from './logout-name.js';
import type { LogoutSubject } from './logouts.service.js';
import type { SentName } from './sent-name.js';
import { isLive, LIVE_COLUMNS, type LiveSession } from './live-session.js';

export interface NewSession {
  readonly userId: string;
  /** Both null: with a recovery code. */
  readonly connectionId: string | null;
  readonly subject: Subject | null;
  /** How the IdP wrote the subject. */
  readonly sentName?: SentName | undefined;
  readonly sessionIndex: string | undefined;
  readonly authenticatedAt: Date;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  /** How long it may rest; null: to its end. */
  readonly idleSeconds: number | null;
}

/** Which sessions end; each field narrows it, and none given means all of the organization. */
export interface SessionSelection {
  readonly ids?: readonly string[];
  readonly exceptId?: string;
  readonly userIds?: readonly string[];
  readonly connectionId?: string;
  readonly subject?: LogoutSubject;
}

export interface EndedSession {
  readonly id: string;
  readonly userId: string;
}

/** `signed-out`: by the person in it; `person`: by the same person from another session; `single-logout`: by the IdP. */
export type RevocationReason =
  'signed-out' | 'person' | 'single-logout' | 'deactivated' | 'deleted' | 'operator' | 'connection';

/** So many seconds pass before the use of a session is written down again, so that reading a page writes nothing most of the time. */
const USE_WRITTEN_EVERY = 60;
/** Sessions that are over stay so long for whoever looks into what happened. */
const KEPT_DAYS = 30;

/**
 * Owns sessions. A session is an opaque token in the browser and its hash here. It ends at its end, when it rested too long, or when it
 * is revoked, and verifies only while its user is active. What ended never lives again: how long a session may rest is fixed at each use.
 */
@Injectable()
export class Sessions {
  /** Opens a session; the token is for the cookie and exists nowhere else. */
  async open(tx: Transaction, organizationId: string, session: NewSession): Promise<{ id: string; token: string }> {
    const id = newId();
    const { token, hash } = mintToken('session', organizationId);
    await tx.defer(
      `INSERT INTO sessions (organization_id, id, token_hash, user_id, connection_id, name_id_format, name_qualifier, name_id,
         session_index, authenticated_at, created_at, expires_at, last_seen_at, idle_until, sent_name)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $11, $11::timestamptz + $13::integer * interval '1 second', $14)`,
      [
        organizationId,
        id,
        hash,
        session.userId,
        session.connectionId,
        session.subject?.format ?? null,
        session.subject?.nameQualifier ?? null,
        session.subject?.value ?? null,
        session.sessionIndex ?? null,
        session.authenticatedAt,
        session.createdAt,
        session.expiresAt,
        session.idleSeconds,
        session.sentName ? JSON.stringify(session.sentName) : null,
      ],
    );
    return { id, token };
  }

  /** The live session of a cookie's token; undefined for anything else, the reason is nobody's business. */
  async verify(db: Queryable, token: unknown, now: Date): Promise<LiveSession | undefined> {
    const parsed = parseToken('session', token);
    if (!parsed) return undefined;
    const [row] = await db.query<LiveSession>(
      `SELECT ${LIVE_COLUMNS}
       FROM sessions s JOIN users u ON u.organization_id = s.organization_id AND u.id = s.user_id
       WHERE s.organization_id = $1 AND s.token_hash = $2 AND ${isLive('$3')} AND u.active`,
      [parsed.organizationId, parsed.hash, now],
    );
    return row;
  }

  /** Verifies, and lets it rest anew from now on. */
  async use(db: Queryable, token: unknown, now: Date): Promise<LiveSession | undefined> {
    const session = await this.verify(db, token, now);
    if (!session || now.getTime() - session.lastSeenAt.getTime() < USE_WRITTEN_EVERY * 1000) return session;
    await db.execute(
      `UPDATE sessions s SET last_seen_at = $3, idle_until = $3::timestamptz + o.session_idle_seconds * interval '1 second'
       FROM organizations o WHERE o.id = $1 AND s.organization_id = $1 AND s.id = $2 AND s.last_seen_at < $3 AND ${isLive('$3')}`,
      [session.organizationId, session.id, now],
    );
    return { ...session, lastSeenAt: now };
  }

  /** Ends those of the selection that are live. */
  async revoke(
    tx: Transaction,
    organizationId: string,
    { ids, exceptId, userIds, connectionId, subject }: SessionSelection,
    reason: RevocationReason,
    now: Date,
  ): Promise<EndedSession[]> {
    return tx.query<EndedSession>(
      `UPDATE sessions s SET revoked_at = $2, revoked_reason = $3
       WHERE s.organization_id = $1 AND ${isLive('$2')}
         AND ($4::uuid[] IS NULL OR s.id = ANY($4)) AND ($5::uuid IS NULL OR s.id <> $5)
         AND ($6::uuid[] IS NULL OR s.user_id = ANY($6)) AND ($7::uuid IS NULL OR s.connection_id = $7)
         AND ($8::text IS NULL OR ${isMeant({ name: 's.name_id', format: 's.name_id_format' }, { name: '$8::text', format: '$9::text' })})
         AND ($10::text[] IS NULL OR s.name_qualifier = ANY($10)) AND ($11::text[] IS NULL OR s.session_index = ANY($11))
       RETURNING s.id, s.user_id AS "userId"`,
      [
        organizationId,
        now,
        reason,
        ids ?? null,
        exceptId ?? null,
        userIds ?? null,
        connectionId ?? null,
        subject?.value ?? null,
        subject?.format ?? null,
        subject?.nameQualifiers ?? null,
        subject?.sessionIndexes ?? null,
      ],
    );
  }

  /** Deletes what has long been over, in all organizations. */
  async purge(db: Queryable, now: Date): Promise<void> {
    await db.execute(`DELETE FROM sessions WHERE expires_at < $1`, [new Date(now.getTime() - KEPT_DAYS * 86_400_000)]);
  }
}
