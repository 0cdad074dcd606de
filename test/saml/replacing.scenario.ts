import { startTestServer, type TestServer } from '../support/app.js';
import { Recovery, typedBy } from '../support/recovery.js';
import { createSamlTenant, responseOf, TestBrowser, type Answer, type SamlTenant } from '../support/saml-sign-in.js';
import { expectEvents, sideEffects } from '../support/side-effects.js';

/** A page sends the browser of somebody signed in to GET login of a connection whose IdP answers with another person (login CSRF). */

let server: TestServer;
let home: SamlTenant;
let attacker: SamlTenant;
beforeAll(async () => {
  server = await startTestServer();
  home = await createSamlTenant(server);
  attacker = await createSamlTenant(server);
});
afterAll(() => server.close());

async function whoIsIn(browser: TestBrowser): Promise<string | undefined> {
  const { status, body } = await browser.get('/session', { accept: 'application/json' });
  return status === 200 ? (JSON.parse(body) as { userName: string }).userName : undefined;
}

async function signedIn(nameId: string): Promise<TestBrowser> {
  const browser = new TestBrowser(server);
  await browser.signIn(home, { now: server.clock.now(), nameId });
  expect(await whoIsIn(browser)).toBe(nameId);
  return browser;
}

/** The answer as it comes from another site: without the session cookie, which GET login had unless it was no navigation. */
async function answered(
  browser: TestBrowser,
  tenant: SamlTenant,
  nameId: string,
  begun: Readonly<Record<string, string>> = { 'sec-fetch-dest': 'document' },
): Promise<Answer> {
  const session = browser.cookies.get('rc_session');
  const hide = () => browser.cookies.delete('rc_session');
  if (begun['sec-fetch-dest'] !== 'document') hide();
  const { headers } = await browser.get(`/saml/${tenant.connection.id}/login?targetUrl=/apps/wiki`, begun);
  const { id, relayState } = browser.questionAt(headers.get('location')!);
  hide();
  const answer = await browser.answer(tenant, responseOf(tenant, id, { now: server.clock.now(), nameId }), relayState);
  if (session !== undefined && !browser.cookies.has('rc_session')) browser.cookies.set('rc_session', session);
  return answer;
}

function expectArrival({ status, headers }: Answer): string {
  expect(status).toBe(303);
  const [arrival, ended, ...others] = headers.getSetCookie();
  expect(others).toEqual([]);
  expect(arrival).toMatch(/^rc_arrival=rc_sess_[^;]+; Max-Age=600; Path=\/; HttpOnly; SameSite=Lax$/);
  expect(ended).toMatch(/^rc_login_[0-9a-f]{8}=; Max-Age=0;/);
  expect(headers.get('location')).toBe(`${server.url}/session/arrival?target=%2Fapps%2Fwiki`);
  return headers.get('location')!;
}

const decide = (browser: TestBrowser, choice: string, { body }: Answer) => {
  const session = /name="session" value="([^"]+)"/.exec(body)![1]!;
  return browser.post('/session/arrival', new URLSearchParams({ choice, session, target: '/apps/wiki' }), {
    'sec-fetch-site': 'same-origin',
  });
};

