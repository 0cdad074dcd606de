import { ConnectionsService } from '../../src/organizations/connections.service.js';
import { OperatorReconciler } from '../../src/reconciliation/operator.reconciler.js';
import { startTestServer, type TestServer } from '../support/app.js';
import { createSamlTenant, TestBrowser, type SamlTenant } from '../support/saml-sign-in.js';
import { createScimToken, request, TEST_OPERATOR, type JsonObject } from '../support/scenario.js';
import { expectEvents, sideEffects } from '../support/side-effects.js';

/** One person over both protocols, from the first sign-in to the last: each step in the order a customer lives it. */
describe('a person between JIT and SCIM', () => {
  let server: TestServer;
  let tenant: SamlTenant;
  let operator: OperatorReconciler;
  let scimToken: string;
  let userId: string;
  let handGroup: string;
  const browser = () => new TestBrowser(server);
  const laptop = () => laptopBrowser;
  let laptopBrowser: TestBrowser;

  beforeAll(async () => {
    server = await startTestServer();
    tenant = await createSamlTenant(server, {}, { jit: true, scim: false });
    operator = server.app.get(OperatorReconciler);
    laptopBrowser = browser();
    const organizationId = tenant.organization.id;
    for (const displayName of ['Engineering', 'Support'])
      await operator.createGroup(organizationId, { displayName }, TEST_OPERATOR);
    await operator.createGroup(organizationId, { displayName: 'Everybody', isDefault: true }, TEST_OPERATOR);
    handGroup = (await operator.createGroup(organizationId, { displayName: 'By hand' }, TEST_OPERATOR)).id;
  });
  afterAll(() => server.close());

  const signIn = (where: TestBrowser, groups: string[], more: JsonObject = {}) =>
    where.signIn(tenant, {
      nameId: 'ada@example.com',
      attributes: { email: ['ada@example.com'], firstName: ['Ada'], groups, ...more },
    });
  const effectsOf = (work: () => Promise<unknown>) => sideEffects(server, work, tenant.organization.id);
  const scim = (method: string, path: string, body?: unknown) =>
    request(server, method, `/scim/v2${path}`, { token: scimToken, body });
  const sessionOf = async (where: TestBrowser) => (await where.get('/session', { accept: 'application/json' })).status;

  async function groups(): Promise<string[]> {
    const rows = await server.sql<{ name: string }>(
      `SELECT g.display_name AS name FROM memberships m JOIN groups g ON g.organization_id = m.organization_id AND g.id = m.group_id
       WHERE m.organization_id = $1 AND m.user_id = $2 ORDER BY 1`,
      [tenant.organization.id, userId],
    );
    return rows.map(({ name }) => name);
  }

  it('a first sign-in creates the person with the two asserted groups and the default one', async () => {
    const effects = await effectsOf(async () => {
      const { status, headers } = await signIn(laptop(), ['Engineering', 'Support']);
      expect({ status, location: headers.get('location') }).toMatchObject({ status: 303 });
    });
    const [user] = await server.sql<JsonObject & { id: string }>(`SELECT * FROM users WHERE organization_id = $1`, [
      tenant.organization.id,
    ]);
    userId = user!.id;
    expect(user).toMatchObject({ user_name: 'ada@example.com', provenance: 'jit', active: true, role: 'member' });
    expect(await groups()).toEqual(['Engineering', 'Everybody', 'Support']);
    expectEvents(effects, [
      'user.created',
      'group.members-added',
      'group.members-added',
      'group.members-added',
      'session.opened',
    ]);
    expect(await sessionOf(laptop())).toBe(200);
  });

  it('a group added by hand is gone after the next sign-in, the default group stays', async () => {
    await operator.addMembers(tenant.organization.id, handGroup, [userId], TEST_OPERATOR);
    expect(await groups()).toContain('By hand');
    const effects = await effectsOf(() => signIn(browser(), ['Engineering']));
    expect(await groups()).toEqual(['Engineering', 'Everybody']);
    expectEvents(effects, ['group.members-removed', 'group.members-removed', 'session.opened']);
  });

  it('SCIM turned on adopts the person: same id, SCIM is the authority', async () => {
    await server.app
      .get(ConnectionsService)
      .update(tenant.organization.id, tenant.connection.id, { scim: true }, TEST_OPERATOR);
    scimToken = await createScimToken(server, tenant.connection);
    let id: unknown;
    const effects = await effectsOf(async () => {
      const reply = await scim('POST', '/Users', {
        userName: 'Ada@Example.com',
        externalId: 'e-1',
        displayName: 'Ada L',
        active: true,
      });
      expect(reply.status).toBe(201);
      id = reply.json['id'];
    });
    expect(id).toBe(userId);
    expectEvents(effects, ['user.adopted', 'user.updated']);
    expect(await groups()).toEqual(['Engineering', 'Everybody']);
  });

  it('a sign-in no longer changes anything of theirs, and says where it disagrees', async () => {
    const effects = await effectsOf(() => signIn(laptop(), ['Support'], { displayName: ['Somebody Else'] }));
    expectEvents(effects, ['session.opened']);
    expect(Object.keys(effects.rows).sort()).toEqual([
      'audit_entries',
      'login_requests',
      'sessions',
      'sign_ins',
      'used_assertions',
    ]);
    expect(await groups()).toEqual(['Engineering', 'Everybody']);
    const [record] = await server.sql<{ decision: JsonObject }>(
      `SELECT decision FROM sign_ins WHERE organization_id = $1 ORDER BY id DESC LIMIT 1`,
      [tenant.organization.id],
    );
    expect(record!.decision).toMatchObject({
      kind: 'accept',
      rule: '4',
      drift: { profile: { displayName: ['Ada L', 'Somebody Else'] } },
    });
  });

  it('active:false ends the sessions and refuses the next sign-in', async () => {
    expect(await sessionOf(laptop())).toBe(200);
    const effects = await effectsOf(() =>
      scim('PATCH', `/Users/${userId}`, { Operations: [{ op: 'Replace', path: 'active', value: 'False' }] }),
    );
    expectEvents(effects, ['user.deactivated', 'session.revoked']);
    expect(await sessionOf(laptop())).toBe(401);
    const refused = await effectsOf(async () => {
      const { status, headers } = await signIn(browser(), ['Engineering']);
      expect(status).toBe(403);
      expect(headers.getSetCookie().join()).not.toContain('session=rc_');
    });
    expectEvents(refused, []);
    const [record] = await server.sql(
      `SELECT outcome, reason FROM sign_ins WHERE organization_id = $1 ORDER BY id DESC LIMIT 1`,
      [tenant.organization.id],
    );
    expect(record).toEqual({ outcome: 'rejected', reason: 'deactivated' });
    expect(await groups()).toEqual(['Engineering', 'Everybody']);
  });

  it('reactivated, the memberships are back and the person comes in again', async () => {
    const reply = await scim('PATCH', `/Users/${userId}`, { Operations: [{ op: 'replace', value: { active: true } }] });
    expect((reply.json['groups'] as JsonObject[]).map(({ display }) => display).sort()).toEqual([
      'Engineering',
      'Everybody',
    ]);
    expect(await sessionOf(laptop())).toBe(401);
    const { status, headers } = await signIn(laptop(), []);
    expect(status).toBe(303);
    await laptop().get(headers.get('location')!);
    expect(await sessionOf(laptop())).toBe(200);
    expect(await groups()).toEqual(['Engineering', 'Everybody']);
  });

  it('deleted, the person is refused, and their userName is free', async () => {
    const effects = await effectsOf(() => scim('DELETE', `/Users/${userId}`));
    expectEvents(effects, ['group.members-removed', 'group.members-removed', 'user.deleted', 'session.revoked']);
    expect(await sessionOf(laptop())).toBe(401);
    await signIn(browser(), ['Engineering']);
    const [record] = await server.sql(
      `SELECT outcome, reason FROM sign_ins WHERE organization_id = $1 ORDER BY id DESC LIMIT 1`,
      [tenant.organization.id],
    );
    expect(record).toEqual({ outcome: 'rejected', reason: 'deprovisioned' });
    const again = await scim('POST', '/Users', { userName: 'ada@example.com', externalId: 'e-1', active: true });
    expect(again.status).toBe(201);
    expect(again.json['id']).not.toBe(userId);
    expect((await signIn(browser(), ['Engineering'])).status).toBe(303);
  });
});
