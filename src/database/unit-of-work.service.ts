import { AsyncLocalStorage } from 'node:async_hooks';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type QueryRunner } from 'typeorm';
import { runDeferred, type Deferred } from './deferred-statements.js';
import { BEGIN_REPEATED, RepeatedStatements, type Statement } from './repeated-statements.js';
import type { Queryable, Snapshot, Transaction } from './transaction.js';
import { Turnstile } from './turnstile.js';

/** SQLSTATEs after which the same transaction may succeed: serialization failure and deadlock. */
const RETRYABLE = new Set(['40001', '40P01']);
const ATTEMPTS = 4;

/**
 * Owns the transaction. `run` hands one down; statements outside of it, on `read`, are refused while one is open in the same call
 * chain: on the embedded database they would wait for the only connection for ever, and on PostgreSQL they would not see the
 * transaction's own writes.
 */
@Injectable()
export class UnitOfWork {
  private readonly open = new AsyncLocalStorage<true>();
  private readonly snapshots = new Turnstile();
  private readonly repeated = new RepeatedStatements();

  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  /** Single statements outside any transaction. */
  readonly read: Queryable = {
    query: async <Row>(sql: string, parameters: readonly unknown[] = []) => {
      this.refuseInside();
      const runner = this.dataSource.createQueryRunner();
      try {
        return await rowsOf<Row>(runner, sql, parameters);
      } finally {
        await runner.release();
      }
    },
    execute: async (sql: string, parameters: readonly unknown[] = []) => {
      this.refuseInside();
      const runner = this.dataSource.createQueryRunner();
      try {
        return await countOf(runner, sql, parameters);
      } finally {
        await runner.release();
      }
    },
  };

  /**
   * Runs `work` in one transaction; commits when it resolves. A deadlock or serialization failure runs it again from the start.
   * `repeated`: the texts of its statements are the same every time, and each finds its rows by key (BEGIN_REPEATED).
   */
  async run<T>(work: (tx: Transaction) => Promise<T>, statements: 'varying' | 'repeated' = 'varying'): Promise<T> {
    this.refuseInside();
    const [begin, named] =
      statements === 'repeated'
        ? [BEGIN_REPEATED, (sql: string) => this.repeated.of(sql)]
        : ['START TRANSACTION', (sql: string) => sql];
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.open.run(true, () => this.attempt(work, begin, named));
      } catch (error) {
        if (attempt >= ATTEMPTS || !RETRYABLE.has(sqlState(error) ?? '')) throw error;
      }
    }
  }

  /**
   * What `read` gives, all its statements seeing the database as it was at the first of them. A taker that is slow or goes away keeps
   * no more than half of the connections busy: further reads of this kind wait. Where there is only one connection nobody may keep it:
   * each statement then sees its own moment, and `read` has to notice changes by itself.
   */
  async *snapshot<T>(read: (db: Queryable) => AsyncGenerator<T>): AsyncGenerator<T> {
    const most = Math.floor((this.dataSource.options as { poolSize?: number }).poolSize! / 2);
    if (most < 1) {
      yield* read(this.read);
      return;
    }
    await this.snapshots.enter(most);
    const runner = this.dataSource.createQueryRunner();
    try {
      await runner.startTransaction('REPEATABLE READ');
      yield* read({
        query: (sql, parameters = []) => rowsOf(runner, sql, parameters),
        execute: (sql, parameters = []) => countOf(runner, sql, parameters),
      });
    } finally {
      try {
        // Nothing was written.
        if (runner.isTransactionActive) await runner.rollbackTransaction();
      } finally {
        await runner.release();
        this.snapshots.leave();
      }
    }
  }

  /** Runs `work` on one moment of the database, which refuses every write and every lock. */
  async look<T>(work: (db: Snapshot) => Promise<T>): Promise<T> {
    this.refuseInside();
    return this.open.run(true, async () => {
      const runner = this.dataSource.createQueryRunner();
      try {
        await runner.startTransaction('REPEATABLE READ');
        await runner.query('SET TRANSACTION READ ONLY');
        return await work({
          inTransaction: false,
          query: (sql, parameters = []) => rowsOf(runner, sql, parameters),
          execute: (sql, parameters = []) => countOf(runner, sql, parameters),
        });
      } finally {
        if (runner.isTransactionActive) await runner.rollbackTransaction();
        await runner.release();
      }
    });
  }

  private async attempt<T>(
    work: (tx: Transaction) => Promise<T>,
    begin: string,
    named: (sql: string) => Statement,
  ): Promise<T> {
    const runner = this.dataSource.createQueryRunner();
    const query = <Row>(sql: string, parameters: readonly unknown[] = []) =>
      rowsOf<Row>(runner, named(sql), parameters);
    let begun = false;
    try {
      await runner.query(begin);
      begun = true;
      const deferred: Deferred[] = [];
      const afterwards: (() => void)[] = [];
      const result = await work({
        inTransaction: true,
        query,
        execute: (sql, parameters = []) => countOf(runner, named(sql), parameters),
        defer: async (sql, parameters) => void deferred.push({ sql, parameters }),
        demand: async (sql, parameters, failure) => void deferred.push({ sql, parameters, failure }),
        committed: (then) => void afterwards.push(then),
      });
      await runDeferred(deferred, query);
      await runner.query('COMMIT');
      begun = false;
      for (const then of afterwards) then();
      return result;
    } catch (error) {
      if (begun) await runner.query('ROLLBACK');
      throw error;
    } finally {
      await runner.release();
    }
  }

  private refuseInside(): void {
    if (this.open.getStore()) {
      throw new Error('A statement outside the open transaction: hand the transaction down instead');
    }
  }
}

async function rowsOf<Row>(runner: QueryRunner, sql: Statement, parameters: readonly unknown[]): Promise<Row[]> {
  return ((await send(runner, sql, parameters)).records ?? []) as Row[];
}

async function countOf(runner: QueryRunner, sql: Statement, parameters: readonly unknown[]): Promise<number> {
  return (await send(runner, sql, parameters)).affected ?? 0;
}

/** TypeORM hands the statement on as it is, to pg, which takes one with a name too. */
const send = (runner: QueryRunner, sql: Statement, parameters: readonly unknown[]) =>
  runner.query(sql as string, [...parameters], true);

/** The SQLSTATE of a database error, through TypeORM's wrapper. */
export function sqlState(error: unknown): string | undefined {
  return field(error, 'code');
}

/** The name of the constraint a database error speaks of. */
export function constraintOf(error: unknown): string | undefined {
  return field(error, 'constraint');
}

function field(error: unknown, name: 'code' | 'constraint'): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const direct: unknown = Reflect.get(error, name);
  if (typeof direct === 'string') return direct;
  const driverError: unknown = Reflect.get(error, 'driverError');
  if (typeof driverError !== 'object' || driverError === null) return undefined;
  const nested: unknown = Reflect.get(driverError, name);
  return typeof nested === 'string' ? nested : undefined;
}
