import { startTestServer, type TestServer } from '../support/app.js';
import { expectEvents, expectNoEffects, sideEffects } from '../support/side-effects.js';
import {
  createSamlTenant,
  lastRecord,
  responseOf,
  TestBrowser,
  type Answer,
  type SamlTenant,
} from '../support/saml-sign-in.js';
import { at, type ResponseOptions } from '../support/test-idp.js';

let server: TestServer;
let tenant: SamlTenant;
beforeAll(async () => {
  server = await startTestServer();
  tenant = await createSamlTenant(server, { allowIdpInitiated: true });
});
afterAll(() => server.close());

/** Answers that nobody asked for. */
const unasked = (of: SamlTenant, changes: Partial<ResponseOptions> = {}) =>
  responseOf(of, undefined, { now: server.clock.now(), ...changes });

/** POST acs, which browsers send without their session, and where they are led then, with it. */
async function arrive(browser: TestBrowser, of: SamlTenant, xml: string, relayState?: string): Promise<Answer> {
  const { status, headers } = await browser.answer(of, xml, relayState);
  expect(status).toBe(303);
  expect(headers.get('cache-control')).toBe('no-store');
  expect(headers.get('referrer-policy')).toBe('no-referrer');
  const [arrival, ...others] = headers.getSetCookie();
  expect(others).toEqual([]);
  expect(arrival).toMatch(/^rc_arrival=rc_sess_[^;]+; Max-Age=600; Path=\/; HttpOnly; SameSite=Lax$/);
  const location = new URL(headers.get('location')!);
  expect(location.origin + location.pathname).toBe(`${server.url}/session/arrival`);
  return browser.get(location.pathname + location.search);
}

async function whoIsIn(browser: TestBrowser): Promise<string | undefined> {
  const { status, body } = await browser.get('/session', { accept: 'application/json' });
  return status === 200 ? (JSON.parse(body) as { userName: string }).userName : undefined;
}

/** Whom a page asks about. */
const sessionIn = ({ body }: Answer): string => /name="session" value="([^"]+)"/.exec(body)?.[1] ?? '';

const decide = (browser: TestBrowser, form: Record<string, string>, headers = { 'sec-fetch-site': 'same-origin' }) =>
  browser.post('/session/arrival', new URLSearchParams(form), headers);

describe('#15 a sign-in that begins at the IdP', () => {
  it('is refused unless the connection allows it', async () => {
    const closed = await createSamlTenant(server);
    const browser = new TestBrowser(server);
    const effects = await sideEffects(server, async () => {
      const { status, headers } = await browser.answer(closed, unasked(closed), '/apps/wiki');
      expect(status).toBe(403);
      expect(headers.getSetCookie()).toEqual([]);
    });
    expect(effects).toEqual({ rows: { sign_ins: '+1' }, columns: {}, events: [], audit: [] });
    expect(await lastRecord(server, closed)).toMatchObject({ outcome: 'rejected', reason: 'unsolicited' });
  });

  it('is accepted where allowed, once', async () => {
    const browser = new TestBrowser(server);
    const xml = unasked(tenant, { nameId: 'once@example.com' });
    const effects = await sideEffects(server, async () => {
      const answer = await arrive(browser, tenant, xml, '/apps/wiki?page=1#top');
      expect(answer.status).toBe(303);
      expect(answer.headers.get('location')).toBe(`${server.url}/apps/wiki?page=1#top`);
    });
    expect(effects.rows).toMatchObject({ users: '+1', identities: '+1', sessions: '+1', used_assertions: '+1' });
    expect(effects.rows).not.toHaveProperty('login_requests');
    expectEvents(effects, ['user.created', 'session.opened']);
    expect([...browser.cookies.keys()]).toEqual(['rc_session', 'rc_signed_in']);
    expect(await whoIsIn(browser)).toBe('once@example.com');
    const again = await sideEffects(server, async () => {
      const { status, headers } = await new TestBrowser(server).answer(tenant, xml, '/apps/wiki');
      expect(status).toBe(403);
      expect(headers.getSetCookie()).toEqual([]);
    });
    expect(again).toEqual({ rows: { sign_ins: '+1' }, columns: {}, events: [], audit: [] });
    expect(await lastRecord(server, tenant)).toMatchObject({ reason: 'replay' });
  });

  it.each<[what: string, reason: string, changes: () => Partial<ResponseOptions>]>([
    ['is not fresh', 'too-old', () => ({ issueInstant: at(server.clock.now(), -300 - 121) })],
    [
      'names a request in what is signed',
      'in-response-to-mismatch',
      () => ({ confirmationInResponseTo: '_somebody-elses' }),
    ],
    ['names a request on the wrapper', 'login-request-unknown', () => ({ responseInResponseTo: '_somebody-elses' })],
  ])('is refused when it %s', async (_what, reason, changes) => {
    const effects = await sideEffects(server, async () => {
      const { status } = await new TestBrowser(server).answer(tenant, unasked(tenant, changes()), '');
      expect(status).toBe(403);
    });
    expect(effects).toEqual({ rows: { sign_ins: '+1' }, columns: {}, events: [], audit: [] });
    expect(await lastRecord(server, tenant)).toMatchObject({ reason });
  });

  it('may be as old as the connection says, not older', async () => {
    const strict = await createSamlTenant(server, {
      allowIdpInitiated: true,
      idpInitiatedMaxAgeSeconds: 30,
      clockSkewSeconds: 0,
    });
    const aged = (seconds: number) => unasked(strict, { issueInstant: at(server.clock.now(), -seconds) });
    expect((await new TestBrowser(server).answer(strict, aged(45), '')).status).toBe(403);
    expect(await lastRecord(server, strict)).toMatchObject({
      reason: 'too-old',
      decision: { detail: { wanted: 30 } },
    });
    expect((await new TestBrowser(server).answer(strict, aged(10), '')).status).toBe(303);
  });
});

