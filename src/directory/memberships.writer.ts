import { Inject, Injectable } from '@nestjs/common';
import type { Transaction } from '../database/transaction.js';
import type { Origin } from './directory-types.js';
import { Trail, type MembershipStep } from './trail.service.js';

/** What became of people who should join a group. */
export interface AddedMembers {
  /** Were not in the group before. */
  readonly added: readonly string[];
  /** Were in it for another reason already, and now for this one too. */
  readonly claimed: readonly string[];
  /** Nobody living of this organization. */
  readonly unknown: readonly string[];
}

/** Members of one group who are to leave it: these, or all but these. */
export type LeavingMembers = { readonly userIds: readonly string[] } | { readonly allExcept: readonly string[] };

/**
 * Writes memberships, always as sets: one statement whether one member changes or ten thousand, and never the group's other
 * members. The caller holds the lock on the group. What was before and is after stands in the trail. Only reconciliation may import
 * it (rule R3).
 */
@Injectable()
export class MembershipsWriter {
  constructor(@Inject(Trail) private readonly trail: Trail) {}

  async add(
    tx: Transaction,
    organizationId: string,
    groupId: string,
    userIds: readonly string[],
    origin: Origin,
    at: Date,
  ): Promise<AddedMembers> {
    if (userIds.length === 0) return { added: [], claimed: [], unknown: [] };
    // Not joined: what a WITH gives has no statistics, and thousands would be compared with thousands.
    const rows = await tx.query<{ id: string; origins: Origin[] | null; inserted: boolean | null }>(
      `WITH known AS (
         SELECT u.id FROM users u
         WHERE u.organization_id = $1 AND u.id = ANY($3::uuid[]) AND u.deleted_at IS NULL
         ORDER BY u.id FOR KEY SHARE
       ), written AS (
         INSERT INTO memberships AS m (organization_id, group_id, user_id, origins, created_at)
         SELECT $1, $2, known.id, ARRAY[$4::text], $5 FROM known
         ON CONFLICT (organization_id, group_id, user_id)
         DO UPDATE SET origins = array_append(m.origins, $4) WHERE NOT ($4 = ANY (m.origins))
         RETURNING m.user_id, m.origins, m.xmax = 0 AS inserted
       )
       SELECT id, NULL AS origins, NULL AS inserted FROM known UNION ALL SELECT user_id, origins, inserted FROM written`,
      [organizationId, groupId, userIds, origin, at],
    );
    this.trail.noteMemberships(
      tx,
      rows.flatMap(({ id, origins }) => (origins ? [gained({ groupId, userId: id, origins }, origin)] : [])),
    );
    const known = new Set(rows.map(({ id }) => id));
    return {
      added: rows.filter(({ inserted }) => inserted === true).map(({ id }) => id),
      claimed: rows.filter(({ inserted }) => inserted === false).map(({ id }) => id),
      unknown: userIds.filter((id) => !known.has(id.toLowerCase())),
    };
  }

  /** Adds one person to several groups. The groups joined and the ones merely claimed. */
  async addToGroups(
    tx: Transaction,
    organizationId: string,
    userId: string,
    groupIds: readonly string[],
    origin: Origin,
    at: Date,
  ): Promise<{ added: string[]; claimed: string[] }> {
    if (groupIds.length === 0) return { added: [], claimed: [] };
    const rows = await tx.query<{ group_id: string; origins: Origin[]; inserted: boolean }>(
      `INSERT INTO memberships AS m (organization_id, group_id, user_id, origins, created_at)
       SELECT $1, g.id, $2, ARRAY[$4::text], $5 FROM groups g WHERE g.organization_id = $1 AND g.id = ANY($3::uuid[])
       ON CONFLICT (organization_id, group_id, user_id)
       DO UPDATE SET origins = array_append(m.origins, $4) WHERE NOT ($4 = ANY (m.origins))
       RETURNING m.group_id, m.origins, m.xmax = 0 AS inserted`,
      [organizationId, userId, groupIds, origin, at],
    );
    this.trail.noteMemberships(
      tx,
      rows.map(({ group_id: groupId, origins }) => gained({ groupId, userId, origins }, origin)),
    );
    return {
      added: rows.filter(({ inserted }) => inserted).map(({ group_id }) => group_id),
      claimed: rows.filter(({ inserted }) => !inserted).map(({ group_id }) => group_id),
    };
  }

