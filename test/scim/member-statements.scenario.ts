import { startTestServer, type TestServer } from '../support/app.js';
import { countStatements } from '../support/count-statements.js';
import { createTenant, type Tenant } from '../support/scenario.js';

/** Members are written as sets: as many statements for a thousand as for one. */
describe('the statements of a change of members', () => {
  let server: TestServer;
  let tenant: Tenant;
  let group: string;
  let statements: () => number;

  beforeAll(async () => {
    server = await startTestServer();
    statements = countStatements(server);
    tenant = await createTenant(server);
    await server.sql(
      `INSERT INTO users (organization_id, id, connection_id, provenance, active, user_name, user_name_key, email_keys, attributes, role, created_at, updated_at)
       SELECT $1, ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, $2, 'scim', true, 'u' || n, 'u' || n, '{}', '{}', 'member', now(), now()
       FROM generate_series(1, 3000) n`,
      [tenant.organization.id, tenant.connection.id],
    );
    group = (await tenant.scim<{ id: string }>('POST', '/Groups', { displayName: 'Everybody' })).json.id;
  });
  afterAll(() => server.close());

  const people = (first: number, count: number) =>
    Array.from({ length: count }, (_, n) => ({
      value: `00000000-0000-7000-8000-${String(first + n).padStart(12, '0')}`,
    }));

  async function statementsOf(work: () => Promise<unknown>): Promise<number> {
    const before = statements();
    await work();
    return statements() - before;
  }

  const patch = async (op: string, value: unknown, expected: number) => {
    const reply = await tenant.scim('PATCH', `/Groups/${group}?excludedAttributes=members`, {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
      Operations: [{ op, path: 'members', value }],
    });
    expect([200, 204]).toContain(reply.status);
    const [row] = await server.sql<{ n: number }>(
      `SELECT count(*)::integer AS n FROM memberships WHERE group_id = $1`,
      [group],
    );
    expect(row!.n).toBe(expected);
  };

  it('R-134 a thousand members are added, removed and replaced by as many statements as one', async () => {
    // Notes that the token was used.
    await patch('add', people(3000, 1), 1);
    const one = await statementsOf(() => patch('add', people(1, 1), 2));
    expect(one).toBeLessThan(15);
    expect(await statementsOf(() => patch('add', people(2, 1000), 1002))).toBe(one);
    const removal = await statementsOf(() => patch('remove', people(1, 1), 1001));
    expect(await statementsOf(() => patch('remove', people(2, 1000), 1))).toBe(removal);
    const replacement = await statementsOf(() => patch('replace', people(1, 1), 1));
    expect(await statementsOf(() => patch('replace', people(500, 1500), 1500))).toBe(replacement);
  });

  // Whom the planner's statistics do not know yet, as when a directory is pushed for the first time.
  it('R-134 one of thousands is left out of a new group faster than they were put in', async () => {
    const fresh = await createTenant(server);
    await server.sql(
      `INSERT INTO users (organization_id, id, connection_id, provenance, active, user_name, user_name_key, email_keys, attributes, role, created_at, updated_at)
       SELECT $1, gen_random_uuid(), $2, 'scim', true, 'u' || n, 'u' || n, '{}', '{}', 'member', now(), now() FROM generate_series(1, 16000) n`,
      [fresh.organization.id, fresh.connection.id],
    );
    const everybody = await server.sql<{ value: string }>(`SELECT id AS value FROM users WHERE organization_id = $1`, [
      fresh.organization.id,
    ]);
    const timed = async (method: string, path: string, members: unknown): Promise<[string, number]> => {
      const started = performance.now();
      const { status, json } = await fresh.scim(method, path, { displayName: 'All', members });
      expect(status).toBeLessThan(300);
      return [String(json['id']), performance.now() - started];
    };
    const [id, putIn] = await timed('POST', '/Groups?excludedAttributes=members', everybody);
    const [, leftOut] = await timed('PUT', `/Groups/${id}?excludedAttributes=members`, everybody.slice(1));
    expect(leftOut).toBeLessThan(2 * putIn);
  });
});
