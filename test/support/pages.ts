import { mkdirSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';

/** What a page for people must be, whoever opens it: looked at in a real browser. */

const LOOKS = [
  { name: 'desktop', viewport: { width: 1280, height: 800 }, colorScheme: 'light' },
  { name: 'dark', viewport: { width: 1280, height: 800 }, colorScheme: 'dark' },
  { name: 'narrow', viewport: { width: 320, height: 640 }, colorScheme: 'light' },
] as const;

/**
 * Opens a page in every look and says what is wrong with it: what axe finds, and what reaches beyond a narrow screen. `open` leads
 * there. With TEST_SCREENSHOTS, pictures are kept in that folder.
 */
export async function faultsOf(browser: Browser, name: string, open: (page: Page) => Promise<unknown>) {
  const faults: string[] = [];
  for (const look of LOOKS) {
    const context = await browser.newContext({ viewport: look.viewport, colorScheme: look.colorScheme });
    try {
      const page = await context.newPage();
      await open(page);
      const shots = process.env['TEST_SCREENSHOTS'];
      if (shots !== undefined) {
        mkdirSync(shots, { recursive: true });
        await page.screenshot({ path: `${shots}/${name}-${look.name}.png`, fullPage: true });
      }
      faults.push(...(await judge(page)).map((fault) => `${name}, ${look.name}: ${fault}`));
    } finally {
      await context.close();
    }
  }
  return faults;
}

async function judge(page: Page): Promise<string[]> {
  // Not as a script of the page, which its policy refuses.
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run());
  const found = violations.map(({ id, nodes }) => `${id} at ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
  const wide = await page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth');
  return [...found, ...(wide === true ? ['wider than the screen'] : [])];
}

/** The names of what Tab leads to, in this order, until it leaves the page. */
export async function tabOrder(page: Page): Promise<string[]> {
  const names: string[] = [];
  for (let count = 0; count < 30; count++) {
    await page.keyboard.press('Tab');
    const name = await page.evaluate<string>(
      `(({ activeElement: e }) => e === document.body ? '' : (e.labels?.[0] ?? e).textContent.trim())(document)`,
    );
    if (name === '' || name === names[0]) return names;
    names.push(name);
  }
  return names;
}

/**
 * An IdP on an origin of its own, as far as a browser sees one: a page with its question, and a form that answers what it is told to, or
 * the way onward to an address.
 */
export async function openFakeIdp(): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server: Server = createServer((request, response) => {
    const { searchParams } = new URL(request.url!, 'http://idp.invalid');
    request.resume();
    const onward = searchParams.get('onward');
    if (onward !== null) return response.writeHead(303, { location: onward }).end();
    const action = searchParams.get('answerTo') ?? '';
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end(
      `<!doctype html><title>IdP</title><h1>The IdP</h1><p id="question">${searchParams.has('SAMLRequest')}</p>` +
        `<form method="post" action="${action}"><input type="hidden" name="SAMLResponse" value="bm90aGluZw=="><button>Answer</button></form>`,
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
