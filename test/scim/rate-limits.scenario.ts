import { connect } from 'node:net';
import { DataSource } from 'typeorm';
import { ConnectionsService } from '../../src/organizations/connections.service.js';
import { ScimTokensService, type ScimToken } from '../../src/organizations/scim-tokens.service.js';
import { onPostgres, startTestServer, type TestServer } from '../support/app.js';
import { freePort, startChild, untilItAnswers } from '../support/child.js';
import { countStatements } from '../support/count-statements.js';
import { createTenant, request, TEST_OPERATOR, type Reply, type Tenant } from '../support/scenario.js';
import { expectNoEffects, sideEffects } from '../support/side-effects.js';

const LEAST = { SCIM_REQUESTS_PER_SECOND: '25', SCIM_BURST_SECONDS: '4' };
const ask = (url: string, token: string) => request({ url }, 'GET', '/scim/v2/Users?count=0', { token });

/** Fills the bucket of a connection whose server's clock is held: exactly the burst comes through. */
async function exhaust(server: TestServer, tenant: Tenant): Promise<void> {
  const replies = await Promise.all(Array.from({ length: 120 }, () => ask(server.url, tenant.token)));
  const count = (wanted: number) => replies.filter(({ status }) => status === wanted).length;
  expect([count(200), count(429)]).toEqual([100, 20]);
}

