import { Injectable } from '@nestjs/common';
import type { Queryable, Transaction } from '../database/transaction.js';
import type { Subject } from '../directory/directory-types.js';
import { isMeant, lockKey } from './logout-name.js';

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

const LOGGED_OUT = `EXISTS (SELECT 1 FROM logouts
  WHERE organization_id = $1 AND connection_id = $2 AND outcome = 'accepted' AND valid_until > $3
    AND ${isMeant({ name: '$4::text', format: '$5::text' }, { name: 'name_id', format: 'name_id_format' })}
    AND $6 = ANY(name_qualifiers) AND (session_indexes IS NULL OR $7 = ANY(session_indexes)) AND issued_at > $8)`;

const parametersOf = (organizationId: string, answer: AnswerInUse, now: Date) => [
  organizationId,
  answer.connectionId,
  now,
  answer.subject.value,
  answer.subject.format,
  answer.subject.nameQualifier,
  answer.sessionIndex ?? null,
  answer.authenticatedAt,
];

/** Owns used_assertions: an assertion opens one session, ever (SAML 2.0 profiles, section 4.1.4.5), and a request has one answer. */
@Injectable()
export class UsedAssertions {
  /**
   * Marks the request answered and remembers the assertion until it expires, both in one statement; an assertion whose request is gone is
   * not used up. undefined for exactly one of several concurrent callers, for the others what was used before.
   *
   * `logged-out`: "The session participant MUST apply the logout request message to any assertion that meets the following conditions,
   * even if the assertion arrives after the logout request" (SAML 2.0 core, section 3.7.3.2). An authentication after the request is
   * another one. A logout that is under way is waited for, and shows by `demandNotLoggedOut`; one that comes waits for this transaction.
   */
  async use(
    tx: Transaction,
    organizationId: string,
    answer: AnswerInUse,
    now: Date,
  ): Promise<'login-request-used' | 'replay' | 'logged-out' | undefined> {
    // The lock comes first: what is only asked for is run when it is asked for.
    const [row] = await tx.query<{ consumed: boolean; used: boolean; loggedOut: boolean }>(
      `WITH consumed AS (
         UPDATE login_requests SET consumed_at = $3
         WHERE organization_id = $1 AND id = $9 AND consumed_at IS NULL AND expires_at > $3 RETURNING 1
       ), used AS (
         INSERT INTO used_assertions (organization_id, connection_id, assertion_id, expires_at)
         SELECT $1::uuid, $2::uuid, $10::text, $11::timestamptz WHERE $9::text IS NULL OR EXISTS (SELECT 1 FROM consumed)
         ON CONFLICT DO NOTHING RETURNING 1
       )
       SELECT $9::text IS NULL OR EXISTS (SELECT 1 FROM consumed) AS consumed, EXISTS (SELECT 1 FROM used) AS used,
         ${LOGGED_OUT} AS "loggedOut"
       FROM pg_advisory_xact_lock_shared(${lockKey('$2', '$4')})`,
      [
        ...parametersOf(organizationId, answer, now),
        answer.loginRequestId ?? null,
        answer.assertionId,
        answer.expiresAt,
      ],
    );
    if (!row!.consumed) return 'login-request-used';
    if (!row!.used) return 'replay';
    return row!.loggedOut ? 'logged-out' : undefined;
  }

  /**
   * The transaction fails with `loggedOut` when a logout has ended the session that it is about to open: `use` may have waited for that
   * logout, and its statement saw the database as it was before.
   */
  async demandNotLoggedOut(
    tx: Transaction,
    organizationId: string,
    answer: AnswerInUse,
    now: Date,
    loggedOut: () => Error,
  ): Promise<void> {
    await tx.demand(`SELECT 1 WHERE NOT ${LOGGED_OUT}`, parametersOf(organizationId, answer, now), loggedOut);
  }

  /** Deletes what no clock skew can make valid again, over all organizations. */
  async purge(db: Queryable, now: Date): Promise<void> {
    await db.execute(`DELETE FROM used_assertions WHERE expires_at < $1`, [now]);
  }
}
