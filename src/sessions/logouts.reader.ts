import { Injectable } from '@nestjs/common';
import type { Queryable } from '../database/transaction.js';
import { isUuid } from '../platform/ids.js';

export interface StoredLogout {
  readonly id: string;
  readonly incidentCode: string;
  readonly at: Date;
  readonly connectionId: string;
  readonly outcome: 'accepted' | 'rejected';
  readonly reason: string | null;
  readonly detail: unknown;
  readonly nameId: string | null;
  readonly sessionIndexes: readonly string[] | null;
  readonly sessionsEnded: number | null;
  readonly correlationId: string;
}

/** A logout, with whose it was. */
export type LogoutIncident = StoredLogout & { readonly organizationId: string; readonly organization: string };

const COLUMNS = `id, incident_code AS "incidentCode", at, connection_id AS "connectionId", outcome, reason, detail, name_id AS "nameId",
  session_indexes AS "sessionIndexes", sessions_ended AS "sessionsEnded", correlation_id AS "correlationId"`;

/** Reads what became of logout messages. */
@Injectable()
export class LogoutsReader {
  /** Newest first. */
  async list(
    db: Queryable,
    organizationId: string,
    wanted: {
      readonly connectionId?: string | undefined;
      readonly outcome?: string | undefined;
      readonly after?: string | undefined;
      readonly limit: number;
    },
  ): Promise<StoredLogout[]> {
    return db.query<StoredLogout>(
      `SELECT ${COLUMNS} FROM logouts
       WHERE organization_id = $1 AND ($2::uuid IS NULL OR id < $2) AND ($3::uuid IS NULL OR connection_id = $3)
         AND ($4::text IS NULL OR outcome = $4) ORDER BY id DESC LIMIT $5`,
      [organizationId, wanted.after ?? null, wanted.connectionId ?? null, wanted.outcome ?? null, wanted.limit],
    );
  }

  /** By its id, or by the incident code that a person reads out, in any case. */
  async get(db: Queryable, organizationId: string, idOrCode: string): Promise<StoredLogout | undefined> {
    const [row] = await db.query<StoredLogout>(
      `SELECT ${COLUMNS} FROM logouts
       WHERE organization_id = $1 AND ${isUuid(idOrCode) ? 'id = $2::uuid' : 'incident_code = upper($2)'}`,
      [organizationId, idOrCode],
    );
    return row;
  }

  /** By the incident code alone, over all organizations: 50 random bits name one logout, and if ever two, the newer one. */
  async incident(db: Queryable, code: string): Promise<LogoutIncident | undefined> {
    const [row] = await db.query<LogoutIncident>(
      `SELECT l.*, l.organization_id AS "organizationId", o.slug AS organization
       FROM (SELECT ${COLUMNS}, organization_id FROM logouts WHERE incident_code = $1) l
       JOIN organizations o ON o.id = l.organization_id ORDER BY l.id DESC LIMIT 1`,
      [code],
    );
    return row;
  }
}
