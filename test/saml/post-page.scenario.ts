import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { startTestServer, type TestServer } from '../support/app.js';
import { describeWithBrowser, openBrowser } from '../support/browser.js';
import { createSamlTenant } from '../support/saml-sign-in.js';

/** The POST binding in a real browser, which obeys the policy of the page. */
describeWithBrowser('a question by POST', () => {
  let server: TestServer;
  let idp: Server;
  let browser: Browser;
  const received: URLSearchParams[] = [];
  beforeAll(async () => {
    server = await startTestServer();
    idp = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        if (request.method === 'POST') received.push(new URLSearchParams(body));
        response.writeHead(200, { 'content-type': 'text/html' }).end('<title>the IdP</title>');
      });
    });
    await new Promise<void>((resolve) => idp.listen(0, '127.0.0.1', resolve));
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser.close();
    idp.closeAllConnections();
    await new Promise((resolve) => idp.close(resolve));
    await server.close();
  });
  beforeEach(() => {
    received.length = 0;
  });

  it.each([
    ['#25 a question by POST reaches the IdP by itself', true],
    ['#25 a question by POST reaches the IdP by its button, without scripts', false],
  ])('%s', async (_title, javaScriptEnabled) => {
    const { port } = idp.address() as AddressInfo;
    const tenant = await createSamlTenant(server, {
      ssoUrl: `http://127.0.0.1:${port}/sso?a=1&b=2`,
      requestBinding: 'post',
      signRequests: true,
    });
    const context = await browser.newContext({ javaScriptEnabled });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    await page.goto(`${server.url}/saml/${tenant.connection.id}/login`);
    if (!javaScriptEnabled) await page.getByRole('button', { name: 'Continue' }).click();
    await page.waitForURL(/\/sso\?a=1&b=2$/);
    expect(await page.title()).toBe('the IdP');
    expect(received).toHaveLength(1);
    const xml = Buffer.from(received[0]!.get('SAMLRequest')!, 'base64').toString();
    expect(xml).toMatch(/^<samlp:AuthnRequest .*<\/samlp:AuthnRequest>$/);
    expect(received[0]!.get('RelayState')).toMatch(/^[\w-]{43}$/);
    expect(complaints).toEqual([]);
    await context.close();
  });
});
