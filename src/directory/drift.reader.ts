import { Injectable } from '@nestjs/common';
import type { Queryable } from '../database/transaction.js';
import type { Group, Origin, User } from './directory-types.js';
import { GROUP_COLUMNS, toGroup, toUser, USER_COLUMNS, type GroupRow, type UserRow } from './rows.js';

/** What an IdP last said of a person. */
export interface LastAssertion {
  readonly id: string;
  readonly at: Date;
  readonly connectionId: string;
  /** What it said after mapping; shape: src/reconciliation/changes.ts */
  readonly claims: unknown;
  /** Why it was refused; null: it was accepted. */
  readonly reason: string | null;
}

export interface AssertedPerson {
  readonly user: User;
  readonly assertion: LastAssertion;
}

/** So many people, in the order of their ids, and who of them is to be compared. */
export interface PeopleBlock {
  readonly people: readonly AssertedPerson[];
  /** Where the next block begins; null: there is nobody behind. */
  readonly next: string | null;
}

export interface WantedPeople {
  readonly after: string | null;
  readonly size: number;
  /** Under the authority of this connection. */
  readonly connectionId?: string | undefined;
  /** Asserted at this instant or later. */
  readonly since?: Date | undefined;
  readonly userId?: string | undefined;
}

export interface GroupOfDrift {
  readonly group: Group;
  readonly underScim: boolean;
}

/** Compares people under SCIM with what IdPs say of them, a block at a time and in as many statements for a thousand as for one. */
@Injectable()
export class DriftReader {
  /**
   * People under SCIM whom an IdP has asserted. An active person counts with the last accepted assertion. Somebody who is not active, a
   * tombstone too, counts while an IdP still asserts them: with the last refusal, when it came after the end of access and nobody else
   * carries their names now.
   */
  async block(db: Queryable, organizationId: string, wanted: WantedPeople): Promise<PeopleBlock> {
    const { after, size, connectionId, since, userId } = wanted;
    const rows = await db.query<BlockRow>(
      `WITH block AS MATERIALIZED (
         SELECT * FROM users
         WHERE organization_id = $1 AND provenance = 'scim' AND ($2::uuid IS NULL OR id > $2)
           AND ($3::uuid IS NULL OR connection_id = $3) AND ($4::uuid IS NULL OR id = $4)
         ORDER BY id LIMIT $5
       )
       SELECT edge.size, edge.last, p.* FROM (SELECT count(*)::integer AS size, (array_agg(id ORDER BY id DESC))[1] AS last FROM block) edge
       LEFT JOIN (
         SELECT ${USER_COLUMNS}, s.id AS sign_in_id, s.at, s.connection_id AS sign_in_connection_id, s.claims, s.reason
         FROM block u JOIN LATERAL (${LAST_ASSERTION}) s ON $6::timestamptz IS NULL OR s.at >= $6
       ) p ON true
       ORDER BY p.id`,
      [organizationId, after, connectionId ?? null, userId ?? null, size, since ?? null],
    );
    const { size: found, last } = rows[0]!;
    const people = rows.flatMap((row) => (row.id === null ? [] : [toAssertedPerson(row as FoundRow)]));
    return { people, next: found < size ? null : last };
  }

  /** Why each of these people is in each of their groups. */
  async memberships(
    db: Queryable,
    organizationId: string,
    userIds: readonly string[],
  ): Promise<{ userId: string; groupId: string; origins: Origin[] }[]> {
    return db.query<{ userId: string; groupId: string; origins: Origin[] }>(
      `SELECT user_id AS "userId", group_id AS "groupId", origins FROM memberships
       WHERE organization_id = $1 AND user_id = ANY($2::uuid[])`,
      [organizationId, userIds],
    );
  }

  /** The groups of these ids and those that values could name. */
  async groups(
    db: Queryable,
    organizationId: string,
    named: {
      readonly ids: readonly string[];
      readonly nameKeys: readonly string[];
      readonly externalIds: readonly string[];
    },
  ): Promise<GroupOfDrift[]> {
    const rows = await db.query<GroupRow & { under_scim: boolean }>(
      `SELECT ${GROUP_COLUMNS}, g.provenance = 'scim' AND coalesce(c.scim, false) AS under_scim
       FROM groups g LEFT JOIN connections c ON c.organization_id = g.organization_id AND c.id = g.connection_id
       WHERE g.organization_id = $1 AND g.id IN (
         SELECT unnest($2::uuid[])
         UNION ALL SELECT id FROM groups WHERE organization_id = $1 AND display_name_key = ANY($3::text[])
         UNION ALL SELECT id FROM groups WHERE organization_id = $1 AND external_id = ANY($4::text[]))
       ORDER BY g.id`,
      [organizationId, named.ids, named.nameKeys, named.externalIds],
    );
    return rows.map((row) => ({ group: toGroup(row), underScim: row.under_scim }));
  }
}

/** Ids of records and of log entries go with time, so that "after" needs no clock. */
const LAST_ASSERTION = `
  SELECT * FROM (
    SELECT s.id, s.at, s.connection_id, s.claims, s.reason FROM sign_ins s
    WHERE s.organization_id = u.organization_id AND s.user_id = u.id AND s.connection_id IS NOT NULL
      AND CASE WHEN u.active THEN s.outcome = 'accepted' ELSE s.reason IN ('deactivated', 'deprovisioned') END
    ORDER BY s.id DESC LIMIT 1
  ) s
  WHERE u.active OR NOT (
    EXISTS (SELECT 1 FROM audit_entries e
            WHERE e.organization_id = u.organization_id AND e.target_id = u.id::text AND e.id > s.id
              AND e.action IN ('user.deactivated', 'user.deleted'))
    OR (u.deleted_at IS NOT NULL AND EXISTS (
          SELECT 1 FROM users n WHERE n.organization_id = u.organization_id AND n.deleted_at IS NULL
            AND (n.user_name_key = u.user_name_key OR (n.external_id = u.external_id AND n.connection_id = u.connection_id))))
  )`;

type BlockRow = { size: number; last: string | null } & (FoundRow | { id: null });

type FoundRow = UserRow & {
  sign_in_id: string;
  at: Date;
  sign_in_connection_id: string;
  claims: unknown;
  reason: string | null;
};

const toAssertedPerson = (row: FoundRow): AssertedPerson => ({
  user: toUser(row),
  assertion: {
    id: row.sign_in_id,
    at: row.at,
    connectionId: row.sign_in_connection_id,
    claims: row.claims,
    reason: row.reason,
  },
});
