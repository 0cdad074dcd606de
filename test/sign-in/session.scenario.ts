import { startTestServer, type TestServer } from '../support/app.js';
import { createScimToken, request } from '../support/scenario.js';
import { createSamlTenant, TestBrowser, type SamlTenant } from '../support/saml-sign-in.js';
import { expectEvents, sideEffects } from '../support/side-effects.js';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const JSON_ONLY = { accept: 'application/json' };

async function signedIn(tenant: SamlTenant, nameId = 'ada@example.com'): Promise<TestBrowser> {
  const browser = new TestBrowser(server);
  const { status } = await browser.signIn(tenant, { nameId, now: server.clock.now() });
  expect(status).toBe(303);
  return browser;
}

/** As nobody: every cause gives this answer. */
async function expectNobody(browser: TestBrowser): Promise<void> {
  const json = await browser.get('/session', JSON_ONLY);
  expect(json.status).toBe(401);
  expect(json.body).toBe('{"status":401,"error":"Not signed in"}\n');
  const page = await browser.get('/session', { accept: 'text/html' });
  expect(page.status).toBe(401);
  expect(page.body).toBe((await new TestBrowser(server).get('/session', { accept: 'text/html' })).body);
}

describe('GET /session', () => {
  it('tells the browser who its user is, as JSON or as a page, and no cache', async () => {
    const tenant = await createSamlTenant(server);
    const browser = await signedIn(tenant);
    const json = await browser.get('/session', JSON_ONLY);
    expect(json.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(json.headers.get('cache-control')).toBe('no-store');
    expect(json.headers.get('vary')).toBe('Accept');
    const { slug, id, name } = tenant.organization;
    expect(JSON.parse(json.body)).toEqual({
      id: expect.any(String) as string,
      userName: 'ada@example.com',
      displayName: null,
      email: 'ada@example.com',
      organization: { id, slug, name },
      groups: [],
      role: 'member',
      session: {
        signedInAt: expect.any(String) as string,
        expiresAt: expect.any(String) as string,
        authenticatedBy: 'saml',
      },
    });
    const page = await browser.get('/session', { accept: 'text/html,application/json;q=0.9' });
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(page.body).toContain('<dd>ada@example.com</dd>');
  });

  it('is the same for nobody and for a token that was made up', async () => {
    await expectNobody(new TestBrowser(server));
    const made = new TestBrowser(server);
    made.cookies.set('rc_session', 'rc_sess_x');
    await expectNobody(made);
  });
});

describe('a session', () => {
  it('ends with the lifetime of the organization', async () => {
    const tenant = await createSamlTenant(server);
    const browser = await signedIn(tenant);
    const { expiresAt, signedInAt } = (
      JSON.parse((await browser.get('/session', JSON_ONLY)).body) as { session: Record<string, string> }
    ).session;
    expect(Date.parse(expiresAt!) - Date.parse(signedInAt!)).toBe(tenant.organization.sessionLifetimeSeconds * 1000);
    server.clock.advance(tenant.organization.sessionLifetimeSeconds - 60);
    expect((await browser.get('/session', JSON_ONLY)).status).toBe(200);
    server.clock.advance(61);
    await expectNobody(browser);
  });

  it('R-205 does not outlive active:false by SCIM, and comes back with neither active:true nor the old cookie', async () => {
    const tenant = await createSamlTenant(
      server,
      {},
      { scim: true, provisioning: { requireScim: false }, attributeMapping: {} },
    );
    const token = await createScimToken(server, tenant.connection);
    const browser = await signedIn(tenant);
    const { id } = JSON.parse((await browser.get('/session', JSON_ONLY)).body) as { id: string };
    const setActive = (active: boolean) =>
      request(server, 'PATCH', `/scim/v2/Users/${id}`, {
        token,
        body: {
          schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
          Operations: [{ op: 'replace', path: 'active', value: active }],
        },
      });
    expect((await setActive(false)).status).toBe(200);
    await expectNobody(browser);
    const refused = await browser.signIn(tenant, { now: server.clock.now() });
    expect(refused.status).toBe(403);
    expect((await setActive(true)).status).toBe(200);
    await expectNobody(browser);
    const { headers } = await browser.signIn(tenant, { now: server.clock.now() });
    await browser.get(headers.get('location')!);
    expect((await browser.get('/session', JSON_ONLY)).status).toBe(200);
  });
});

describe('POST /sign-out', () => {
  const OURS = { 'sec-fetch-site': 'same-origin' };

  it('ends the session of this browser alone, tells it once, and leads to the start page', async () => {
    const tenant = await createSamlTenant(server);
    const browser = await signedIn(tenant);
    const elsewhere = await signedIn(tenant);
    const copy = new TestBrowser(server);
    for (const [name, value] of browser.cookies) copy.cookies.set(name, value);
    const effects = await sideEffects(server, async () => {
      const answer = await browser.post('/sign-out', '', OURS);
      expect(answer.status).toBe(303);
      expect(answer.headers.get('location')).toBe(`${server.url}/`);
    });
    expect(effects.rows).toEqual({ sessions: '~1', audit_entries: '+1' });
    expect(effects.columns).toEqual({ sessions: ['revoked_at', 'revoked_reason'] });
    expectEvents(effects, ['session.revoked']);
    expect(effects.audit.map(([action]) => action)).toEqual(['session.revoked']);
    expect(browser.cookies.has('rc_session')).toBe(false);
    await expectNobody(copy);
    expect((await elsewhere.get('/session', JSON_ONLY)).status).toBe(200);
    const again = await sideEffects(server, async () => {
      expect((await copy.post('/sign-out', '', OURS)).status).toBe(303);
    });
    expect(again.rows).toEqual({});
  });

  it('is not done for other sites', async () => {
    const tenant = await createSamlTenant(server);
    const browser = await signedIn(tenant);
    const foreign: Record<string, string>[] = [
      {},
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site', origin: server.url },
      { origin: 'https://evil.example' },
      { origin: 'null' },
    ];
    for (const headers of foreign) {
      expect((await browser.post('/sign-out', '', headers)).status).toBe(403);
    }
    expect((await browser.get('/session', JSON_ONLY)).status).toBe(200);
    expect((await browser.post('/sign-out', '', { origin: server.url })).status).toBe(303);
    await expectNobody(browser);
  });
});

describe('GET /', () => {
  it('names no organization and no connection', async () => {
    const { organization, connection } = await createSamlTenant(server);
    const { status, body } = await new TestBrowser(server).get('/');
    expect(status).toBe(200);
    expect(body).not.toContain(organization.name);
    expect(body).not.toContain(connection.id);
    expect(body).not.toContain('/login');
  });
});
