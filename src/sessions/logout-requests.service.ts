import { Injectable } from '@nestjs/common';
import type { Queryable } from '../database/transaction.js';

/** What the IdP said; null: nothing that could be believed. */
export type LogoutOutcome = 'confirmed' | 'partial' | 'refused';

/** Owns logout_requests: what we asked IdPs to end, and what they said. Nothing but the words of a page depends on it. */
@Injectable()
export class LogoutRequests {
  async open(
    db: Queryable,
    organizationId: string,
    request: { readonly id: string; readonly connectionId: string; readonly createdAt: Date; readonly expiresAt: Date },
  ): Promise<void> {
    await db.execute(
      `INSERT INTO logout_requests (organization_id, id, connection_id, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)`,
      [organizationId, request.id, request.connectionId, request.createdAt, request.expiresAt],
    );
  }

  /** Notes the first answer; false: this connection was asked nothing of this ID, or was answered already. */
  async answer(
    db: Queryable,
    organizationId: string,
    answer: { readonly id: string; readonly connectionId: string; readonly outcome: LogoutOutcome },
    now: Date,
  ): Promise<boolean> {
    const count = await db.execute(
      `UPDATE logout_requests SET outcome = $4
       WHERE organization_id = $1 AND id = $2 AND connection_id = $3 AND outcome IS NULL AND expires_at > $5`,
      [organizationId, answer.id, answer.connectionId, answer.outcome, now],
    );
    return count === 1;
  }

  async outcomeOf(db: Queryable, organizationId: string, id: string): Promise<LogoutOutcome | null> {
    const [row] = await db.query<{ outcome: LogoutOutcome | null }>(
      `SELECT outcome FROM logout_requests WHERE organization_id = $1 AND id = $2`,
      [organizationId, id],
    );
    return row?.outcome ?? null;
  }

  /** Deletes what no answer can name any more, over all organizations. */
  async purge(db: Queryable, now: Date): Promise<void> {
    await db.execute(`DELETE FROM logout_requests WHERE expires_at < $1`, [now]);
  }
}