describe('#19 where a sign-in of the IdP leads', () => {
  it.each([
    ['/apps/wiki', '/apps/wiki'],
    ['', '/session'],
    [undefined, '/session'],
    ['https://evil.example/', '/session'],
    ['//evil.example/', '/session'],
    ['/\\evil.example/', '/session'],
    ['/.//evil.example', '/session'],
    ['\\\\evil.example', '/session'],
    ['javascript:alert(1)', '/session'],
    ['data:text/html,x', '/session'],
    ['/a\r\nSet-Cookie: x=y', '/session'],
    ['/a%0d%0aSet-Cookie:%20x=y', '/a%0d%0aSet-Cookie:%20x=y'],
    ['%2f%2fevil.example', '/session'],
    ['/%2f/evil.example', '/%2f/evil.example'],
    ['http:evil.example', '/session'],
    ['/\tevil.example', '/session'],
  ])('%j leads to %j of ours', async (relayState, path) => {
    const answer = await arrive(new TestBrowser(server), tenant, unasked(tenant), relayState);
    expect(answer.headers.get('location')).toBe(server.url + path);
    expect(answer.headers.has('x')).toBe(false);
  });

  it('10 kB lead to the session page', async () => {
    const answer = await arrive(new TestBrowser(server), tenant, unasked(tenant), `/${'x'.repeat(10_000)}`);
    expect(answer.headers.get('location')).toBe(`${server.url}/session`);
  });
});

