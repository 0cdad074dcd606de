import { Injectable } from '@nestjs/common';
import type { Queryable, Transaction } from '../database/transaction.js';
import type { Subject, User } from './directory-types.js';
import { toUser, USER_COLUMNS, type UserRow } from './rows.js';

/** Somebody an assertion or a SCIM create may mean. */
export interface Candidate {
  readonly by: 'identity' | 'externalId' | 'userName' | 'email';
  readonly user: User;
  /** The user is linked to another subject of the same connection. */
  readonly linkedElsewhere: boolean;
}

export interface SignInKeys {
  readonly connectionId: string;
  readonly subject: Subject;
  /** NameID and the attribute mapped as externalId. */
  readonly externalIds: readonly string[];
  readonly userNameKey: string | undefined;
  /** Only when the organization has verified the e-mail's domain. */
  readonly emailKey: string | undefined;
}

const RANKS = ['identity', 'externalId', 'userName', 'email'] as const;

/** Finds whom a request means, inside the organization only. Nothing is locked: the caller locks its choice and looks again. */
@Injectable()
export class CandidatesReader {
  /** Living users and tombstones that the keys of a sign-in point to, best key first. */
  async forSignIn(db: Queryable, organizationId: string, keys: SignInKeys): Promise<Candidate[]> {
    const rows = await db.query<UserRow & { rank: number; linked_elsewhere: boolean }>(
      `SELECT k.rank, ${USER_COLUMNS},
         EXISTS (SELECT 1 FROM identities i
                 WHERE i.organization_id = $1 AND i.user_id = u.id AND i.connection_id = $2
                   AND (i.name_id_format, i.name_qualifier, i.name_id) <> ($3, $4, $5)) AS linked_elsewhere
       FROM (
         SELECT 0 AS rank, user_id FROM identities
         WHERE organization_id = $1 AND connection_id = $2 AND name_id_format = $3 AND name_qualifier = $4 AND name_id = $5
         UNION ALL
         -- An externalId means something only in the directory that issued it (RFC 7643 section 3.1).
         SELECT 1, id FROM users WHERE organization_id = $1 AND external_id = ANY($6::text[]) AND connection_id = $2
         UNION ALL
         SELECT 2, id FROM users WHERE organization_id = $1 AND user_name_key = $7 AND deleted_at IS NULL
         UNION ALL
         SELECT 2, id FROM users
         WHERE organization_id = $1 AND user_name_key = $7 AND deleted_at IS NOT NULL AND connection_id = $2
         UNION ALL
         SELECT 3, id FROM users WHERE organization_id = $1 AND email_keys @> ARRAY[$8::text] AND deleted_at IS NULL
       ) k
       JOIN users u ON u.organization_id = $1 AND u.id = k.user_id
       ORDER BY k.rank, u.id`,
      [
        organizationId,
        keys.connectionId,
        keys.subject.format,
        keys.subject.nameQualifier,
        keys.subject.value,
        keys.externalIds,
        keys.userNameKey ?? null,
        keys.emailKey ?? null,
      ],
    );
    return rows.map((row) => ({
      by: RANKS[row.rank] ?? 'email',
      user: toUser(row),
      linkedElsewhere: row.linked_elsewhere,
    }));
  }

  /** Is the e-mail carried by a living user? */
  async emailIsTaken(db: Queryable, organizationId: string, emailKey: string): Promise<boolean> {
    const rows = await db.query(
      `SELECT 1 FROM users WHERE organization_id = $1 AND email_keys @> ARRAY[$2::text] AND deleted_at IS NULL LIMIT 1`,
      [organizationId, emailKey],
    );
    return rows.length > 0;
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
