import type { Browser, Page } from 'playwright-core';
import { DemoDataError } from '../../src/demo/demo.service.js';
import { loadConfig } from '../../src/config/config.js';
import { toBanner } from '../../src/demo/to-banner.js';
import { Log } from '../../src/platform/logger.js';
import { startServer, type RunningServer } from '../../src/server.js';
import { freshDatabase, type TestDatabase } from '../support/app.js';
import { describeWithBrowser, openBrowser } from '../support/browser.js';
import { faultsOf } from '../support/pages.js';
import { request } from '../support/scenario.js';
import { TestBrowser } from '../support/saml-sign-in.js';

/** The first minute of a newcomer. */
describe('the demo', () => {
  let database: TestDatabase;
  let server: RunningServer;
  const start = (settings: Record<string, string> = {}) =>
    startServer(
      loadConfig({
        ...database.environment,
        DEMO: 'true',
        DEMO_IDP_PORT: '0',
        HOST: '127.0.0.1',
        PORT: '0',
        ...settings,
      }),
      undefined,
      Log.create('silent'),
    );

  beforeAll(async () => {
    database = await freshDatabase();
    server = await start();
  });
  afterAll(async () => {
    await server.close();
    await database.drop();
  });

  it('prints addresses, tokens that work, and commands with them', async () => {
    const { demo, url } = server;
    const banner = toBanner({ ...demo!, url });
    expect(banner).toContain(`${url}/scim/v2`);
    expect(banner).toContain(demo!.scimToken);
    expect(banner).toContain(demo!.adminToken);
    expect(banner.split('\n').length).toBeLessThan(25);
    expect((await request(server, 'GET', '/scim/v2/Users', { token: demo!.scimToken })).status).toBe(200);
    expect((await request(server, 'GET', '/admin/v1/organizations/demo', { token: demo!.adminToken })).status).toBe(
      200,
    );
  });

  it('signs a person in by plain HTTP, as a browser without scripts would', async () => {
    const browser = new TestBrowser(server);
    const { location } = await browser.begin({ connection: { id: server.demo!.connectionId } as never });
    expect(location.origin).toBe(server.demo!.idpUrl);
    const form = new URLSearchParams({
      SAMLRequest: location.searchParams.get('SAMLRequest')!,
      RelayState: location.searchParams.get('RelayState')!,
      person: 'demo-0001',
    });
    form.append('groups', 'Engineering');
    form.append('groups', 'Chess club');
    const page = await (await fetch(`${server.demo!.idpUrl}/sso`, { method: 'POST', body: form })).text();
    const field = (name: string) => new RegExp(`name="${name}" value="([^"]*)"`).exec(page)![1]!;
    const answer = new URLSearchParams({ SAMLResponse: field('SAMLResponse'), RelayState: field('RelayState') });
    expect((await browser.post(`/saml/${server.demo!.connectionId}/acs`, answer)).status).toBe(303);
    const session = await browser.get('/session', { accept: 'application/json' });
    expect(JSON.parse(session.body)).toMatchObject({ userName: 'ada@example.com', role: 'member' });
    expect(session.body).toContain('Engineering');
    expect(session.body).not.toContain('Chess club');
  });

  it('starts again with the same data, and shows no token twice', async () => {
    const { connectionId } = server.demo!;
    await server.close();
    server = await start();
    expect(server.demo).toMatchObject({ connectionId, scimToken: undefined, adminToken: undefined });
    expect(toBanner({ ...server.demo!, url: server.url })).toContain('npm run cli -- scim-token rotate demo');
  });

  it('is refused in production: the switch, and what it left behind', async () => {
    const production = { NODE_ENV: 'production', PUBLIC_URL: 'https://sso.example.com' };
    expect(() => loadConfig({ ...production, DEMO: 'true' })).toThrow('DEMO');
    await server.close();
    await expect(start({ ...production, DEMO: 'false' })).rejects.toThrow(DemoDataError);
    server = await start();
  });

  describeWithBrowser('in a real browser', () => {
    const toForm = async (page: Page) => {
      await page.goto(server.url);
      await page.getByText('Sign in with Demo IdP').click();
    };
    const toAnswer = async (page: Page) => {
      // Its script sends it on at once; an answer without content leaves the page where it is.
      await page.route('**/acs', (route) => route.fulfill({ status: 204 }));
      await toForm(page);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('button', { name: 'Continue to Rollcall' }).waitFor();
    };
    const PAGES: Readonly<Record<string, readonly [open: (page: Page) => Promise<unknown>, title: string]>> = {
      start: [(page) => page.goto(server.url), 'Demo'],
      'idp-hint': [(page) => page.goto(server.demo!.idpUrl), 'Demo IdP'],
      'idp-form': [toForm, 'Demo IdP'],
      'idp-answer': [toAnswer, 'Demo IdP'],
    };

    it('every page pleases axe, in any look', async () => {
      const browser = await openBrowser();
      try {
        for (const [name, [open, title]] of Object.entries(PAGES)) {
          const faults = await faultsOf(browser, `demo-${name}`, async (page) => {
            await open(page);
            expect(await page.title()).toBe(`${title} – Rollcall`);
          });
          expect(faults).toEqual([]);
        }
      } finally {
        await browser.close();
      }
    });

    it.each([
      ['with scripts', true],
      ['without scripts', false],
    ])('works %s', async (_how, javaScriptEnabled) => {
      const browser = await openBrowser();
      try {
        await walk(browser, javaScriptEnabled);
      } finally {
        await browser.close();
      }
    });
  });

  async function walk(browser: Browser, javaScriptEnabled: boolean): Promise<void> {
    const context = await browser.newContext({ javaScriptEnabled });
    const page = await context.newPage();
    // The demo IdP is another port of the same site: the cookie must come along with its cross-origin POST.
    await page.goto(server.url);
    await page.getByText('Sign in with Demo IdP').click();
    await page.getByLabel('Grace Hopper').check();
    await page.getByLabel('Finance').check();
    await page.getByRole('button', { name: 'Sign in' }).click();
    if (!javaScriptEnabled) await page.getByRole('button', { name: 'Continue to Rollcall' }).click();
    await page.waitForURL('**/session');
    expect(await page.textContent('main')).toContain('grace@example.com');
    expect(await page.textContent('main')).toContain('Finance');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.goto(`${server.url}/session`);
    expect(await page.textContent('body')).not.toContain('grace@example.com');
    await context.close();
  }
});
