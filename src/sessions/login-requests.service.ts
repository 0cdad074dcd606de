import { Injectable } from '@nestjs/common';
import type { Queryable } from '../database/transaction.js';
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
         (organization_id, id, connection_id, relay_state_hash, browser_hash, target_url, created_at, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [
        organizationId,
        request.id,
        request.connectionId,
        hashToken(request.relayState),
        hashToken(request.browserSecret),
        request.targetUrl,
        request.createdAt,
        request.expiresAt,
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
         consumed_at AS "consumedAt", browser_hash = ANY($3::bytea[]) AS "ofThisBrowser", relay_state_hash = $4 AS "relayStateMatches"
       FROM login_requests WHERE organization_id = $1 AND id = $2`,
      [organizationId, key.id, key.browserSecrets.map(hashToken), hashToken(key.relayState)],
    );
    return row;
  }

  /** Deletes what can no longer be answered, over all organizations. */
  async purge(db: Queryable, now: Date): Promise<void> {
    await db.execute(`DELETE FROM login_requests WHERE expires_at < $1`, [now]);
  }
}
