import { ScimTokensService } from '../../src/organizations/scim-tokens.service.js';
import { mintToken } from '../../src/platform/secrets.js';
import { startTestServer, type TestServer } from '../support/app.js';
import { countStatements } from '../support/count-statements.js';
import { createTenant, request, TEST_OPERATOR, type Tenant } from '../support/scenario.js';
import { expectNoEffects, sideEffects } from '../support/side-effects.js';

/** From where a token may be used, behind a proxy and without one; and what wrong tokens of one address cost. */

const tokenFor = async (server: TestServer, { connection }: Tenant, allowedAddresses: string[] | null) =>
  server.app
    .get(ScimTokensService)
    .rotate(connection.organizationId, connection.id, { name: 'listed', allowedAddresses }, TEST_OPERATOR);

describe('without a proxy', () => {
  let server: TestServer;
  let tenant: Tenant;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(() => server.close());
  beforeEach(async () => {
    tenant = await createTenant(server);
  });

  const get = (token: string, headers: Record<string, string> = {}) =>
    request(server, 'GET', '/scim/v2/Users', { token, headers });
  const recordOf = async (id: string) => {
    const { connection } = tenant;
    const list = await server.app.get(ScimTokensService).list(connection.organizationId, connection.id);
    return list.find((each) => each.id === id)!;
  };
  /** How many audit entries tell of refused uses, once there are so many: they are written beside the requests. */
  const refusalsOf = async (id: string, least: number) => {
    for (let attempt = 0; attempt < 300; attempt++) {
      const rows = await server.sql(`SELECT 1 FROM audit_entries WHERE target_id = $1 AND action = $2`, [
        id,
        'scim-token.address-refused',
      ]);
      if (rows.length >= least) return rows.length;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error('The refusal was not noted');
  };

  it('R-007: a token works from a listed address and from no other, whatever X-Forwarded-For says', async () => {
    const here = await tokenFor(server, tenant, ['127.0.0.0/8', '::1']);
    expect((await get(here.token)).status).toBe(200);
    const elsewhere = await tokenFor(server, tenant, ['192.0.2.0/24']);
    for (const headers of [{}, { 'x-forwarded-for': '192.0.2.7' }] as Record<string, string>[]) {
      const reply = await get(elsewhere.token, headers);
      expect(reply.status).toBe(403);
      expect(reply.json).toMatchObject({ schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'], status: '403' });
      expect(reply.json['detail']).toContain('127.0.0.1');
      expect(reply.json['detail']).toMatch(/allowed addresses .*TRUST_PROXY/);
    }
  });

  it('R-203: refused uses are seen by the operator: one entry in an hour however many they are, and nothing else', async () => {
    const { token, record } = await tokenFor(server, tenant, ['192.0.2.0/24']);
    const effects = await sideEffects(server, async () => {
      await Promise.all(Array.from({ length: 20 }, () => get(token)));
      expect(await refusalsOf(record.id, 1)).toBe(1);
    });
    expect(effects.rows).toEqual({ scim_tokens: '~1', audit_entries: '+1' });
    expect(effects.columns).toEqual({ scim_tokens: ['last_refused_address', 'last_refused_at'] });
    expect(effects.audit).toEqual([['scim-token.address-refused', record.id]]);
    expect(await recordOf(record.id)).toMatchObject({ lastRefusedAddress: '127.0.0.1', lastUsedAt: null });
    server.clock.advance(61 * 60);
    await get(token);
    expect(await refusalsOf(record.id, 2)).toBe(2);
  });

  it('R-007: the list can be changed for a token that is in use, and is inherited by its successor', async () => {
    const { connection } = tenant;
    const tokens = server.app.get(ScimTokensService);
    const { token, record } = await tokenFor(server, tenant, ['192.0.2.0/24']);
    expect((await get(token)).status).toBe(403);
    await refusalsOf(record.id, 1);
    const update = (allowedAddresses: string[] | null) =>
      tokens.update(connection.organizationId, connection.id, record.id, { allowedAddresses }, TEST_OPERATOR);
    const effects = await sideEffects(server, () => update(['127.0.0.1']));
    expect(effects.columns).toEqual({ scim_tokens: ['allowed_addresses'] });
    expect(effects.audit).toEqual([['scim-token.updated', record.id]]);
    expect((await get(token)).status).toBe(200);
    expectNoEffects(await sideEffects(server, () => update(['127.0.0.1'])));
    await expect(update(['localhost'])).rejects.toMatchObject({ reason: 'invalid' });
    const next = await tokens.rotate(connection.organizationId, connection.id, { name: 'next' }, TEST_OPERATOR);
    expect(next.record.allowedAddresses).toEqual(['127.0.0.1']);
  });

  it('R-204: clients that come all at once, none of them seen before, are no guessers', async () => {
    server.clock.advance(60);
    const tenants = await Promise.all([1, 2, 3].map(() => createTenant(server)));
    const replies = await Promise.all(
      Array.from({ length: 180 }, (_, index) => tenants[index % 3]!.scim('GET', '/Users?count=0')),
    );
    expect(replies.filter(({ status }) => status !== 200)).toEqual([]);
  });

  it('R-204: an address that guesses is refused with 429 and without a statement; tokens in use are not', async () => {
    server.clock.advance(60); // what the other tests have refused is forgotten
    expect((await tenant.scim('GET', '/Users')).status).toBe(200);
    const guess = () => get(mintToken('scim', tenant.organization.id).token);
    const many = await Promise.all(Array.from({ length: 80 }, guess));
    const taken = many.filter(({ status }) => status === 401).length;
    expect(taken).toBeGreaterThanOrEqual(49);
    expect(taken).toBeLessThan(75);
    const statements = countStatements(server);
    const refused = await guess();
    expect([refused.status, statements()]).toEqual([429, 0]);
    expect(refused.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
    expect(refused.json).toMatchObject({ status: '429', detail: expect.stringContaining('wrong tokens') as string });
    expect((await tenant.scim('GET', '/Users')).status).toBe(200);
    server.clock.advance(120);
    expect((await guess()).status).toBe(401);
  });
});

describe('behind a proxy', () => {
  let server: TestServer;
  let tenant: Tenant;
  beforeAll(async () => {
    server = await startTestServer({
      TRUST_PROXY: 'loopback, 10.0.0.0/8',
      SCIM_REQUESTS_PER_SECOND: '25',
      SCIM_BURST_SECONDS: '4',
    });
    tenant = await createTenant(server);
  });
  afterAll(() => server.close());

  it.each([
    ['192.0.2.7', 200],
    ['203.0.113.9, 192.0.2.7', 200],
    ['203.0.113.9, 192.0.2.7, 10.1.2.3', 200],
    ['192.0.2.7, 203.0.113.9', 403],
    ['203.0.113.9', 403],
    ['nonsense', 403],
  ])('R-007: the address is the last that no proxy of ours has: %s', async (forwarded, status) => {
    const { token } = await tokenFor(server, tenant, ['192.0.2.0/24']);
    const reply = await request(server, 'GET', '/scim/v2/Users', { token, headers: { 'x-forwarded-for': forwarded } });
    expect(reply.status).toBe(status);
  });

  it('R-204: whoever has the token at a wrong address uses up nothing of what the client may do', async () => {
    const { token } = await tokenFor(server, await createTenant(server), ['192.0.2.0/24']);
    const from = (address: string) =>
      request(server, 'GET', '/scim/v2/Users?count=0', { token, headers: { 'x-forwarded-for': address } });
    server.clock.hold();
    for (let round = 0; round < 10; round++) {
      expect((await from('192.0.2.7')).status).toBe(200);
      const elsewhere = Array.from({ length: 40 }, (_, at) => from(`203.0.113.${round * 25 + (at % 25)}`));
      expect((await Promise.all(elsewhere)).filter(({ status }) => status !== 403)).toEqual([]);
    }
    // Of the hundred that it may make at once the client has made ten.
    const rest = await Promise.all(Array.from({ length: 90 }, () => from('192.0.2.7')));
    expect(rest.filter(({ status }) => status !== 200)).toEqual([]);
    expect((await from('192.0.2.7')).status).toBe(429);
  });
});
