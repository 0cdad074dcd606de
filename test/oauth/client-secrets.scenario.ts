import { ExpiredTokensPurger } from '../../src/oauth/expired-tokens.purger.js';
import { AdminTokensService } from '../../src/organizations/admin-tokens.service.js';
import { ScimClientsService } from '../../src/organizations/scim-clients.service.js';
import { mintToken } from '../../src/platform/secrets.js';
import { startTestServer, type TestServer } from '../support/app.js';
import { countStatements } from '../support/count-statements.js';
import { askToken, bySecret, createClient, getToken, type OAuthClient } from '../support/oauth-client.js';
import {
  createConnection,
  createTenant,
  request,
  TEST_OPERATOR,
  type JsonObject,
  type Tenant,
} from '../support/scenario.js';
import { expectNoEffects, sideEffects } from '../support/side-effects.js';

/** Client credentials with a secret, as Entra ID uses them, from the operator's first command to the last request. */
describe('client credentials with a secret', () => {
  let server: TestServer;
  let tenant: Tenant;
  let clients: ScimClientsService;
  beforeAll(async () => {
    server = await startTestServer();
    clients = server.app.get(ScimClientsService);
  });
  afterAll(() => server.close());
  beforeEach(async () => {
    server.clock.advance(3600);
    tenant = await createTenant(server);
  });

  const users = async (token: string) => (await request(server, 'GET', '/scim/v2/Users', { token })).status;
  const ids = () => [tenant.connection.organizationId, tenant.connection.id] as const;
  const basic = ({ clientId, secret }: OAuthClient) => ({
    authorization: `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}`,
  });

  it('R-007: an operator makes a client, and the client finds its way from the first 401 to the resources', async () => {
    const { token: operator } = await server.app.get(AdminTokensService).create('test', null, TEST_OPERATOR);
    const path = `/admin/v1/organizations/${tenant.organization.slug}/connections/${tenant.connection.id}/scim-clients`;
    const made = await request(server, 'POST', path, { token: operator, body: { name: 'Entra' } });
    expect(made.status).toBe(201);
    const { clientSecret, record } = made.json as { clientSecret: string; record: JsonObject };
    expect(record).toMatchObject({ method: 'client_secret', tokenEndpoint: `${server.url}/oauth/token`, jwks: null });

    const challenge = (await request(server, 'GET', '/scim/v2/Users')).headers.get('www-authenticate')!;
    const resource = await request(server, 'GET', /resource_metadata="([^"]+)"/.exec(challenge)![1]!);
    expect(resource.json).toMatchObject({ resource: `${server.url}/scim/v2`, scopes_supported: ['scim'] });
    const issuer = (resource.json['authorization_servers'] as string[])[0]!;
    const metadata = await request(server, 'GET', `${issuer}/.well-known/oauth-authorization-server`);
    expect(metadata.headers.get('content-type')).toMatch(/^application\/json/);
    expect(metadata.json).toEqual({
      issuer,
      token_endpoint: `${server.url}/oauth/token`,
      grant_types_supported: ['client_credentials'],
      response_types_supported: [],
      scopes_supported: ['scim'],
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
      token_endpoint_auth_signing_alg_values_supported: ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'],
      protected_resources: [`${server.url}/scim/v2`],
    });

    const client = { id: String(record['id']), clientId: String(record['clientId']), secret: clientSecret };
    const answers = [
      await askToken(server, bySecret(client)),
      await askToken(server, { scope: 'scim', resource: `${server.url}/scim/v2` }, basic(client)),
    ];
    for (const answer of answers) {
      expect([answer.status, answer.headers.get('cache-control'), answer.headers.get('pragma')]).toEqual([
        200,
        'no-store',
        'no-cache',
      ]);
      expect(answer.json).toEqual({
        access_token: expect.stringMatching(/^rc_access_[A-Za-z0-9_-]{71}$/) as string,
        token_type: 'Bearer',
        expires_in: 1800,
        scope: 'scim',
      });
      expect(await users(String(answer.json['access_token']))).toBe(200);
    }
    const listed = await request(server, 'GET', path, { token: operator });
    expect(listed.body).not.toContain(clientSecret.slice(10, -6));
    expect(listed.json['items']).toMatchObject([{ name: 'Entra', secrets: [{ lastFour: clientSecret.slice(-4) }] }]);
  });

  it('R-007: an access token is of its connection and of nothing else, costs one statement, and expires', async () => {
    const client = await createClient(server, tenant.connection);
    const token = await getToken(server, client);
    const created = await request(server, 'POST', '/scim/v2/Users', { token, body: { userName: 'pushed' } });
    expect(created.status).toBe(201);
    const [entry] = await server.sql(`SELECT actor_kind, actor_id FROM audit_entries WHERE target_id = $1`, [
      created.json['id'],
    ]);
    expect(entry).toEqual({ actor_kind: 'scim-client', actor_id: client.id });
    const rival = await createTenant(server);
    const theirs = await getToken(server, await createClient(server, rival.connection));
    const other = await request(server, 'GET', `/scim/v2/Users/${String(created.json['id'])}`, { token: theirs });
    expect(other.status).toBe(404);
    expect((await request(server, 'GET', '/admin/v1/organizations', { token })).status).toBe(401);
    expect((await request(server, 'GET', `/scim/v2/Users?access_token=${token}`)).status).toBe(401);

    await new Promise((resolve) => setTimeout(resolve, 200)); // its first use is noted beside it
    const statements = countStatements(server);
    expect((await request(server, 'GET', '/scim/v2/Schemas', { token })).status).toBe(200);
    expect(statements()).toBe(1);
    server.clock.advance(29 * 60);
    expect(await users(token)).toBe(200);
    server.clock.advance(61);
    expect(await users(token)).toBe(401);
  });

  it('R-007: one answer for whatever is wrong with the credentials, and nothing happens', async () => {
    const client = await createClient(server, tenant.connection);
    const other = await createClient(server, tenant.connection);
    const soon = new Date(server.clock.now().getTime() + 60_000);
    const expired = await createClient(server, tenant.connection, { secretExpiresAt: soon });
    expect((await askToken(server, bySecret(expired))).status).toBe(200);
    server.clock.advance(61);
    const revoked = await createClient(server, tenant.connection);
    await clients.revoke(...ids(), revoked.id, TEST_OPERATOR);
    const secret = mintToken('secret', tenant.organization.id).token;
    const wrong: [what: string, parameters: Record<string, string>][] = [
      ['an unknown client', bySecret({ ...client, clientId: `${client.clientId.slice(0, -4)}AAAA` })],
      ['no client id', bySecret({ ...client, clientId: 'someone' })],
      ['a wrong secret', bySecret({ ...client, secret })],
      ['a mistyped secret', bySecret({ ...client, secret: `${client.secret.slice(0, -1)}_` })],
      ['the secret of another client', bySecret({ ...client, secret: other.secret })],
      ['a static token', bySecret({ ...client, secret: tenant.token })],
      ['an expired secret', bySecret(expired)],
      ['a revoked client', bySecret(revoked)],
    ];
    const effects = await sideEffects(server, async () => {
      const answers = await Promise.all(wrong.map(([, parameters]) => askToken(server, parameters)));
      const shown = answers.map(({ status, body, headers }) => ({
        status,
        body,
        challenge: headers.get('www-authenticate'),
        cache: headers.get('cache-control'),
      }));
      expect(shown[0]).toEqual({
        status: 401,
        body: '{"error":"invalid_client","error_description":"The client is not known or its credentials are not valid."}',
        challenge: 'Basic realm="OAuth"',
        cache: 'no-store',
      });
      wrong.forEach(([what], index) => expect([what, shown[index]]).toEqual([what, shown[0]]));
    });
    expectNoEffects(effects);
    const statements = countStatements(server);
    await Promise.all(wrong.map(([, parameters]) => askToken(server, parameters)));
    expect(statements()).toBe(0);
  });

  it('R-007: revoking a client ends its secrets and its tokens at once, and no other client', async () => {
    const [client, other] = [
      await createClient(server, tenant.connection),
      await createClient(server, tenant.connection),
    ];
    const [token, another] = [await getToken(server, client), await getToken(server, other)];
    expect(await users(token)).toBe(200);
    const effects = await sideEffects(server, () => clients.revoke(...ids(), client.id, TEST_OPERATOR));
    expect(effects.rows).toEqual({ scim_clients: '~1', audit_entries: '+1' });
    expect(effects.columns).toEqual({ scim_clients: ['revoked_at'] });
    expect([await users(token), await users(another), await users(tenant.token)]).toEqual([401, 200, 200]);
    expect((await askToken(server, bySecret(client))).status).toBe(401);
    expectNoEffects(await sideEffects(server, () => clients.revoke(...ids(), client.id, TEST_OPERATOR)));
    await expect(clients.rotate(...ids(), client.id, null, TEST_OPERATOR)).rejects.toMatchObject({
      reason: 'conflict',
    });
  });

  it('R-007: a secret is changed without a gap; there are two at most, also when many rotate at once', async () => {
    const first = await createClient(server, tenant.connection);
    const works = async (secret: string) => (await askToken(server, bySecret({ ...first, secret }))).status;
    const rotate = () => clients.rotate(...ids(), first.id, null, TEST_OPERATOR);
    const second = (await rotate()).secret;
    expect([await works(first.secret), await works(second)]).toEqual([200, 200]);
    const third = await rotate();
    expect([await works(first.secret), await works(second), await works(third.secret)]).toEqual([401, 200, 200]);
    const newest = third.client.secrets[0]!.id;
    const tokens = [
      await getToken(server, { ...first, secret: second }),
      await getToken(server, { ...first, secret: third.secret }),
    ];
    await clients.revokeSecret(...ids(), first.id, newest, TEST_OPERATOR);
    expect([await users(tokens[0]!), await users(tokens[1]!)]).toEqual([200, 401]);
    expect([await works(second), await works(third.secret)]).toEqual([200, 401]);
    await expect(clients.revokeSecret(...ids(), first.id, newest, TEST_OPERATOR)).rejects.toMatchObject({
      reason: 'not-found',
    });
    await Promise.all(Array.from({ length: 6 }, rotate));
    const [listed] = (await clients.list(...ids())).filter(({ id }) => id === first.id);
    expect(listed!.secrets).toHaveLength(2);
  });

  it('R-203: secrets and tokens are stored as hashes and are in no audit entry', async () => {
    let client: OAuthClient | undefined;
    let token = '';
    const effects = await sideEffects(server, async () => {
      client = await createClient(server, tenant.connection);
      token = await getToken(server, client);
    });
    expect(effects.rows).toEqual({
      scim_clients: '+1',
      client_secrets: '+1',
      access_tokens: '+1',
      audit_entries: '+2',
    });
    expect(effects.audit.map(([action]) => action)).toEqual(['scim-client.created', 'scim-client.secret-added']);
    const tables = ['scim_clients', 'client_secrets', 'access_tokens', 'audit_entries'];
    const rows = await server.sql<{ row: string }>(
      tables.map((table) => `SELECT to_jsonb(t)::text AS row FROM ${table} t`).join(' UNION ALL '),
    );
    for (const secret of [client!.secret.slice(32, -6), token.slice(32, -6)]) {
      expect(secret.length).toBe(43);
      expect(rows.filter(({ row }) => row.includes(secret))).toEqual([]);
    }
  });

  it('R-007: a client comes from its addresses only, for a token and with it, and learns why not', async () => {
    const client = await createClient(server, tenant.connection);
    const token = await getToken(server, client);
    const update = (allowedAddresses: string[] | null) =>
      clients.update(...ids(), client.id, { allowedAddresses }, TEST_OPERATOR);
    await update(['192.0.2.0/24']);
    const refused = await askToken(server, bySecret(client));
    expect([refused.status, refused.json['error']]).toEqual([400, 'unauthorized_client']);
    expect(refused.json['error_description']).toMatch(/127\.0\.0\.1.*allowed addresses/);
    expect(await users(token)).toBe(403);
    for (let attempt = 0; attempt < 300; attempt++) {
      if ((await clients.list(...ids()))[0]!.lastRefusedAt) break;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect((await clients.list(...ids()))[0]).toMatchObject({ lastRefusedAddress: '127.0.0.1' });
    await update(['127.0.0.1']);
    expect([(await askToken(server, bySecret(client))).status, await users(token)]).toEqual([200, 200]);
    await expect(update(['nowhere'])).rejects.toMatchObject({ reason: 'invalid' });
  });

  it('cannot be touched through another connection or organization, nor be made at one that is not there', async () => {
    const client = await createClient(server, tenant.connection);
    const sibling = await createConnection(server, tenant.organization);
    const elsewhere = await createTenant(server);
    for (const [organization, connection] of [
      [tenant.organization.id, sibling.id],
      [elsewhere.organization.id, tenant.connection.id],
    ] as const) {
      const failed = { reason: 'not-found' };
      await expect(clients.revoke(organization, connection, client.id, TEST_OPERATOR)).rejects.toMatchObject(failed);
      await expect(clients.rotate(organization, connection, client.id, null, TEST_OPERATOR)).rejects.toMatchObject(
        failed,
      );
      expect(await clients.list(organization, connection)).toEqual([]);
    }
    const nowhere = clients.create(elsewhere.organization.id, tenant.connection.id, { name: 'x' }, TEST_OPERATOR);
    await expect(nowhere).rejects.toMatchObject({ reason: 'not-found' });
  });

  it.each<[what: string, init: RequestInit, status: number, error: string]>([
    ['JSON', { body: '{}', headers: { 'content-type': 'application/json' } }, 400, 'invalid_request'],
    ['no body', {}, 400, 'invalid_request'],
    ['too large', { body: new URLSearchParams({ x: 'y'.repeat(40_000) }) }, 413, 'invalid_request'],
    ['another grant', { body: new URLSearchParams({ grant_type: 'password' }) }, 400, 'unsupported_grant_type'],
  ])('a request that is %s gets an error in the form of RFC 6749', async (_what, init, status, error) => {
    const reply = await fetch(`${server.url}/oauth/token`, { method: 'POST', ...init });
    expect([reply.status, reply.headers.get('content-type'), reply.headers.get('cache-control')]).toEqual([
      status,
      'application/json; charset=utf-8',
      'no-store',
    ]);
    expect(await reply.json()).toEqual({
      error,
      // "Values for the "error_description" parameter MUST NOT include characters outside the set %x20-21 / %x23-5B / %x5D-7E."
      error_description: expect.stringMatching(/^[\x20-\x21\x23-\x5b\x5d-\x7e]{10,}$/) as string,
    });
  });

  it('answers GET and unknown addresses as errors of its own form', async () => {
    for (const path of ['/oauth/token', '/oauth/authorize', '/oauth']) {
      const reply = await request(server, 'GET', path);
      expect([path, reply.status, reply.json['error']]).toEqual([path, 404, 'invalid_request']);
    }
    for (const path of [
      'oauth-authorization-server/other',
      'oauth-protected-resource/scim/v1',
      'openid-configuration',
    ]) {
      expect((await request(server, 'GET', `/.well-known/${path}`)).status).toBe(404);
    }
  });

  it('R-204: guesses of an address are refused with 429 and Retry-After before anything is looked up', async () => {
    const client = await createClient(server, tenant.connection);
    const guess = () =>
      askToken(server, bySecret({ ...client, secret: mintToken('secret', tenant.organization.id).token }));
    const answers = await Promise.all(Array.from({ length: 70 }, guess));
    const taken = answers.filter(({ status }) => status === 401).length;
    expect(taken).toBeGreaterThanOrEqual(45);
    expect(taken).toBeLessThan(65);
    const statements = countStatements(server);
    const refused = await askToken(server, bySecret(client));
    expect([refused.status, refused.json['error'], statements()]).toEqual([429, 'temporarily_unavailable', 0]);
    expect(refused.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
    server.clock.advance(60);
    expect((await askToken(server, bySecret(client))).status).toBe(200);
  });

  it('what has expired is deleted', async () => {
    const client = await createClient(server, tenant.connection);
    await getToken(server, client);
    const rows = async () => (await server.sql(`SELECT 1 FROM access_tokens WHERE client_id = $1`, [client.id])).length;
    const purger = server.app.get(ExpiredTokensPurger, { strict: false });
    await purger.purge();
    expect(await rows()).toBe(1);
    server.clock.advance(1801);
    await purger.purge();
    expect(await rows()).toBe(0);
  });
});
