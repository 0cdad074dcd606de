import { request as openRequest } from 'node:http';
import { newId } from '../../../src/platform/ids.js';
import { startTestServer, type TestServer } from '../../support/app.js';
import { createTenant, request, type JsonObject, type Tenant } from '../../support/scenario.js';
import { expectNoEffects, sideEffects } from '../../support/side-effects.js';
import { bulk, BULK_REQUEST, NOBODY, postBulk, statuses, user } from './bulk-client.js';

/** How much a bulk request may be, and what it does to others. */
describe('limits of a bulk request', () => {
  let server: TestServer;
  let tenant: Tenant;
  let announced: { supported: boolean; maxOperations: number; maxPayloadSize: number };

  beforeAll(async () => {
    server = await startTestServer({ SCIM_BODY_LIMIT_BYTES: '200000' });
    tenant = await createTenant(server);
    const { json } = await tenant.scim('GET', '/ServiceProviderConfig');
    announced = json['bulk'] as typeof announced;
  });
  afterAll(() => server.close());

  const deletes = (count: number): JsonObject[] =>
    Array.from({ length: count }, () => ({ method: 'DELETE', path: `/Users/${NOBODY}` }));
  const nothingHappens = async (work: () => Promise<unknown>) => expectNoEffects(await sideEffects(server, work));

  it('R-154, R-180: are announced', () => {
    expect(announced).toEqual({ supported: true, maxOperations: 1000, maxPayloadSize: 200_000 });
  });

  it('R-154: as many operations as announced are performed, and others are served meanwhile', async () => {
    const running = bulk(tenant, deletes(announced.maxOperations));
    let finished = false;
    void running.finally(() => (finished = true));
    const waits: number[] = [];
    while (!finished) {
      const started = performance.now();
      expect((await request(server, 'GET', '/health')).status).toBe(200);
      waits.push(performance.now() - started);
    }
    expect(new Set(statuses(await running))).toEqual(new Set(['404']));
    expect(await running).toHaveLength(announced.maxOperations);
    expect(waits.length).toBeGreaterThan(5);
    // Between two operations, not after all of them; with room for a busy machine.
    expect(Math.max(...waits)).toBeLessThan(2000);
  });

  it('R-154: one more is 413, which names the limit, and nothing is done', async () => {
    await nothingHappens(async () => {
      const { status, json } = await postBulk(tenant, [user('first'), ...deletes(announced.maxOperations)]);
      expect([status, json]).toEqual([
        413,
        {
          schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
          status: '413',
          detail: 'A bulk request may have at most 1000 operations (maxOperations).',
        },
      ]);
    });
  });

  it('R-154: as many bytes as announced are read, one more is 413, which names the limit', async () => {
    const bodyOf = (length: number) => {
      const body = { schemas: [BULK_REQUEST], Operations: [user('large', { title: '' })] };
      const missing = length - JSON.stringify(body).length;
      return JSON.stringify({ ...body, Operations: [user('large', { title: 'x'.repeat(missing) })] });
    };
    await nothingHappens(async () => {
      const { status, json } = await tenant.scim('POST', '/Bulk', bodyOf(announced.maxPayloadSize + 1));
      expect([status, json['detail']]).toEqual([413, expect.stringContaining('200000 bytes') as string]);
      expect(json['detail']).toContain('(maxPayloadSize)');
    });
    const { status, json } = await tenant.scim('POST', '/Bulk', bodyOf(announced.maxPayloadSize));
    expect([status, json['Operations']]).toMatchObject([200, [{ status: '201' }]]);
  });

  it('R-154: limits of single requests are those of operations', async () => {
    const Operations = Array.from({ length: 1001 }, () => ({ op: 'add', path: 'title', value: 'x' }));
    const [{ response } = {}] = await bulk(tenant, [
      { method: 'PATCH', path: `/Users/${newId()}`, data: { Operations } },
    ]);
    expect(response).toMatchObject({
      status: '413',
      detail: expect.stringContaining('(limit patchOperations: 1000)') as string,
    });
  });

  it('R-155: a request whose client has gone is performed to its end', async () => {
    const operations = Array.from({ length: 60 }, (_, index) => user(`gone${index}`));
    const count = async () =>
      (await tenant.scim('GET', '/Users?filter=userName%20sw%20%22gone%22&count=0')).json['totalResults'] as number;
    const until = async (enough: number) => {
      while ((await count()) < enough);
    };
    const { hostname, port } = new URL(server.url);
    const headers = { authorization: `Bearer ${tenant.token}`, 'content-type': 'application/scim+json' };
    const client = openRequest({ hostname, port, method: 'POST', path: '/scim/v2/Bulk', headers });
    client.on('error', () => undefined);
    client.end(JSON.stringify({ Operations: operations }));
    await until(1);
    client.destroy();
    await until(60);
  });
});
