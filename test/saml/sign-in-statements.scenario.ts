import type { Transaction } from '../../src/database/transaction.js';
import { UnitOfWork } from '../../src/database/unit-of-work.service.js';
import { SignInDetails } from '../../src/sessions/sign-in-details.service.js';
import { onPostgres, startTestServer, type TestServer } from '../support/app.js';
import { isStatement, recordStatements } from '../support/count-statements.js';
import { Engine, OPERATOR, SCIM_CLIENT } from '../support/engine.js';
import { createSamlTenant, TestBrowser, responseOf, type SamlTenant } from '../support/saml-sign-in.js';
import { sideEffects } from '../support/side-effects.js';

/** What one answer of an IdP costs, from the request at the ACS to the redirect, BEGIN and COMMIT not counted. */
describe('the statements of a sign-in', () => {
  let server: TestServer;
  let engine: Engine;
  let tenant: SamlTenant;
  let sent: readonly string[];
  const names = Array.from({ length: 55 }, (_, n) => `Group ${n}`);

  beforeAll(async () => {
    server = await startTestServer();
    engine = new Engine(server);
    tenant = await createSamlTenant(server);
    for (const displayName of names) {
      await engine.operator.createGroup(tenant.organization.id, { displayName }, OPERATOR);
    }
    sent = recordStatements(server);
  });
  afterAll(() => server.close());

  /** Those of the answer alone. */
  async function statementsOf(nameId: string, groups: readonly string[]): Promise<readonly string[]> {
    const browser = new TestBrowser(server);
    const { id, relayState } = await browser.begin(tenant);
    const xml = responseOf(tenant, id, { nameId, attributes: { email: [nameId], groups } });
    const before = sent.length;
    const { status, headers } = await browser.answer(tenant, xml, relayState);
    expect(status).toBe(303);
    expect(headers.getSetCookie().join()).toContain('session');
    await server.app.get(SignInDetails).settled();
    const statements = sent.slice(before).filter(isStatement);
    // Behind the answer, which waits for none of it: the detail of the sign-in, and the key that it is sealed with while that is new.
    const behind = statements.filter((sql) => /sign_in_details|data_keys/.test(sql));
    expect(behind.filter((sql) => sql.includes('sign_in_details')).length).toBe(1);
    return statements.filter((sql) => !behind.includes(sql));
  }

  it('one that changes nothing needs at most 6, with one group or with fifty', async () => {
    await statementsOf('ada@example.com', names.slice(0, 50));
    await statementsOf('bob@example.com', names.slice(0, 1));
    const effects = await sideEffects(
      server,
      async () => {
        const fifty = await statementsOf('ada@example.com', names.slice(0, 50));
        expect(fifty.length).toBeLessThanOrEqual(6);
        expect(await statementsOf('bob@example.com', names.slice(0, 1))).toEqual(fifty);
      },
      tenant.organization.id,
    );
    expect(effects.events.map(([type]) => type)).toEqual(['session.opened', 'session.opened']);
    expect(effects.rows).toEqual({
      login_requests: '+2',
      used_assertions: '+2',
      sessions: '+2',
      sign_ins: '+2',
      audit_entries: '+2',
    });
  });

  it('one of somebody under SCIM, whose drift it notes, needs at most 6 too', async () => {
    const connection = await engine.update(tenant.connection, { scim: true, provisioning: { requireScim: false } });
    const document = { userName: 'eve@example.com', externalId: null, active: true, attributes: {} };
    await engine.users.create(connection, document, SCIM_CLIENT);
    await statementsOf('eve@example.com', names);
    expect((await statementsOf('eve@example.com', names)).length).toBeLessThanOrEqual(6);
    await engine.update(tenant.connection, { scim: false });
  });

  it('one that resets five of fifty groups, or creates a person, needs as many as with one group', async () => {
    await statementsOf('cyd@example.com', names.slice(0, 50));
    const five = await statementsOf('cyd@example.com', names.slice(5, 55));
    await statementsOf('dee@example.com', names.slice(0, 2));
    expect(await statementsOf('dee@example.com', names.slice(1, 3))).toEqual(five);
    expect(five.length).toBeLessThanOrEqual(12);
    const newcomer = await statementsOf('fay@example.com', names.slice(0, 50));
    expect(newcomer.length).toBeLessThanOrEqual(12);
    expect(await statementsOf('gus@example.com', names.slice(0, 1))).toEqual(newcomer);
  });

  // The embedded database is PostgreSQL too, but takes its time to be filled.
  (onPostgres ? it : it.skip)('none of them reads everybody or every group, whatever it looks for', async () => {
    await populate(server, tenant, 5_000);
    await statementsOf('hal@example.com', names.slice(0, 50));
    const texts = new Set([
      ...(await statementsOf('hal@example.com', names.slice(0, 50))),
      ...(await statementsOf('hal@example.com', names.slice(5, 55))),
      ...(await statementsOf('ida@example.com', names.slice(0, 50))),
    ]);
    const plans = await server.app.get(UnitOfWork).run(async (tx) => {
      const found: string[] = [];
      for (const text of texts) found.push(await genericPlan(tx, text));
      return found;
    }, 'repeated');
    expect(plans.length).toBeGreaterThan(13);
    for (const plan of plans)
      expect(plan).not.toMatch(/Seq Scan on (users|groups|memberships|identities)|users_updated_at/);
    expect(plans.join()).toMatch(/Index Scan on users_emails/);
  });
});

