import { readdirSync, readFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import fc from 'fast-check';
import { startTestServer, type TestServer } from '../../support/app.js';
import { createTenant, type JsonObject, type Tenant } from '../../support/scenario.js';
import { expectNoEffects, sideEffects } from '../../support/side-effects.js';
import { mutate, mutation, type Sent } from './mutations.js';

/**
 * Random bytes, and what real connectors send with something broken in it: never a 5xx, never much of the processor, and nothing is
 * written by what is refused. A few hundred with a fixed seed here; `npm run fuzz` takes as many as one likes and prints its seed.
 */
const SEED = Number(process.env['FUZZ_SEED'] ?? 7643);
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 250);
/** Milliseconds of processor time, of the client and the server together. */
const MAX_CPU = 200;

interface Exchange {
  readonly steps: readonly { readonly request: { method: string; path: string; body?: unknown } }[];
}

let server: TestServer;
let tenant: Tenant;
let recorded: Sent[];

beforeAll(async () => {
  // Nobody is to be refused for being too quick.
  server = await startTestServer({ SCIM_REQUESTS_PER_SECOND: '1000' });
  tenant = await createTenant(server);
  const people = await Promise.all(
    ['ada', 'bob', 'cid'].map(async (userName) => {
      const emails = [{ value: `${userName}@example.com`, type: 'work' }];
      return (await tenant.scim<{ id: string }>('POST', '/Users', { userName, emails })).json.id;
    }),
  );
  const group = await tenant.scim<{ id: string }>('POST', '/Groups', {
    displayName: 'Sales',
    members: people.map((value) => ({ value })),
  });
  recorded = readRecorded(people[0]!, group.json.id);
});
afterAll(() => server.close());

/** The requests of all exchanges, about somebody who is there, and one long list of each kind. */
function readRecorded(user: string, group: string): Sent[] {
  const folder = join('test', 'scim', 'exchanges');
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
  return files.flatMap((file) => {
    const { steps } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Exchange;
    return steps.map(({ request }) => {
      const id = request.path.startsWith('/Groups') ? group : user;
      const filled = JSON.parse(JSON.stringify(request).replace(/\{\{\w+\}\}/g, id)) as typeof request;
      const body = filled.body === undefined ? undefined : Buffer.from(JSON.stringify(filled.body));
      return { method: filled.method, path: filled.path, headers: {}, body };
    });
  });
}

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly cpu: number;
}

async function send({ method, path, headers, body }: Sent): Promise<Answer> {
  const { hostname, port } = new URL(server.url);
  const before = process.cpuUsage();
  const reply = await new Promise<Omit<Answer, 'cpu'>>((resolve, reject) => {
    const request = http.request({
      hostname,
      port,
      method,
      path: `/scim/v2${path}`,
      headers: {
        authorization: `Bearer ${tenant.token}`,
        ...(body && { 'content-type': 'application/scim+json', 'content-length': body.length }),
        ...headers,
      },
      agent: false,
    });
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode!, body: Buffer.concat(chunks).toString() }));
      response.on('error', reject);
    });
    request.on('error', reject);
    request.end(body);
  });
  const { user, system } = process.cpuUsage(before);
  return { ...reply, cpu: (user + system) / 1000 };
}

/** What must hold of the answer to anything. */
async function survives(sent: Sent): Promise<void> {
  let answer: Answer | undefined;
  const effects = await sideEffects(server, async () => {
    answer = await send(sent);
  });
  const { status, body } = answer!;
  if (status >= 500) expect([status, sent.path]).toEqual([501, expect.stringMatching(/^\/+(Me|Bulk)/)]);
  if (status >= 400) {
    expectNoEffects(effects);
    if (sent.method !== 'HEAD')
      expect(JSON.parse(body)).toMatchObject({ status: String(status), detail: expect.any(String) as unknown });
  }
  // A garbage collection may fall into one request, but not into each of four.
  let cpu = answer!.cpu;
  for (let again = 0; cpu > MAX_CPU && again < 3; again++) cpu = Math.min(cpu, (await send(sent)).cpu);
  expect(cpu).toBeLessThan(MAX_CPU);
}

const run = (property: fc.IAsyncProperty<[Sent]>) =>
  fc.assert(property, { seed: SEED, numRuns: RUNS, interruptAfterTimeLimit: 3_600_000, markInterruptAsFailure: true });

it('R-003, R-131, R-202 mutated requests of real clients break nothing', async () => {
  const mutated = fc
    .tuple(fc.nat(10_000), fc.array(mutation, { minLength: 1, maxLength: 4 }))
    .map(([which, mutations]) => mutate(recorded[which % recorded.length]!, mutations));
  await run(fc.asyncProperty(mutated, survives));
}, 3_600_000);

it('R-001, R-202 random bytes as a body break nothing', async () => {
  const bytes = fc
    .record({
      method: fc.constantFrom('POST', 'PUT', 'PATCH'),
      path: fc.constantFrom('/Users', '/Groups', '/.search', '/Users/.search', '/Bulk', '/Nothing', '/Users/x'),
      body: fc.oneof(
        fc.uint8Array({ maxLength: 2000 }),
        fc.string({ unit: 'binary', maxLength: 2000 }),
        fc.json({ maxDepth: 5 }),
        fc.constantFrom(
          '{"a":'.repeat(5000),
          '['.repeat(100_000),
          '{"":'.repeat(40),
          '"'.repeat(50_000),
          '\\u'.repeat(9000),
        ),
      ),
    })
    .map(({ body, ...rest }): Sent => ({ ...rest, headers: {}, body: Buffer.from(body as string) }));
  await run(fc.asyncProperty(bytes, survives));
}, 3_600_000);

it('has something to mutate, and is understood when nothing is', async () => {
  expect(recorded.length).toBeGreaterThan(100);
  const statuses: number[] = [];
  for (const sent of recorded.filter(({ method }) => method === 'GET')) statuses.push((await send(sent)).status);
  expect(statuses.filter((status) => status === 200).length).toBeGreaterThan(statuses.length / 2);
  const found = await tenant.scim<JsonObject>('GET', '/Users?count=0');
  expect(found.json['totalResults']).toBeGreaterThan(0);
});