  /**
   * Ends every origin of these people's membership but `default`. `sparing`: memberships of break-glass people stay (design section 4,
   * row m). The people who left.
   */
  async endByAuthority(
    tx: Transaction,
    organizationId: string,
    groupId: string,
    who: LeavingMembers,
    sparing: 'break-glass' | 'nobody',
  ): Promise<string[]> {
    // Looked up by a hash. Told as a table, the ones who stay would be gone through for each member of a group with no statistics yet.
    const chosen = 'userIds' in who ? `m.user_id = ANY($3::uuid[])` : `m.user_id <> ALL($3::uuid[])`;
    const rows = await tx.query<{ user_id: string; before: Origin[]; stays: boolean }>(
      `WITH chosen AS (
         SELECT m.user_id, m.origins, 'default' = ANY (m.origins) AS stays FROM memberships m
         JOIN users u ON u.organization_id = m.organization_id AND u.id = m.user_id
         WHERE m.organization_id = $1 AND m.group_id = $2 AND ${chosen} AND NOT ($4 AND u.break_glass)
       ), reduced AS (
         UPDATE memberships m SET origins = '{default}' FROM chosen c
         WHERE m.organization_id = $1 AND m.group_id = $2 AND m.user_id = c.user_id AND c.stays AND m.origins <> '{default}'
         RETURNING m.user_id, c.origins
       ), ended AS (
         DELETE FROM memberships m USING chosen c
         WHERE m.organization_id = $1 AND m.group_id = $2 AND m.user_id = c.user_id AND NOT c.stays
         RETURNING m.user_id, m.origins
       )
       SELECT user_id, origins AS before, true AS stays FROM reduced
       UNION ALL SELECT user_id, origins, false FROM ended`,
      [organizationId, groupId, 'userIds' in who ? who.userIds : who.allExcept, sparing === 'break-glass'],
    );
    this.trail.noteMemberships(
      tx,
      rows.map(({ user_id: userId, before, stays }) => ({ groupId, userId, before, after: stays ? ['default'] : [] })),
    );
    return rows.filter(({ stays }) => !stays).map(({ user_id }) => user_id);
  }

  /** Ends one origin of these people's membership. The people who left because it was the last one. */
  async endOrigin(
    tx: Transaction,
    organizationId: string,
    groupId: string,
    userIds: readonly string[] | 'everybody',
    origin: Origin,
  ): Promise<string[]> {
    const rows = await tx.query<{ user_id: string; after: Origin[] }>(
      `WITH reduced AS (
         UPDATE memberships SET origins = array_remove(origins, $4)
         WHERE organization_id = $1 AND group_id = $2 AND ($3::uuid[] IS NULL OR user_id = ANY($3::uuid[]))
           AND $4 = ANY (origins) AND cardinality(origins) > 1
         RETURNING user_id, origins
       ), ended AS (
         DELETE FROM memberships
         WHERE organization_id = $1 AND group_id = $2 AND ($3::uuid[] IS NULL OR user_id = ANY($3::uuid[]))
           AND origins = ARRAY[$4::text]
         RETURNING user_id
       )
       SELECT user_id, origins AS after FROM reduced UNION ALL SELECT user_id, '{}' FROM ended`,
      [organizationId, groupId, userIds === 'everybody' ? null : userIds, origin],
    );
    this.trail.noteMemberships(
      tx,
      rows.map(({ user_id: userId, after }) => ({ groupId, userId, before: [...after, origin], after })),
    );
    return rows.filter(({ after }) => after.length === 0).map(({ user_id }) => user_id);
  }

  /** Ends one person's membership of several groups, whatever its origins. The groups left. */
  async endInGroups(
    tx: Transaction,
    organizationId: string,
    userId: string,
    groupIds: readonly string[],
  ): Promise<string[]> {
    if (groupIds.length === 0) return [];
    const rows = await tx.query<EndedInGroup>(
      `DELETE FROM memberships WHERE organization_id = $1 AND user_id = $2 AND group_id = ANY($3::uuid[])
       RETURNING group_id, origins`,
      [organizationId, userId, groupIds],
    );
    return this.endedOfUser(tx, userId, rows);
  }

  /** Ends one origin of one person's membership of several groups. The groups left because it was the last one. */
  async endOriginInGroups(
    tx: Transaction,
    organizationId: string,
    userId: string,
    groupIds: readonly string[],
    origin: Origin,
  ): Promise<string[]> {
    if (groupIds.length === 0) return [];
    const rows = await tx.query<{ group_id: string; after: Origin[] }>(
      `WITH reduced AS (
         UPDATE memberships SET origins = array_remove(origins, $4)
         WHERE organization_id = $1 AND user_id = $2 AND group_id = ANY($3::uuid[]) AND $4 = ANY (origins)
           AND cardinality(origins) > 1
         RETURNING group_id, origins
       ), ended AS (
         DELETE FROM memberships
         WHERE organization_id = $1 AND user_id = $2 AND group_id = ANY($3::uuid[]) AND origins = ARRAY[$4::text]
         RETURNING group_id
       )
       SELECT group_id, origins AS after FROM reduced UNION ALL SELECT group_id, '{}' FROM ended`,
      [organizationId, userId, groupIds, origin],
    );
    this.trail.noteMemberships(
      tx,
      rows.map(({ group_id: groupId, after }) => ({ groupId, userId, before: [...after, origin], after })),
    );
    return rows.filter(({ after }) => after.length === 0).map(({ group_id }) => group_id);
  }

