import { AdminTokensService } from '../../src/organizations/admin-tokens.service.js';
import { ConnectionsService } from '../../src/organizations/connections.service.js';
import { startTestServer, type TestServer } from '../support/app.js';
import { Engine } from '../support/engine.js';
import { request, TEST_OPERATOR, type JsonObject } from '../support/scenario.js';
import { addSamlConnection, createSamlTenant, TestBrowser, type SamlTenant } from '../support/saml-sign-in.js';
import { expectEvents, expectNoEffects, sideEffects } from '../support/side-effects.js';

/** Who is signed in, as operators see and end it. */

let server: TestServer;
let token: string;
beforeAll(async () => {
  server = await startTestServer();
  token = (await server.app.get(AdminTokensService).create('test', null, TEST_OPERATOR)).token;
});
afterAll(() => server.close());

const call = async (method: string, path: string, body?: unknown, status = 200): Promise<JsonObject> => {
  const reply = await request(server, method, `/admin/v1/organizations/${path}`, { token, body });
  expect({ path, status: reply.status, body: reply.status === status ? '' : reply.body }).toEqual({
    path,
    status,
    body: '',
  });
  return reply.json;
};

async function signedIn(tenant: SamlTenant, nameId = 'ada@example.com'): Promise<TestBrowser> {
  const browser = new TestBrowser(server);
  expect((await browser.signIn(tenant, { nameId, now: server.clock.now() })).status).toBe(303);
  return browser;
}

const isIn = async (browser: TestBrowser): Promise<boolean> =>
  (await browser.get('/session', { accept: 'application/json' })).status === 200;

interface Listed {
  readonly id: string;
  readonly userId: string;
  readonly userName: string;
  readonly connectionId: string;
}

const list = async ({ organization }: SamlTenant, query = '') =>
  (await call('GET', `${organization.slug}/sessions${query}`)) as unknown as {
    items: Listed[];
    next: string | null;
  };

describe('session list', () => {
  it('has the live sessions of an organization, of a person and of a connection, page by page, newest first', async () => {
    const tenant = await createSamlTenant(server);
    const second = await addSamlConnection(server, tenant.organization);
    const neighbour = await createSamlTenant(server);
    await signedIn(neighbour);
    const over = await signedIn(tenant, 'gone@example.com');
    await over.post('/sign-out', '', { 'sec-fetch-site': 'same-origin' });
    for (const nameId of ['ada@example.com', 'eve@example.com', 'ada@example.com']) await signedIn(tenant, nameId);
    await signedIn(second, 'second@example.com');

    const { items, next } = await list(tenant);
    const names = ['second@example.com', 'ada@example.com', 'eve@example.com', 'ada@example.com'];
    expect(items.map(({ userName }) => userName)).toEqual(names);
    expect(next).toBeNull();
    expect(items[1]).toMatchObject({ nameId: 'ada@example.com', sessionIndex: '_session' });
    expect(Object.keys(items[0]!)).toEqual(expect.arrayContaining(['createdAt', 'lastSeenAt', 'expiresAt']));
    const ada = await list(tenant, `?user=${items[1]!.userId}`);
    expect(ada.items.map(({ id }) => id)).toEqual([items[1]!.id, items[3]!.id]);
    const ofSecond = await list(tenant, `?connection=${second.connection.id}`);
    expect(ofSecond.items.map(({ id }) => id)).toEqual([items[0]!.id]);

    const first = await list(tenant, '?limit=3');
    const rest = await list(tenant, `?limit=3&after=${first.next}`);
    expect([...first.items, ...rest.items]).toEqual(items);
    expect(rest.next).toBeNull();
    server.clock.advance(7201);
    expect((await list(tenant)).items).toEqual([]);
  });
});

