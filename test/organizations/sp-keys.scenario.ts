import { createSign, createVerify, randomBytes, X509Certificate } from 'node:crypto';
import { AdminTokensService } from '../../src/organizations/admin-tokens.service.js';
import { SpKeyPairs } from '../../src/organizations/sp-key-pairs.service.js';
import type { SpKey } from '../../src/organizations/sp-key.js';
import { SpKeys } from '../../src/organizations/sp-keys.service.js';
import {
  freshDatabase,
  onPostgres,
  startTestServer,
  TEST_KEY,
  type TestDatabase,
  type TestServer,
} from '../support/app.js';
import { createConnection, createOrganization, request, TEST_OPERATOR, type JsonObject } from '../support/scenario.js';
import { sideEffects } from '../support/side-effects.js';

/** The keys of the service provider that each connection is. */
describe('SP keys', () => {
  let database: TestDatabase;
  let server: TestServer;
  let organizationId: string;
  let connectionId: string;
  let path: string;
  let token: string;

  beforeAll(async () => {
    database = await freshDatabase();
    server = await startTestServer({}, database);
    token = (await server.app.get(AdminTokensService).create('test', null, TEST_OPERATOR)).token;
  });
  afterAll(async () => {
    await server.close();
    await database.drop();
  });
  beforeEach(async () => {
    const organization = await createOrganization(server);
    organizationId = organization.id;
    connectionId = (await createConnection(server, organization)).id;
    path = `/admin/v1/organizations/${organization.slug}/connections/${connectionId}/sp-keys`;
  });

  const call = (method: string, below: string, body?: JsonObject) =>
    request(server, method, path + below, { token, body });
  const create = async (use: SpKey['use']) => (await call('POST', '', { use })).json as unknown as SpKey;
  const states = async () => {
    const { items } = (await call('GET', '')).json as unknown as { items: SpKey[] };
    return items.map(({ use, state }) => `${use} ${state}`);
  };
  /** use -> fingerprints, in the order of the metadata. */
  const published = async () => {
    const xml = await (await fetch(`${server.url}/saml/${connectionId}/metadata`)).text();
    const keys = [...xml.matchAll(/KeyDescriptor use="(\w+)">[\s\S]*?<ds:X509Certificate>([^<]+)</g)];
    const of = (use: string) =>
      keys
        .filter(([, its]) => its === use)
        .map(([, , der]) => new X509Certificate(Buffer.from(der!, 'base64')).fingerprint256);
    return { signing: of('signing'), encryption: of('encryption') };
  };
  const pairs = () => server.app.get(SpKeyPairs);
  const signs = async (certificate: string) => {
    const { privateKey } = await pairs().signing(organizationId, connectionId);
    const signature = createSign('sha256').update('text').sign(privateKey);
    return createVerify('sha256').update('text').verify(certificate, signature);
  };

  it('makes the signing key when it is first needed, once, however many ask', async () => {
    let seen: Awaited<ReturnType<typeof published>>[] = [];
    const effects = await sideEffects(
      server,
      async () => {
        seen = await Promise.all(Array.from({ length: 8 }, () => published()));
      },
      organizationId,
    );
    expect(effects.rows).toEqual({ data_keys: '+1', sp_keys: '+1', audit_entries: '+1' });
    const [key] = await server.app.get(SpKeys).list(organizationId, connectionId);
    expect(effects.events).toEqual([['sp-key.published', connectionId]]);
    expect(effects.audit).toEqual([['sp-key.published', key!.id]]);
    const { fingerprint256 } = new X509Certificate(key!.certificate);
    for (const each of seen) expect(each).toEqual({ signing: [fingerprint256], encryption: [] });
    expect(await signs(key!.certificate)).toBe(true);
  });

  // The embedded database is one process's.
  if (onPostgres) {
    it('makes one key when two nodes need the first at the same time', async () => {
      const other = await startTestServer({}, database);
      const certificates = await Promise.all(
        [server, other].map(
          async ({ app }) => (await app.get(SpKeyPairs).signing(organizationId, connectionId)).certificate,
        ),
      );
      await other.close();
      expect(new Set(certificates).size).toBe(1);
      expect(await states()).toEqual(['signing active']);
    });
  }

  it('are RSA of 3072 bits, for one purpose each, and valid for three years', async () => {
    for (const use of ['signing', 'encryption'] as const) {
      const certificate = new X509Certificate((await create(use)).certificate);
      expect(certificate.publicKey.asymmetricKeyDetails).toMatchObject({ modulusLength: 3072 });
      expect(certificate.verify(certificate.publicKey)).toBe(true);
      expect(certificate.subject).toBe(`CN=Rollcall ${use} ${connectionId}`);
      const days = (Date.parse(certificate.validTo) - server.clock.now().getTime()) / 86_400_000;
      expect(Math.round(days)).toBeGreaterThanOrEqual(3 * 365 - 1);
      expect(Date.parse(certificate.validFrom)).toBeLessThan(server.clock.now().getTime() - 3_000_000);
    }
  });

  it('are unreadable in the database, and outlive a change of the encryption key', async () => {
    const { certificate } = await create('signing');
    const [row] = await server.sql<{ sealed: Buffer }>(
      `SELECT sealed_private_key AS sealed FROM sp_keys WHERE connection_id = $1`,
      [connectionId],
    );
    expect(row!.sealed.toString('latin1')).not.toContain('PRIVATE KEY');
    const key = randomBytes(32).toString('base64');
    await server.close();
    server = await startTestServer({ ENCRYPTION_KEY: `${key},${TEST_KEY}` }, database);
    const { status } = await request(server, 'POST', '/admin/v1/encryption/rotate', { token });
    expect(status).toBe(201);
    await server.close();
    server = await startTestServer({ ENCRYPTION_KEY: key }, database);
    expect(await signs(certificate)).toBe(true);
    const again = await request(server, 'POST', '/admin/v1/encryption/rotate', { token });
    expect(again.json).toMatchObject({ rewrapped: 0 });
    // Back, for the other tests.
    await server.close();
    server = await startTestServer({ ENCRYPTION_KEY: `${TEST_KEY},${key}` }, database);
    await request(server, 'POST', '/admin/v1/encryption/rotate', { token });
  });

  it('roll over: two published, one retired, never a gap, and back again where the IdP was not ready', async () => {
    const fingerprint = ({ certificate }: SpKey) => new X509Certificate(certificate).fingerprint256;
    const old = await create('signing');
    expect(old.state).toBe('active');
    const next = await create('signing');
    expect(next.state).toBe('next');
    expect((await published()).signing).toEqual([old, next].map(fingerprint));
    expect(await signs(old.certificate)).toBe(true);
    expect((await call('POST', '', { use: 'signing' })).status).toBe(409);
    expect((await call('POST', `/${old.id}/retire`)).status).toBe(409);

    const effects = await sideEffects(server, () => call('POST', `/${next.id}/activate`), organizationId);
    expect(effects).toMatchObject({ rows: { sp_keys: '~2', audit_entries: '+2' } });
    expect(effects.events).toEqual([['sp-key.activated', connectionId]]);
    expect(effects.audit).toEqual([
      ['sp-key.activated', old.id],
      ['sp-key.activated', next.id],
    ]);
    expect((await published()).signing).toEqual([next, old].map(fingerprint));
    expect(await signs(next.certificate)).toBe(true);

    expect((await call('POST', `/${old.id}/activate`)).json).toMatchObject({ state: 'active' });
    expect(await states()).toEqual(['signing next', 'signing active']);
    expect(await signs(old.certificate)).toBe(true);
    await call('POST', `/${next.id}/activate`);

    const end = await sideEffects(server, () => call('POST', `/${old.id}/retire`), organizationId);
    expect(end.columns['sp_keys']).toEqual(['retired_at', 'sealed_private_key', 'state']);
    expect(end.events).toEqual([['sp-key.retired', connectionId]]);
    expect((await published()).signing).toEqual([next].map(fingerprint));
    expect(await states()).toEqual(['signing active', 'signing retired']);
    expect((await call('POST', `/${old.id}/activate`)).status).toBe(409);
    expect((await call('POST', `/${next.id}/retire`)).status).toBe(409);
  });

  it('encryption is offered from its first key on and until its last is retired; both decrypt meanwhile', async () => {
    expect((await published()).encryption).toEqual([]);
    const first = await create('encryption');
    expect(first.state).toBe('active');
    const second = await create('encryption');
    const decrypting = await pairs().decryption(organizationId, connectionId);
    expect(decrypting.map(({ id }) => id)).toEqual([first.id, second.id]);
    expect((await published()).encryption).toHaveLength(2);
    expect((await call('POST', `/${first.id}/retire`)).status).toBe(409);
    // A rollover that is called off.
    expect((await call('POST', `/${second.id}/retire`)).json).toMatchObject({ state: 'retired' });
    expect((await call('POST', `/${first.id}/retire`)).json).toMatchObject({ state: 'retired' });
    expect((await published()).encryption).toEqual([]);
    expect(await pairs().decryption(organizationId, connectionId)).toEqual([]);
  });
});
