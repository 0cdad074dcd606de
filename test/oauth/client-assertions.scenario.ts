import { SignJWT, type JWTPayload } from 'jose';
import { ScimClientsService } from '../../src/organizations/scim-clients.service.js';
import { onPostgres, startTestServer, type TestServer } from '../support/app.js';
import {
  askToken,
  byAssertion,
  claimsOf,
  createClient,
  makeKey,
  sign,
  toJwks,
  type OAuthClient,
  type SigningKey,
} from '../support/oauth-client.js';
import { createTenant, request, TEST_OPERATOR, type JsonObject, type Tenant } from '../support/scenario.js';
import { expectNoEffects, sideEffects } from '../support/side-effects.js';

/** private_key_jwt (RFC 7523), as the interoperability profiles ask for it. */
describe('client credentials with a signed assertion', () => {
  let server: TestServer;
  let tenant: Tenant;
  let key: SigningKey;
  let client: OAuthClient;
  beforeAll(async () => {
    server = await startTestServer();
    tenant = await createTenant(server);
    key = await makeKey('ES256', 'first');
    client = await createClient(server, tenant.connection, { jwks: toJwks(key) });
  });
  afterAll(() => server.close());
  beforeEach(() => server.clock.advance(600));

  const signed = (claims: JsonObject = {}, by = key) => sign(by, claimsOf(server, client.clientId, claims));
  const now = () => Math.floor(server.clock.now().getTime() / 1000);
  const INVALID = { error: 'invalid_client', error_description: expect.any(String) as string };

  it.each(['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'])(
    'R-007: a token for an assertion signed with %s',
    async (alg) => {
      const own = await makeKey(alg);
      const { id, clientId } = await createClient(server, tenant.connection, { jwks: toJwks(own) });
      const assertion = await sign(own, claimsOf(server, clientId));
      let token = '';
      const effects = await sideEffects(server, async () => {
        const reply = await askToken(server, byAssertion(assertion));
        expect([reply.status, reply.body]).toEqual([200, expect.stringContaining('"scope":"scim"')]);
        token = String(reply.json['access_token']);
      });
      expect(effects.rows).toEqual({ access_tokens: '+1', used_client_assertions: '+1' });
      expect((await request(server, 'GET', '/scim/v2/Users', { token })).status).toBe(200);
      await server.app.get(ScimClientsService).revoke(tenant.organization.id, tenant.connection.id, id, TEST_OPERATOR);
      expect((await request(server, 'GET', '/scim/v2/Users', { token })).status).toBe(401);
    },
  );

  it('R-007: the audience is the issuer or the token endpoint, alone or among others', async () => {
    for (const aud of [server.url, `${server.url}/oauth/token`, ['https://other.example', server.url]]) {
      expect((await askToken(server, byAssertion(await signed({ aud })))).status).toBe(200);
    }
  });

  it('R-007: an assertion is used once, however many bring it at once', async () => {
    const assertion = await signed();
    const answers = await Promise.all(Array.from({ length: 8 }, () => askToken(server, byAssertion(assertion))));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(7).fill(401)]);
    expectNoEffects(await sideEffects(server, () => askToken(server, byAssertion(assertion))));
    const other = await createTenant(server);
    const { clientId } = await createClient(server, other.connection, { jwks: toJwks(key) });
    const jti = 'the same';
    expect((await askToken(server, byAssertion(await signed({ jti })))).status).toBe(200);
    const theirs = await sign(key, claimsOf(server, clientId, { jti }));
    expect((await askToken(server, byAssertion(theirs))).status).toBe(200);
  });

  it('is believed for as long as clocks may differ, and remembered for longer', async () => {
    const assertion = await signed({ exp: now() + 300 });
    expect((await askToken(server, byAssertion(assertion))).status).toBe(200);
    server.clock.advance(355);
    await server.sql(`DELETE FROM used_client_assertions WHERE expires_at < $1`, [server.clock.now()]);
    expect((await askToken(server, byAssertion(assertion))).status).toBe(401);
    expect((await askToken(server, byAssertion(await signed({ exp: now() - 55 })))).status).toBe(200);
  });

  const wrong: [what: string, claims: () => JsonObject][] = [
    ['for another server', () => ({ aud: 'https://other.example/oauth/token' })],
    ['for nobody', () => ({ aud: undefined })],
    ['for the SCIM service', () => ({ aud: `${server.url}/scim/v2` })],
    ['expired', () => ({ exp: now() - 61 })],
    ['without an end', () => ({ exp: undefined })],
    ['good for an hour', () => ({ exp: now() + 3600 })],
    ['not good yet', () => ({ nbf: now() + 120 })],
    ['without a jti', () => ({ jti: undefined })],
    ['with an empty jti', () => ({ jti: '' })],
    ['with a jti that is no text', () => ({ jti: 7 })],
    ['with an endless jti', () => ({ jti: 'x'.repeat(600) })],
    ['of another issuer', () => ({ iss: 'https://idp.example' })],
    ['without an issuer', () => ({ iss: undefined })],
    ['of nobody', () => ({ sub: undefined })],
    [
      'of an unknown client',
      () => ({ iss: `${client.clientId.slice(0, -4)}AAAA`, sub: `${client.clientId.slice(0, -4)}AAAA` }),
    ],
  ];
  it.each(wrong)('R-007: an assertion %s is refused like any other wrong credential', async (_what, claims) => {
    const effects = await sideEffects(server, async () => {
      const reply = await askToken(server, byAssertion(await signed(claims())));
      expect([reply.status, reply.json]).toEqual([401, INVALID]);
    });
    expectNoEffects(effects);
  });

  it('R-007: no signature but one of the client counts', async () => {
    const claims = () => claimsOf(server, client.clientId);
    const unsigned = (header: object, payload: JWTPayload) =>
      [header, payload].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
    const shared = new TextEncoder().encode(JSON.stringify(key.publicJwk));
    const [good, forged] = [await signed(), await sign(await makeKey('ES256', 'first'), claims())];
    const own = await makeKey('ES256');
    const [header, , signature] = good.split('.') as [string, string, string];
    const assertions: Record<string, string> = {
      'by another key of the same kid': forged,
      'by a key with an unknown kid': await signed({}, { ...key, kid: 'other' }),
      'with a secret made of the public key': await new SignJWT(claims())
        .setProtectedHeader({ alg: 'HS256', kid: 'first' })
        .sign(shared),
      'with none': `${unsigned({ alg: 'none' }, claims())}.`,
      'with an algorithm of no allow-list': await sign(await makeKey('ES384', 'first'), claims()),
      'over something else': `${header}.${Buffer.from(JSON.stringify(claims())).toString('base64url')}.${signature}`,
      'that brings its own key': await new SignJWT(claims())
        .setProtectedHeader({ alg: 'ES256', jwk: own.publicJwk })
        .sign(own.privateKey),
      'that is no JWT': 'x.y.z',
      'cut off': good.slice(0, -10),
      'in two parts': good.split('.').slice(0, 2).join('.'),
    };
    for (const [what, assertion] of Object.entries(assertions)) {
      const reply = await askToken(server, byAssertion(assertion));
      expect([what, reply.status, reply.json]).toEqual([what, 401, INVALID]);
    }
    const named = await askToken(server, { ...byAssertion(await signed()), client_id: 'rc_client_other' });
    expect(named.status).toBe(401);
    expect((await askToken(server, { ...byAssertion(good), client_id: client.clientId })).status).toBe(200);
  });

  it('keys are changed without a gap: both are in the set for a while, with kid or without', async () => {
    const clients = server.app.get(ScimClientsService);
    const [old, fresh] = [await makeKey('ES256'), await makeKey('ES256')];
    const { id, clientId } = await createClient(server, tenant.connection, { jwks: toJwks(old) });
    const works = async (by: SigningKey) =>
      (await askToken(server, byAssertion(await sign(by, claimsOf(server, clientId))))).status;
    const update = (jwks: string) =>
      clients.update(tenant.organization.id, tenant.connection.id, id, { jwks }, TEST_OPERATOR);
    expect([await works(old), await works(fresh)]).toEqual([200, 401]);
    const effects = await sideEffects(server, () => update(toJwks(old, fresh)));
    expect(effects.columns).toEqual({ scim_clients: ['jwks'] });
    expect([await works(old), await works(fresh)]).toEqual([200, 200]);
    await update(toJwks(fresh));
    expect([await works(old), await works(fresh)]).toEqual([401, 200]);
    await expect(update('{"keys":[{"kty":"oct","k":"eA"}]}')).rejects.toMatchObject({ reason: 'invalid' });
  });

  it('a client has keys or secrets, never both', async () => {
    const clients = server.app.get(ScimClientsService);
    const { organizationId, id } = tenant.connection;
    const secret = await createClient(server, tenant.connection);
    const conflict = { reason: 'conflict' };
    await expect(clients.rotate(organizationId, id, client.id, null, TEST_OPERATOR)).rejects.toMatchObject(conflict);
    await expect(
      clients.update(organizationId, id, secret.id, { jwks: toJwks(key) }, TEST_OPERATOR),
    ).rejects.toMatchObject(conflict);
    const both = { name: 'x', jwks: toJwks(key), secretExpiresAt: new Date() };
    await expect(clients.create(organizationId, id, both, TEST_OPERATOR)).rejects.toMatchObject({ reason: 'invalid' });
    const guessed = await sign(key, claimsOf(server, secret.clientId));
    expect((await askToken(server, byAssertion(guessed))).status).toBe(401);
  });

  // The embedded database is one process's alone: several nodes there are only on PostgreSQL.
  (onPostgres ? it : it.skip)(
    'R-007: an assertion is used once over all nodes, and a token is good at each of them',
    async () => {
      const database = { environment: server.environment, drop: async () => undefined };
      const second = await startTestServer({ PUBLIC_URL: server.url }, database);
      try {
        const url = await second.app.getUrl();
        const assertion = await signed({ iat: undefined, exp: now() + 100 });
        second.clock.advance((server.clock.now().getTime() - Date.now()) / 1000);
        const answers = await Promise.all(
          [server.url, url, server.url, url].map((each) => askToken({ url: each }, byAssertion(assertion))),
        );
        expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401]);
        const token = String(answers.find(({ status }) => status === 200)!.json['access_token']);
        for (const each of [server.url, url]) {
          expect((await request({ url: each }, 'GET', '/scim/v2/Users', { token })).status).toBe(200);
        }
      } finally {
        await second.close();
      }
    },
  );
});
