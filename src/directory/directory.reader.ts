import { Injectable } from '@nestjs/common';
import type { Queryable, Transaction } from '../database/transaction.js';
import type { Group, GroupRef, MemberRef, Origin, Subject, User, UserProvenance, UserView } from './directory-types.js';
import { GROUP_COLUMNS, MANAGER_COLUMN, toGroup, toUser, USER_COLUMNS, type GroupRow, type UserRow } from './rows.js';

/** A membership of one person with its group. */
export interface MembershipDetail {
  readonly group: Group;
  readonly origins: readonly Origin[];
}

/** What is not counted any more. */
export interface Loss {
  /** This person, in whatever way. */
  readonly userId?: string;
  /** This person's own role. */
  readonly ownRoleOf?: string;
  /** The members of this group; all of them, when they are not named. */
  readonly groupId?: string;
  readonly members?: readonly string[];
}

/** Reads people and groups by id, and locks them for a change. Searching is directory-search.reader, sign-in matching candidates.reader. */
@Injectable()
export class DirectoryReader {
  /** A living user; tombstones are not found. */
  async user(db: Queryable, organizationId: string, id: string): Promise<User | undefined> {
    const [row] = await db.query<UserRow>(
      `SELECT ${USER_COLUMNS} FROM users u WHERE u.organization_id = $1 AND u.id = $2 AND u.deleted_at IS NULL`,
      [organizationId, id],
    );
    return row && toUser(row);
  }

  /** A living user with their groups, in one statement. */
  async userView(db: Queryable, organizationId: string, id: string): Promise<UserView | undefined> {
    const [row] = await db.query<UserRow & { groups: GroupRef[]; manager: MemberRef | null }>(
      `SELECT ${USER_COLUMNS}, ${MANAGER_COLUMN},
         (SELECT coalesce(jsonb_agg(jsonb_build_object('id', g.id, 'displayName', g.display_name) ORDER BY g.id), '[]'::jsonb)
          FROM memberships m JOIN groups g ON g.organization_id = m.organization_id AND g.id = m.group_id
          WHERE m.organization_id = u.organization_id AND m.user_id = u.id) AS groups
       FROM users u WHERE u.organization_id = $1 AND u.id = $2 AND u.deleted_at IS NULL`,
      [organizationId, id],
    );
    return row && { user: toUser(row), groups: row.groups, manager: row.manager };
  }

  /** How many living people there are of each provenance, active and not; goes through all of them. */
  async peopleByAuthority(
    db: Queryable,
    organizationId: string,
  ): Promise<{ provenance: UserProvenance; active: boolean; people: number }[]> {
    return db.query<{ provenance: UserProvenance; active: boolean; people: number }>(
      `SELECT provenance, active, count(*)::integer AS people FROM users
       WHERE organization_id = $1 AND deleted_at IS NULL GROUP BY provenance, active ORDER BY provenance, active`,
      [organizationId],
    );
  }

  async group(db: Queryable, organizationId: string, id: string): Promise<Group | undefined> {
    const [row] = await db.query<GroupRow>(
      `SELECT ${GROUP_COLUMNS} FROM groups g WHERE g.organization_id = $1 AND g.id = $2`,
      [organizationId, id],
    );
    return row && toGroup(row);
  }

  /** The groups of several people at once; people without groups are absent from the map. */
  async groupsOf(
    db: Queryable,
    organizationId: string,
    userIds: readonly string[],
  ): Promise<ReadonlyMap<string, GroupRef[]>> {
    if (userIds.length === 0) return new Map();
    const rows = await db.query<{ user_id: string; id: string; display_name: string }>(
      `SELECT m.user_id, g.id, g.display_name
       FROM memberships m JOIN groups g ON g.organization_id = m.organization_id AND g.id = m.group_id
       WHERE m.organization_id = $1 AND m.user_id = ANY($2::uuid[]) ORDER BY m.user_id, g.id`,
      [organizationId, userIds],
    );
    const groups = new Map<string, GroupRef[]>();
    for (const row of rows) {
      const list = groups.get(row.user_id) ?? [];
      list.push({ id: row.id, displayName: row.display_name });
      groups.set(row.user_id, list);
    }
    return groups;
  }

  /** Why a person is in each of their groups. */
  async membershipsOf(db: Queryable, organizationId: string, userId: string): Promise<MembershipDetail[]> {
    const rows = await db.query<GroupRow & { origins: Origin[] }>(
      `SELECT ${GROUP_COLUMNS}, m.origins
       FROM memberships m JOIN groups g ON g.organization_id = m.organization_id AND g.id = m.group_id
       WHERE m.organization_id = $1 AND m.user_id = $2 ORDER BY g.id`,
      [organizationId, userId],
    );
    return rows.map((row) => ({ group: toGroup(row), origins: row.origins }));
  }

