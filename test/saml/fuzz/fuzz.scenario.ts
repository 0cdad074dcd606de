import { startTestServer, type TestServer } from '../../support/app.js';
import { createSamlTenant, lastRecord, responseOf, TestBrowser, type SamlTenant } from '../../support/saml-sign-in.js';
import { diceOf, mutantOf } from './mutator.js';

/** The same over HTTP: an answer or the page of a refusal, and whoever is in is the one whom the IdP named. */
const SEED = Number(process.env['FUZZ_SEED'] ?? 2005);
const RUNS = Math.min(Number(process.env['FUZZ_RUNS'] ?? 300), 5000);

let server: TestServer;
let tenant: SamlTenant;
beforeAll(async () => {
  server = await startTestServer();
  tenant = await createSamlTenant(server);
});
afterAll(() => server.close());

it(
  `${RUNS} mutants over HTTP end in a session of the named person or in a refusal`,
  async () => {
    let accepted = 0;
    let question: { browser: TestBrowser; id: string; relayState: string } | undefined;
    for (let seed = SEED; seed < SEED + RUNS; seed++) {
      const dice = diceOf(seed);
      if (!question) {
        const browser = new TestBrowser(server);
        question = { browser, ...(await browser.begin(tenant)) };
      }
      const { browser, id, relayState } = question;
      const now = server.clock.now();
      const signs = (['assertion', 'response', 'both'] as const)[dice(3)];
      const [xml, other] = ['ada', 'bob'].map((name) =>
        responseOf(tenant, id, { now, signs, nameId: `${name}@example.com` }),
      );
      const { status, headers } = await browser.answer(tenant, mutantOf(xml!, other!, dice), relayState);
      expect([seed, [303, 403].includes(status)]).toEqual([seed, true]);
      const { reason } = await lastRecord(server, tenant);
      expect([seed, reason]).not.toEqual([seed, 'internal-error']);
      if (status === 403) expect([seed, headers.getSetCookie()]).toEqual([seed, []]);
      if (status !== 303) continue;
      accepted++;
      const session = await browser.get('/session', { accept: 'application/json' });
      const { userName } = JSON.parse(session.body) as { userName: string };
      expect([seed, ['ada@example.com', 'bob@example.com'].includes(userName)]).toEqual([seed, true]);
      question = undefined;
    }
    expect(accepted).toBeGreaterThan(0);
    const [rows] = await server.sql<{ count: number }>(
      `SELECT count(*)::int AS count FROM users WHERE user_name LIKE 'eve%'`,
    );
    expect(rows!.count).toBe(0);
  },
  6 * 3_600_000,
);
