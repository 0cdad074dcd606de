import type { Browser, Page } from 'playwright-core';
import type { Organization } from '../../src/organizations/connection.js';
import { DomainsService } from '../../src/organizations/domains.service.js';
import { newReadableCode } from '../../src/platform/readable-code.js';
import { OperatorReconciler } from '../../src/reconciliation/operator.reconciler.js';
import { RecoveryCodesReconciler } from '../../src/reconciliation/recovery-codes.reconciler.js';
import { startTestServer, type TestServer } from '../support/app.js';
import { describeWithBrowser, openBrowser } from '../support/browser.js';
import { faultsOf, openFakeIdp, tabOrder } from '../support/pages.js';
import { addSamlConnection, createSamlTenant, TestBrowser, type SamlTenant } from '../support/saml-sign-in.js';
import { createOrganization, TEST_OPERATOR } from '../support/scenario.js';

/** Every page of people in a real browser: without scripts, by keyboard, and as axe judges it. */
describeWithBrowser('the pages of people', () => {
  let server: TestServer;
  let browser: Browser;
  let idp: Awaited<ReturnType<typeof openFakeIdp>>;
  let one: SamlTenant;
  let several: SamlTenant;
  /** Asks by POST, and its IdP sends people on to another origin. */
  let posting: SamlTenant;

  beforeAll(async () => {
    [server, browser, idp] = await Promise.all([startTestServer(), openBrowser(), openFakeIdp()]);
    one = await createSamlTenant(server, { ssoUrl: `${idp.url}/sso` });
    several = await createSamlTenant(server, { ssoUrl: `${idp.url}/sso` }, { name: 'Okta' });
    const long = 'Entra ID of the subsidiary for maritime engineering (Donaudampfschifffahrtsgesellschaft)';
    await addSamlConnection(server, several.organization, { ssoUrl: `${idp.url}/sso` }, { name: long });
    const onward = new URLSearchParams({ onward: `${idp.url}/sso?SAMLRequest=onward` });
    posting = await createSamlTenant(server, {
      requestBinding: 'post',
      ssoUrl: `${idp.url.replace('127.0.0.1', 'localhost')}/sso?${onward.toString()}`,
    });
    await verify(posting.organization, 'posting.example');
    await verify(one.organization, 'one.example');
    await verify(several.organization, 'several.example');
  });
  afterAll(async () => {
    await Promise.all([browser?.close(), idp?.close(), server?.close()]);
  });

  const verify = async ({ id }: Organization, domain: string) => {
    const domains = server.app.get(DomainsService);
    await domains.claim(id, domain, TEST_OPERATOR);
    await domains.verify(id, domain, 'operator', TEST_OPERATOR);
  };
  const enter = async (page: Page, email: string, path = '/') => {
    await page.goto(server.url + path);
    await page.getByLabel('Your e-mail address at work').fill(email);
    await Promise.all([page.waitForEvent('load'), page.keyboard.press('Enter')]);
  };
  const refuse = async (page: Page) => {
    const acs = new URLSearchParams({ answerTo: one.acsUrl });
    await page.goto(`${idp.url}/?${acs.toString()}`);
    await Promise.all([page.waitForEvent('load'), page.getByRole('button', { name: 'Answer' }).click()]);
  };
  const signedIn = async (page: Page) => {
    const person = new TestBrowser(server);
    await person.signIn(one, { nameId: 'ada@one.example', now: server.clock.now() });
    const cookies = [...person.cookies].map(([name, value]) => ({ name, value, url: server.url }));
    await page.context().addCookies(cookies);
    await page.goto(`${server.url}/session`);
  };
  const signedInTwice = async (page: Page) => {
    await new TestBrowser(server).signIn(one, { nameId: 'ada@one.example', now: server.clock.now() });
    await signedIn(page);
  };

  /** Somebody signed in, to whom an IdP sent the sign-in of somebody else. */
  const arrive = async (page: Page) => {
    await signedIn(page);
    const other = new TestBrowser(server);
    await other.signIn(one, { nameId: 'grace@one.example', now: server.clock.now() });
    await page.context().addCookies([{ name: 'rc_arrival', value: other.cookies.get('rc_session')!, url: server.url }]);
    await page.goto(`${server.url}/session/arrival`);
  };

  /** The form for recovery codes, filled in and sent. */
  const recover = async (page: Page, userName: string, code: string, path = `/o/${one.organization.slug}`) => {
    await page.goto(`${server.url}${path}?noLoginRedirect`);
    await page.getByLabel('User name or e-mail address').fill(userName);
    await page.getByRole('textbox', { name: 'Recovery code' }).fill(code);
    await Promise.all([page.waitForEvent('load'), page.keyboard.press('Enter')]);
  };
  const recoveryCode = async (userName: string): Promise<string> => {
    const operator = server.app.get(OperatorReconciler);
    const { id } = one.organization;
    const { user } = await operator.createUser(id, { userName, attributes: {} }, TEST_OPERATOR);
    await operator.setUser(id, user.id, { breakGlass: true }, TEST_OPERATOR);
    const wanted = { count: 1 };
    return (await server.app.get(RecoveryCodesReconciler).issue(id, user.id, wanted, TEST_OPERATOR)).codes[0]!;
  };
  const exhaust = async (page: Page) => {
    const form = () =>
      new URLSearchParams({ organization: one.organization.slug, userName: 'nobody', code: newReadableCode(20) });
    const headers = { 'sec-fetch-site': 'same-origin' };
    for (let count = 0; count < 5; count++) await new TestBrowser(server).post('/sign-in/recovery', form(), headers);
    await recover(page, 'nobody', newReadableCode(20));
  };

  /** Every page: how one gets there, and what shows that one did. */
  const PAGES: Readonly<Record<string, readonly [open: (page: Page) => Promise<unknown>, title: string]>> = {
    start: [(page) => page.goto(server.url), 'Sign in'],
    unknown: [(page) => enter(page, 'ada@nowhere.example'), 'Nobody signs in here with this address'],
    several: [(page) => enter(page, 'ada@several.example'), 'Sign in to '],
    none: [async (page) => page.goto(`${server.url}/o/${(await createOrganization(server)).slug}`), 'Sign in to '],
    refused: [refuse, 'Sign-in refused'],
    recovery: [(page) => page.goto(`${server.url}/o/${one.organization.slug}?noLoginRedirect`), 'Sign in to '],
    'recovery-anywhere': [(page) => page.goto(`${server.url}/?noLoginRedirect`), 'Sign in'],
    'recovery-mistyped': [(page) => recover(page, 'ada', 'ABCD-1234'), 'That is not a recovery code'],
    'recovery-refused': [(page) => recover(page, 'ada', newReadableCode(20)), 'Sign-in refused'],
    'too-many': [exhaust, 'Too many at once'],
    session: [signedIn, 'You are signed in'],
    'session-several': [signedInTwice, 'You are signed in'],
    arrival: [arrive, 'Continue as '],
    'signed-out': [(page) => page.goto(`${server.url}/signed-out`), 'You are signed out'],
    'logout-refused': [
      (page) => page.goto(`${one.spEntityId.replace(/metadata$/, 'slo')}?SAMLRequest=x`),
      'Not signed out',
    ],
    'not-signed-in': [(page) => page.goto(`${server.url}/session`), 'Not signed in'],
    'not-found': [(page) => page.goto(`${server.url}/o/nobody`), 'Nothing is here'],
    'not-allowed': [(page) => page.goto(one.acsUrl), 'Nothing is here'],
  };

  it.each(Object.entries(PAGES))('%s: axe finds nothing, in any look', async (name, [open, title]) => {
    const faults = await faultsOf(browser, name, async (page) => {
      await open(page);
      expect(await page.title()).toMatch(new RegExp(`^${title}.* – Rollcall$`));
    });
    expect(faults).toEqual([]);
  });

  describe.each([
    ['with scripts', true],
    ['without scripts', false],
  ])('%s', (_how, javaScriptEnabled) => {
    let page: Page;
    beforeEach(async () => {
      page = await (await browser.newContext({ javaScriptEnabled })).newPage();
    });
    afterEach(() => page.context().close());
    const atIdp = async () => {
      await page.waitForURL(`${idp.url}/sso?**`);
      expect(await page.textContent('#question')).toBe('true');
    };

    it('an address leads to the IdP, on another origin', async () => {
      await enter(page, 'ada@one.example');
      await atIdp();
    });

    it('an address of a company whose IdP is asked by POST leads there, and on to wherever that sends people', async () => {
      await enter(page, 'ada@posting.example');
      if (!javaScriptEnabled) await page.getByRole('button', { name: 'Continue' }).click();
      await atIdp();
    });

    it('an address of a company with several ways leads to a choice, and the way back is open', async () => {
      await enter(page, 'ada@several.example', '/sign-in?targetUrl=/session');
      await page.getByRole('link', { name: 'Sign in with Okta' }).click();
      await atIdp();
      await page.goBack();
      expect(await page.textContent('h1')).toBe(`Sign in to ${several.organization.name}`);
      await page.getByRole('link', { name: 'Sign in with Entra ID' }).click();
      await atIdp();
    });

    it('an address that leads nowhere can be mended where it stands', async () => {
      await enter(page, 'ada@nowhere.example');
      const field = page.getByLabel('Your e-mail address at work');
      expect(await field.inputValue()).toBe('ada@nowhere.example');
      expect(await field.getAttribute('aria-describedby')).toBe('problem');
      await field.fill('ada@one.example');
      await page.getByRole('button', { name: 'Continue' }).click();
      await atIdp();
    });

    it('the link of a company with one way leads straight to the IdP', async () => {
      await page.goto(`${server.url}/o/${one.organization.slug}`);
      await atIdp();
    });

    it('a refused person is shown a code and can begin again', async () => {
      await refuse(page);
      expect(await page.textContent('main')).toMatch(/[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{2}/);
      await page.getByRole('link', { name: 'Start again' }).click();
      await atIdp();
    });

    it('a break-glass person comes in with a recovery code, and once', async () => {
      const userName = `glass-${String(javaScriptEnabled)}`;
      const code = await recoveryCode(userName);
      await recover(page, userName, code.toLowerCase());
      await page.waitForURL(`${server.url}/session`);
      expect(await page.textContent('main')).toContain('with a recovery code');
      await recover(page, userName, code);
      expect(await page.textContent('h1')).toBe('You could not be signed in');
      await page.getByRole('link', { name: 'Start again' }).click();
      expect(await page.getByRole('textbox', { name: 'Recovery code' }).inputValue()).toBe('');
    });

    it('a person sees who they are, and signs out', async () => {
      await signedIn(page);
      expect(await page.textContent('main')).toContain('ada@one.example');
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.waitForURL(`${server.url}/`);
    });
  });

  it('the keyboard goes through a page in the order in which it is read', async () => {
    const page = await browser.newPage();
    await page.goto(server.url);
    expect(await tabOrder(page)).toEqual(['Your e-mail address at work', 'Continue', 'Your session']);
    await enter(page, 'ada@several.example');
    await page.waitForURL('**/o/**');
    expect(await tabOrder(page)).toEqual([
      'Sign in with Okta',
      expect.stringContaining('Sign in with Entra ID') as string,
    ]);
    await page.goto(`${server.url}/?noLoginRedirect`);
    expect(await tabOrder(page)).toEqual([
      'Your e-mail address at work',
      'Continue',
      'Organization',
      'User name or e-mail address',
      'Recovery code',
      'Sign in',
      'Your session',
    ]);
    await page.context().close();
  });
});
