import pg from 'pg';
import { onPostgres, startTestServer, type TestServer } from '../support/app.js';
import { createTenant, type Tenant } from '../support/scenario.js';

/** Totals of lists without a filter are sums that the database keeps: exact, whoever writes at the same time. */
describe('the totals of people and groups', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({ DATABASE_POOL_SIZE: '8' });
  });
  afterAll(() => server.close());

  const told = async (tenant: Tenant, path: string) =>
    (await tenant.scim<{ totalResults: number }>('GET', `${path}?count=1&attributes=id`)).json.totalResults;
  const rowsOf = async ({ organization }: Tenant) =>
    (
      await server.sql<{ users: number; groups: number; sums: number }>(
        `SELECT (SELECT count(*)::integer FROM users WHERE organization_id = $1 AND deleted_at IS NULL) AS users,
           (SELECT count(*)::integer FROM groups WHERE organization_id = $1) AS groups,
           (SELECT count(*)::integer FROM directory_totals WHERE organization_id = $1) AS sums`,
        [organization.id],
      )
    )[0]!;

  it('R-102 hold through parallel creating, deleting and refused requests, and stay a few rows', async () => {
    const tenant = await createTenant(server);
    const other = await createTenant(server);
    await other.scim('POST', '/Users', { userName: 'somebody' });
    const workers = Array.from({ length: 8 }, async (_, worker) => {
      for (let n = 0; n < 25; n++) {
        // Every third name is everybody's: one creates it, the others are refused and rolled back.
        const userName = n % 3 === 0 ? `shared${n}` : `user${worker}-${n}`;
        const { status, json } = await tenant.scim<{ id: string }>('POST', '/Users', { userName });
        expect([201, 409]).toContain(status);
        if (status === 201 && n % 4 === 1) await tenant.scim('DELETE', `/Users/${json.id}`);
        const group = await tenant.scim<{ id: string }>('POST', '/Groups', {
          displayName: `group${n % 5}-${worker % 4}`,
        });
        if (group.status === 201 && n > 10) await tenant.scim('DELETE', `/Groups/${group.json.id}`);
      }
    });
    await Promise.all(workers);
    const rows = await rowsOf(tenant);
    expect(rows.users).toBeGreaterThan(60);
    expect([await told(tenant, '/Users'), await told(tenant, '/Groups')]).toEqual([rows.users, rows.groups]);
    expect(await told(other, '/Users')).toBe(1);
    // Some 250 changes; one of 32 folds them.
    expect(rows.sums).toBeLessThan(120);
  });

  it('R-102 count sets too, and only the living', async () => {
    const tenant = await createTenant(server);
    const { organization, connection } = tenant;
    await server.sql(
      `INSERT INTO users (organization_id, id, connection_id, provenance, active, user_name, user_name_key, email_keys, attributes, role, created_at, updated_at, deleted_at)
       SELECT $1, gen_random_uuid(), $2, 'scim', false, 'u' || n, 'u' || n, '{}', '{}', 'member', now(), now(), CASE WHEN n > 80 THEN now() END
       FROM generate_series(1, 100) n`,
      [organization.id, connection.id],
    );
    expect(await told(tenant, '/Users')).toBe(80);
    await server.sql(`UPDATE users SET deleted_at = now() WHERE organization_id = $1 AND user_name LIKE 'u1%'`, [
      organization.id,
    ]);
    await server.sql(`UPDATE users SET deleted_at = NULL WHERE organization_id = $1 AND user_name = 'u99'`, [
      organization.id,
    ]);
    await server.sql(`UPDATE users SET role = 'admin' WHERE organization_id = $1`, [organization.id]);
    await server.sql(`DELETE FROM users WHERE organization_id = $1 AND user_name LIKE '%3'`, [organization.id]);
    expect(await told(tenant, '/Users')).toBe((await rowsOf(tenant)).users);
    await server.sql(`DELETE FROM users WHERE organization_id = $1`, [organization.id]);
    expect(await told(tenant, '/Users')).toBe(0);
  });

  // It takes two connections at once; the embedded database has one.
  (onPostgres ? it : it.skip)(
    'nobody who creates waits for another who does, and what is not committed does not count',
    async () => {
      const tenant = await createTenant(server);
      const { organization, connection } = tenant;
      const client = new pg.Client({ connectionString: server.environment['DATABASE_URL'] });
      await client.connect();
      try {
        const insert = (name: string) =>
          client.query(
            `INSERT INTO users (organization_id, id, connection_id, provenance, active, user_name, user_name_key, email_keys, attributes, role, created_at, updated_at)
           VALUES ($1, gen_random_uuid(), $2, 'scim', true, $3, $3, '{}', '{}', 'member', now(), now())`,
            [organization.id, connection.id, name],
          );
        await client.query('BEGIN');
        // Enough for the open transaction to hold sums that were folded by it.
        for (let n = 0; n < 100; n++) await insert(`held${n}`);
        for (let n = 0; n < 100; n++)
          expect((await tenant.scim('POST', '/Users', { userName: `free${n}` })).status).toBe(201);
        expect(await told(tenant, '/Users')).toBe(100);
        await client.query('ROLLBACK');
        expect(await told(tenant, '/Users')).toBe(100);
        await client.query('BEGIN');
        await insert('later');
        await client.query('COMMIT');
        expect(await told(tenant, '/Users')).toBe(101);
      } finally {
        await client.end();
      }
    },
  );
});
