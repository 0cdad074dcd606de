import { Injectable } from '@nestjs/common';
import type { Queryable } from '../database/transaction.js';
import type { Origin } from './directory-types.js';

/** A member as operators see it: with the reasons. */
export interface MemberDetail {
  readonly id: string;
  readonly userName: string;
  readonly displayName: string | null;
  readonly origins: readonly Origin[];
}

/** Reads the members of a group for people, a page at a time. */
@Injectable()
export class GroupMembersReader {
  /** In the order of their ids; `after`: the last one seen. */
  async membersOf(
    db: Queryable,
    organizationId: string,
    groupId: string,
    { after, limit }: { readonly after?: string | undefined; readonly limit: number },
  ): Promise<MemberDetail[]> {
    return db.query<MemberDetail>(
      `SELECT m.user_id AS id, u.user_name AS "userName", u.attributes ->> 'displayName' AS "displayName", m.origins
       FROM memberships m JOIN users u ON u.organization_id = m.organization_id AND u.id = m.user_id
       WHERE m.organization_id = $1 AND m.group_id = $2 AND ($3::uuid IS NULL OR m.user_id > $3)
       ORDER BY m.user_id LIMIT $4`,
      [organizationId, groupId, after ?? null, limit],
    );
  }
}
