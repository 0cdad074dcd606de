import { OperatorReconciler } from '../../src/reconciliation/operator.reconciler.js';
import { UserReconciler } from '../../src/reconciliation/user.reconciler.js';
import { onPostgres, startTestServer, type TestServer } from './app.js';
import { createTenant, request, TEST_OPERATOR, type Tenant } from './scenario.js';
import { expectEvents, expectNoEffects, sideEffects } from './side-effects.js';

/** The measuring instrument itself: a side effect that it overlooked would be overlooked in every scenario. */
describe('the test server', () => {
  let server: TestServer;
  let tenant: Tenant;

  beforeAll(async () => {
    server = await startTestServer();
    tenant = await createTenant(server);
  });
  afterAll(() => server.close());

  const create = (userName: string) =>
    server.app
      .get(UserReconciler)
      .create(tenant.connection, { userName, externalId: null, active: true, attributes: {} }, TEST_OPERATOR);

  it('runs on the database it was asked for', async () => {
    const [row] = await server.sql<{ version: string }>(`SELECT version()`);
    expect(row!.version.includes('wasm') || row!.version.includes('emscripten')).toBe(!onPostgres);
  });

  it('answers over HTTP', async () => {
    const reply = await request(server, 'GET', '/nothing-is-here');
    expect(reply.status).toBe(404);
    expect(reply.json).toMatchObject({ status: 404 });
  });

  it('sees exactly what a change leaves behind', async () => {
    let id = '';
    const effects = await sideEffects(server, async () => {
      id = (await create('first')).user.id;
    });
    expect(effects).toEqual({
      rows: { users: '+1', audit_entries: '+1' },
      columns: {},
      events: [['user.created', id]],
      audit: [['user.created', id]],
    });
    expectEvents(effects, ['user.created']);
    expectEvents(effects, [['user.created', id]]);
    expect(() => expectEvents(effects, [])).toThrow();
    expect(() => expectEvents(effects, ['user.created', 'user.updated'])).toThrow();
  });

  it('names the columns of a change, and sees nothing where nothing happened', async () => {
    const { user } = await create('second');
    server.clock.advance(60);
    const deactivate = () =>
      server.app
        .get(UserReconciler)
        .change(tenant.connection, user.id, (current) => ({ ...current, active: false }), TEST_OPERATOR);
    const effects = await sideEffects(server, deactivate);
    expect(effects.rows).toEqual({ users: '~1', access_ends: '+1', guard_states: '+1', audit_entries: '+1' });
    expect(effects.columns).toEqual({ users: ['active', 'updated_at', 'version'] });
    expectEvents(effects, [['user.deactivated', user.id]]);
    expectNoEffects(await sideEffects(server, deactivate));
  });

  it('sees rows go, and only those of the organization it was asked about', async () => {
    const operators = server.app.get(OperatorReconciler);
    const { user } = await create('third');
    const group = await operators.createGroup(tenant.organization.id, { displayName: 'Choir' }, TEST_OPERATOR);
    await operators.addMembers(tenant.organization.id, group.id, [user.id], TEST_OPERATOR);
    const other = await createTenant(server);
    const remove = () =>
      operators.removeMembers(tenant.organization.id, group.id, [user.id], TEST_OPERATOR).then(() => undefined);
    let own: Awaited<ReturnType<typeof sideEffects>> | undefined;
    const foreign = await sideEffects(
      server,
      async () => {
        own = await sideEffects(server, remove);
      },
      other.organization.id,
    );
    expectNoEffects(foreign);
    expect(own!.rows).toEqual({ memberships: '-1', groups: '~1', audit_entries: '+1' });
    expectEvents(own!, [['group.members-removed', group.id]]);
  });

  it('moves the clock', () => {
    const before = server.clock.now().getTime();
    server.clock.advance(3600);
    expect(server.clock.now().getTime() - before).toBeGreaterThanOrEqual(3_600_000);
  });
});
