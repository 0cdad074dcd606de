import { Injectable } from '@nestjs/common';
import type { Queryable } from '../database/transaction.js';
import type { Group, Origin, Subject, User } from './directory-types.js';
import { GROUP_COLUMNS, toGroup, toUser, USER_COLUMNS, type GroupRow, type UserRow } from './rows.js';

export interface Membership {
  readonly groupId: string;
  readonly userId: string;
  readonly origins: readonly Origin[];
}

export interface Identity {
  readonly connectionId: string;
  readonly subject: Subject;
}

/** Something that only one may have, in compared form. */
export interface HeldKey {
  readonly subject: 'user' | 'group';
  readonly attribute: string;
  readonly key: string;
}

/** Reads all that is stored of people and groups, tombstones included: what histories are told from. */
@Injectable()
export class WholeStateReader {
  async user(db: Queryable, organizationId: string, id: string): Promise<User | undefined> {
    const [row] = await db.query<UserRow>(
      `SELECT ${USER_COLUMNS} FROM users u WHERE u.organization_id = $1 AND u.id = $2`,
      [organizationId, id],
    );
    return row && toUser(row);
  }

  async groups(db: Queryable, organizationId: string, ids: readonly string[]): Promise<Group[]> {
    const rows = await db.query<GroupRow>(
      `SELECT ${GROUP_COLUMNS} FROM groups g WHERE g.organization_id = $1 AND g.id = ANY($2::uuid[]) ORDER BY g.id`,
      [organizationId, ids],
    );
    return rows.map(toGroup);
  }

  async membershipsOf(db: Queryable, organizationId: string, userId: string): Promise<Membership[]> {
    return db.query<Membership>(
      `SELECT group_id AS "groupId", user_id AS "userId", origins FROM memberships
       WHERE organization_id = $1 AND user_id = $2 ORDER BY group_id`,
      [organizationId, userId],
    );
  }

  async membersOf(db: Queryable, organizationId: string, groupId: string): Promise<Membership[]> {
    return db.query<Membership>(
      `SELECT group_id AS "groupId", user_id AS "userId", origins FROM memberships
       WHERE organization_id = $1 AND group_id = $2 ORDER BY user_id`,
      [organizationId, groupId],
    );
  }

  async identitiesOf(db: Queryable, organizationId: string, userId: string): Promise<Identity[]> {
    return db.query<Identity>(
      `SELECT connection_id AS "connectionId",
         jsonb_build_object('format', name_id_format, 'nameQualifier', name_qualifier, 'value', name_id) AS subject
       FROM identities WHERE organization_id = $1 AND user_id = $2 ORDER BY connection_id, name_id`,
      [organizationId, userId],
    );
  }

  async users(db: Queryable, organizationId: string, ids: readonly string[]): Promise<User[]> {
    const rows = await db.query<UserRow>(
      `SELECT ${USER_COLUMNS} FROM users u WHERE u.organization_id = $1 AND u.id = ANY($2::uuid[]) ORDER BY u.id`,
      [organizationId, ids],
    );
    return rows.map(toUser);
  }

  /** These memberships, as far as they are there, and all of these people and groups. */
  async memberships(
    db: Queryable,
    organizationId: string,
    pairs: readonly Pick<Membership, 'groupId' | 'userId'>[],
    ids: readonly string[],
  ): Promise<Membership[]> {
    const columns = 'm.group_id AS "groupId", m.user_id AS "userId", m.origins';
    return db.query<Membership>(
      `SELECT ${columns} FROM unnest($2::uuid[], $3::uuid[]) AS pair(group_id, user_id)
         JOIN memberships m ON m.organization_id = $1 AND m.group_id = pair.group_id AND m.user_id = pair.user_id
       UNION SELECT ${columns} FROM memberships m WHERE m.organization_id = $1 AND m.user_id = ANY($4::uuid[])
       UNION SELECT ${columns} FROM memberships m WHERE m.organization_id = $1 AND m.group_id = ANY($4::uuid[])
       ORDER BY 1, 2`,
      [organizationId, pairs.map(({ groupId }) => groupId), pairs.map(({ userId }) => userId), ids],
    );
  }

  /** The living who are not in a group; null: everybody. */
  async outsiders(db: Queryable, organizationId: string, groupId: string | null): Promise<string[]> {
    const rows = await db.query<{ id: string }>(
      `SELECT u.id FROM users u WHERE u.organization_id = $1 AND u.deleted_at IS NULL AND NOT EXISTS (
         SELECT 1 FROM memberships m WHERE m.organization_id = $1 AND m.group_id = $2 AND m.user_id = u.id) ORDER BY u.id`,
      [organizationId, groupId],
    );
    return rows.map(({ id }) => id);
  }

  /** Those of these people whom a subject leads to. */
  async signedIn(db: Queryable, organizationId: string, ids: readonly string[]): Promise<string[]> {
    const rows = await db.query<{ id: string }>(
      `SELECT DISTINCT user_id AS id FROM identities WHERE organization_id = $1 AND user_id = ANY($2::uuid[])`,
      [organizationId, ids],
    );
    return rows.map(({ id }) => id);
  }

  /** Who has these names and unique values. `userName` and `displayName` are those of the rows, all others of unique_values. */
  async holders(
    db: Queryable,
    organizationId: string,
    keys: readonly HeldKey[],
  ): Promise<(HeldKey & { id: string })[]> {
    return db.query<HeldKey & { id: string }>(
      `WITH wanted AS (SELECT * FROM unnest($2::text[], $3::text[], $4::text[]) AS w(subject, attribute, key))
       SELECT w.subject, w.attribute, w.key, u.id FROM wanted w
         JOIN users u ON u.organization_id = $1 AND u.user_name_key = w.key AND u.deleted_at IS NULL WHERE w.attribute = 'userName'
       UNION ALL SELECT w.subject, w.attribute, w.key, g.id FROM wanted w
         JOIN groups g ON g.organization_id = $1 AND g.unique_name_key = w.key WHERE w.attribute = 'displayName'
       UNION ALL SELECT w.subject, w.attribute, w.key, v.owner_id FROM wanted w
         JOIN unique_values v ON v.organization_id = $1 AND v.subject = w.subject AND v.attribute = w.attribute AND v.value_key = w.key`,
      [
        organizationId,
        keys.map(({ subject }) => subject),
        keys.map(({ attribute }) => attribute),
        keys.map(({ key }) => key),
      ],
    );
  }
}
