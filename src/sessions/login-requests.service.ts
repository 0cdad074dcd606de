import { Injectable } from '@nestjs/common';
import type { Queryable, Transaction } from '../database/transaction.js';
import { hashToken } from '../platform/secrets.js';

/** An AuthnRequest under way. */
export interface LoginRequest {
  /** The request's ID, which the answer must name in InResponseTo. */
  readonly id: string;
  readonly connectionId: string;
  /** Same-origin path the person wanted. */
  readonly targetUrl: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  /** The test that its answer ends, instead of signing somebody in. */
  readonly testSignInId?: string | null;
  /** Somebody may have been signed in in the browser when it was begun. */
  readonly mayReplace: boolean;
}

export interface FoundLoginRequest extends LoginRequest {
  readonly consumedAt: Date | null;
  readonly ofThisBrowser: boolean;
  readonly relayStateMatches: boolean;
}

/** Owns login_requests: what ties an answer to the browser and the connection that asked, over all nodes and restarts. */
@Injectable()
export class LoginRequests {
  /** Stores a request; the RelayState and the browser's cookie value are kept only as hashes. */
  async open(
    db: Queryable,
    organizationId: string,
    request: LoginRequest & { readonly relayState: string; readonly browserSecret: string },
  ): Promise<void> {
    await db.execute(
      `INSERT INTO login_requests
         (organization_id, id, connection_id, relay_state_hash, browser_hash, target_url, created_at, expires_at,
          test_sign_in_id, may_replace)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
      [
        organizationId,
        request.id,
        request.connectionId,
        hashToken(request.relayState),
        hashToken(request.browserSecret),
        request.targetUrl,
        request.createdAt,
        request.expiresAt,
        request.testSignInId ?? null,
        request.mayReplace,
      ],
    );
  }

  /** The request that an answer names, compared with what the answer brought. Judging it is the door's, consuming it is UsedAssertions'. */
  async find(
    db: Queryable,
    organizationId: string,
    key: { readonly id: string; readonly browserSecrets: readonly string[]; readonly relayState: string },
  ): Promise<FoundLoginRequest | undefined> {
    const [row] = await db.query<FoundLoginRequest>(
      `SELECT id, connection_id AS "connectionId", target_url AS "targetUrl", created_at AS "createdAt", expires_at AS "expiresAt",
         consumed_at AS "consumedAt", test_sign_in_id AS "testSignInId", may_replace AS "mayReplace",
         browser_hash = ANY($3::bytea[]) AS "ofThisBrowser", relay_state_hash = $4 AS "relayStateMatches"
       FROM login_requests WHERE organization_id = $1 AND id = $2`,
      [organizationId, key.id, key.browserSecrets.map(hashToken), hashToken(key.relayState)],
    );
    return row;
  }

  /**
   * The test under way in this browser that an answer belongs to, whatever else is wrong with it: it names the request or brings its
   * RelayState, or it names nothing at all.
   */
  async findTest(
    db: Queryable,
    organizationId: string,
    key: {
      readonly connectionId: string;
      readonly browserSecrets: readonly string[];
      readonly id: string | undefined;
      readonly relayState: string;
      readonly now: Date;
    },
  ): Promise<{ readonly id: string; readonly testSignInId: string } | undefined> {
    if (key.browserSecrets.length === 0) return undefined;
    const [row] = await db.query<{ id: string; testSignInId: string }>(
      `SELECT id, test_sign_in_id AS "testSignInId" FROM login_requests
       WHERE organization_id = $1 AND connection_id = $2 AND test_sign_in_id IS NOT NULL AND browser_hash = ANY($3::bytea[])
         AND consumed_at IS NULL AND expires_at > $4 AND (id = $5 OR relay_state_hash = $6 OR $7)
       ORDER BY created_at DESC LIMIT 1`,
      [
        organizationId,
        key.connectionId,
        key.browserSecrets.map(hashToken),
        key.now,
        key.id ?? null,
        hashToken(key.relayState),
        key.id === undefined && key.relayState === '',
      ],
    );
    return row;
  }

  /** Was the test begun in this browser? */
  async beganTest(
    db: Queryable,
    organizationId: string,
    testSignInId: string,
    browserSecrets: readonly string[],
    now: Date,
  ): Promise<boolean> {
    const rows = await db.query(
      `SELECT 1 FROM login_requests
       WHERE organization_id = $1 AND test_sign_in_id = $2 AND browser_hash = ANY($3::bytea[]) AND expires_at > $4`,
      [organizationId, testSignInId, browserSecrets.map(hashToken), now],
    );
    return rows.length > 0;
  }

  /** Marks the request of a test answered, which uses no assertion up; true for exactly one of several concurrent callers. */
  async consume(tx: Transaction, organizationId: string, id: string, now: Date): Promise<boolean> {
    const count = await tx.execute(
      `UPDATE login_requests SET consumed_at = $3
       WHERE organization_id = $1 AND id = $2 AND consumed_at IS NULL AND expires_at > $3`,
      [organizationId, id, now],
    );
    return count === 1;
  }

  /** Deletes what can no longer be answered, over all organizations. */
  async purge(db: Queryable, now: Date): Promise<void> {
    await db.execute(`DELETE FROM login_requests WHERE expires_at < $1`, [now]);
  }
}
