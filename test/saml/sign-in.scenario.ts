import { startTestServer, type TestServer } from '../support/app.js';
import { sideEffects, expectEvents } from '../support/side-effects.js';
import { createSamlTenant, lastRecord, responseOf, TestBrowser } from '../support/saml-sign-in.js';
import { at } from '../support/test-idp.js';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

describe('a sign-in that begins here', () => {
  it.each(['assertion', 'response', 'both'] as const)('#1 is accepted with the %s signed', async (signs) => {
    const tenant = await createSamlTenant(server);
    const browser = new TestBrowser(server);
    const nameId = `ada-${signs}@example.com`;
    let answer!: Awaited<ReturnType<TestBrowser['signIn']>>;
    const effects = await sideEffects(
      server,
      async () => {
        answer = await browser.signIn(tenant, { signs, nameId }, '/apps/wiki?page=1#top');
      },
      tenant.organization.id,
    );
    expect(answer.status).toBe(303);
    expect(answer.headers.get('location')).toBe(`${server.url}/apps/wiki?page=1#top`);
    expect(effects.rows).toEqual({
      users: '+1',
      group_resets: '+1',
      identities: '+1',
      login_requests: '+1',
      used_assertions: '+1',
      sessions: '+1',
      sign_ins: '+1',
      audit_entries: '+3',
    });
    expectEvents(effects, ['user.created', 'session.opened']);
    expect(await lastRecord(server, tenant)).toMatchObject({ outcome: 'accepted', reason: null });

    const session = await browser.get('/session', { accept: 'application/json' });
    expect(JSON.parse(session.body)).toMatchObject({ userName: nameId, email: nameId, role: 'member', groups: [] });
  });

  it('#25 asks the IdP with an unguessable id, no context to match, and addresses of the configured server', async () => {
    const tenant = await createSamlTenant(server);
    const browser = new TestBrowser(server);
    const { id, relayState, location, xml } = await browser.begin(tenant);
    expect(id).toMatch(/^_[0-9a-f]{40}$/);
    expect(relayState).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(`${location.origin}${location.pathname}`).toBe('https://idp.example.com/sso');
    expect(location.searchParams.get('tenant')).toBe('1');
    expect(xml).toContain(`AssertionConsumerServiceURL="${tenant.acsUrl}"`);
    expect(xml).toMatch(new RegExp(`<saml:Issuer[^>]*>${tenant.spEntityId}</saml:Issuer>`));
    expect(xml).not.toContain('RequestedAuthnContext');
    const hostile = await fetch(`${server.url}/saml/${tenant.connection.id}/metadata`, {
      headers: { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' },
    });
    expect(hostile.headers.get('content-type')).toMatch(/^application\/samlmetadata\+xml/);
    const metadata = await hostile.text();
    expect(metadata).toContain(`entityID="${tenant.spEntityId}"`);
    expect(metadata).toContain(`Location="${tenant.acsUrl}"`);
  });

  it('#25 sets a session cookie that is not for scripts or other sites, ends the login cookie, and is not cached', async () => {
    const tenant = await createSamlTenant(server);
    const browser = new TestBrowser(server);
    const { id, relayState } = await browser.begin(tenant);
    expect([...browser.cookies.keys()]).toEqual([`rc_login_${id.slice(1, 9)}`]);
    const { headers } = await browser.answer(tenant, responseOf(tenant, id), relayState);
    const [session, signedIn, login, ...others] = headers.getSetCookie();
    expect(others).toEqual([]);
    expect(session).toMatch(/^rc_session=rc_sess_[^;]+; Path=\/; Expires=[^;]+ GMT; HttpOnly; SameSite=Lax$/);
    expect(signedIn).toBe('rc_signed_in=1; Max-Age=600; Path=/; HttpOnly; SameSite=Lax');
    expect(login).toBe(`rc_login_${id.slice(1, 9)}=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax`);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect([...browser.cookies.keys()]).toEqual(['rc_session', 'rc_signed_in']);
  });

  it('keeps tabs apart: the second question does not spoil the first', async () => {
    const tenant = await createSamlTenant(server);
    const browser = new TestBrowser(server);
    const first = await browser.begin(tenant, '/first');
    const second = await browser.begin(tenant, '/second');
    const answers = [];
    for (const { id, relayState } of [first, second]) {
      answers.push((await browser.answer(tenant, responseOf(tenant, id), relayState)).headers.get('location'));
    }
    // The second comes where somebody has signed in meanwhile.
    expect(answers).toEqual([`${server.url}/first`, `${server.url}/session/arrival?target=%2Fsecond`]);
  });

  it('#19 leads to the session page where the wanted address is not a path of ours', async () => {
    const tenant = await createSamlTenant(server);
    for (const target of [
      'https://evil.example',
      '//evil.example',
      '/\\evil.example',
      '/.//evil.example',
      'javascript:1',
    ]) {
      const { headers } = await new TestBrowser(server).signIn(tenant, {}, target);
      expect(headers.get('location')).toBe(`${server.url}/session`);
    }
    await new TestBrowser(server).get(`/saml/${tenant.connection.id}/login?targetUrl=/a&targetUrl=/b`);
    const targets = await server.sql(`SELECT DISTINCT target_url FROM login_requests WHERE connection_id = $1`, [
      tenant.connection.id,
    ]);
    expect(targets).toEqual([{ target_url: '/session' }]);
  });

  it('follows the groups of the assertion, and ends with what the IdP says of the session', async () => {
    const tenant = await createSamlTenant(server);
    const ends = new Date(Math.floor(server.clock.now().getTime() / 1000) * 1000 + 600_000);
    const browser = new TestBrowser(server);
    await browser.signIn(tenant, {
      sessionNotOnOrAfter: at(ends),
      attributes: { email: ['x@example.com'], groups: ['Nobody knows'] },
    });
    const session = JSON.parse((await browser.get('/session', { accept: 'application/json' })).body) as SessionJson;
    expect(session.session.expiresAt).toBe(ends.toISOString());
    expect(session.groups).toEqual([]);
  });

  it('#25 gives a new session each time; the token of the last one is not carried over', async () => {
    const tenant = await createSamlTenant(server);
    const browser = new TestBrowser(server);
    browser.cookies.set('rc_session', 'rc_sess_planted');
    await browser.signIn(tenant);
    const first = browser.cookies.get('rc_session');
    expect(first).not.toBe('rc_sess_planted');
    const { headers } = await browser.signIn(tenant);
    expect(browser.cookies.get('rc_session')).toBe(first);
    await browser.get(headers.get('location')!);
    expect(browser.cookies.get('rc_session')).not.toBe(first);
  });
});

interface SessionJson {
  readonly groups: readonly unknown[];
  readonly session: { readonly expiresAt: string };
}
