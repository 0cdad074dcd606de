import { Injectable } from '@nestjs/common';
import type { Transaction } from '../database/transaction.js';
import { isUuid } from '../platform/ids.js';

/** Writes members that wait for their user. Only reconciliation may import it (rule R3). */
@Injectable()
export class WaitingMembersWriter {
  /**
   * Lets these values wait, as long as there is room in the group; those that have waited since before `until` are forgotten first.
   * The id of a group does not wait: no user will ever have it.
   * The ones that did not wait before. The caller holds the lock on the group.
   */
  async add(
    tx: Transaction,
    organizationId: string,
    groupId: string,
    connectionId: string,
    values: readonly string[],
    { at, until, most }: { readonly at: Date; readonly until: Date; readonly most: number },
  ): Promise<string[]> {
    if (values.length === 0) return [];
    await tx.execute(`DELETE FROM waiting_members WHERE organization_id = $1 AND group_id = $2 AND at <= $3`, [
      organizationId,
      groupId,
      until,
    ]);
    const rows = await tx.query<{ value: string }>(
      `INSERT INTO waiting_members (organization_id, group_id, value, connection_id, at)
       SELECT $1, $2, fresh.value, $3, $5 FROM unnest($4::text[], $7::uuid[]) WITH ORDINALITY AS fresh(value, id, place)
       WHERE NOT EXISTS (SELECT 1 FROM waiting_members w WHERE w.organization_id = $1 AND w.group_id = $2 AND w.value = fresh.value)
         AND NOT EXISTS (SELECT 1 FROM groups g WHERE g.organization_id = $1 AND g.id = fresh.id)
       ORDER BY fresh.place
       LIMIT greatest(0, $6 - (SELECT count(*) FROM waiting_members w WHERE w.organization_id = $1 AND w.group_id = $2))
       RETURNING value`,
      [organizationId, groupId, connectionId, values, at, most, values.map((value) => (isUuid(value) ? value : null))],
    );
    return rows.map(({ value }) => value);
  }

  /** These values, or all but these, wait no more. */
  async end(
    tx: Transaction,
    organizationId: string,
    groupId: string,
    which: { readonly values: readonly string[] } | { readonly allExcept: readonly string[] },
  ): Promise<void> {
    const [chosen, values] = 'values' in which ? ['', which.values] : ['NOT ', which.allExcept];
    await tx.execute(
      `DELETE FROM waiting_members WHERE organization_id = $1 AND group_id = $2 AND ${chosen}(value = ANY($3::text[]))`,
      [organizationId, groupId, values],
    );
  }

  /** These, whom a client of the connection named, wait no more. */
  async endAll(
    tx: Transaction,
    organizationId: string,
    connectionId: string,
    waiting: readonly { readonly groupId: string; readonly value: string }[],
  ): Promise<void> {
    await tx.execute(
      `DELETE FROM waiting_members w USING unnest($3::uuid[], $4::text[]) AS ended(group_id, value)
       WHERE w.organization_id = $1 AND w.connection_id = $2 AND w.group_id = ended.group_id AND w.value = ended.value`,
      [organizationId, connectionId, waiting.map(({ groupId }) => groupId), waiting.map(({ value }) => value)],
    );
  }

  /**
   * Takes what waits for one of these values off the list: the groups to join, which are those that the connection's client still has
   * the say of. The caller holds the locks on the groups.
   */
  async take(
    tx: Transaction,
    organizationId: string,
    connectionId: string,
    values: readonly string[],
    until: Date,
  ): Promise<string[]> {
    const rows = await tx.query<{ group_id: string }>(
      `WITH taken AS (
         DELETE FROM waiting_members WHERE organization_id = $1 AND connection_id = $2 AND value = ANY($3::text[])
         RETURNING group_id, at
       )
       SELECT DISTINCT taken.group_id FROM taken JOIN groups g ON g.organization_id = $1 AND g.id = taken.group_id
       WHERE taken.at > $4 AND g.provenance = 'scim' AND g.connection_id = $2 ORDER BY taken.group_id`,
      [organizationId, connectionId, values, until],
    );
    return rows.map(({ group_id }) => group_id);
  }
}
