import { DataSource } from 'typeorm';
import type { TestServer } from './app.js';

/** From now on, the number of statements the server has sent to its database. Everything it asks goes through a query runner. */
export function countStatements(server: Pick<TestServer, 'app'>): () => number {
  const dataSource = server.app.get(DataSource);
  const create = dataSource.createQueryRunner.bind(dataSource);
  let count = 0;
  dataSource.createQueryRunner = (mode) => {
    const runner = create(mode);
    const query = runner.query.bind(runner) as (...values: unknown[]) => Promise<unknown>;
    runner.query = ((...values: unknown[]) => {
      count++;
      return query(...values);
    }) as typeof runner.query;
    return runner;
  };
  return () => count;
}
