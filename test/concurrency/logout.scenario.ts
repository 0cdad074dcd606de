import pg from 'pg';
import { onPostgres, startTestServer, type TestServer } from '../support/app.js';
import { createSamlTenant, lastRecord, responseOf, TestBrowser, type SamlTenant } from '../support/saml-sign-in.js';
import { at } from '../support/test-idp.js';
import { makeLogoutRequest, toQuery } from '../support/test-idp-logout.js';

/** On PostgreSQL one waits in the middle of its transaction while the other begins; on the embedded database they take turns. */
describe('a sign-in and a logout of the same session at the same time', () => {
  let server: TestServer;
  let tenant: SamlTenant;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(() => server.close());
  beforeEach(async () => {
    const singleLogout = { url: 'https://idp.example.com/slo', responseUrl: null, binding: 'redirect' } as const;
    tenant = await createSamlTenant(server, { singleLogout });
  });

  const pause = () => new Promise((resolve) => setTimeout(resolve, 20));

  /** Statements that wait for a lock. */
  async function waiting(outside: pg.Client, wanted: number): Promise<void> {
    for (let tries = 0; tries < 500; tries++) {
      const { rows } = await outside.query<{ n: number }>(
        `SELECT count(*)::int AS n FROM pg_locks l JOIN pg_database d ON d.oid = l.database
         WHERE d.datname = current_database() AND NOT l.granted`,
      );
      if (rows[0]!.n === wanted) return;
      await pause();
    }
    throw new Error(`Never ${wanted} statements waiting for a lock`);
  }

  /** Begins `second` while `first` waits for its turn to write into `table`. */
  async function inside<A, B>(table: string, first: () => Promise<A>, second: () => Promise<B>): Promise<[A, B]> {
    if (!onPostgres) return [await first(), await second()];
    const outside = new pg.Client({ connectionString: server.environment['DATABASE_URL'] });
    await outside.connect();
    try {
      await outside.query(`BEGIN`);
      await outside.query(`LOCK TABLE ${table} IN SHARE MODE`);
      const one = first();
      await waiting(outside, 1);
      const other = second();
      await waiting(outside, 2);
      await outside.query(`ROLLBACK`);
      return await Promise.all([one, other]);
    } finally {
      await outside.end();
    }
  }

  async function prepare(name: { signIn: object; logout: object }) {
    const browser = new TestBrowser(server);
    const { id, relayState } = await browser.begin(tenant);
    const now = server.clock.now();
    const xml = responseOf(tenant, id, { now, authnInstant: at(now, -60), sessionIndex: '_s1', ...name.signIn });
    const slo = `/saml/${tenant.connection.id}/slo`;
    const parties = { now, issuer: tenant.idpEntityId, destination: server.url + slo };
    const order = makeLogoutRequest({ ...parties, sessionIndexes: ['_s1'], ...name.logout });
    return {
      browser,
      signIn: () => browser.answer(tenant, xml, relayState),
      logOut: () => new TestBrowser(server).get(`${slo}?${toQuery(order, { key: tenant.key })}`),
    };
  }

  const EMAIL = 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress';
  const NAMES = [
    { what: 'the same name', signIn: {}, logout: {} },
    {
      what: 'an e-mail address in another case',
      signIn: { nameId: 'Ada@Example.com', nameIdFormat: EMAIL },
      logout: { nameId: 'ADA@example.com', format: undefined },
    },
  ];
  const ended = async () =>
    server.sql(`SELECT outcome, sessions_ended FROM logouts WHERE connection_id = $1`, [tenant.connection.id]);

  it.each(NAMES)('the logout ends what the sign-in is opening: $what', async (name) => {
    const { browser, signIn, logOut } = await prepare(name);
    const [entered, left] = await inside('sign_ins', signIn, logOut);
    expect([entered.status, left.status]).toEqual([303, 303]);
    expect(await ended()).toEqual([{ outcome: 'accepted', sessions_ended: 1 }]);
    expect((await browser.get('/session', { accept: 'application/json' })).status).toBe(401);
  });

  it.each(NAMES)('the sign-in opens nothing that the logout is ending: $what', async (name) => {
    const { signIn, logOut } = await prepare(name);
    const [left, entered] = await inside('sessions', logOut, signIn);
    expect([entered.status, left.status]).toEqual([403, 303]);
    expect(await ended()).toEqual([{ outcome: 'accepted', sessions_ended: 0 }]);
    expect(await lastRecord(server, tenant)).toMatchObject({ outcome: 'rejected', reason: 'logged-out' });
    const counts = await server.sql(
      `SELECT (SELECT count(*)::int FROM users u WHERE u.organization_id = o.id) AS users,
         (SELECT count(*)::int FROM sessions s WHERE s.organization_id = o.id) AS sessions,
         (SELECT count(*)::int FROM sign_ins i WHERE i.organization_id = o.id) AS records
       FROM organizations o WHERE o.id = $1`,
      [tenant.organization.id],
    );
    expect(counts).toEqual([{ users: 0, sessions: 0, records: 1 }]);
  });
});
