import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../src/config/config.js';
import { openDatabase, type Database } from '../../src/database/database.js';
import type { Transaction } from '../../src/database/transaction.js';
import { UnitOfWork } from '../../src/database/unit-of-work.service.js';
import { getToKnowOrganizations } from '../../src/database/upkeep.js';
import { managerToSql } from '../../src/directory/manager-to-sql.js';
import { startTestServer, type TestServer } from '../support/app.js';
import { createTenant } from '../support/scenario.js';

type Plan = { 'QUERY PLAN': string }[];
const textOf = (plan: Plan) => plan.map((row) => row['QUERY PLAN']).join('\n');

const people = (organization: string, count: number) => `INSERT INTO users
    (organization_id, id, provenance, active, user_name, user_name_key, email_keys, attributes, role, created_at, updated_at)
  SELECT '${organization}', gen_random_uuid(), 'manual', true, n::text, n::text, '{}', '{}', 'member', now(), now()
  FROM generate_series(1, ${count}) n`;

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 600 && !(await isSo()); attempt++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  expect(await isSo()).toBe(true);
}

/** What is analyzed at one look. */
async function analyzedBy(tx: Transaction): Promise<string[]> {
  const asked: string[] = [];
  await getToKnowOrganizations({
    query: async <Row>(sql: string, parameters?: readonly unknown[]) => {
      asked.push(sql);
      return { rows: await tx.query<Row>(sql, parameters) };
    },
  });
  expect(asked.length).toBeGreaterThan(0);
  return asked.filter((sql) => sql.startsWith('ANALYZE'));
}

describe('an organization that comes to a database with others', () => {
  let server: TestServer;
  beforeAll(async () => (server = await startTestServer()));
  afterAll(() => server.close());

  it('is known to the planner soon, however little of everything it is', async () => {
    const [first, second, stranger] = [
      await createTenant(server),
      await createTenant(server),
      await createTenant(server),
    ];
    await server.sql(people(first.organization.id, 40_000));
    await server.sql(people(second.organization.id, 500));
    await server.sql('ANALYZE users');
    const plan = `EXPLAIN SELECT FROM users WHERE organization_id = '${stranger.organization.id}'`;
    const rowsOf = (explained: Plan) => Number(/rows=(\d+)/.exec(textOf(explained))![1]);
    await server.app.get(UnitOfWork).run(async (tx) => {
      // Neither autovacuum nor its stand-in comes for so little.
      await tx.execute(people(stranger.organization.id, 900));
      expect(rowsOf(await tx.query(plan))).toBe(1);
    });
    await until(async () => rowsOf(await server.sql(plan)) > 600);
    // What is known is not counted again.
    expect(await server.app.get(UnitOfWork).run(analyzedBy)).toEqual([]);
  }, 90_000);

  it('is left to the owner of the tables where the server is not', async () => {
    const stranger = await createTenant(server);
    const undone = new Error('undone');
    const work = server.app.get(UnitOfWork).run(async (tx) => {
      await tx.execute(people(stranger.organization.id, 900));
      await tx.execute('SAVEPOINT before_role');
      await tx.execute('CREATE ROLE rollcall_reader_of_tests');
      await tx.execute('GRANT SELECT ON ALL TABLES IN SCHEMA public TO rollcall_reader_of_tests');
      await tx.execute('SET LOCAL ROLE rollcall_reader_of_tests');
      expect(await analyzedBy(tx)).toEqual([]);
      await tx.execute('ROLLBACK TO before_role');
      expect(await analyzedBy(tx)).toEqual(['ANALYZE (SKIP_LOCKED) users']);
      throw undone;
    });
    await expect(work).rejects.toBe(undone);
  });
});

/** Whatever the scenarios run on. */
describe('the embedded database', () => {
  let directory: string;
  let database: Database;
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'rollcall-test-'));
    database = await openDatabase(loadConfig({ DATA_DIRECTORY: directory, DEMO: 'false' }));
  }, 120_000);
  afterAll(async () => {
    await database.close();
    rmSync(directory, { recursive: true, force: true });
  });

  it('counts what is in its tables when much has changed', async () => {
    const sql = <T>(text: string) => database.dataSource.query<T[]>(text);
    const [{ id }] = (await sql<{ id: string }>(
      `INSERT INTO organizations (id, slug, name, roles, session_lifetime_seconds, created_at, updated_at)
       VALUES (gen_random_uuid(), 'acme', 'Acme', '{admin,member}', 3600, now(), now()) RETURNING id`,
    )) as [{ id: string }];
    await sql(people(id, 3_000));
    const counted = async () =>
      (await sql<{ n: number }>(`SELECT reltuples::integer AS n FROM pg_class WHERE relname = 'users'`))[0]!.n;
    await until(async () => (await counted()) === 3_000);
    // Otherwise everybody is read for the manager of each.
    const plan: Plan = await sql(`EXPLAIN SELECT ${managerToSql('u')} FROM users u WHERE u.organization_id = '${id}'`);
    expect(textOf(plan)).toMatch(/Index Cond: .*\(id = CASE/);
  }, 90_000);
});
