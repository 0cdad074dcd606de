import { Injectable } from '@nestjs/common';
import type { Queryable, Transaction } from '../database/transaction.js';
import type { User } from './directory-types.js';
import { toUser, USER_COLUMNS, type UserRow } from './rows.js';

/** Finds whom a SCIM create, or somebody who types a name, means, inside the organization only. */
@Injectable()
export class CandidatesReader {
  /** The ids of living users whom somebody may mean who types a user name or an e-mail address; a user name before addresses. */
  async named(db: Queryable, organizationId: string, key: string): Promise<string[]> {
    const rows = await db.query<{ id: string }>(
      `SELECT id, user_name_key = $2 AS by_name FROM users
       WHERE organization_id = $1 AND (user_name_key = $2 OR email_keys @> ARRAY[$2::text]) AND deleted_at IS NULL
       ORDER BY by_name DESC, id LIMIT 20`,
      [organizationId, key],
    );
    return rows.map(({ id }) => id);
  }

  /**
   * Living users a SCIM create may mean: of the same userName, or signing in at this connection with the externalId as NameID.
   * Locked. Two plain look-ups first, which mostly find nobody, instead of one statement that would have to join and lock.
   */
  async forCreate(
    tx: Transaction,
    organizationId: string,
    keys: { connectionId: string; userNameKey: string; externalId: string | null },
  ): Promise<{ byUserName: User | undefined; bySubject: User | undefined }> {
    const found = await tx.query<{ id: string }>(
      `SELECT id FROM users WHERE organization_id = $1 AND user_name_key = $2 AND deleted_at IS NULL
       UNION
       SELECT user_id FROM identities WHERE organization_id = $1 AND connection_id = $3 AND name_id = $4`,
      [organizationId, keys.userNameKey, keys.connectionId, keys.externalId],
    );
    if (found.length === 0) return { byUserName: undefined, bySubject: undefined };
    const rows = await tx.query<UserRow & { same_name: boolean }>(
      `SELECT ${USER_COLUMNS}, u.user_name_key = $3 AS same_name FROM users u
       WHERE u.organization_id = $1 AND u.id = ANY($2::uuid[]) AND u.deleted_at IS NULL ORDER BY u.id FOR NO KEY UPDATE`,
      [organizationId, found.map(({ id }) => id), keys.userNameKey],
    );
    const byUserName = rows.find((row) => row.same_name);
    const bySubject = rows.find((row) => !row.same_name);
    return { byUserName: byUserName && toUser(byUserName), bySubject: bySubject && toUser(bySubject) };
  }
}
