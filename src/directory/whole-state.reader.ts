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
}
