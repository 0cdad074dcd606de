import { Injectable } from '@nestjs/common';
import type { Queryable } from '../database/transaction.js';
import { isUuid } from '../platform/ids.js';

/** A member that a client named and who is nobody yet. */
export interface WaitingMember {
  readonly value: string;
  readonly connectionId: string;
  readonly at: Date;
}

@Injectable()
export class WaitingMembersReader {
  /** In the order of the values; `after`: the last one seen; `until`: who has waited since before is forgotten. */
  async list(
    db: Queryable,
    organizationId: string,
    groupId: string,
    { after, limit, until }: { readonly after?: string | undefined; readonly limit: number; readonly until: Date },
  ): Promise<WaitingMember[]> {
    return db.query<WaitingMember>(
      `SELECT value, connection_id AS "connectionId", at FROM waiting_members
       WHERE organization_id = $1 AND group_id = $2 AND at > $5 AND ($3::text IS NULL OR value > $3)
       ORDER BY value LIMIT $4`,
      [organizationId, groupId, after ?? null, limit, until],
    );
  }

  /**
   * Of these values those that are no id of a living user, each with the one user whom the client of the connection knows by it as
   * externalId; null: nobody, or several.
   */
  async strangers(
    db: Queryable,
    organizationId: string,
    connectionId: string,
    values: readonly string[],
  ): Promise<Map<string, string | null>> {
    if (values.length === 0) return new Map();
    const rows = await db.query<{ value: string; ids: string[] | null }>(
      `SELECT given.value, (
         SELECT array_agg(u.id) FROM users u
         WHERE u.organization_id = $1 AND u.external_id = given.value AND u.connection_id = $2 AND u.deleted_at IS NULL
       ) AS ids
       FROM unnest($3::text[], $4::uuid[]) AS given(value, id)
       WHERE NOT EXISTS (SELECT 1 FROM users k WHERE k.organization_id = $1 AND k.id = given.id AND k.deleted_at IS NULL)`,
      [organizationId, connectionId, values, values.map((value) => (isUuid(value) ? value : null))],
    );
    return new Map(rows.map(({ value, ids }) => [value, ids?.length === 1 ? ids[0]! : null]));
  }

  /** Groups that wait for one of these values. */
  async groupsWaitingFor(
    db: Queryable,
    organizationId: string,
    connectionId: string,
    values: readonly string[],
  ): Promise<string[]> {
    const rows = await db.query<{ id: string }>(
      `SELECT DISTINCT group_id AS id FROM waiting_members WHERE organization_id = $1 AND connection_id = $2 AND value = ANY($3::text[])`,
      [organizationId, connectionId, values],
    );
    return rows.map(({ id }) => id);
  }

  /** Those of these that still wait. */
  async still(
    db: Queryable,
    organizationId: string,
    connectionId: string,
    waiting: readonly { readonly groupId: string; readonly value: string }[],
  ): Promise<{ groupId: string; value: string }[]> {
    return db.query<{ groupId: string; value: string }>(
      `SELECT w.group_id AS "groupId", w.value FROM waiting_members w
       JOIN (SELECT DISTINCT * FROM unnest($3::uuid[], $4::text[]) AS u(group_id, value)) named
         ON w.group_id = named.group_id AND w.value = named.value
       WHERE w.organization_id = $1 AND w.connection_id = $2 ORDER BY 1, 2`,
      [organizationId, connectionId, waiting.map(({ groupId }) => groupId), waiting.map(({ value }) => value)],
    );
  }
}