describe('R-204, IPSIE-104: the rate limit of a connection', () => {
  let server: TestServer;
  let tenant: Tenant;
  beforeAll(async () => {
    server = await startTestServer(LEAST);
    server.clock.hold();
  });
  afterAll(() => server.close());
  beforeEach(async () => {
    tenant = await createTenant(server);
  });

  it('lets a burst through, then answers 429 with whole seconds and a SCIM error, touching nothing', async () => {
    await exhaust(server, tenant);
    const statements = countStatements(server);
    let replies: Reply[] = [];
    const effects = await sideEffects(server, async () => {
      const before = statements();
      replies = await Promise.all(
        Array.from({ length: 10 }, () => tenant.scim('POST', '/Users', { userName: 'too-fast' })),
      );
      // Reports to the other nodes go on beside them.
      expect(statements() - before).toBeLessThan(5);
    });
    expectNoEffects(effects);
    for (const reply of replies) {
      expect(reply.status).toBe(429);
      expect(reply.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
      expect(reply.headers.get('content-type')).toBe('application/scim+json; charset=utf-8');
      expect(reply.json).toEqual({
        schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
        status: '429',
        detail: expect.stringContaining(`after ${reply.headers.get('retry-after')} seconds`) as string,
      });
    }
    const seconds = Number(replies[0]!.headers.get('retry-after'));
    // The report of what came while the clock was held is as late as that: one second more.
    server.clock.advance(seconds + 1);
    expect((await tenant.scim('GET', '/Users')).status).toBe(200);
  });

  it('is of that connection alone', async () => {
    const other = await createTenant(server);
    await exhaust(server, tenant);
    expect((await other.scim('GET', '/Users')).status).toBe(200);
  });

  it('is answered before the body is read', async () => {
    await exhaust(server, tenant);
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    const answer = new Promise<string>((resolve, reject) => {
      socket.once('data', (data: Buffer) => resolve(data.toString()));
      socket.once('error', reject);
    });
    // A body is announced and never comes.
    socket.write(
      `POST /scim/v2/Users HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${tenant.token}\r\n` +
        'Content-Type: application/scim+json\r\nContent-Length: 1000000\r\n\r\n{',
    );
    expect(await answer).toMatch(/^HTTP\/1\.1 429 /);
    socket.destroy();
  });

  it('may be another one of the connection, and never one below 25', async () => {
    const connections = server.app.get(ConnectionsService);
    const { organizationId, id } = tenant.connection;
    const set = (requestsPerSecond: number | null) =>
      connections.update(organizationId, id, { provisioning: { requestsPerSecond } }, TEST_OPERATOR);
    for (const wrong of [24, 0, -1, 25.5]) await expect(set(wrong)).rejects.toMatchObject({ reason: 'invalid' });
    await set(1000);
    const replies = await Promise.all(Array.from({ length: 400 }, () => ask(server.url, tenant.token)));
    expect(replies.filter(({ status }) => status !== 200)).toEqual([]);
  });

  it('a revoked token uses up nothing of it', async () => {
    expect((await tenant.scim('GET', '/Users')).status).toBe(200);
    const { organizationId, id } = tenant.connection;
    const tokens = server.app.get(ScimTokensService);
    const [{ id: old }] = (await tokens.list(organizationId, id)) as [ScimToken];
    const { token } = await tokens.create(organizationId, id, { name: 'new' }, TEST_OPERATOR);
    await tokens.revoke(organizationId, id, old, TEST_OPERATOR);
    for (let round = 0; round < 20; round++) {
      const replies = await Promise.all(Array.from({ length: 10 }, () => ask(server.url, tenant.token)));
      expect(replies.filter(({ status }) => status !== 401)).toEqual([]);
    }
    expect((await ask(server.url, token)).status).toBe(200);
  });

  it('goes on by itself while the database does not answer, and fails no request', async () => {
    const dataSource = server.app.get(DataSource);
    const create = dataSource.createQueryRunner.bind(dataSource);
    const reports = () => server.sql<{ level: number }>(`SELECT level FROM request_levels`);
    await server.sql(`DELETE FROM request_levels`);
    let failures = 0;
    const gone = () => {
      failures++;
      return Promise.reject(new Error('the database is gone'));
    };
    dataSource.createQueryRunner = (mode) => {
      const runner = create(mode);
      const query = runner.query.bind(runner) as (...values: unknown[]) => Promise<unknown>;
      runner.query = ((sql: string, ...values: unknown[]) =>
        sql.includes('request_levels') && sql.includes('INSERT')
          ? gone()
          : query(sql, ...values)) as typeof runner.query;
      return runner;
    };
    try {
      await exhaust(server, tenant);
      server.clock.advance(0.3);
      for (let attempt = 0; attempt < 100 && failures === 0; attempt++) {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      expect([failures, await reports()]).toEqual([1, []]);
      server.clock.advance(10);
      expect((await tenant.scim('GET', '/Users')).status).toBe(200);
    } finally {
      dataSource.createQueryRunner = create;
    }
    server.clock.advance(10);
    await exhaust(server, tenant);
    for (let attempt = 0; attempt < 100 && (await reports()).length === 0; attempt++) {
      server.clock.advance(0.3);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect((await reports()).length).toBe(1);
  });
});

// The embedded database is one process's alone: several nodes there are only on PostgreSQL.
(onPostgres ? describe : describe.skip)('R-204: the rate limit over two server processes on one database', () => {
  it('is one limit, and 25 requests a second in turns are never refused', async () => {
    const first = await startTestServer(LEAST);
    const ports = [await freePort(), await freePort()];
    const children = ports.map((port) =>
      startChild(['dist/src/main.js'], { ...first.environment, ...LEAST, PORT: String(port), LOG_LEVEL: 'warn' }),
    );
    const urls = ports.map((port) => `http://127.0.0.1:${port}`);
    try {
      await Promise.all(children.map((child, index) => untilItAnswers(child, `${urls[index]}/health`)));
      const [greedy, polite] = [await createTenant(first), await createTenant(first)];
      const start = Date.now();
      const seconds = () => (Date.now() - start) / 1000;
      const admitted: number[] = [];
      const hammer = async (url: string) => {
        while (seconds() < 12) {
          const { status } = await ask(url, greedy.token);
          if (status === 200) admitted.push(seconds());
          else if (status !== 429) throw new Error(`answered ${status}`);
        }
      };
      const walk = async () => {
        const statuses: number[] = [];
        for (let sent = 0; seconds() < 12; sent++) {
          await new Promise((resolve) => setTimeout(resolve, start + sent * 42 - Date.now()));
          statuses.push((await ask(urls[sent % 2]!, polite.token)).status);
        }
        return statuses;
      };
      const [statuses] = await Promise.all([walk(), ...urls.flatMap((url) => [hammer(url), hammer(url)])]);
      expect(statuses.length).toBeGreaterThan(20);
      expect(statuses.filter((status) => status !== 200)).toEqual([]);
      // Each by itself would let 25 a second in: 300 in these six seconds. Together it is half of that.
      const later = admitted.filter((at) => at >= 6).length;
      expect(later).toBeLessThan(25 * 6 * 1.4);
      expect(later).toBeGreaterThan(25 * 6 * 0.4);
      expect(children.map(({ output }) => output.stdout).join('')).toContain('over the limit of their connection');
    } finally {
      await Promise.all(children.map((child) => child.kill()));
      await first.close();
    }
  });
});
