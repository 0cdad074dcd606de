import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataSource } from 'typeorm';
import { loadConfig } from '../../src/config/config.js';
import { openDatabase, type Database } from '../../src/database/database.js';
import { getToKnowOrganizations, type Session } from '../../src/database/upkeep.js';
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
    await server.sql(people(stranger.organization.id, 1_500));
    const expected = async ({ organization: { id } }: typeof first) => {
      const plan = textOf(await server.sql(`EXPLAIN SELECT FROM users WHERE organization_id = '${id}'`));
      return Number(/rows=(\d+)/.exec(plan)![1]);
    };
    // Neither autovacuum nor its stand-in comes for so little.
    expect(await expected(stranger)).toBe(1);
    await until(async () => (await expected(stranger)) > 1_000);
    expect(await expected(second)).toBeGreaterThan(300);
    const asked: string[] = [];
    const { master } = server.app.get(DataSource).driver as unknown as { master: Session };
    await getToKnowOrganizations({
      query: (sql, parameters) => {
        asked.push(sql);
        return master.query(sql, parameters);
      },
    });
    // What is known is not counted again.
    expect(asked.filter((sql) => sql.startsWith('ANALYZE'))).toEqual([]);
    expect(asked).toHaveLength(2);
  }, 90_000);
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