describe('a sign-in begun where somebody is signed in', () => {
  it('asks before somebody else takes their place, who may stay', async () => {
    const browser = await signedIn('ada@example.com');
    let page: Answer;
    const effects = await sideEffects(server, async () => {
      page = await browser.get(expectArrival(await answered(browser, attacker, 'eve@example.com')));
      expect(page.status).toBe(200);
      expect(page.body).toContain('You are signed in as <strong>ada@example.com</strong>');
      expect(page.body).toContain('Continue as eve@example.com?');
    });
    expect(effects.rows).toMatchObject({ login_requests: '+1', used_assertions: '+1', sessions: '+1', sign_ins: '+1' });
    expectEvents(effects, ['user.created', 'session.opened']);
    expect(await whoIsIn(browser)).toBe('ada@example.com');
    const stayed = await sideEffects(server, async () => {
      expect((await decide(browser, 'stay', page)).headers.get('location')).toBe(`${server.url}/session`);
    });
    expect(stayed.rows).toEqual({ sessions: '~1', audit_entries: '+1' });
    expectEvents(stayed, ['session.revoked']);
    expect([...browser.cookies.keys()].sort()).toEqual(['rc_session', 'rc_signed_in']);
    expect(await whoIsIn(browser)).toBe('ada@example.com');
  });

  it('leads on as the other one when the person says so, and ends their session', async () => {
    const browser = await signedIn('ada@example.com');
    const former = new TestBrowser(server);
    former.cookies.set('rc_session', browser.cookies.get('rc_session')!);
    const page = await browser.get(expectArrival(await answered(browser, home, 'bob@example.com')));
    const effects = await sideEffects(server, async () => {
      expect((await decide(browser, 'continue', page)).headers.get('location')).toBe(`${server.url}/apps/wiki`);
    });
    expect(effects.rows).toEqual({ sessions: '~1', audit_entries: '+1' });
    expectEvents(effects, ['session.revoked']);
    expect(await whoIsIn(browser)).toBe('bob@example.com');
    expect(await whoIsIn(former)).toBeUndefined();
  });

  it('asks the same person nothing, and leaves no session behind that nobody is in', async () => {
    const browser = await signedIn('ada@example.com');
    const former = new TestBrowser(server);
    former.cookies.set('rc_session', browser.cookies.get('rc_session')!);
    const address = expectArrival(await answered(browser, home, 'ada@example.com'));
    const effects = await sideEffects(server, async () => {
      const arrived = await browser.get(address);
      expect(arrived.status).toBe(303);
      expect(arrived.headers.get('location')).toBe(`${server.url}/apps/wiki`);
    });
    expect(effects.rows).toEqual({ sessions: '~1', audit_entries: '+1' });
    expectEvents(effects, ['session.revoked']);
    expect(await whoIsIn(former)).toBeUndefined();
    expect([...browser.cookies.keys()].sort()).toEqual(['rc_session', 'rc_signed_in']);
    expect(await whoIsIn(browser)).toBe('ada@example.com');
  });

  it.each(['iframe', 'image', 'empty'])(
    'asks too when it was begun as %s, with which no session shows',
    async (dest) => {
      const browser = await signedIn('ada@example.com');
      const answer = await answered(browser, attacker, 'eve@example.com', { 'sec-fetch-dest': dest });
      expect((await browser.get(expectArrival(answer))).status).toBe(200);
      expect(await whoIsIn(browser)).toBe('ada@example.com');
    },
  );

  it.each([undefined, 'rc_sess_planted'])(
    'is straight where nobody is signed in, with the cookie %s',
    async (cookie) => {
      const browser = new TestBrowser(server);
      if (cookie !== undefined) browser.cookies.set('rc_session', cookie);
      const { headers } = await answered(browser, home, 'ada@example.com');
      expect(headers.get('location')).toBe(`${server.url}/apps/wiki`);
      expect([...browser.cookies.keys()].sort()).toEqual(['rc_session', 'rc_signed_in']);
      expect(await whoIsIn(browser)).toBe('ada@example.com');
    },
  );
});

describe('a sign-in that a stranger began before the person came', () => {
  const comers = {
    'over a connection': async (browser: TestBrowser) => {
      expect((await browser.signIn(home, { now: server.clock.now(), nameId: 'ada@example.com' })).status).toBe(303);
    },
    'with a sign-in that their IdP began': async (browser: TestBrowser) => {
      const open = await createSamlTenant(server, { allowIdpInitiated: true });
      const unasked = responseOf(open, undefined, { now: server.clock.now(), nameId: 'ada@example.com' });
      const { headers } = await browser.answer(open, unasked, '');
      expect((await browser.get(headers.get('location')!)).status).toBe(303);
    },
    'with a recovery code': async (browser: TestBrowser) => {
      const recovery = await Recovery.of(server);
      const person = await recovery.newPerson();
      const [code] = await recovery.issue(person);
      expect((await recovery.enter(typedBy(person, code!), { browser })).status).toBe(303);
    },
  };

  it.each(Object.entries(comers))('asks too, when they came %s', async (_how, come) => {
    const browser = new TestBrowser(server);
    const { id, relayState } = await browser.begin(attacker, '/apps/wiki');
    await come(browser);
    const present = await whoIsIn(browser);
    expect(present).toBeDefined();
    const session = browser.cookies.get('rc_session')!;
    // From the site of the IdP: without what is Lax.
    browser.cookies.delete('rc_session');
    const xml = responseOf(attacker, id, { now: server.clock.now(), nameId: 'eve@example.com' });
    const answer = await browser.answer(attacker, xml, relayState);
    browser.cookies.set('rc_session', session);
    const page = await browser.get(expectArrival(answer));
    expect(page.body).toContain('Continue as eve@example.com?');
    expect(await whoIsIn(browser)).toBe(present);
  });
});
