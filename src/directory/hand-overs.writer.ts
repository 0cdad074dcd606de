import { Injectable } from '@nestjs/common';
import type { Transaction } from '../database/transaction.js';
import type { UserProvenance } from './directory-types.js';
import type { HandOver } from './hand-overs.reader.js';

/** What a hand-over makes of people; undefined: stays. */
export interface HandedTo {
  readonly provenance?: UserProvenance;
  readonly connectionId?: null;
  readonly active?: false;
}

/** A person a hand-over is taken back from. */
export interface Restored {
  readonly userId: string;
  readonly userName: string;
  /** False: somebody changed the person since, and they stay as they are. */
  readonly fits: boolean;
  readonly now: PersonState;
  readonly before: PersonState;
  /** Groups of the SCIM client that the person is not in any more. */
  readonly lostGroups: readonly string[];
}

export interface PersonState {
  readonly provenance: UserProvenance;
  readonly connectionId: string | null;
  readonly active: boolean;
}

/** Writes hand-overs and what they do to people and groups, always as sets. Only reconciliation may import it (rule R3). */
@Injectable()
export class HandOversWriter {
  async insert(tx: Transaction, organizationId: string, handOver: HandOver): Promise<void> {
    await tx.execute(
      `INSERT INTO hand_overs (organization_id, id, connection_id, choice, state, scim_before, people, group_ids, started_at)
       VALUES ($1, $2, $3, $4, 'open', $5, $6, $7, $8)`,
      [
        organizationId,
        handOver.id,
        handOver.connectionId,
        handOver.choice,
        handOver.scimBefore,
        handOver.people,
        handOver.groupIds,
        handOver.startedAt,
      ],
    );
  }

  /** Nothing of it can be undone any more. */
  async end(tx: Transaction, organizationId: string, id: string, state: 'undone' | 'confirmed', at: Date) {
    await tx.execute(`DELETE FROM hand_over_changes WHERE organization_id = $1 AND hand_over_id = $2`, [
      organizationId,
      id,
    ]);
    await tx.execute(`UPDATE hand_overs SET state = $3, ended_at = $4 WHERE organization_id = $1 AND id = $2`, [
      organizationId,
      id,
      state,
      at,
    ]);
  }

  /** Remembers how these people are and makes them what `to` says. They are locked. */
  async hand(
    tx: Transaction,
    organizationId: string,
    handOverId: string,
    userIds: readonly string[],
    to: HandedTo,
    at: Date,
  ): Promise<void> {
    const changes = Object.keys(to).length > 0;
    await tx.execute(
      `INSERT INTO hand_over_changes (organization_id, hand_over_id, user_id, provenance, connection_id, active, group_ids, version)
       SELECT $1, $2, u.id, u.provenance, u.connection_id, u.active,
         array(SELECT m.group_id FROM memberships m
               WHERE m.organization_id = $1 AND m.user_id = u.id AND 'scim' = ANY (m.origins) ORDER BY 1), u.version + $4
       FROM users u WHERE u.organization_id = $1 AND u.id = ANY($3::uuid[])`,
      [organizationId, handOverId, userIds, changes ? 1 : 0],
    );
    if (!changes) return;
    await tx.execute(
      `UPDATE users SET provenance = coalesce($3, provenance), connection_id = CASE WHEN $4 THEN NULL ELSE connection_id END,
         active = active AND $5, version = version + 1, updated_at = $6
       WHERE organization_id = $1 AND id = ANY($2::uuid[])`,
      [organizationId, userIds, to.provenance ?? null, to.connectionId === null, to.active ?? true, at],
    );
  }

  /** Makes groups of a SCIM client groups made by hand. */
  async freeGroups(tx: Transaction, organizationId: string, groupIds: readonly string[], at: Date): Promise<void> {
    await tx.execute(
      `UPDATE groups SET provenance = 'manual', connection_id = NULL, version = version + 1, updated_at = $3
       WHERE organization_id = $1 AND id = ANY($2::uuid[])`,
      [organizationId, groupIds, at],
    );
  }

  /** The way back, of those that nobody has claimed since. The groups. */
  async returnGroups(
    tx: Transaction,
    organizationId: string,
    groupIds: readonly string[],
    connectionId: string,
    at: Date,
  ): Promise<string[]> {
    const rows = await tx.query<{ id: string }>(
      `UPDATE groups SET provenance = 'scim', connection_id = $3, version = version + 1, updated_at = $4
       WHERE organization_id = $1 AND id = ANY($2::uuid[]) AND provenance = 'manual' AND connection_id IS NULL RETURNING id`,
      [organizationId, groupIds, connectionId, at],
    );
    return rows.map(({ id }) => id).sort();
  }

  /**
   * Makes people again what they were. Of a take-over by SCIM those fit whom its client has adopted since; of all others those whom
   * nobody has changed.
   */
  async restore(tx: Transaction, organizationId: string, handOver: HandOver, at: Date): Promise<Restored[]> {
    const fits =
      handOver.choice === 'to-scim'
        ? `u.provenance = 'scim' AND u.connection_id = c.connection_id`
        : `u.version = c.version`;
    const rows = await tx.query<Restored>(
      `SELECT u.id AS "userId", u.user_name AS "userName", u.deleted_at IS NULL AND ${fits} AS fits,
         jsonb_build_object('provenance', u.provenance, 'connectionId', u.connection_id, 'active', u.active) AS now,
         jsonb_build_object('provenance', c.provenance, 'connectionId', c.connection_id,
           'active', CASE WHEN $3 THEN u.active ELSE c.active END) AS before,
         array(SELECT g FROM unnest(c.group_ids) AS g WHERE NOT EXISTS (
           SELECT 1 FROM memberships m WHERE m.organization_id = $1 AND m.group_id = g AND m.user_id = u.id)) AS "lostGroups"
       FROM hand_over_changes c JOIN users u ON u.organization_id = c.organization_id AND u.id = c.user_id
       WHERE c.organization_id = $1 AND c.hand_over_id = $2
         AND NOT ($3 AND u.deleted_at IS NULL AND u.provenance = 'jit' AND u.connection_id = c.connection_id)
       ORDER BY u.id FOR NO KEY UPDATE OF u`,
      [organizationId, handOver.id, handOver.choice === 'to-scim'],
    );
    await tx.execute(
      `UPDATE users u SET provenance = c.provenance, connection_id = c.connection_id,
         active = CASE WHEN $4 THEN u.active ELSE c.active END, version = u.version + 1, updated_at = $5
       FROM hand_over_changes c
       WHERE c.organization_id = $1 AND c.hand_over_id = $2 AND u.organization_id = $1 AND u.id = c.user_id
         AND u.id = ANY($3::uuid[])`,
      [
        organizationId,
        handOver.id,
        rows.filter((row) => row.fits).map(({ userId }) => userId),
        handOver.choice === 'to-scim',
        at,
      ],
    );
    return rows;
  }
}
