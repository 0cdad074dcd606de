import { Injectable } from '@nestjs/common';
import type { Transaction } from '../database/transaction.js';
import { HELD_COLUMNS, type HeldRemoval } from './held-removals.reader.js';

/** Writes removals that a guard held. Only reconciliation may import it (rule R3). */
@Injectable()
export class HeldRemovalsWriter {
  /** In place of what was held of the same person: the last sign-in counts. */
  async hold(tx: Transaction, organizationId: string, held: HeldRemoval): Promise<void> {
    await tx.execute(
      `INSERT INTO held_removals (organization_id, connection_id, user_id, group_ids, every_group, asserted, held_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7)
       ON CONFLICT (organization_id, connection_id, user_id)
       DO UPDATE SET group_ids = excluded.group_ids, every_group = excluded.every_group, asserted = excluded.asserted,
         held_at = excluded.held_at`,
      [
        organizationId,
        held.connectionId,
        held.userId,
        held.groupIds,
        held.everyGroup,
        JSON.stringify(held.asserted),
        held.heldAt,
      ],
    );
  }

  /** Nothing is held of this person any more, without asking what it was. */
  async forget(tx: Transaction, organizationId: string, connectionId: string, userId: string): Promise<void> {
    await tx.defer(`DELETE FROM held_removals WHERE organization_id = $1 AND connection_id = $2 AND user_id = $3`, [
      organizationId,
      connectionId,
      userId,
    ]);
  }

  /** Takes what is held of these people, or of everybody, off the list; what it was. */
  async release(
    tx: Transaction,
    organizationId: string,
    connectionId: string,
    userIds: readonly string[] | 'everybody',
  ): Promise<HeldRemoval[]> {
    return tx.query<HeldRemoval>(
      `DELETE FROM held_removals WHERE organization_id = $1 AND connection_id = $2
         AND ($3::uuid[] IS NULL OR user_id = ANY($3::uuid[])) RETURNING ${HELD_COLUMNS}`,
      [organizationId, connectionId, userIds === 'everybody' ? null : userIds],
    );
  }

  /** Of people who are gone nothing is held any more, at whichever connection. */
  async forgetPeople(tx: Transaction, organizationId: string, userIds: readonly string[]): Promise<void> {
    await tx.defer(`DELETE FROM held_removals WHERE organization_id = $1 AND user_id = ANY($2::uuid[])`, [
      organizationId,
      userIds,
    ]);
  }
}
