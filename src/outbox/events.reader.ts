import { Injectable } from '@nestjs/common';
import type { Queryable } from '../database/transaction.js';

export interface StoredEvent {
  readonly id: string;
  readonly type: string;
  readonly subjectId: string;
  readonly data: object;
  readonly occurredAt: Date;
}

/** Reads what happened, newest first, a page at a time. */
@Injectable()
export class EventsReader {
  async events(
    db: Queryable,
    organizationId: string,
    wanted: { readonly after?: string | undefined; readonly limit: number; readonly subjectId?: string | undefined },
  ): Promise<StoredEvent[]> {
    return db.query<StoredEvent>(
      `SELECT id, type, subject_id AS "subjectId", data, occurred_at AS "occurredAt" FROM outbox_events
       WHERE organization_id = $1 AND ($2::uuid IS NULL OR id < $2) AND ($3::uuid IS NULL OR subject_id = $3)
       ORDER BY id DESC LIMIT $4`,
      [organizationId, wanted.after ?? null, wanted.subjectId ?? null, wanted.limit],
    );
  }
}
