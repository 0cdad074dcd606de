import { X509Certificate } from 'node:crypto';
import { generate } from 'selfsigned';
import { loadConfig } from '../../src/config/config.js';
import { AdminTokensService } from '../../src/organizations/admin-tokens.service.js';
import { CertificatesWatcher } from '../../src/organizations/certificates.watcher.js';
import { ConnectionsService } from '../../src/organizations/connections.service.js';
import { SpKeys } from '../../src/organizations/sp-keys.service.js';
import { Log } from '../../src/platform/logger.js';
import { startServer } from '../../src/server.js';
import { freshDatabase, onPostgres, startTestServer, type TestDatabase, type TestServer } from '../support/app.js';
import { createSamlTenant, type SamlTenant } from '../support/saml-sign-in.js';
import { request, TEST_OPERATOR, type JsonObject } from '../support/scenario.js';
import { expectNoEffects, sideEffects } from '../support/side-effects.js';

/** Nobody learns of an expired certificate from the people who cannot sign in. */

const DAY = 86_400;

describe('certificates that expire', () => {
  let database: TestDatabase;
  let server: TestServer;
  let tenant: SamlTenant;
  let start: Date;

  beforeEach(async () => {
    database = await freshDatabase();
    server = await startTestServer({}, database);
    server.clock.hold();
    start = server.clock.now();
  });
  afterEach(async () => {
    await server.close();
    await database.drop();
  });

  const expiringIn = async (days: number): Promise<string> => {
    const notAfterDate = new Date(start.getTime() + days * DAY * 1000);
    const made = await generate([{ name: 'commonName', value: `IdP ${days}` }], {
      keySize: 2048,
      algorithm: 'sha256',
      notBeforeDate: new Date(start.getTime() - DAY * 1000),
      notAfterDate,
    });
    return made.cert;
  };
  const at = (days: number) => server.clock.set(new Date(start.getTime() + days * DAY * 1000));
  const watch = (one: Pick<TestServer, 'app'> = server) => one.app.get(CertificatesWatcher).watch();
  /** What is told when it is looked at on this day. */
  const toldOn = async (days: number) => {
    at(days);
    const effects = await sideEffects(server, () => watch());
    const rows = await server.sql<{ data: JsonObject }>(
      `SELECT data FROM outbox_events WHERE type = 'certificate.expiring' AND occurred_at = $1 ORDER BY id`,
      [server.clock.now()],
    );
    const said = rows.map(({ data }) => [data['party'], data['threshold'], data['daysLeft']]);
    expect(effects.events).toEqual(said.map(() => ['certificate.expiring', tenant.connection.id]));
    expect(effects.rows).toEqual(said.length === 0 ? {} : { certificate_warnings: `+${said.length}` });
    return said;
  };

  it('are told of 30, 7 and 1 days before, once each', async () => {
    tenant = await createSamlTenant(server, { certificates: [await expiringIn(100)] });
    expect(await toldOn(0)).toEqual([]);
    expect(await toldOn(69.9)).toEqual([]);
    expect(await toldOn(70.1)).toEqual([['idp', 30, 29]]);
    expect(await toldOn(71)).toEqual([]);
    expect(await toldOn(93.1)).toEqual([['idp', 7, 6]]);
    expect(await toldOn(98.9)).toEqual([]);
    expect(await toldOn(99.5)).toEqual([['idp', 1, 0]]);
    expect(await toldOn(101)).toEqual([]);
    const [event] = await server.sql<{ data: JsonObject }>(
      `SELECT data FROM outbox_events WHERE type = 'certificate.expiring' LIMIT 1`,
    );
    const { fingerprint256, subject } = new X509Certificate(tenant.connection.saml!.certificates[0]!);
    expect(event!.data).toMatchObject({ fingerprint: fingerprint256, subject, use: 'signing', coveredUntil: null });
  });

  it('are told of by the nearest threshold alone when nobody looked for long', async () => {
    tenant = await createSamlTenant(server, { certificates: [await expiringIn(100)] });
    expect(await toldOn(96.9)).toEqual([['idp', 7, 3]]);
    expect(await toldOn(99.9)).toEqual([['idp', 1, 0]]);
  });

  it('are told of each, ours as well, with until when another one covers for it', async () => {
    const later = await expiringIn(2000);
    tenant = await createSamlTenant(server, { certificates: [await expiringIn(10), later] });
    const { organization, connection } = tenant;
    const keys = server.app.get(SpKeys);
    const key = await keys.create(organization.id, connection.id, 'encryption', TEST_OPERATOR);
    expect(await toldOn(0)).toEqual([['idp', 30, 9]]);
    const [event] = await server.sql<{ data: JsonObject }>(
      `SELECT data FROM outbox_events WHERE type = 'certificate.expiring'`,
    );
    expect(event!.data['coveredUntil']).toBe(new Date(new X509Certificate(later).validTo).toISOString());

    const lifetime = (key.notAfter.getTime() - start.getTime()) / 1000 / DAY;
    expect(await toldOn(lifetime - 29.5)).toContainEqual(['sp', 30, 29]);
    // A retired key is nobody's any more.
    await keys.retire(organization.id, connection.id, key.id, TEST_OPERATOR);
    expect(await toldOn(lifetime - 6)).toEqual([]);
  });

  it('are not told of while the connection is disabled', async () => {
    tenant = await createSamlTenant(server, { certificates: [await expiringIn(3)] });
    const { organization, connection } = tenant;
    const connections = server.app.get(ConnectionsService);
    await connections.disable(organization.id, connection.id, 'for a test', TEST_OPERATOR);
    expectNoEffects(await sideEffects(server, () => watch()));
    await connections.enable(organization.id, connection.id, TEST_OPERATOR);
    expect(await toldOn(0)).toEqual([['idp', 7, 2]]);
  });

  it('are told of once, however many nodes look at the same time, and in the log of the node that tells', async () => {
    const certificates = await Promise.all([1, 2, 3].map((days) => expiringIn(days * 0.9)));
    tenant = await createSamlTenant(server, { certificates });
    const lines: JsonObject[] = [];
    const destination = { write: (line: string) => void lines.push(JSON.parse(line) as JsonObject) };
    // The embedded database is one process's: there the same server looks several times at once.
    const settings = { ...database.environment, DEMO: 'false', HOST: '127.0.0.1', PORT: '0' };
    const other = onPostgres
      ? await startServer(loadConfig(settings), server.clock, Log.create('warn', destination))
      : undefined;
    const effects = await sideEffects(server, () =>
      Promise.all([watch(), watch(), ...(other ? [watch(other), watch(other)] : [])]),
    );
    expect(effects.rows).toEqual({ certificate_warnings: '+3' });
    expect(effects.events).toHaveLength(3);
    if (!other) return;
    await server.sql(`DELETE FROM certificate_warnings`);
    await watch(other);
    await other.close();
    const told = lines.filter(({ msg }) => msg === 'a certificate expires').slice(-3);
    expect(told.map(({ connectionId, party, daysLeft }) => [connectionId, party, daysLeft])).toEqual([
      [tenant.connection.id, 'idp', 0],
      [tenant.connection.id, 'idp', 1],
      [tenant.connection.id, 'idp', 2],
    ]);
  });

  it('stand in the connection, the soonest first', async () => {
    tenant = await createSamlTenant(server, { certificates: [await expiringIn(40), await expiringIn(-0.5)] });
    const { organization, connection } = tenant;
    await server.app.get(SpKeys).create(organization.id, connection.id, 'encryption', TEST_OPERATOR);
    const { token } = await server.app.get(AdminTokensService).create('test', null, TEST_OPERATOR);
    const { json } = await request(
      server,
      'GET',
      `/admin/v1/organizations/${organization.slug}/connections/${connection.id}`,
      { token },
    );
    const list = json['certificateExpiry'] as JsonObject[];
    expect(list.map(({ party, use, daysLeft, coveredUntil }) => [party, use, daysLeft, coveredUntil !== null])).toEqual(
      [
        ['idp', 'signing', -1, true],
        ['idp', 'signing', 39, false],
        ['sp', 'encryption', expect.any(Number), false],
      ],
    );
  });
});
