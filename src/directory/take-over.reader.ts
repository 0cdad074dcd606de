import { Injectable } from '@nestjs/common';
import type { Queryable } from '../database/transaction.js';
import type { User } from './directory-types.js';
import { toUser, USER_COLUMNS, type UserRow } from './rows.js';

/** What a list says of one person, in compared form. */
export interface ListedKeys {
  readonly index: number;
  readonly userNameKey: string;
  readonly externalId: string | null;
  readonly emailKey: string | null;
}

export interface ListedCandidate {
  readonly index: number;
  readonly by: 'userName' | 'subject' | 'email';
  readonly user: User;
}

/** A membership that only sign-ins over the connection are a reason for. */
export interface Leftover {
  readonly userId: string;
  readonly userName: string;
  readonly groupId: string;
  readonly displayName: string;
  /** The person is under SCIM already. */
  readonly handed: boolean;
}

/** Compares a whole list of people with those who are here, in one statement. */
@Injectable()
export class TakeOverReader {
  /** Living people whom the keys point to; the same person may come by several. */
  async candidates(
    db: Queryable,
    organizationId: string,
    connectionId: string,
    listed: readonly ListedKeys[],
  ): Promise<ListedCandidate[]> {
    const rows = await db.query<UserRow & { index: number; by: ListedCandidate['by'] }>(
      `WITH listed AS (
         SELECT * FROM jsonb_to_recordset($3::jsonb) AS l("index" integer, "userNameKey" text, "externalId" text, "emailKey" text)
       )
       SELECT found."index", found.by, ${USER_COLUMNS} FROM (
         SELECT l."index", 'userName' AS by, u.id FROM listed l
         JOIN users u ON u.organization_id = $1 AND u.user_name_key = l."userNameKey"
         UNION
         SELECT l."index", 'subject', i.user_id FROM listed l
         JOIN identities i ON i.organization_id = $1 AND i.connection_id = $2 AND i.name_id = l."externalId"
         UNION
         SELECT l."index", 'email', u.id FROM listed l
         JOIN users u ON u.organization_id = $1 AND u.email_keys @> ARRAY[l."emailKey"]
       ) found JOIN users u ON u.organization_id = $1 AND u.id = found.id AND u.deleted_at IS NULL
       ORDER BY found."index", u.id`,
      [organizationId, connectionId, JSON.stringify(listed)],
    );
    return rows.map((row) => ({ index: row.index, by: row.by, user: toUser(row) }));
  }

  /** JIT people of the connection who are not among these. */
  async unlisted(
    db: Queryable,
    organizationId: string,
    connectionId: string,
    userIds: readonly string[],
  ): Promise<{ id: string; userName: string }[]> {
    return db.query<{ id: string; userName: string }>(
      `SELECT id, user_name AS "userName" FROM users
       WHERE organization_id = $1 AND connection_id = $2 AND provenance = 'jit' AND deleted_at IS NULL
         AND NOT (id = ANY($3::uuid[])) ORDER BY id`,
      [organizationId, connectionId, userIds],
    );
  }

  async leftovers(db: Queryable, organizationId: string, connectionId: string): Promise<Leftover[]> {
    return db.query<Leftover>(
      `SELECT u.id AS "userId", u.user_name AS "userName", g.id AS "groupId", g.display_name AS "displayName",
         u.provenance = 'scim' AS handed
       FROM memberships m
       JOIN users u ON u.organization_id = m.organization_id AND u.id = m.user_id
       JOIN groups g ON g.organization_id = m.organization_id AND g.id = m.group_id
       WHERE m.organization_id = $1 AND m.origins = ARRAY['jit:' || $2::text] AND u.connection_id = $2::uuid
         AND u.provenance IN ('jit', 'scim') ORDER BY u.id, g.id`,
      [organizationId, connectionId],
    );
  }
}
