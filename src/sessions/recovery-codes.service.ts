import { Injectable } from '@nestjs/common';
import type { Queryable, Transaction } from '../database/transaction.js';
import { newId } from '../platform/ids.js';
import { newReadableCode } from '../platform/readable-code.js';
import { hashToken } from '../platform/secrets.js';

/** A code as it is listed: never itself. */
export interface RecoveryCode {
  readonly id: string;
  readonly userId: string;
  readonly lastFour: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly usedAt: Date | null;
  readonly revokedAt: Date | null;
}

/** 100 random bits: the SHA-256 of a code is as good as a slow hash of it. */
export const RECOVERY_CODE_LENGTH = 20;

const COLUMNS = `id, user_id AS "userId", last_four AS "lastFour", created_at AS "createdAt", expires_at AS "expiresAt",
  used_at AS "usedAt", revoked_at AS "revokedAt"`;

/** Owns recovery_codes: one-time codes of break-glass people, stored as hashes. Who may have and use them is the reconciliation's to decide. */
@Injectable()
export class RecoveryCodes {
  /** New codes, shown once. */
  async issue(
    tx: Transaction,
    organizationId: string,
    userId: string,
    { count, createdAt, expiresAt }: { readonly count: number; readonly createdAt: Date; readonly expiresAt: Date },
  ): Promise<readonly { readonly id: string; readonly code: string }[]> {
    const issued = Array.from({ length: count }, () => ({ id: newId(), code: newReadableCode(RECOVERY_CODE_LENGTH) }));
    await tx.execute(
      `INSERT INTO recovery_codes (organization_id, id, user_id, code_hash, last_four, created_at, expires_at)
       SELECT $1, n.id, $2, n.hash, n.last_four, $6, $7 FROM unnest($3::uuid[], $4::bytea[], $5::text[]) AS n(id, hash, last_four)`,
      [
        organizationId,
        userId,
        issued.map(({ id }) => id),
        issued.map(({ code }) => hashToken(code)),
        issued.map(({ code }) => code.slice(-4)),
        createdAt,
        expiresAt,
      ],
    );
    return issued;
  }

  /** The code that was typed, in whatever state it is. */
  async find(db: Queryable, organizationId: string, code: string): Promise<RecoveryCode | undefined> {
    const [row] = await db.query<RecoveryCode>(
      `SELECT ${COLUMNS} FROM recovery_codes WHERE organization_id = $1 AND code_hash = $2`,
      [organizationId, hashToken(code)],
    );
    return row;
  }

  /** Uses a code up; true for exactly one of several concurrent callers. */
  async use(tx: Transaction, organizationId: string, id: string, now: Date): Promise<boolean> {
    const count = await tx.execute(
      `UPDATE recovery_codes SET used_at = $3
       WHERE organization_id = $1 AND id = $2 AND used_at IS NULL AND revoked_at IS NULL AND expires_at > $3`,
      [organizationId, id, now],
    );
    return count === 1;
  }

  /** Ends what a person has left; the ids of those that could still be used. */
  async revokeOfUser(tx: Transaction, organizationId: string, userId: string, now: Date): Promise<string[]> {
    const rows = await tx.query<{ id: string }>(
      `UPDATE recovery_codes SET revoked_at = $3
       WHERE organization_id = $1 AND user_id = $2 AND used_at IS NULL AND revoked_at IS NULL AND expires_at > $3 RETURNING id`,
      [organizationId, userId, now],
    );
    return rows.map(({ id }) => id);
  }

  /** Of a person, newest first; `after`: the id of the last one seen. */
  async list(
    db: Queryable,
    organizationId: string,
    userId: string,
    { after, limit }: { readonly after?: string | undefined; readonly limit: number },
  ): Promise<RecoveryCode[]> {
    return db.query<RecoveryCode>(
      `SELECT ${COLUMNS} FROM recovery_codes
       WHERE organization_id = $1 AND user_id = $2 AND ($3::uuid IS NULL OR id < $3) ORDER BY id DESC LIMIT $4`,
      [organizationId, userId, after ?? null, limit],
    );
  }

  /** How many a person can still use. */
  async left(db: Queryable, organizationId: string, userId: string, now: Date): Promise<number> {
    const [row] = await db.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM recovery_codes
       WHERE organization_id = $1 AND user_id = $2 AND used_at IS NULL AND revoked_at IS NULL AND expires_at > $3`,
      [organizationId, userId, now],
    );
    return row!.count;
  }
}