  /** Ends, in these groups, what only sign-ins over the connection gave to people who are under its SCIM client. Group -> who left. */
  async endLeftovers(
    tx: Transaction,
    organizationId: string,
    connectionId: string,
    groupIds: readonly string[],
  ): Promise<Map<string, string[]>> {
    const rows = await tx.query<{ group_id: string; user_ids: string[] }>(
      `WITH ended AS (
         DELETE FROM memberships m USING users u
         WHERE m.organization_id = $1 AND m.group_id = ANY($3::uuid[]) AND m.origins = ARRAY['jit:' || $2::text]
           AND u.organization_id = $1 AND u.id = m.user_id AND u.provenance = 'scim' AND u.connection_id = $2::uuid
         RETURNING m.group_id, m.user_id
       )
       SELECT group_id, array_agg(user_id ORDER BY user_id) AS user_ids FROM ended GROUP BY group_id ORDER BY group_id`,
      [organizationId, connectionId, groupIds],
    );
    const before: Origin[] = [`jit:${connectionId}`];
    this.trail.noteMemberships(
      tx,
      rows.flatMap((row) => row.user_ids.map((userId) => ({ groupId: row.group_id, userId, before, after: [] }))),
    );
    return new Map(rows.map(({ group_id, user_ids }) => [group_id, user_ids]));
  }

  /** Ends every membership of a person. The groups left. */
  async endAllOfUser(tx: Transaction, organizationId: string, userId: string): Promise<string[]> {
    const rows = await tx.query<EndedInGroup>(
      `DELETE FROM memberships WHERE organization_id = $1 AND user_id = $2 RETURNING group_id, origins`,
      [organizationId, userId],
    );
    return this.endedOfUser(tx, userId, rows);
  }

  /** Ends every membership of a group. The people who left. */
  async endAllOfGroup(tx: Transaction, organizationId: string, groupId: string): Promise<string[]> {
    const rows = await tx.query<{ user_id: string; origins: Origin[] }>(
      `DELETE FROM memberships WHERE organization_id = $1 AND group_id = $2 RETURNING user_id, origins`,
      [organizationId, groupId],
    );
    this.trail.noteMemberships(
      tx,
      rows.map(({ user_id: userId, origins }) => ({ groupId, userId, before: origins, after: [] })),
    );
    return rows.map(({ user_id }) => user_id);
  }

  /** Puts everybody living into a group that became a default group. The people who joined. */
  async addEverybody(tx: Transaction, organizationId: string, groupId: string, at: Date): Promise<string[]> {
    const rows = await tx.query<{ user_id: string; origins: Origin[]; inserted: boolean }>(
      `INSERT INTO memberships AS m (organization_id, group_id, user_id, origins, created_at)
       SELECT $1, $2, u.id, '{default}', $3 FROM users u WHERE u.organization_id = $1 AND u.deleted_at IS NULL
       ON CONFLICT (organization_id, group_id, user_id)
       DO UPDATE SET origins = array_append(m.origins, 'default') WHERE NOT ('default' = ANY (m.origins))
       RETURNING m.user_id, m.origins, m.xmax = 0 AS inserted`,
      [organizationId, groupId, at],
    );
    this.trail.noteMemberships(
      tx,
      rows.map(({ user_id: userId, origins }) => gained({ groupId, userId, origins }, 'default')),
    );
    return rows.filter(({ inserted }) => inserted).map(({ user_id }) => user_id);
  }

  private endedOfUser(tx: Transaction, userId: string, rows: readonly EndedInGroup[]): string[] {
    this.trail.noteMemberships(
      tx,
      rows.map(({ group_id: groupId, origins }) => ({ groupId, userId, before: origins, after: [] })),
    );
    return rows.map(({ group_id }) => group_id);
  }
}

interface EndedInGroup {
  readonly group_id: string;
  readonly origins: Origin[];
}

/** Exactly this origin is new; `origins`: with it. */
const gained = (
  { groupId, userId, origins }: { groupId: string; userId: string; origins: readonly Origin[] },
  origin: Origin,
): MembershipStep => ({ groupId, userId, before: origins.filter((each) => each !== origin), after: origins });
