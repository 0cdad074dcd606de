import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../src/config/config.js';
import { openDatabase, type Database } from '../../src/database/database.js';
import { managerToSql } from '../../src/directory/manager-to-sql.js';

/** The embedded database looks after its statistics by itself, whatever the scenarios run on. */

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

it('the embedded database counts what is in its tables when much has changed', async () => {
  const sql = <T>(text: string) => database.dataSource.query<T[]>(text);
  const [{ id }] = (await sql<{ id: string }>(
    `INSERT INTO organizations (id, slug, name, roles, session_lifetime_seconds, created_at, updated_at)
     VALUES (gen_random_uuid(), 'acme', 'Acme', '{admin,member}', 3600, now(), now()) RETURNING id`,
  )) as [{ id: string }];
  await sql(`INSERT INTO users (organization_id, id, provenance, active, user_name, user_name_key, email_keys, attributes, role, created_at, updated_at)
    SELECT '${id}', gen_random_uuid(), 'manual', true, n::text, n::text, '{}', '{}', 'member', now(), now() FROM generate_series(1, 3000) n`);
  const counted = async () =>
    (await sql<{ n: number }>(`SELECT reltuples::integer AS n FROM pg_class WHERE relname = 'users'`))[0]!.n;
  for (let attempt = 0; attempt < 600 && (await counted()) < 3000; attempt++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  expect(await counted()).toBe(3000);
  // Otherwise everybody is read for the manager of each.
  const plan = await sql<{ 'QUERY PLAN': string }>(
    `EXPLAIN SELECT ${managerToSql('u')} FROM users u WHERE u.organization_id = '${id}'`,
  );
  expect(plan.map((row) => row['QUERY PLAN']).join('\n')).toMatch(/Index Cond: .*\(id = CASE/);
}, 90_000);
