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
  /**
   * Counts one attempt by each of the keys, or by none of them when one is full. The first is that of the address, which makes attempts
   * from there wait for each other; the others are of what is tried from there, and leave a row only when they were let in: whoever is
   * refused fills no table.
   */
  async take(
    tx: Transaction,
    organizationId: string,
    keys: readonly [AttemptKey, ...AttemptKey[]],
    now: Date,
  ): Promise<TakenAttempt> {
    await tx.execute(
      `INSERT INTO recovery_attempts AS a (organization_id, key, level, at) VALUES ($1, $2, 0, $3)
       ON CONFLICT (organization_id, key) DO UPDATE SET level = a.level`,
      [organizationId, keys[0].key, now],
    );
    const rows = await tx.query<AttemptLevel & { key: string }>(
      `SELECT key, level, at, told_at AS "toldAt" FROM recovery_attempts WHERE organization_id = $1 AND key = ANY($2::text[])`,
      [organizationId, keys.map(({ key }) => key)],
    );
    const counted = keys.map(({ key, limit }) => {
      const before = rows.find((row) => row.key === key) ?? { level: 0, at: now, toldAt: null };
      return { key, ...countAttempt(before, limit, now) };
    });
    const retryAfter = Math.max(...counted.map((each) => each.retryAfter));
    const told = counted.filter(({ tell }) => tell);
    await this.keep(tx, organizationId, retryAfter === 0 ? counted : told);
    return { retryAfter, tell: told.map(({ key }) => key) };
  }

  private async keep(
    tx: Transaction,
    organizationId: string,
    levels: readonly (AttemptLevel & { readonly key: string })[],
  ): Promise<void> {
    if (levels.length === 0) return;
    await tx.execute(
      `INSERT INTO recovery_attempts (organization_id, key, level, at, told_at)
       SELECT $1, n.* FROM unnest($2::text[], $3::float8[], $4::timestamptz[], $5::timestamptz[]) AS n(key, level, at, told_at)
       ON CONFLICT (organization_id, key) DO UPDATE SET level = excluded.level, at = excluded.at, told_at = excluded.told_at`,
      [
        organizationId,
        levels.map(({ key }) => key),
        levels.map(({ level }) => level),
        levels.map(({ at }) => at),
        levels.map(({ toldAt }) => toldAt),
      ],
    );
  }

  /** What was counted turned out to be right. The address is locked first here too: its key is the first in their order. */
  async giveBack(tx: Transaction, organizationId: string, keys: readonly AttemptKey[]): Promise<void> {
    await tx.execute(
      `UPDATE recovery_attempts a SET level = greatest(0, a.level - 1)
       FROM (SELECT key FROM recovery_attempts WHERE organization_id = $1 AND key = ANY($2::text[]) ORDER BY key FOR UPDATE) k
       WHERE a.organization_id = $1 AND a.key = k.key`,
      [organizationId, keys.map(({ key }) => key)],
    );
  }

  /** Deletes what has leaked away, over all organizations. */
  async purge(db: Queryable, now: Date): Promise<void> {
    await db.execute(`DELETE FROM recovery_attempts WHERE at < $1`, [new Date(now.getTime() - KEPT_MS)]);
  }
}
