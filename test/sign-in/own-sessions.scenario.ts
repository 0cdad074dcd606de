import { OrganizationsService } from '../../src/organizations/organizations.service.js';
import { PublicUrl } from '../../src/platform/public-url.js';
import { startTestServer, type TestServer } from '../support/app.js';
import { TEST_OPERATOR } from '../support/scenario.js';
import { createSamlTenant, TestBrowser, type SamlTenant } from '../support/saml-sign-in.js';
import { expectEvents, expectNoEffects, sideEffects } from '../support/side-effects.js';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const JSON_ONLY = { accept: 'application/json' };
const OURS = { 'sec-fetch-site': 'same-origin' };

async function signedIn(tenant: SamlTenant, nameId = 'ada@example.com'): Promise<TestBrowser> {
  const browser = new TestBrowser(server);
  const { status } = await browser.signIn(tenant, { nameId, now: server.clock.now() });
  expect(status).toBe(303);
  return browser;
}

const isIn = async (browser: TestBrowser): Promise<boolean> =>
  (await browser.get('/session', JSON_ONLY)).status === 200;

const page = async (browser: TestBrowser): Promise<string> =>
  (await browser.get('/session', { accept: 'text/html' })).body;

/** The sessions that the page lets end. */
const endable = async (browser: TestBrowser): Promise<string[]> =>
  [...(await page(browser)).matchAll(/name="session" value="([^"]+)"/g)].map(([, id]) => id!);

const form = (id: string) => new URLSearchParams({ session: id });

describe('the page of a session', () => {
  it('lists one’s own live sessions alone: when, over which connection, and which one this is', async () => {
    const tenant = await createSamlTenant(server, {}, { name: 'Okta' });
    const own = await signedIn(tenant);
    const stranger = await signedIn(tenant, 'eve@example.com');
    expect(await endable(own)).toEqual([]);
    expect(await page(own)).not.toContain('End all others');
    const gone = await signedIn(tenant);
    await gone.post('/sign-out', '', OURS);
    await signedIn(tenant);
    await signedIn(tenant);
    expect(await endable(own)).toHaveLength(2);
    const body = await page(own);
    expect(body.match(/over Okta/g)).toHaveLength(3);
    expect(body.match(/This one\./g)).toHaveLength(1);
    expect(body).not.toContain('<script');
    expect(await endable(stranger)).toEqual([]);
  });

  it('ends one of them, and only that', async () => {
    const tenant = await createSamlTenant(server);
    const other = await signedIn(tenant);
    const third = await signedIn(tenant);
    const own = await signedIn(tenant);
    const [, id] = await endable(own);
    const effects = await sideEffects(server, async () => {
      const answer = await own.post('/session/revoke', form(id!), OURS);
      expect(answer.status).toBe(303);
      expect(answer.headers.get('location')).toBe(`${server.url}/session`);
    });
    expect(effects.rows).toEqual({ sessions: '~1', audit_entries: '+1' });
    expectEvents(effects, ['session.revoked']);
    expect(effects.audit.map(([action]) => action)).toEqual(['session.revoked']);
    expect([await isIn(own), await isIn(third), await isIn(other)]).toEqual([true, true, false]);
    const [entry] = await server.sql(`SELECT actor_kind, changes FROM audit_entries ORDER BY id DESC LIMIT 1`);
    expect(entry).toMatchObject({
      actor_kind: 'person',
      changes: { sessionIds: [null, [id]], reason: [null, 'person'] },
    });
    // Once more: nothing is left to end.
    expectNoEffects(await sideEffects(server, () => own.post('/session/revoke', form(id!), OURS)));
  });

  it('ends all others at once', async () => {
    const tenant = await createSamlTenant(server);
    const others = [await signedIn(tenant), await signedIn(tenant)];
    const stranger = await signedIn(tenant, 'eve@example.com');
    const own = await signedIn(tenant);
    const effects = await sideEffects(server, () => own.post('/session/revoke-others', '', OURS));
    expect(effects.rows).toEqual({ sessions: '~2', audit_entries: '+1' });
    expectEvents(effects, ['session.revoked']);
    expect(await Promise.all(others.map(isIn))).toEqual([false, false]);
    expect([await isIn(own), await isIn(stranger)]).toEqual([true, true]);
  });

  it('ends no session of anybody else, and none for other sites or for nobody', async () => {
    const tenant = await createSamlTenant(server);
    const victim = await signedIn(tenant);
    const own = await signedIn(tenant);
    const [id] = await endable(own);
    const eve = await signedIn(tenant, 'eve@example.com');
    const attempts: [TestBrowser, string, Record<string, string>, number][] = [
      [eve, '/session/revoke', OURS, 303],
      [new TestBrowser(server), '/session/revoke', OURS, 401],
      [new TestBrowser(server), '/session/revoke-others', OURS, 401],
      [own, '/session/revoke', { 'sec-fetch-site': 'cross-site' }, 403],
      [own, '/session/revoke', { origin: 'https://evil.example' }, 403],
      [own, '/session/revoke', {}, 403],
      [own, '/session/revoke-others', { 'sec-fetch-site': 'same-site', origin: server.url }, 403],
    ];
    const effects = await sideEffects(server, async () => {
      for (const [browser, path, headers, status] of attempts) {
        expect((await browser.post(path, form(id!), headers)).status).toBe(status);
      }
      for (const odd of ['', 'x', 'session=', `session=${id}%00`]) {
        expect((await own.post('/session/revoke', odd, OURS)).status).toBe(303);
      }
    });
    expectNoEffects(effects);
    expect(await isIn(victim)).toBe(true);
  });

  it('ending this one is signing out', async () => {
    const tenant = await createSamlTenant(server);
    const own = await signedIn(tenant);
    const other = await signedIn(tenant);
    const [id] = await endable(other);
    const answer = await own.post('/session/revoke', form(id!), OURS);
    expect(answer.headers.get('location')).toBe(`${server.url}/`);
    expect(own.cookies.has('rc_session')).toBe(false);
  });
});

