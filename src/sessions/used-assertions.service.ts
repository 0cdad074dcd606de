import { Injectable } from '@nestjs/common';
import type { Queryable, Transaction } from '../database/transaction.js';

/** What an answer uses up. */
export interface AnswerInUse {
  readonly connectionId: string;
  readonly assertionId: string;
  /** Until when a second use of the assertion must be recognised. */
  readonly expiresAt: Date;
  /** The request it answers; undefined: none. */
  readonly loginRequestId: string | undefined;
}

/** Owns used_assertions: an assertion opens one session, ever (SAML 2.0 profiles, section 4.1.4.5), and a request has one answer. */
@Injectable()
export class UsedAssertions {
  /**
   * Marks the request answered and remembers the assertion until it expires, both in one statement; an assertion whose request is gone is
   * not used up. undefined for exactly one of several concurrent callers, for the others what was used before.
   */
  async use(
    tx: Transaction,
    organizationId: string,
    { connectionId, assertionId, expiresAt, loginRequestId }: AnswerInUse,
    now: Date,
  ): Promise<'login-request-used' | 'replay' | undefined> {
    const [row] = await tx.query<{ consumed: boolean; used: boolean }>(
      `WITH consumed AS (
         UPDATE login_requests SET consumed_at = $3
         WHERE organization_id = $1 AND id = $2 AND consumed_at IS NULL AND expires_at > $3 RETURNING 1
       ), used AS (
         INSERT INTO used_assertions (organization_id, connection_id, assertion_id, expires_at)
         SELECT $1::uuid, $4::uuid, $5::text, $6::timestamptz WHERE $2::text IS NULL OR EXISTS (SELECT 1 FROM consumed)
         ON CONFLICT DO NOTHING RETURNING 1
       )
       SELECT $2::text IS NULL OR EXISTS (SELECT 1 FROM consumed) AS consumed, EXISTS (SELECT 1 FROM used) AS used`,
      [organizationId, loginRequestId ?? null, now, connectionId, assertionId, expiresAt],
    );
    if (!row!.consumed) return 'login-request-used';
    return row!.used ? undefined : 'replay';
  }

  /** Deletes what no clock skew can make valid again, over all organizations. */
  async purge(db: Queryable, now: Date): Promise<void> {
    await db.execute(`DELETE FROM used_assertions WHERE expires_at < $1`, [now]);
  }
}