describe('session revoke', () => {
  it('ends one session, once, and only inside of its organization', async () => {
    const tenant = await createSamlTenant(server);
    const neighbour = await createSamlTenant(server);
    const [ended, other] = [await signedIn(tenant), await signedIn(tenant)];
    const [, { id, userId }] = (await list(tenant)).items as [Listed, Listed];
    const path = (of: SamlTenant) => `${of.organization.slug}/sessions/${id}/revoke`;
    await call('POST', path(neighbour), undefined, 404);
    const effects = await sideEffects(server, async () => {
      expect(await call('POST', path(tenant))).toEqual({ revoked: 1 });
    });
    expect(effects.rows).toEqual({ sessions: '~1', audit_entries: '+1' });
    expectEvents(effects, [['session.revoked', userId]]);
    expect(effects.audit).toEqual([['session.revoked', userId]]);
    expect([await isIn(ended), await isIn(other)]).toEqual([false, true]);
    expectNoEffects(
      await sideEffects(server, async () => expect(await call('POST', path(tenant))).toEqual({ revoked: 0 })),
    );
  });
});

describe('the end of what a connection opened', () => {
  it('connection revoke-sessions ends exactly the sessions of this connection, with an event for each person', async () => {
    const tenant = await createSamlTenant(server);
    const second = await addSamlConnection(server, tenant.organization);
    const own = [await signedIn(tenant), await signedIn(tenant), await signedIn(tenant, 'eve@example.com')];
    const others = [await signedIn(second, 'zoe@example.com'), await signedIn(await createSamlTenant(server))];
    const path = `${tenant.organization.slug}/connections/${tenant.connection.id}/revoke-sessions`;
    const effects = await sideEffects(server, async () => {
      expect(await call('POST', path)).toEqual({ revoked: 3 });
    });
    expect(effects.rows).toEqual({ sessions: '~3', audit_entries: '+2' });
    expectEvents(effects, ['session.revoked', 'session.revoked']);
    expect(await Promise.all(own.map(isIn))).toEqual([false, false, false]);
    expect(await Promise.all(others.map(isIn))).toEqual([true, true]);
    const strange = `${(await createSamlTenant(server)).organization.slug}/connections/${tenant.connection.id}`;
    await call('POST', `${strange}/revoke-sessions`, undefined, 404);
  });

  it('disabling leaves sessions to their end, unless told to end them', async () => {
    const tenant = await createSamlTenant(server);
    const browser = await signedIn(tenant);
    const path = `${tenant.organization.slug}/connections/${tenant.connection.id}`;
    await call('POST', `${path}/disable`, { reason: 'maintenance' });
    expect(await isIn(browser)).toBe(true);
    await call('POST', `${path}/enable`);
    const effects = await sideEffects(server, () =>
      call('POST', `${path}/disable`, { reason: 'incident', endSessions: true }),
    );
    expect(effects.rows).toEqual({ connections: '~1', sessions: '~1', audit_entries: '+2' });
    expectEvents(effects, ['connection.disabled', 'session.revoked']);
    expect(await isIn(browser)).toBe(false);
  });

  it('one that is disabled already still ends its sessions', async () => {
    const tenant = await createSamlTenant(server);
    const browser = await signedIn(tenant);
    const path = `${tenant.organization.slug}/connections/${tenant.connection.id}/disable`;
    await call('POST', path, { reason: 'maintenance' });
    const view = await call('POST', path, { reason: 'incident', endSessions: true });
    expect(view).toMatchObject({ disabledReason: 'maintenance' });
    expect(await isIn(browser)).toBe(false);
  });

  it('a sign-in that was under way when the connection was disabled opens no session and leaves nobody', async () => {
    const engine = new Engine(server);
    const connection = await engine.tenant({ scim: false });
    await server.app
      .get(ConnectionsService)
      .disable(connection.organizationId, connection.id, 'incident', TEST_OPERATOR);
    const subject = { format: 'f', nameQualifier: '', value: 'late@example.com' };
    const effects = await sideEffects(
      server,
      async () => {
        const outcome = await engine.signIn(connection, { subject, userName: 'late@example.com' });
        expect(outcome).toMatchObject({ kind: 'rejected', reason: 'connection-disabled' });
      },
      connection.organizationId,
    );
    expect(effects).toEqual({ rows: { used_assertions: '+1', sign_ins: '+1' }, columns: {}, events: [], audit: [] });
  });
});
