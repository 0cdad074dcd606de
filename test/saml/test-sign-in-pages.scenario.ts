import type { Browser, Page } from 'playwright-core';
import { UnitOfWork } from '../../src/database/unit-of-work.service.js';
import { TestSignIns } from '../../src/sessions/test-sign-ins.service.js';
import { startTestServer, type TestServer } from '../support/app.js';
import { describeWithBrowser, openBrowser } from '../support/browser.js';
import { Engine, OPERATOR } from '../support/engine.js';
import { faultsOf, openFakeIdp } from '../support/pages.js';
import { createSamlTenant, responseOf, TestBrowser, type SamlTenant } from '../support/saml-sign-in.js';
import { TEST_OPERATOR } from '../support/scenario.js';
import type { ResponseOptions } from '../support/test-idp.js';
import { MS_GROUPS, standingAlone, STATEMENTS } from './attribute-statements.js';

/** The pages of test sign-ins in a real browser: without scripts, and as axe judges them. */
describeWithBrowser('the pages of a test sign-in', () => {
  let server: TestServer;
  let browser: Browser;
  let idp: Awaited<ReturnType<typeof openFakeIdp>>;
  let tenant: SamlTenant;

  beforeAll(async () => {
    [server, browser, idp] = await Promise.all([startTestServer(), openBrowser(), openFakeIdp()]);
    const settings = { attributeMapping: { groups: [MS_GROUPS] }, name: 'Entra ID of the subsidiary' };
    const saml = { idpEntityId: 'https://sts.windows.net/1/', ssoUrl: `${idp.url}/sso` };
    tenant = await createSamlTenant(server, saml, settings);
    const engine = new Engine(server);
    const externalId = '0a1b2c3d-0000-4000-8000-000000000001';
    await engine.operator.createGroup(tenant.organization.id, { displayName: 'Engineering', externalId }, OPERATOR);
    await engine.operator.createGroup(tenant.organization.id, { displayName: 'Red' }, OPERATOR);
  });
  afterAll(async () => {
    await Promise.all([browser?.close(), idp?.close(), server?.close()]);
  });

  const address = async () => {
    const { organizationId, id } = tenant.connection;
    const tests = server.app.get(TestSignIns);
    const now = server.clock.now();
    const test = await server.app.get(UnitOfWork).run((tx) => tests.create(tx, organizationId, id, now, TEST_OPERATOR));
    return `${server.url}/saml/${id}/test/${test.token}`;
  };

  /** Does a test beside the page, and gives it the cookie of the browser that did. */
  async function openResult(page: Page, changes: Partial<ResponseOptions>): Promise<void> {
    const other = new TestBrowser(server);
    const { headers } = await other.post(new URL(await address()).pathname, '');
    const { id, relayState } = other.questionAt(headers.get('location')!);
    const answer = await other.answer(tenant, responseOf(tenant, id, changes), relayState);
    await page.context().addCookies([...other.cookies].map(([name, value]) => ({ name, value, url: server.url })));
    await page.goto(answer.headers.get('location')!);
  }

  const ENTRA = { attributes: {}, attributeXml: standingAlone(STATEMENTS.entra) };
  const PAGES: Readonly<Record<string, readonly [open: (page: Page) => Promise<unknown>, heading: string]>> = {
    offer: [async (page) => page.goto(await address()), 'Test sign-in'],
    over: [(page) => page.goto(`${server.url}/saml/${tenant.connection.id}/test/nothing`), 'This test is over'],
    accepted: [(page) => openResult(page, ENTRA), 'The sign-in would be accepted'],
    refused: [
      (page) => openResult(page, { ...ENTRA, spEntityId: 'https://another-service.example/' }),
      'The sign-in would be refused',
    ],
  };

  it.each(Object.entries(PAGES))('%s: axe finds nothing, in any look', async (name, [open, heading]) => {
    const faults = await faultsOf(browser, `test-sign-in-${name}`, async (page) => {
      await open(page);
      expect(await page.textContent('h1')).toBe(heading);
    });
    expect(faults).toEqual([]);
  });

  it.each([true, false])('one press leads from the address to the IdP; scripts: %s', async (javaScriptEnabled) => {
    const context = await browser.newContext({ javaScriptEnabled });
    try {
      const page = await context.newPage();
      await page.goto(await address());
      await page.getByRole('button', { name: 'Begin the test' }).click();
      await page.waitForURL(`${idp.url}/sso?**`);
      expect(await page.textContent('#question')).toBe('true');
    } finally {
      await context.close();
    }
  });
});
