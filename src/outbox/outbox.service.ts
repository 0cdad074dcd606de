import { Injectable } from '@nestjs/common';
import type { Transaction } from '../database/transaction.js';
import { newId } from '../platform/ids.js';
import type { Event } from './events.js';

/** Owns outbox_events. Events are appended in the transaction of the change (rule R5): no change without its event, no event without its change. */
@Injectable()
export class Outbox {
  async append(tx: Transaction, organizationId: string, at: Date, events: readonly Event[]): Promise<void> {
    if (events.length === 0) return;
    const rows = events.map((event) => ({ id: newId(), ...event }));
    await tx.defer(
      `INSERT INTO outbox_events (organization_id, id, type, subject_id, data, occurred_at)
       SELECT $1, r.id, r.type, r."subjectId", r.data, $2
       FROM jsonb_to_recordset($3::jsonb) AS r(id uuid, type text, "subjectId" uuid, data jsonb)`,
      [organizationId, at, JSON.stringify(rows)],
    );
  }
}