describe('#15 a sign-in of the IdP where somebody is signed in', () => {
  /** Two people of one organization; the second arrives. */
  async function meet(first: string, second: string, target = '/apps/wiki') {
    const browser = new TestBrowser(server);
    await browser.signIn(tenant, { now: server.clock.now(), nameId: first });
    expect(await whoIsIn(browser)).toBe(first);
    const page = await arrive(browser, tenant, unasked(tenant, { nameId: second }), target);
    return { browser, page, session: sessionIn(page) };
  }

  it('asks before somebody else takes their place, without a script', async () => {
    const { browser, page } = await meet('ada@example.com', 'eve@example.com', '/apps/"wiki"');
    expect(page.status).toBe(200);
    expect(page.headers.getSetCookie()).toEqual([]);
    expect(page.headers.get('cache-control')).toBe('no-store');
    expect(page.headers.get('content-security-policy')).toContain("form-action 'self'");
    expect(page.body).toContain('Continue as eve@example.com?');
    expect(page.body).toContain('You are signed in as <strong>ada@example.com</strong>');
    expect(page.body).toContain(`action="${server.url}/session/arrival"`);
    expect(page.body).toContain('name="target" value="/apps/%22wiki%22"');
    expect(page.body).not.toContain('<script');
    expect(await whoIsIn(browser)).toBe('ada@example.com');
  });

  it('ends the present session and begins the arrived one, when the person goes on', async () => {
    const { browser, session } = await meet('ada@example.com', 'eve@example.com');
    const former = new TestBrowser(server);
    former.cookies.set('rc_session', browser.cookies.get('rc_session')!);
    const effects = await sideEffects(server, async () => {
      const { status, headers } = await decide(browser, { choice: 'continue', target: '/apps/wiki', session });
      expect(status).toBe(303);
      expect(headers.get('location')).toBe(`${server.url}/apps/wiki`);
    });
    expectEvents(effects, ['session.revoked']);
    expect(effects.rows).toEqual({ sessions: '~1', audit_entries: '+1' });
    expect([...browser.cookies.keys()]).toEqual(['rc_session', 'rc_signed_in']);
    expect(await whoIsIn(browser)).toBe('eve@example.com');
    expect(await whoIsIn(former)).toBeUndefined();
  });

  it.each([[{ choice: 'stay', target: '/apps/wiki' }], [{}]])('ends the arrived session at %j', async (form) => {
    const { browser, session } = await meet('ada@example.com', 'eve@example.com');
    const stranger = new TestBrowser(server);
    stranger.cookies.set('rc_session', browser.cookies.get('rc_arrival')!);
    const effects = await sideEffects(server, async () => {
      const { status, headers } = await decide(browser, { ...form, session });
      expect(status).toBe(303);
      expect(headers.get('location')).toBe(`${server.url}/session`);
    });
    expectEvents(effects, ['session.revoked']);
    expect([...browser.cookies.keys()]).toEqual(['rc_session', 'rc_signed_in']);
    expect(await whoIsIn(browser)).toBe('ada@example.com');
    expect(await whoIsIn(stranger)).toBeUndefined();
  });

  it('does not ask the same person', async () => {
    const { browser, page } = await meet('ada@example.com', 'ada@example.com');
    expect(page.status).toBe(303);
    expect(page.headers.get('location')).toBe(`${server.url}/apps/wiki`);
    expect(await whoIsIn(browser)).toBe('ada@example.com');
  });

  it('asks a person of another organization as well, also when they are called the same', async () => {
    const other = await createSamlTenant(server, { allowIdpInitiated: true });
    const browser = new TestBrowser(server);
    await browser.signIn(other, { now: server.clock.now(), nameId: 'ada@example.com' });
    const page = await arrive(browser, tenant, unasked(tenant, { nameId: 'ada@example.com' }));
    expect(page.status).toBe(200);
    expect(page.body).toContain('Continue as ada@example.com?');
    const called = (of: SamlTenant) => `<strong>ada@example.com</strong> at <strong>${of.organization.name}</strong>`;
    expect(page.body).toContain(
      `You are signed in as ${called(other)}. A sign-in as ${called(tenant)} has just arrived.`,
    );
  });

  it('takes no decision from a page of somebody else, and leads nowhere else', async () => {
    const { browser, session } = await meet('ada@example.com', 'eve@example.com');
    expectNoEffects(
      await sideEffects(server, async () => {
        const { status, headers } = await decide(
          browser,
          { choice: 'continue', session },
          { 'sec-fetch-site': 'cross-site' },
        );
        expect(status).toBe(403);
        expect(headers.getSetCookie()).toEqual([]);
      }),
    );
    const { headers } = await decide(browser, { choice: 'continue', session, target: 'https://evil.example' });
    expect(headers.get('location')).toBe(`${server.url}/session`);
  });

  it('asks anew when another sign-in has arrived since', async () => {
    const { browser, session } = await meet('ada@example.com', 'bob@example.com');
    const later = await arrive(browser, tenant, unasked(tenant, { nameId: 'eve@example.com' }));
    for (const choice of ['continue', 'stay']) {
      expectNoEffects(
        await sideEffects(server, async () => {
          const { status, headers } = await decide(browser, { choice, session, target: '/apps/wiki' });
          expect(status).toBe(303);
          expect(headers.get('location')).toBe(`${server.url}/session/arrival?target=%2Fapps%2Fwiki`);
        }),
      );
    }
    expect(await whoIsIn(browser)).toBe('ada@example.com');
    await decide(browser, { choice: 'continue', session: sessionIn(later) });
    expect(await whoIsIn(browser)).toBe('eve@example.com');
  });

  it.each([['rc_sess_planted'], ['']])('knows no arrival of a cookie that is none: %j', async (token) => {
    const browser = new TestBrowser(server);
    await browser.signIn(tenant, { now: server.clock.now(), nameId: 'ada@example.com' });
    browser.cookies.set('rc_arrival', token);
    for (const send of [() => browser.get('/session/arrival'), () => decide(browser, { choice: 'continue' })]) {
      expectNoEffects(
        await sideEffects(server, async () => {
          const { status, headers } = await send();
          expect(status).toBe(303);
          expect(headers.get('location')).toBe(`${server.url}/session`);
        }),
      );
      browser.cookies.set('rc_arrival', token);
    }
    expect(await whoIsIn(browser)).toBe('ada@example.com');
  });
});
