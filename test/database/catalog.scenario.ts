import { DataSource } from 'typeorm';
import { MIGRATIONS } from '../../migrations/index.js';
import { startTestServer, type TestServer } from '../support/app.js';

/** Rule R8 and the migrations, judged by the catalog of the database itself. */

/** Tables that belong to the server and not to an organization; everything else is a tenant table. */
const GLOBAL_TABLES = ['admin_tokens', 'organizations', 'schema_migrations', 'verified_domains'];

describe('the schema', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(() => server.close());

  const tables = async () =>
    (
      await server.sql<{ name: string }>(
        `SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') ORDER BY 1`,
      )
    ).map(({ name }) => name);
  const tenantTables = async () => (await tables()).filter((name) => !GLOBAL_TABLES.includes(name));

  it('has the organization in every tenant table, never null', async () => {
    const expected = await tenantTables();
    expect(expected.length).toBeGreaterThan(10);
    const found = await server.sql<{ name: string }>(
      `SELECT c.relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
       WHERE c.relname = ANY($1) AND a.attname = 'organization_id' AND a.attnotnull ORDER BY 1`,
      [expected],
    );
    expect(found.map(({ name }) => name)).toEqual(expected);
  });

  it('starts every primary key and unique index of a tenant table with the organization', async () => {
    const names = await tenantTables();
    const indexes = await server.sql<{ table: string; index: string; first: string; is_primary: boolean }>(
      `SELECT c.relname AS table, i.relname AS index, a.attname AS first, x.indisprimary AS is_primary
       FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
       LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = x.indkey[0]
       WHERE x.indisunique AND c.relname = ANY($1) ORDER BY 1, 2`,
      [names],
    );
    expect(indexes.filter(({ is_primary }) => is_primary).map(({ table }) => table)).toEqual(names);
    expect(indexes.filter(({ first }) => first !== 'organization_id')).toEqual([]);
  });

  it('starts every foreign key of a tenant table with the organization, on both sides', async () => {
    const keys = await server.sql<{ table: string; key: string; from: string; to: string; referenced: string }>(
      `SELECT c.relname AS table, k.conname AS key, a.attname AS from, f.attname AS to, r.relname AS referenced
       FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_class r ON r.oid = k.confrelid
       JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
       JOIN pg_attribute f ON f.attrelid = k.confrelid AND f.attnum = k.confkey[1]
       WHERE k.contype = 'f' AND c.relname = ANY($1) ORDER BY 1, 2`,
      [await tenantTables()],
    );
    expect(keys.length).toBeGreaterThan(10);
    const wrong = keys.filter(
      ({ from, to, referenced }) =>
        from !== 'organization_id' || to !== (referenced === 'organizations' ? 'id' : 'organization_id'),
    );
    expect(wrong).toEqual([]);
  });

  it('goes down to nothing and up to the same again', async () => {
    const dataSource = server.app.get(DataSource);
    const migrated = await describeSchema();
    expect(migrated.length).toBeGreaterThan(100);
    for (let count = 0; count < MIGRATIONS.length; count++) await dataSource.undoLastMigration({ transaction: 'each' });
    expect(await tables()).toEqual(['schema_migrations']);
    expect(await server.sql(`SELECT * FROM schema_migrations`)).toEqual([]);
    const leftovers = await server.sql(
      `SELECT proname AS name FROM pg_proc WHERE pronamespace = 'public'::regnamespace
       UNION ALL SELECT typname FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typname NOT IN ('schema_migrations', '_schema_migrations')
       UNION ALL SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'S' AND relname NOT LIKE 'schema_migrations%'`,
    );
    expect(leftovers).toEqual([]);
    await dataSource.runMigrations({ transaction: 'each' });
    expect(await describeSchema()).toEqual(migrated);
  });

  /** Every column, constraint, index, trigger and function as the database words it. */
  async function describeSchema(): Promise<string[]> {
    const rows = await server.sql<{ line: string }>(
      `SELECT format('column %s.%s %s %s %s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
           CASE WHEN a.attnotnull THEN 'not null' ELSE 'null' END, pg_get_expr(d.adbin, d.adrelid)) AS line
         FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
         LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
         WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
       UNION ALL SELECT format('constraint %s.%s %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint
         WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
       UNION ALL SELECT format('index %s', indexdef) FROM pg_indexes WHERE schemaname = 'public'
       UNION ALL SELECT format('trigger %s', pg_get_triggerdef(oid)) FROM pg_trigger WHERE NOT tgisinternal
       UNION ALL SELECT format('function %s', pg_get_functiondef(oid)) FROM pg_proc
         WHERE pronamespace = 'public'::regnamespace AND prokind = 'f'
       ORDER BY 1`,
    );
    return rows.map(({ line }) => line);
  }
});
