import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

/** A Chromium of the system: TEST_BROWSER, or one of the usual places. Undefined where none is installed. */
export const browserPath = [
  process.env['TEST_BROWSER'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((path) => path !== undefined && path !== '' && existsSync(path));

/** `describe` where there is a browser; otherwise the tests count as skipped and the run says why. */
export const describeWithBrowser: (name: string, tests: () => void) => void = (name, tests) => {
  if (browserPath !== undefined) return describe(name, tests);
  console.warn(`No Chromium found (TEST_BROWSER): skipped "${name}"`);
  describe.skip(name, tests);
};

/** A headless browser; close it at the end. Without its sandbox for root, who is refused one. */
export async function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: browserPath!,
    // It is to ask nobody but us for anything.
    args: [
      '--disable-dev-shm-usage',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
      '--disable-quic',
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    ],
  });
}
