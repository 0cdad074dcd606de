import { Injectable } from '@nestjs/common';
import type { Queryable, Transaction } from '../database/transaction.js';
import type { Subject } from '../directory/directory-types.js';

/** What an answer uses up. */
export interface AnswerInUse {
  readonly connectionId: string;
  readonly assertionId: string;
  /** Until when a second use of the assertion must be recognised. */
  readonly expiresAt: Date;
  /** The request it answers; undefined: none. */
  readonly loginRequestId: string | undefined;
  /** What a logout would name. */
  readonly subject: Subject;
  readonly sessionIndex: string | undefined;
  readonly authenticatedAt: Date;
}

/** Owns used_assertions: an assertion opens one session, ever (SAML 2.0 profiles, section 4.1.4.5), and a request has one answer. */
@Injectable()
export class UsedAssertions {
  /**
   * Marks the request answered and remembers the assertion until it expires, both in one statement; an assertion whose request is gone is
   * not used up. undefined for exactly one of several concurrent callers, for the others what was used before.
   *
   * `logged-out`: "The session participant MUST apply the logout request message to any assertion that meets the following conditions,
   * even if the assertion arrives after the logout request" (SAML 2.0 core, section 3.7.3.2). An authentication after the request is
   * another one.
   */
  async use(
    tx: Transaction,
    organizationId: string,
    answer: AnswerInUse,
    now: Date,
  ): Promise<'login-request-used' | 'replay' | 'logged-out' | undefined> {
    const { connectionId, assertionId, expiresAt, loginRequestId, subject, sessionIndex, authenticatedAt } = answer;
    const [row] = await tx.query<{ consumed: boolean; used: boolean; loggedOut: boolean }>(
      `WITH consumed AS (
         UPDATE login_requests SET consumed_at = $3
         WHERE organization_id = $1 AND id = $2 AND consumed_at IS NULL AND expires_at > $3 RETURNING 1
       ), used AS (
         INSERT INTO used_assertions (organization_id, connection_id, assertion_id, expires_at)
         SELECT $1::uuid, $4::uuid, $5::text, $6::timestamptz WHERE $2::text IS NULL OR EXISTS (SELECT 1 FROM consumed)
         ON CONFLICT DO NOTHING RETURNING 1
       )
       SELECT $2::text IS NULL OR EXISTS (SELECT 1 FROM consumed) AS consumed, EXISTS (SELECT 1 FROM used) AS used,
         EXISTS (SELECT 1 FROM logouts
           WHERE organization_id = $1 AND connection_id = $4 AND name_id = $7 AND outcome = 'accepted' AND valid_until > $3
             AND (name_id_format IS NULL OR name_id_format = $8) AND $9 = ANY(name_qualifiers)
             AND (session_indexes IS NULL OR $10 = ANY(session_indexes)) AND issued_at > $11) AS "loggedOut"`,
      [
        organizationId,
        loginRequestId ?? null,
        now,
        connectionId,
        assertionId,
        expiresAt,
        subject.value,
        subject.format,
        subject.nameQualifier,
        sessionIndex ?? null,
        authenticatedAt,
      ],
    );
    if (!row!.consumed) return 'login-request-used';
    if (!row!.used) return 'replay';
    return row!.loggedOut ? 'logged-out' : undefined;
  }

  /** Deletes what no clock skew can make valid again, over all organizations. */
  async purge(db: Queryable, now: Date): Promise<void> {
    await db.execute(`DELETE FROM used_assertions WHERE expires_at < $1`, [now]);
  }
}
