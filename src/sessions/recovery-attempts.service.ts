import { Injectable } from '@nestjs/common';
import type { Queryable, Transaction } from '../database/transaction.js';
import { countAttempt, type AttemptLevel, type AttemptLimit } from './count-attempt.js';

/** What attempts are counted by. */
export interface AttemptKey {
  readonly key: string;
  readonly limit: AttemptLimit;
}

export interface TakenAttempt {
  /** 0: it may be made. Otherwise the whole seconds after which the next may. */
  readonly retryAfter: number;
  /** The keys whose limit was reached just now. */
  readonly tell: readonly string[];
}

/** Nothing is left of an attempt after so long. */
const KEPT_MS = 24 * 3600 * 1000;

/** Owns recovery_attempts: how often recovery codes are tried, counted for all nodes together and before anything is looked up. */
@Injectable()
export class RecoveryAttempts {
  /** Counts one attempt by each of the keys, or by none of them when one is full. */
  async take(tx: Transaction, organizationId: string, keys: readonly AttemptKey[], now: Date): Promise<TakenAttempt> {
    const limits = new Map(keys.map(({ key, limit }) => [key, limit]));
    const names = [...limits.keys()].sort();
    await tx.execute(
      `INSERT INTO recovery_attempts (organization_id, key, level, at)
       SELECT $1, key, 0, $3 FROM unnest($2::text[]) AS key ORDER BY key ON CONFLICT DO NOTHING`,
      [organizationId, names, now],
    );
    const rows = await tx.query<AttemptLevel & { key: string }>(
      `SELECT key, level, at, told_at AS "toldAt" FROM recovery_attempts
       WHERE organization_id = $1 AND key = ANY($2::text[]) ORDER BY key FOR UPDATE`,
      [organizationId, names],
    );
    const counted = rows.map((row) => ({ row, next: countAttempt(row, limits.get(row.key)!, now) }));
    const retryAfter = Math.max(0, ...counted.map(({ next }) => next.retryAfter));
    const kept = counted.map(({ row, next }) => (retryAfter === 0 ? next : { ...row, toldAt: next.toldAt }));
    await tx.execute(
      `UPDATE recovery_attempts a SET level = n.level, at = n.at, told_at = n.told_at
       FROM unnest($2::text[], $3::float8[], $4::timestamptz[], $5::timestamptz[]) AS n(key, level, at, told_at)
       WHERE a.organization_id = $1 AND a.key = n.key`,
      [
        organizationId,
        rows.map(({ key }) => key),
        kept.map(({ level }) => level),
        kept.map(({ at }) => at),
        kept.map(({ toldAt }) => toldAt),
      ],
    );
    return { retryAfter, tell: counted.flatMap(({ row, next }) => (next.tell ? [row.key] : [])) };
  }

  /** What was counted turned out to be right. */
  async giveBack(tx: Transaction, organizationId: string, keys: readonly AttemptKey[]): Promise<void> {
    await tx.execute(
      `UPDATE recovery_attempts SET level = greatest(0, level - 1) WHERE organization_id = $1 AND key = ANY($2::text[])`,
      [organizationId, keys.map(({ key }) => key)],
    );
  }

  /** Deletes what has leaked away, over all organizations. */
  async purge(db: Queryable, now: Date): Promise<void> {
    await db.execute(`DELETE FROM recovery_attempts WHERE at < $1`, [new Date(now.getTime() - KEPT_MS)]);
  }
}