describe('a session that rests', () => {
  const rests = async (sessionIdleSeconds: number | null, tenant: SamlTenant) =>
    server.app.get(OrganizationsService).update(tenant.organization.id, { sessionIdleSeconds }, TEST_OPERATOR);

  it('ends after the idle time of the organization, counted from its last use', async () => {
    const tenant = await createSamlTenant(server);
    await rests(600, tenant);
    const browser = await signedIn(tenant);
    for (let used = 0; used < 3; used++) {
      server.clock.advance(590);
      expect(await isIn(browser)).toBe(true);
    }
    server.clock.advance(601);
    expect(await isIn(browser)).toBe(false);
  });

  it('is written down once a minute, not at each use, and may rest from the last time that was', async () => {
    const tenant = await createSamlTenant(server);
    await rests(600, tenant);
    const browser = await signedIn(tenant);
    const lastSeen = async () => {
      const [row] = await server.sql<{ last_seen_at: Date }>(
        `SELECT last_seen_at FROM sessions WHERE connection_id = $1`,
        [tenant.connection.id],
      );
      return row!.last_seen_at.getTime();
    };
    const opened = await lastSeen();
    server.clock.advance(50);
    expect(await isIn(browser)).toBe(true);
    expect(await lastSeen()).toBe(opened);
    server.clock.advance(11);
    expect(await isIn(browser)).toBe(true);
    expect(await lastSeen()).toBeGreaterThanOrEqual(opened + 61_000);
  });

  it('never lives again, and goes by a new setting from its next use on', async () => {
    const tenant = await createSamlTenant(server);
    const browser = await signedIn(tenant);
    server.clock.advance(3600);
    expect(await isIn(browser)).toBe(true);
    await rests(300, tenant);
    server.clock.advance(100);
    expect(await isIn(browser)).toBe(true);
    server.clock.advance(301);
    expect(await isIn(browser)).toBe(false);
    await rests(null, tenant);
    expect(await isIn(browser)).toBe(false);
    const fresh = await signedIn(tenant);
    server.clock.advance(7100);
    expect(await isIn(fresh)).toBe(true);
  });
});

it('#25 on https the cookie is for this host, https and the server alone', async () => {
  const secure = await startTestServer();
  try {
    secure.app.get(PublicUrl).set('https://sso.example.com');
    const tenant = await createSamlTenant(secure);
    const base = `https://sso.example.com/saml/${tenant.connection.id}`;
    const browser = new TestBrowser(secure);
    const addresses = { acsUrl: `${base}/acs`, spEntityId: `${base}/metadata` };
    const { headers } = await browser.signIn({ ...tenant, ...addresses });
    expect(headers.getSetCookie().filter((line) => line.includes('session'))).toEqual([
      expect.stringMatching(/^__Host-rc_session=[^;]+; Path=\/; Expires=[^;]+ GMT; HttpOnly; Secure; SameSite=Lax$/),
    ]);
    // Another host of the domain, or plain http, can set only the other name, which is not read.
    const planted = new TestBrowser(secure);
    planted.cookies.set('rc_session', browser.cookies.get('__Host-rc_session')!);
    expect((await planted.get('/session', JSON_ONLY)).status).toBe(401);
    expect((await browser.get('/session', JSON_ONLY)).status).toBe(200);
  } finally {
    await secure.close();
  }
});
