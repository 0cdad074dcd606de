import { Inject, Injectable } from '@nestjs/common';
import { UnitOfWork } from '../database/unit-of-work.service.js';

/** How often the client of a connection was seen to have one quirk. */
export interface SeenQuirk {
  readonly quirk: string;
  readonly requests: number;
  readonly firstSeenAt: Date;
  readonly lastSeenAt: Date;
  /** Of the last of these requests; null: it sent none. */
  readonly userAgent: string | null;
}

export interface QuirkCount extends SeenQuirk {
  readonly organizationId: string;
  readonly connectionId: string;
}

/** Owns client_quirks. */
@Injectable()
export class ClientQuirks {
  constructor(@Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork) {}

  /**
   * Adds to what is known; what several nodes count adds up. In the order of the key, so that two nodes that add at the same time wait
   * for each other and never in a circle. A connection that is gone meanwhile is left out.
   */
  async add(counts: readonly QuirkCount[]): Promise<void> {
    await this.unitOfWork.read.execute(
      `INSERT INTO client_quirks (organization_id, connection_id, quirk, requests, first_seen_at, last_seen_at, user_agent)
       SELECT new.organization_id, new.connection_id, new.quirk, new.requests, new.first_seen_at, new.last_seen_at, new.user_agent
       FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[], $5::timestamptz[], $6::timestamptz[], $7::text[])
         AS new (organization_id, connection_id, quirk, requests, first_seen_at, last_seen_at, user_agent)
       JOIN connections c ON c.organization_id = new.organization_id AND c.id = new.connection_id
       ORDER BY new.organization_id, new.connection_id, new.quirk
       ON CONFLICT (organization_id, connection_id, quirk) DO UPDATE SET
         requests = client_quirks.requests + excluded.requests,
         first_seen_at = least(client_quirks.first_seen_at, excluded.first_seen_at),
         last_seen_at = greatest(client_quirks.last_seen_at, excluded.last_seen_at),
         user_agent = CASE WHEN excluded.last_seen_at >= client_quirks.last_seen_at THEN excluded.user_agent ELSE client_quirks.user_agent END`,
      [
        counts.map(({ organizationId }) => organizationId),
        counts.map(({ connectionId }) => connectionId),
        counts.map(({ quirk }) => quirk),
        counts.map(({ requests }) => requests),
        counts.map(({ firstSeenAt }) => firstSeenAt),
        counts.map(({ lastSeenAt }) => lastSeenAt),
        counts.map(({ userAgent }) => userAgent),
      ],
    );
  }

  /** The most frequent first. */
  async of(organizationId: string, connectionId: string): Promise<SeenQuirk[]> {
    const rows = await this.unitOfWork.read.query<Omit<SeenQuirk, 'requests'> & { requests: string | number }>(
      `SELECT quirk, requests, first_seen_at AS "firstSeenAt", last_seen_at AS "lastSeenAt", user_agent AS "userAgent"
       FROM client_quirks WHERE organization_id = $1 AND connection_id = $2 ORDER BY client_quirks.requests DESC, quirk`,
      [organizationId, connectionId],
    );
    return rows.map((row) => ({ ...row, requests: Number(row.requests) }));
  }
}
