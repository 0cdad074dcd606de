import { Injectable } from '@nestjs/common';
import type { Queryable, Transaction } from '../database/transaction.js';
import { newId } from '../platform/ids.js';
import { toStoredJson } from '../platform/to-stored-json.js';
import { lockKey } from './logout-name.js';

/** What one message was, whatever becomes of it. */
export interface ReceivedMessage {
  readonly connectionId: string;
  readonly incidentCode: string;
  readonly at: Date;
  readonly correlationId: string;
}

/** Whose sessions an IdP ends. */
export interface LogoutSubject {
  readonly value: string;
  /** null: of any format. */
  readonly format: string | null;
  readonly nameQualifiers: readonly string[];
  /** null: all sessions. */
  readonly sessionIndexes: readonly string[] | null;
}

export interface TakenLogout extends ReceivedMessage {
  readonly requestId: string;
  readonly subject: LogoutSubject;
  readonly issuedAt: Date;
  /** Until when it would be taken again, and counts for assertions that arrive late. */
  readonly validUntil: Date;
}

/** So many rows are deleted by one statement, and by so many statements at a time. */
const BATCH = 1000;
const MOST_BATCHES = 100;

/** Owns logouts: every logout message of an IdP leaves one row, taken or refused; each is taken once. */
@Injectable()
export class Logouts {
  /**
   * Remembers a request that is taken; its id, or undefined when it was taken before. Waits for sign-ins of the name that are under way,
   * and those that come wait for the end of the transaction.
   */
  async take(tx: Transaction, organizationId: string, logout: TakenLogout): Promise<string | undefined> {
    const id = newId();
    const { subject } = logout;
    const count = await tx.execute(
      `INSERT INTO logouts (organization_id, id, connection_id, incident_code, at, correlation_id, outcome, request_id, name_id,
         name_id_format, name_qualifiers, session_indexes, issued_at, valid_until, sessions_ended)
       SELECT $1::uuid, $2::uuid, $3::uuid, $4, $5::timestamptz, $6, 'accepted', $7, $8::text, $9, $10::text[], $11::text[],
         $12::timestamptz, $13::timestamptz, 0
       FROM pg_advisory_xact_lock(${lockKey('$3', '$8')})
       ON CONFLICT (organization_id, connection_id, request_id) DO NOTHING`,
      [
        organizationId,
        id,
        logout.connectionId,
        logout.incidentCode,
        logout.at,
        logout.correlationId,
        logout.requestId,
        subject.value,
        subject.format,
        subject.nameQualifiers,
        subject.sessionIndexes,
        logout.issuedAt,
        logout.validUntil,
      ],
    );
    return count === 1 ? id : undefined;
  }

  async noteEnded(tx: Transaction, organizationId: string, id: string, sessions: number): Promise<void> {
    await tx.execute(`UPDATE logouts SET sessions_ended = $3 WHERE organization_id = $1 AND id = $2`, [
      organizationId,
      id,
      sessions,
    ]);
  }

  async refuse(
    db: Queryable,
    organizationId: string,
    message: ReceivedMessage & { readonly reason: string; readonly detail: unknown },
  ): Promise<void> {
    await db.execute(
      `INSERT INTO logouts (organization_id, id, connection_id, incident_code, at, correlation_id, outcome, reason, detail)
       VALUES ($1, $2, $3, $4, $5, $6, 'rejected', $7, $8)`,
      [
        organizationId,
        newId(),
        message.connectionId,
        message.incidentCode,
        message.at,
        message.correlationId,
        message.reason,
        toStoredJson(message.detail),
      ],
    );
  }

  /** Deletes what is older, over all organizations, but what could still be taken again. */
  async purge(db: Queryable, before: Date, now: Date): Promise<void> {
    for (let batch = 0; batch < MOST_BATCHES; batch++) {
      const count = await db.execute(
        `DELETE FROM logouts USING (
           SELECT organization_id, id FROM logouts
           WHERE at < $1 AND (valid_until IS NULL OR valid_until < $2) ORDER BY at LIMIT $3
         ) old WHERE logouts.organization_id = old.organization_id AND logouts.id = old.id`,
        [before, now, BATCH],
      );
      if (count < BATCH) return;
    }
  }
}
