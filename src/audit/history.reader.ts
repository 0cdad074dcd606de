import { Injectable } from '@nestjs/common';
import type { Queryable } from '../database/transaction.js';

export type Changes = Readonly<Record<string, readonly [unknown, unknown]>>;

/** What happened to one thing. */
export interface LoggedChange {
  readonly id: string;
  readonly at: Date;
  readonly actorKind: string;
  readonly actorId: string | null;
  readonly correlationId: string;
  readonly action: string;
  readonly targetId: string;
  readonly changes: Changes;
}

/** What happened to one person's membership of one group, or to one group's members. */
export interface LoggedMembers extends Omit<LoggedChange, 'changes'> {
  /** `origins`: reasons before and after; entries of older versions have the new one alone, under `origin`, or none. */
  readonly changes: Changes;
}

const WHO = `e.id, e.at, e.actor_kind AS "actorKind", e.actor_id AS "actorId", e.correlation_id AS "correlationId", e.action,
  e.target_id AS "targetId"`;

/** Whose members a statement is about, as the index audit_entries_members finds them. */
const named = (userId: string): string => JSON.stringify([[userId]]);

const MEMBERS = ['group.members-added', 'group.members-removed', 'group.members-claimed', 'group.members-released'];

/** After `from`, up to `until`. */
export interface ClientWindow {
  readonly ids: readonly string[];
  readonly from: Date;
  readonly until: Date;
  readonly actions: readonly string[];
}

const OF_CLIENTS = `e.organization_id = $1 AND e.actor_kind = 'scim-client' AND e.actor_id = ANY($2::text[])
  AND e.at > $3 AND e.at <= $4 AND e.action = ANY($5::text[])`;
const clientValues = (organizationId: string, { ids, from, until, actions }: ClientWindow): unknown[] => [
  organizationId,
  ids,
  from,
  until,
  actions,
];

/** Reads the log of changes of people and groups in the order in which they were made, which is the order of the ids. */
@Injectable()
export class HistoryReader {
  /**
   * What happened to each target from the first change on that was made after the instant. Not "every entry made after it": a
   * change that had to wait for another was begun before it and done after it.
   */
  async changesAfter(
    db: Queryable,
    organizationId: string,
    targetIds: readonly string[],
    actions: readonly string[],
    instant: Date,
  ): Promise<LoggedChange[]> {
    return db.query<LoggedChange>(
      `SELECT ${WHO}, e.changes FROM unnest($2::text[]) AS target(id)
       CROSS JOIN LATERAL (
         SELECT f.id FROM audit_entries f
         WHERE f.organization_id = $1 AND f.target_id = target.id AND f.action = ANY($3::text[]) AND f.at > $4
         ORDER BY f.id LIMIT 1
       ) AS first
       JOIN audit_entries e ON e.organization_id = $1 AND e.target_id = target.id AND e.id >= first.id
         AND e.action = ANY($3::text[])
       ORDER BY e.id`,
      [organizationId, targetIds, actions, instant],
    );
  }

  /** Does the log know the target at all? */
  async knows(db: Queryable, organizationId: string, targetId: string, actions: readonly string[]): Promise<boolean> {
    const rows = await db.query(
      `SELECT 1 FROM audit_entries WHERE organization_id = $1 AND target_id = $2 AND action = ANY($3::text[]) LIMIT 1`,
      [organizationId, targetId, actions],
    );
    return rows.length > 0;
  }

  /** What happened to one person's memberships after an instant; without it, ever. The other members named are left out. */
  async membershipsOf(db: Queryable, organizationId: string, userId: string, after?: Date): Promise<LoggedMembers[]> {
    return db.query<LoggedMembers>(
      `SELECT ${WHO}, e.changes - 'members' AS changes FROM audit_entries e
       WHERE e.organization_id = $1 AND e.changes ? 'members' AND e.changes -> 'members' @> $2::jsonb
         AND e.action = ANY($3::text[]) AND ($4::timestamptz IS NULL OR e.at > $4)
       ORDER BY e.id`,
      [organizationId, named(userId), MEMBERS, after ?? null],
    );
  }

  /** What changed a person's own role, ever. */
  async roleChangesOf(
    db: Queryable,
    organizationId: string,
    userId: string,
    actions: readonly string[],
  ): Promise<LoggedChange[]> {
    return db.query<LoggedChange>(
      `SELECT ${WHO}, e.changes FROM audit_entries e
       WHERE e.organization_id = $1 AND e.target_id = $2 AND e.action = ANY($3::text[]) AND e.changes ? 'role'
       ORDER BY e.id`,
      [organizationId, userId, actions],
    );
  }

  /** What happened to a group's members after an instant. */
  async membersOf(db: Queryable, organizationId: string, groupId: string, after: Date): Promise<LoggedMembers[]> {
    return db.query<LoggedMembers>(
      `SELECT ${WHO}, e.changes FROM audit_entries e
       WHERE e.organization_id = $1 AND e.target_id = $2 AND e.action = ANY($3::text[]) AND e.at > $4 ORDER BY e.id`,
      [organizationId, groupId, MEMBERS, after],
    );
  }

  /** What these clients did after an instant, up to another, in the order in which it was done. */
  async changesOfClients(db: Queryable, organizationId: string, window: ClientWindow): Promise<LoggedChange[]> {
    return db.query<LoggedChange>(
      `SELECT ${WHO}, e.changes FROM audit_entries e WHERE ${OF_CLIENTS} ORDER BY e.id`,
      clientValues(organizationId, window),
    );
  }

  /** What else was done to the same, since an entry of the clients. */
  async changesBeside(
    db: Queryable,
    organizationId: string,
    window: ClientWindow,
    targetIds: readonly string[],
    since: string,
  ): Promise<LoggedChange[]> {
    return db.query<LoggedChange>(
      `SELECT ${WHO}, e.changes FROM audit_entries e
       WHERE e.organization_id = $1 AND e.target_id = ANY($6::text[]) AND e.id > $7 AND e.action = ANY($5::text[])
         AND (${OF_CLIENTS}) IS NOT TRUE ORDER BY e.id`,
      [...clientValues(organizationId, window), targetIds, since],
    );
  }

  /** How many changes of the clients that is; each member counts. */
  async countOfClients(db: Queryable, organizationId: string, window: ClientWindow): Promise<number> {
    const [row] = await db.query<{ n: number }>(
      `SELECT coalesce(sum(CASE WHEN e.changes ? 'members' THEN jsonb_array_length(e.changes -> 'members' -> 1) ELSE 1 END), 0)::integer AS n
       FROM audit_entries e WHERE ${OF_CLIENTS}`,
      clientValues(organizationId, window),
    );
    return row!.n;
  }

  /** Since when there is something, and how many entries there are about it. */
  async lives(
    db: Queryable,
    organizationId: string,
    targetIds: readonly string[],
  ): Promise<{ id: string; since: Date; entries: number }[]> {
    return db.query<{ id: string; since: Date; entries: number }>(
      `SELECT target_id AS id, min(at) AS since, count(*)::integer AS entries FROM audit_entries
       WHERE organization_id = $1 AND target_id = ANY($2::text[]) GROUP BY target_id`,
      [organizationId, targetIds],
    );
  }
}
