import { Measurements } from '../../src/audit/measurements.service.js';
import { UnitOfWork } from '../../src/database/unit-of-work.service.js';
import { AdminTokensService } from '../../src/organizations/admin-tokens.service.js';
import { Measuring } from '../../src/reconciliation/measuring.service.js';
import { freshDatabase, onPostgres, startTestServer, type TestDatabase, type TestServer } from '../support/app.js';
import { countStatements } from '../support/count-statements.js';
import { Engine, OPERATOR, subject } from '../support/engine.js';
import { createTenant, request, TEST_OPERATOR, type Tenant } from '../support/scenario.js';
import { createSamlTenant, TestBrowser } from '../support/saml-sign-in.js';
import { expectNoEffects, sideEffects } from '../support/side-effects.js';

const TOKEN = 'a-token-of-the-monitoring';

/** GET /metrics: what a node counted, and what the database knows. */
describe('the metrics', () => {
  let database: TestDatabase;
  let server: TestServer;
  let tenant: Tenant;
  let slug: string;

  beforeAll(async () => {
    database = await freshDatabase();
    server = await startTestServer({ METRICS_TOKEN: TOKEN, MEASURE_EVERY_MINUTES: '15' }, database);
    tenant = await createTenant(server, { jit: true, provisioning: { requireScim: false } });
    slug = tenant.organization.slug;
  });
  afterAll(async () => {
    await server.close();
    await database.drop();
  });

  const read = (from: TestServer, token = TOKEN) => request(from, 'GET', '/metrics', { token });
  /** Samples whose name begins so, as `labels value`. */
  async function samples(name: string, from = server): Promise<string[]> {
    server.clock.advance(10);
    const { body } = await read(from);
    const lines = body.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
    return lines.map((line) => line.slice(name.length).trim()).sort();
  }
  const ours = async (name: string, from = server) =>
    (await samples(name, from)).flatMap((line) =>
      line.includes(`organization="${slug}"`) ? [line.replace(`organization="${slug}",`, '')] : [],
    );

  it('are told to whoever has the token of the monitoring or an operator token, to nobody else, and change nothing', async () => {
    const { token } = await server.app.get(AdminTokensService).create('metrics', null, TEST_OPERATOR);
    for (const good of [undefined, token]) {
      const { status, headers, body } = await read(server, good);
      expect(status).toBe(200);
      expect(headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
      expect(headers.get('cache-control')).toBe('no-store');
      expect(body).toContain('# TYPE rollcall_http_requests_total counter');
      expect(body).toContain('process_resident_memory_bytes');
      expect(body).toContain('\nrollcall_database_up 1\n');
    }
    const wrong = ['x', tenant.token, `${TOKEN}x`];
    for (const bad of wrong) expect((await read(server, bad)).status).toBe(401);
    const anonymous = await request(server, 'GET', '/metrics');
    expect(anonymous.status).toBe(401);
    expect(anonymous.headers.get('www-authenticate')).toBe('Bearer realm="Rollcall metrics"');
    expect(anonymous.body).not.toContain('rollcall_');
    // A metrics token is no operator's.
    const asOperator = await request(server, 'GET', '/admin/v1/organizations', { token: TOKEN });
    expect(asOperator.status).toBe(401);
    expectNoEffects(await sideEffects(server, () => read(server)));
  });

  it('count people by authority and drift by kind, as of the last measurement', async () => {
    const engine = new Engine(server);
    const { connection, organization } = tenant;
    for (const userName of ['ada', 'bob', 'cyd']) {
      await tenant.scim('POST', '/Users', { userName, displayName: userName });
    }
    await tenant.scim('POST', '/Users', { userName: 'dee', active: false });
    await engine.signIn(connection, { subject: subject('ada'), userName: 'ada', displayName: 'Countess' });
    await engine.signIn(connection, {
      subject: subject('bob'),
      userName: 'bob',
      groups: { kind: 'listed', values: ['Nobody knows'] },
    });
    await engine.signIn(connection, { subject: subject('eve'), userName: 'eve' });
    await engine.operator.createUser(organization.id, { userName: 'hand', attributes: {} }, OPERATOR);
    expect(await ours('rollcall_people')).toEqual([]);
    expectNoEffects(await sideEffects(server, () => server.app.get(Measuring).measure()));
    expect(await ours('rollcall_people')).toEqual([
      '{provenance="jit",active="true"} 1',
      '{provenance="manual",active="true"} 1',
      '{provenance="scim",active="false"} 1',
      '{provenance="scim",active="true"} 3',
    ]);
    expect(await ours('rollcall_drift_people')).toEqual([
      '{kind="active"} 0',
      '{kind="groups"} 0',
      '{kind="profile"} 1',
      '{kind="unknown-groups"} 1',
    ]);
    // Not due yet.
    await tenant.scim('POST', '/Users', { userName: 'fay' });
    await server.app.get(Measuring).measure();
    expect(await ours('rollcall_people')).toContain('{provenance="scim",active="true"} 3');
    server.clock.advance(15 * 60);
    await server.app.get(Measuring).measure();
    expect(await ours('rollcall_people')).toContain('{provenance="scim",active="true"} 4');
    const [measured] = await samples('rollcall_measured_timestamp_seconds');
    const seconds = Number(measured!.split(' ')[1]);
    expect(server.clock.now().getTime() / 1000 - seconds).toBeLessThan(60);
  });

  it('ask the database one thing, and not again within seconds', async () => {
    server.clock.advance(10);
    const count = countStatements(server);
    await read(server);
    expect(count()).toBe(1);
    await read(server);
    expect(count()).toBe(1);
    server.clock.advance(10);
    await read(server);
    expect(count()).toBe(2);
  });

  it('count SCIM requests by status and sign-ins by what became of them', async () => {
    const requests = async (status: number, method = 'GET') => {
      const found = (await samples('rollcall_http_requests_total')).find((line) =>
        line.startsWith(`{door="scim",method="${method}",status="${status}"}`),
      );
      return Number(found?.split(' ')[1] ?? 0);
    };
    const before = await requests(404);
    await tenant.scim('GET', '/Users/nobody');
    await tenant.scim('GET', '/Nothing');
    expect(await requests(404)).toBe(before + 2);
    await request(server, 'GET', '/scim/v2/Users');
    expect(await requests(401)).toBe(1);
    const saml = await createSamlTenant(server);
    const signIn = (changes: object) =>
      new TestBrowser(server).signIn(saml, { nameId: 'ada@example.com', now: server.clock.now(), ...changes });
    const signIns = async () => (await samples('rollcall_sign_ins_total')).join('\n');
    const accepted = async () => Number(/\{outcome="accepted",reason=""\} (\d+)/.exec(await signIns())![1]);
    const earlier = await accepted();
    await signIn({});
    expect(await accepted()).toBe(earlier + 1);
    await signIn({ spEntityId: 'https://other.example/' });
    await signIn({ nameId: 'x', attributes: {} });
    expect(await signIns()).toMatch(/\{outcome="rejected",reason="audience[^"]*"\} 1/);
    expect(await signIns()).toContain('{outcome="rejected",reason="attribute-missing"} 1');
  });

  it('of two nodes agree on what the database knows, and each counts its own requests', async () => {
    if (!onPostgres) return;
    const other = await startTestServer({ METRICS_TOKEN: TOKEN }, database);
    try {
      for (const name of ['rollcall_people', 'rollcall_drift_people', 'rollcall_measured_timestamp_seconds']) {
        const told = await samples(name);
        expect(told.length).toBeGreaterThan(0);
        expect(await samples(name, other)).toEqual(told);
      }
      expect((await samples('rollcall_http_requests_total', other)).join()).not.toContain('door="scim"');
      // Both are at it, and of each organization one does it.
      const now = new Date(server.clock.now().getTime() + 15 * 60_000);
      const claimed = await Promise.all(
        [server, other].map(({ app }) =>
          app.get(Measurements).claim(app.get(UnitOfWork).read, now, new Date(now.getTime() - 60_000)),
        ),
      );
      const organizations = await server.sql<{ id: string }>(`SELECT id FROM organizations ORDER BY id`);
      expect(claimed.flat().sort()).toEqual(organizations.map(({ id }) => id));
    } finally {
      await other.close();
    }
  });
});
