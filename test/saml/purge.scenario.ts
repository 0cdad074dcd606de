import { ExpiredRecordsPurger } from '../../src/saml/expired-records.purger.js';
import { startTestServer, type TestServer } from '../support/app.js';
import { createSamlTenant, TestBrowser } from '../support/saml-sign-in.js';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

describe('what no answer can name any more', () => {
  it('is deleted, and nothing before that', async () => {
    const tenant = await createSamlTenant(server);
    await new TestBrowser(server).signIn(tenant);
    await new TestBrowser(server).begin(tenant);
    const purge = async () => {
      await server.app.get(ExpiredRecordsPurger).purge();
      const [row] = await server.sql(
        `SELECT (SELECT count(*)::int FROM login_requests) AS requests, (SELECT count(*)::int FROM used_assertions) AS assertions`,
      );
      return row;
    };
    expect(await purge()).toEqual({ requests: 2, assertions: 1 });
    // The assertion ends after 300 seconds, and the connection's clock skew and a second later nobody accepts it.
    server.clock.advance(300 + 119);
    expect(await purge()).toEqual({ requests: 2, assertions: 1 });
    server.clock.advance(5);
    expect(await purge()).toEqual({ requests: 2, assertions: 0 });
    server.clock.advance(180);
    expect(await purge()).toEqual({ requests: 0, assertions: 0 });
  });

  it('an old session is deleted thirty days after its end', async () => {
    const tenant = await createSamlTenant(server);
    await new TestBrowser(server).signIn(tenant, { now: server.clock.now() });
    const left = async () => {
      await server.app.get(ExpiredRecordsPurger).purge();
      return server.sql(`SELECT id FROM sessions WHERE connection_id = $1`, [tenant.connection.id]);
    };
    server.clock.advance(30 * 86400 + 7200 - 60);
    expect(await left()).toHaveLength(1);
    server.clock.advance(120);
    expect(await left()).toHaveLength(0);
  });
});