  /** The subjects by which a person signs in, with their connections. */
  async identitiesOf(
    db: Queryable,
    organizationId: string,
    userId: string,
  ): Promise<{ connectionId: string; subject: Subject; createdAt: Date }[]> {
    const rows = await db.query<{
      connection_id: string;
      name_id_format: string;
      name_qualifier: string;
      name_id: string;
      created_at: Date;
    }>(
      `SELECT connection_id, name_id_format, name_qualifier, name_id, created_at FROM identities
       WHERE organization_id = $1 AND user_id = $2 ORDER BY created_at, name_id`,
      [organizationId, userId],
    );
    return rows.map((row) => ({
      connectionId: row.connection_id,
      subject: { format: row.name_id_format, nameQualifier: row.name_qualifier, value: row.name_id },
      createdAt: row.created_at,
    }));
  }

  /**
   * Locks a living user until the end of the transaction. NO KEY UPDATE: it excludes other changes of the user, but not the
   * foreign-key checks of memberships being added, which would otherwise deadlock with a sign-in.
   */
  async lockUser(tx: Transaction, organizationId: string, id: string): Promise<User | undefined> {
    const [row] = await tx.query<UserRow>(
      `SELECT ${USER_COLUMNS} FROM users u
       WHERE u.organization_id = $1 AND u.id = $2 AND u.deleted_at IS NULL FOR NO KEY UPDATE`,
      [organizationId, id],
    );
    return row && toUser(row);
  }

  /**
   * Locks a living user who is about to be removed. FOR UPDATE: also excludes memberships being added, so that none is left on a
   * tombstone.
   */
  async lockUserForRemoval(tx: Transaction, organizationId: string, id: string): Promise<User | undefined> {
    const [row] = await tx.query<UserRow>(
      `SELECT ${USER_COLUMNS} FROM users u
       WHERE u.organization_id = $1 AND u.id = $2 AND u.deleted_at IS NULL FOR UPDATE`,
      [organizationId, id],
    );
    return row && toUser(row);
  }

  /** Locks people, tombstones too, in the order of their ids, as lockUserForRemoval does. */
  async lockPeople(tx: Transaction, organizationId: string, ids: readonly string[]): Promise<void> {
    await tx.query(`SELECT id FROM users WHERE organization_id = $1 AND id = ANY($2::uuid[]) ORDER BY id FOR UPDATE`, [
      organizationId,
      ids,
    ]);
  }

  async lockGroup(tx: Transaction, organizationId: string, id: string): Promise<Group | undefined> {
    const [row] = await tx.query<GroupRow>(
      `SELECT ${GROUP_COLUMNS} FROM groups g WHERE g.organization_id = $1 AND g.id = $2 FOR NO KEY UPDATE`,
      [organizationId, id],
    );
    return row && toGroup(row);
  }

  /** Locks groups in the order of their ids, so that two transactions that need several never wait for each other in a circle. */
  async lockGroups(tx: Transaction, organizationId: string, ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    await tx.query(
      `SELECT id FROM groups WHERE organization_id = $1 AND id = ANY($2::uuid[]) ORDER BY id FOR NO KEY UPDATE`,
      [organizationId, ids],
    );
  }

  /** A group by its displayName in compared form; where several carry it, the oldest. */
  async lockGroupByName(tx: Transaction, organizationId: string, displayNameKey: string): Promise<Group | undefined> {
    const [row] = await tx.query<GroupRow>(
      `SELECT ${GROUP_COLUMNS} FROM groups g
       WHERE g.organization_id = $1 AND g.display_name_key = $2 ORDER BY g.id LIMIT 1 FOR NO KEY UPDATE`,
      [organizationId, displayNameKey],
    );
    return row && toGroup(row);
  }

  /** Ids of groups that every member of the organization is in. */
  async defaultGroupIds(db: Queryable, organizationId: string): Promise<string[]> {
    const rows = await db.query<{ id: string }>(
      `SELECT id FROM groups WHERE organization_id = $1 AND is_default ORDER BY id`,
      [organizationId],
    );
    return rows.map(({ id }) => id);
  }

  async defaultGroups(db: Queryable, organizationId: string): Promise<GroupRef[]> {
    return db.query<GroupRef>(
      `SELECT id, display_name AS "displayName" FROM groups WHERE organization_id = $1 AND is_default ORDER BY id`,
      [organizationId],
    );
  }

