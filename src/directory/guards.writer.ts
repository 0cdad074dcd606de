import { Injectable } from '@nestjs/common';
import type { Transaction } from '../database/transaction.js';
import { GUARD_COLUMNS, type GuardName, type GuardState } from './guards.reader.js';

/** Writes what guards count and remember. Only reconciliation may import it (rule R3). */
@Injectable()
export class GuardsWriter {
  /** The state of a guard, locked: whoever decides by counting does it one after the other, on however many nodes. */
  async lock(tx: Transaction, organizationId: string, connectionId: string, guard: GuardName): Promise<GuardState> {
    const [state] = await tx.query<GuardState>(
      `INSERT INTO guard_states AS s (organization_id, connection_id, guard) VALUES ($1, $2, $3)
       ON CONFLICT (organization_id, connection_id, guard) DO UPDATE SET guard = s.guard RETURNING ${GUARD_COLUMNS}`,
      [organizationId, connectionId, guard],
    );
    return state!;
  }

  async save(tx: Transaction, organizationId: string, connectionId: string, guard: GuardName, state: GuardState) {
    await tx.execute(
      `UPDATE guard_states SET counted_from = $4, open_until = $5, held_since = $6, held_threshold = $7
       WHERE organization_id = $1 AND connection_id = $2 AND guard = $3`,
      [
        organizationId,
        connectionId,
        guard,
        state.countedFrom,
        state.openUntil,
        state.heldSince,
        state.heldThreshold && JSON.stringify(state.heldThreshold),
      ],
    );
  }

  /** The person's access ends now; what is older than `since` is forgotten. */
  async noteEnd(tx: Transaction, organizationId: string, connectionId: string, userId: string, at: Date, since: Date) {
    await tx.execute(
      `WITH forgotten AS (
         DELETE FROM access_ends WHERE organization_id = $1 AND connection_id = $2 AND user_id <> $3 AND at <= $5
       )
       INSERT INTO access_ends (organization_id, connection_id, user_id, at) VALUES ($1, $2, $3, $4)
       ON CONFLICT (organization_id, connection_id, user_id) DO UPDATE SET at = excluded.at`,
      [organizationId, connectionId, userId, at, since],
    );
  }

  /**
   * A sign-in whose groups count. `emptied`: it would take every group; `given`: it leaves some; `nothing`: there was nothing to take,
   * which says nothing new of somebody who was emptied before.
   */
  async noteReset(
    tx: Transaction,
    organizationId: string,
    connectionId: string,
    userId: string,
    at: Date,
    effect: 'emptied' | 'given' | 'nothing',
  ): Promise<void> {
    await tx.defer(
      `INSERT INTO group_resets AS r (organization_id, connection_id, user_id, at, emptied_at)
       VALUES ($1, $2, $3, $4, CASE WHEN $5 = 'emptied' THEN $4::timestamptz END)
       ON CONFLICT (organization_id, connection_id, user_id)
       DO UPDATE SET at = excluded.at, emptied_at = CASE WHEN $5 = 'nothing' THEN r.emptied_at ELSE excluded.emptied_at END`,
      [organizationId, connectionId, userId, at, effect],
    );
  }
}
