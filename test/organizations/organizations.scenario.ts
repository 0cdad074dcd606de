import { AdminTokensService } from '../../src/organizations/admin-tokens.service.js';
import { OrganizationsService } from '../../src/organizations/organizations.service.js';
import { OperatorReconciler } from '../../src/reconciliation/operator.reconciler.js';
import { startTestServer, type TestServer } from '../support/app.js';
import { createConnection, TEST_OPERATOR } from '../support/scenario.js';
import { expectNoEffects, sideEffects } from '../support/side-effects.js';

describe('organizations', () => {
  let server: TestServer;
  let organizations: OrganizationsService;

  beforeAll(async () => {
    server = await startTestServer();
    organizations = server.app.get(OrganizationsService);
  });
  afterAll(() => server.close());

  it('are found by id and by slug, with the usual roles and two hours of session', async () => {
    const made = await organizations.create({ slug: 'acme', name: 'Acme' }, TEST_OPERATOR);
    expect(made).toMatchObject({ roles: ['admin', 'member'], sessionLifetimeSeconds: 7200 });
    expect(await organizations.find('acme')).toEqual(made);
    expect(await organizations.find(made.id)).toEqual(made);
    expect(await organizations.find('ACME')).toBeUndefined();
    expect(await organizations.find('0192a0c0-0000-7000-8000-000000000001')).toBeUndefined();
  });

  it('of ten that want one slug at once, one gets it', async () => {
    const wanted = Array.from({ length: 10 }, () =>
      organizations.create({ slug: 'contested', name: 'x' }, TEST_OPERATOR),
    );
    const outcomes = await Promise.allSettled(wanted);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ reason: 'conflict' });
    }
  });

  it.each([
    [{ slug: 'Upper' }],
    [{ slug: '' }],
    [{ slug: '-x' }],
    [{ slug: 'x'.repeat(64) }],
    [{ slug: '0192a0c0-0000-7000-8000-000000000001' }],
    [{ name: ' ' }],
    [{ roles: [] }],
    [{ roles: ['admin', 'Admin'] }],
    [{ roles: ['admin', ' member'] }],
    [{ sessionLifetimeSeconds: 0 }],
    [{ sessionLifetimeSeconds: 90 * 86400 + 1 }],
    [{ sessionLifetimeSeconds: 3600.5 }],
    [{ sessionIdleSeconds: 299 }],
    [{ sessionIdleSeconds: 90 * 86400 + 1 }],
  ])('refuses %j', async (over) => {
    const wanted = { slug: 'refused', name: 'Refused', ...over };
    const effects = await sideEffects(server, () =>
      expect(organizations.create(wanted, TEST_OPERATOR)).rejects.toMatchObject({ reason: 'invalid' }),
    );
    expectNoEffects(effects);
  });

  it('keep every role that a person, a group or a connection has', async () => {
    const roles = ['admin', 'of-person', 'of-group', 'of-mapping', 'of-nobody', 'member'];
    const { id } = await organizations.create({ slug: 'roles', name: 'Roles', roles }, TEST_OPERATOR);
    const operators = server.app.get(OperatorReconciler);
    await operators.createUser(id, { userName: 'a', attributes: {}, role: 'of-person' }, TEST_OPERATOR);
    await operators.createGroup(id, { displayName: 'g', role: 'of-group' }, TEST_OPERATOR);
    await createConnection(server, { id }, { provisioning: { roleMapping: [{ value: 'v', role: 'of-mapping' }] } });
    for (const role of ['of-person', 'of-group', 'of-mapping', 'member']) {
      const update = organizations.update(id, { roles: roles.filter((each) => each !== role) }, TEST_OPERATOR);
      await expect(update).rejects.toThrow(`The role "${role}" is in use`);
    }
    const without = roles.filter((each) => each !== 'of-nobody');
    const effects = await sideEffects(server, () => organizations.update(id, { roles: without }, TEST_OPERATOR));
    expect(effects.rows).toEqual({ organizations: '~1', audit_entries: '+1' });
    expect((await organizations.find(id))?.roles).toEqual(without);
  });

  it('admin tokens: shown once, stored as a hash, refused when expired or revoked, written down without the secret', async () => {
    const tokens = server.app.get(AdminTokensService);
    const expiresAt = new Date(server.clock.now().getTime() + 3600_000);
    const { token, record } = await tokens.create('deploy', expiresAt, TEST_OPERATOR);
    const forever = await tokens.create('forever', null, TEST_OPERATOR);
    expect(await tokens.authenticate(token)).toBe(record.id);
    expect(await tokens.authenticate(`${token.slice(0, -1)}${token.endsWith('a') ? 'b' : 'a'}`)).toBeUndefined();
    expect(await tokens.authenticate(token.replace('rc_admin_', 'rc_scim_'))).toBeUndefined();
    server.clock.advance(3601);
    expect(await tokens.authenticate(token)).toBeUndefined();
    expect(await tokens.authenticate(forever.token)).toBe(forever.record.id);
    await tokens.revoke(forever.record.id, TEST_OPERATOR);
    expect(await tokens.authenticate(forever.token)).toBeUndefined();
    await expect(tokens.revoke('nobody', TEST_OPERATOR)).rejects.toMatchObject({ reason: 'not-found' });
    const stored = await server.sql<{ row: string }>(
      `SELECT to_jsonb(t)::text AS row FROM admin_tokens t
       UNION ALL SELECT to_jsonb(a)::text FROM audit_entries a WHERE target_type = 'admin-token'`,
    );
    // Two tokens, created twice, revoked once.
    expect(stored).toHaveLength(5);
    const secret = forever.token.slice('rc_admin_'.length + 22, -6);
    for (const { row } of stored) expect(row.includes(secret) || row.includes(forever.token)).toBe(false);
  });
});
