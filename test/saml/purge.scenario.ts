import { ExpiredRecordsPurger } from '../../src/saml/expired-records.purger.js';
import { SignInDetails } from '../../src/sessions/sign-in-details.service.js';
import { startTestServer, type TestServer } from '../support/app.js';
import { Engine, OPERATOR } from '../support/engine.js';
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

describe('a record', () => {
  const purge = () => server.app.get(ExpiredRecordsPurger).purgeRecords();

  it('of a sign-in is deleted after a year, but for what drift and explanations read', async () => {
    const tenant = await createSamlTenant(server);
    const { id: connectionId, organizationId } = tenant.connection;
    const { operator } = new Engine(server);
    for (const displayName of ['Red', 'Blue']) {
      await operator.createGroup(organizationId, { displayName }, OPERATOR);
    }
    const signIn = (attributes: Record<string, string[]> = {}, nameId = 'ada@example.com') =>
      new TestBrowser(server).signIn(tenant, { now: server.clock.now(), attributes, nameId });
    const kept = async () => {
      const rows = await server.sql<{ id: string }>(
        `SELECT id FROM sign_ins WHERE connection_id = $1 OR (organization_id = $2 AND connection_id IS NULL) ORDER BY id`,
        [connectionId, organizationId],
      );
      return rows.map(({ id }) => id);
    };
    const setActive = (active: boolean) =>
      server.sql(`UPDATE users SET active = $2 WHERE organization_id = $1`, [organizationId, active]);

    await signIn({ groups: ['Red'] }); // 0: makes the person
    await signIn({ groups: ['Red'] }); // 1: changes nothing
    await signIn({ groups: ['Red', 'Blue'] }); // 2: gives a group
    await signIn({ groups: ['Red', 'Blue'] }); // 3: the last one that is accepted
    await setActive(false);
    await signIn(); // 4: refused
    await signIn(); // 5: the last one that is refused
    await setActive(true);
    await new TestBrowser(server).answer(tenant, '<no/>', undefined); // 6: of nobody
    const all = await kept();
    expect(all).toHaveLength(7);
    await server.app.get(SignInDetails).settled();
    // 7: with a recovery code
    await server.sql(
      `INSERT INTO sign_ins (organization_id, id, incident_code, at, outcome, user_id, decision, correlation_id)
       SELECT organization_id, gen_random_uuid(), 'RECO-VERY-22', at, outcome, user_id, '{}', 'test' FROM sign_ins WHERE id = $1`,
      [all[3]],
    );
    server.clock.advance(365 * 86400 - 60);
    await server.app.get(ExpiredRecordsPurger).purge();
    await purge();
    expect(await kept()).toHaveLength(8);
    server.clock.advance(120);
    await purge();
    expect(await kept()).toEqual([all[0], all[2], all[3], all[5]]);
    // What comes later takes the place of the last one.
    expect((await signIn({ groups: ['Red', 'Blue'] })).status).toBe(303);
    await purge();
    expect((await kept()).slice(0, -1)).toEqual([all[0], all[2], all[5]]);
  });

  it('of many is deleted with all of them', async () => {
    const { connection } = await createSamlTenant(server);
    await server.sql(
      `INSERT INTO sign_ins (organization_id, id, connection_id, incident_code, at, outcome, reason, decision, correlation_id)
       SELECT $1, gen_random_uuid(), $2, 'n' || n, $3, 'rejected', 'expired', '{}', 'test' FROM generate_series(1, 2500) n`,
      [connection.organizationId, connection.id, server.clock.now()],
    );
    server.clock.advance(366 * 86400);
    await purge();
    expect(await server.sql(`SELECT 1 FROM sign_ins WHERE connection_id = $1`, [connection.id])).toEqual([]);
  });

  it('of a logout is deleted after a year, but not while it could be taken again', async () => {
    const { connection } = await createSamlTenant(server);
    const insert = (code: string, valid: string | null) =>
      server.sql(
        `INSERT INTO logouts (organization_id, id, connection_id, incident_code, at, outcome, request_id, valid_until, correlation_id)
         VALUES ($1, gen_random_uuid(), $2, $3, $4, $5, $6, $4::timestamptz + $7::interval, 'test')`,
        [
          connection.organizationId,
          connection.id,
          code,
          server.clock.now(),
          valid === null ? 'rejected' : 'accepted',
          valid === null ? null : code,
          valid,
        ],
      );
    await insert('refused', null);
    await insert('taken', '5 minutes');
    await insert('long', '400 days');
    const left = async () => {
      await purge();
      const rows = await server.sql<{ code: string }>(
        `SELECT incident_code AS code FROM logouts WHERE connection_id = $1 ORDER BY code`,
        [connection.id],
      );
      return rows.map(({ code }) => code);
    };
    server.clock.advance(365 * 86400 - 60);
    expect(await left()).toEqual(['long', 'refused', 'taken']);
    server.clock.advance(120);
    expect(await left()).toEqual(['long']);
    server.clock.advance(36 * 86400);
    expect(await left()).toEqual([]);
  });
});
