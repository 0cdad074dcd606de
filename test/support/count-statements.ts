import { DataSource } from 'typeorm';
import type { TestServer } from './app.js';

/** From now on, every statement the server sends to its database, in order. Everything it asks goes through a query runner. */
export function recordStatements(server: Pick<TestServer, 'app'>): readonly string[] {
  const dataSource = server.app.get(DataSource);
  const create = dataSource.createQueryRunner.bind(dataSource);
  const sent: string[] = [];
  dataSource.createQueryRunner = (mode) => {
    const runner = create(mode);
    const query = runner.query.bind(runner) as (...values: unknown[]) => Promise<unknown>;
    runner.query = ((...values: unknown[]) => {
      const [sql] = values as [string | { text: string }];
      sent.push(typeof sql === 'string' ? sql : sql.text);
      return query(...values);
    }) as typeof runner.query;
    return runner;
  };
  return sent;
}

/** From now on, how many there were. */
export function countStatements(server: Pick<TestServer, 'app'>): () => number {
  const sent = recordStatements(server);
  return () => sent.length;
}

/** What only begins and ends a transaction is a round trip, but no statement. */
export const isStatement = (sql: string): boolean => !/^\s*(START TRANSACTION|BEGIN|COMMIT|ROLLBACK)\b/i.test(sql);