  async hasMembers(db: Queryable, organizationId: string, groupId: string): Promise<boolean> {
    const rows = await db.query(`SELECT 1 FROM memberships WHERE organization_id = $1 AND group_id = $2 LIMIT 1`, [
      organizationId,
      groupId,
    ]);
    return rows.length > 0;
  }

  /** Roles that a person has through groups. */
  async groupRolesOf(db: Queryable, organizationId: string, userId: string): Promise<string[]> {
    const rows = await db.query<{ role: string }>(
      `SELECT DISTINCT g.role FROM memberships m JOIN groups g ON g.organization_id = m.organization_id AND g.id = m.group_id
       WHERE m.organization_id = $1 AND m.user_id = $2 AND g.role IS NOT NULL`,
      [organizationId, userId],
    );
    return rows.map(({ role }) => role);
  }

  /** Does any active person besides this one have `role`, by themselves or through a group? */
  async hasOtherHolder(db: Queryable, organizationId: string, role: string, userId: string): Promise<boolean> {
    const [row] = await db.query<{ found: boolean }>(
      `SELECT EXISTS (
         SELECT 1 FROM users u
         WHERE u.organization_id = $1 AND u.role = $2 AND u.active AND u.deleted_at IS NULL AND u.id <> $3
       ) OR EXISTS (
         SELECT 1 FROM groups g
         JOIN memberships m ON m.organization_id = g.organization_id AND m.group_id = g.id
         JOIN users u ON u.organization_id = m.organization_id AND u.id = m.user_id
         WHERE g.organization_id = $1 AND g.role = $2 AND u.active AND u.deleted_at IS NULL AND u.id <> $3
       ) AS found`,
      [organizationId, role, userId],
    );
    return row?.found ?? false;
  }

  /** Is there an active person with `role`, and is any left without these people? */
  async holdersBeside(
    db: Queryable,
    organizationId: string,
    role: string,
    userIds: readonly string[],
  ): Promise<{ any: boolean; left: boolean }> {
    const [row] = await db.query<{ any: boolean; left: boolean }>(
      `SELECT count(*) > 0 AS any, count(*) FILTER (WHERE NOT (holder.id = ANY($3::uuid[]))) > 0 AS left FROM (
         SELECT u.id FROM users u WHERE u.organization_id = $1 AND u.role = $2 AND u.active AND u.deleted_at IS NULL
         UNION
         SELECT u.id FROM groups g
         JOIN memberships m ON m.organization_id = g.organization_id AND m.group_id = g.id
         JOIN users u ON u.organization_id = m.organization_id AND u.id = m.user_id
         WHERE g.organization_id = $1 AND g.role = $2 AND u.active AND u.deleted_at IS NULL
       ) holder`,
      [organizationId, role, userIds],
    );
    return row!;
  }

  /** Who is in a group that gives `role`, also those who are not active. */
  async inGroupsOfRole(
    db: Queryable,
    organizationId: string,
    role: string,
  ): Promise<{ groupId: string; userId: string }[]> {
    return db.query<{ groupId: string; userId: string }>(
      `SELECT m.group_id AS "groupId", m.user_id AS "userId" FROM groups g
       JOIN memberships m ON m.organization_id = g.organization_id AND m.group_id = g.id
       WHERE g.organization_id = $1 AND g.role = $2`,
      [organizationId, role],
    );
  }

  /** Does any active person have `role`, by themselves or through a group, also after a loss? */
  async hasHolder(db: Queryable, organizationId: string, role: string, loss: Loss = {}): Promise<boolean> {
    const { userId, ownRoleOf, groupId, members } = loss;
    const [row] = await db.query<{ found: boolean }>(
      `SELECT EXISTS (
         SELECT 1 FROM users u WHERE u.organization_id = $1 AND u.role = $2 AND u.active AND u.deleted_at IS NULL
           AND u.id IS DISTINCT FROM $3::uuid AND u.id IS DISTINCT FROM $4::uuid
       ) OR EXISTS (
         SELECT 1 FROM groups g
         JOIN memberships m ON m.organization_id = g.organization_id AND m.group_id = g.id
         JOIN users u ON u.organization_id = m.organization_id AND u.id = m.user_id
         WHERE g.organization_id = $1 AND g.role = $2 AND u.active AND u.deleted_at IS NULL AND u.id IS DISTINCT FROM $3::uuid
           AND (g.id IS DISTINCT FROM $5::uuid OR NOT coalesce(u.id = ANY($6::uuid[]), true))
       ) AS found`,
      [organizationId, role, userId ?? null, ownRoleOf ?? null, groupId ?? null, members ?? null],
    );
    return row?.found ?? false;
  }
}