/** How PostgreSQL does a statement whose parameters it does not know. */
async function genericPlan(tx: Transaction, text: string): Promise<string> {
  await tx.query(`PREPARE probe AS ${text}`);
  const [{ count }] = (await tx.query<{ count: number }>(
    `SELECT cardinality(parameter_types) AS count FROM pg_prepared_statements WHERE name = 'probe'`,
  )) as [{ count: number }];
  const rows = await tx.query<{ 'QUERY PLAN': string }>(
    `EXPLAIN EXECUTE probe(${Array.from({ length: count }, () => 'NULL').join()})`,
  );
  await tx.query('DEALLOCATE probe');
  return rows.map((row) => row['QUERY PLAN']).join('\n');
}

/** So many people who have signed in, with an address and a group each, and as many groups of nobody. */
async function populate(server: TestServer, { organization, connection }: SamlTenant, people: number): Promise<void> {
  const organizationId = organization.id;
  await server.sql(
    `INSERT INTO users (organization_id, id, provenance, active, user_name, user_name_key, email_keys, attributes, role, created_at, updated_at)
     SELECT $1, gen_random_uuid(), 'manual', true, n || '@x', n || '@x', ARRAY[n || '@x'], '{}', 'member', now(), now()
     FROM generate_series(1, $2::integer) n`,
    [organizationId, people],
  );
  await server.sql(
    `INSERT INTO groups (organization_id, id, provenance, login_policy, protected, is_default, display_name, display_name_key, attributes, created_at, updated_at)
     SELECT $1, gen_random_uuid(), 'manual', 'own', false, false, 'X ' || n, 'x ' || n, '{}', now(), now()
     FROM generate_series(1, 2 * $2::integer) n`,
    [organizationId, people],
  );
  await server.sql(
    `INSERT INTO memberships (organization_id, group_id, user_id, origins, created_at)
     SELECT $1, g.id, u.id, '{manual}', now() FROM (SELECT id, row_number() OVER () AS n FROM users WHERE organization_id = $1) u
     JOIN (SELECT id, row_number() OVER () AS n FROM groups WHERE organization_id = $1 AND display_name LIKE 'X %') g ON g.n = u.n`,
    [organizationId],
  );
  await server.sql(
    `INSERT INTO identities (organization_id, connection_id, name_id_format, name_qualifier, name_id, user_id, created_at)
     SELECT $1, $2, 'x', '', id, id, now() FROM users WHERE organization_id = $1`,
    [organizationId, connection.id],
  );
  await server.sql('ANALYZE');
}
