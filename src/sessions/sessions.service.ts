import { Injectable } from '@nestjs/common';
import type { Queryable, Transaction } from '../database/transaction.js';
import type { Subject } from '../directory/directory-types.js';
import { newId } from '../platform/ids.js';
import { mintToken, parseToken } from '../platform/secrets.js';

export interface NewSession {
  readonly userId: string;
  readonly connectionId: string;
  readonly subject: Subject;
  readonly sessionIndex: string | undefined;
  readonly authenticatedAt: Date;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

/** A session that verified just now. */
export interface LiveSession {
  readonly id: string;
  readonly organizationId: string;
  readonly userId: string;
  readonly connectionId: string;
  readonly authenticatedAt: Date;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

export type RevocationReason = 'signed-out' | 'deactivated' | 'deleted' | 'operator' | 'connection';

/** Owns sessions. A session is an opaque token in the browser and its hash here; it verifies only while its user is active. */
@Injectable()
export class Sessions {
  /** Opens a session; the token is for the cookie and exists nowhere else. */
  async open(tx: Transaction, organizationId: string, session: NewSession): Promise<{ id: string; token: string }> {
    const id = newId();
    const { token, hash } = mintToken('session', organizationId);
    await tx.execute(
      `INSERT INTO sessions (organization_id, id, token_hash, user_id, connection_id, name_id_format, name_qualifier, name_id,
         session_index, authenticated_at, created_at, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
      [
        organizationId,
        id,
        hash,
        session.userId,
        session.connectionId,
        session.subject.format,
        session.subject.nameQualifier,
        session.subject.value,
        session.sessionIndex ?? null,
        session.authenticatedAt,
        session.createdAt,
        session.expiresAt,
      ],
    );
    return { id, token };
  }

  /** The live session of a cookie's token; undefined for anything else, the reason is nobody's business. */
  async verify(db: Queryable, token: unknown, now: Date): Promise<LiveSession | undefined> {
    const parsed = parseToken('session', token);
    if (!parsed) return undefined;
    const [row] = await db.query<LiveSession>(
      `SELECT s.id, s.organization_id AS "organizationId", s.user_id AS "userId", s.connection_id AS "connectionId",
              s.authenticated_at AS "authenticatedAt", s.created_at AS "createdAt", s.expires_at AS "expiresAt"
       FROM sessions s JOIN users u ON u.organization_id = s.organization_id AND u.id = s.user_id
       WHERE s.organization_id = $1 AND s.token_hash = $2 AND s.revoked_at IS NULL AND s.expires_at > $3 AND u.active`,
      [parsed.organizationId, parsed.hash, now],
    );
    return row;
  }

  /** The live sessions of a person, newest first. */
  async liveOf(db: Queryable, organizationId: string, userId: string, now: Date): Promise<LiveSession[]> {
    return db.query<LiveSession>(
      `SELECT id, organization_id AS "organizationId", user_id AS "userId", connection_id AS "connectionId",
              authenticated_at AS "authenticatedAt", created_at AS "createdAt", expires_at AS "expiresAt"
       FROM sessions
       WHERE organization_id = $1 AND user_id = $2 AND revoked_at IS NULL AND expires_at > $3 ORDER BY id DESC LIMIT 200`,
      [organizationId, userId, now],
    );
  }

  /** Ends every live session of a person; the ids of those that were live. */
  async revokeOfUser(
    tx: Transaction,
    organizationId: string,
    userId: string,
    reason: RevocationReason,
    now: Date,
  ): Promise<string[]> {
    return this.revokeWhere(tx, organizationId, 'user_id', userId, reason, now);
  }

  /** Ends every live session of these people; each with its person. */
  async revokeOfUsers(
    tx: Transaction,
    organizationId: string,
    userIds: readonly string[],
    reason: RevocationReason,
    now: Date,
  ): Promise<{ id: string; userId: string }[]> {
    return tx.query<{ id: string; userId: string }>(
      `UPDATE sessions SET revoked_at = $3, revoked_reason = $4
       WHERE organization_id = $1 AND user_id = ANY($2::uuid[]) AND revoked_at IS NULL AND expires_at > $3
       RETURNING id, user_id AS "userId"`,
      [organizationId, userIds, now, reason],
    );
  }

  /** Ends one session; the ids of those that were live. */
  async revoke(
    tx: Transaction,
    organizationId: string,
    id: string,
    reason: RevocationReason,
    now: Date,
  ): Promise<string[]> {
    return this.revokeWhere(tx, organizationId, 'id', id, reason, now);
  }

  private async revokeWhere(
    tx: Transaction,
    organizationId: string,
    column: 'id' | 'user_id',
    value: string,
    reason: RevocationReason,
    now: Date,
  ): Promise<string[]> {
    const rows = await tx.query<{ id: string }>(
      `UPDATE sessions SET revoked_at = $3, revoked_reason = $4
       WHERE organization_id = $1 AND ${column} = $2 AND revoked_at IS NULL AND expires_at > $3 RETURNING id`,
      [organizationId, value, now, reason],
    );
    return rows.map(({ id }) => id);
  }
}
