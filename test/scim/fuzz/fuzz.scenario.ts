import { readdirSync, readFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import fc from 'fast-check';
import type { WrittenAttribute } from '../../../src/scim/protocol/schema/extension.js';
import { startTestServer, type TestServer } from '../../support/app.js';
import { createTenant, type JsonObject, type Tenant } from '../../support/scenario.js';
import { declareSchema } from '../../support/schemas.js';
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
let serial = 0;

beforeAll(async () => {
  // Nobody is to be refused for being too quick.
  server = await startTestServer({ SCIM_REQUESTS_PER_SECOND: '1000' });
  // Nor is anybody to wait for an operator, however many are deleted.
  tenant = await createTenant(server, { provisioning: { deprovisioningGuard: null } });
  for (const userName of ['bob', 'cid']) await tenant.scim('POST', '/Users', { userName });
  await bringBack();
  await declareSchema(server, tenant, EXTENSION, { attributes: ATTRIBUTES });
  recorded = [...readRecorded(USER, GROUP), ...further(USER, GROUP)];
});
afterAll(() => server.close());

/** Stand for the ids of somebody and of a group who are there: requests delete them, and they come back under other ids. */
const USER = '00000000-0000-7000-8000-00000000000a';
const GROUP = '00000000-0000-7000-8000-00000000000b';
const present = { user: USER, group: GROUP };

async function bringBack(): Promise<void> {
  const isThere = async (path: string) => (await tenant.scim('GET', path)).status === 200;
  const create = async (path: string, body: JsonObject) =>
    (await tenant.scim<{ id: string }>('POST', path, body)).json.id;
  const name = `n${++serial}`;
  if (!(await isThere(`/Users/${present.user}`)))
    present.user = await create('/Users', { userName: name, emails: [{ value: `${name}@example.com`, type: 'work' }] });
  if (!(await isThere(`/Groups/${present.group}`)))
    present.group = await create('/Groups', { displayName: name, members: [{ value: present.user }] });
}

const withIds = (text: string): string => text.replaceAll(USER, present.user).replaceAll(GROUP, present.group);
const filled = ({ path, body, ...rest }: Sent): Sent => ({
  ...rest,
  path: withIds(path),
  body: body && Buffer.from(withIds(body.toString('latin1')), 'latin1'),
});

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

const EXTENSION = 'urn:example:params:scim:fuzz:1.0:User';
const ATTRIBUTES = [
  { name: 'badge', uniqueness: 'server' },
  { name: 'number', type: 'integer', uniqueness: 'server' },
  { name: 'part', type: 'decimal' },
  { name: 'at', type: 'dateTime', mutability: 'immutable' },
  { name: 'bytes', type: 'binary' },
  { name: 'asked', returned: 'request' },
  { name: 'texts', multiValued: true },
  {
    name: 'desk',
    type: 'complex',
    subAttributes: [
      { name: 'room', required: true },
      { name: 'floor', type: 'integer' },
    ],
  },
  {
    name: 'phones',
    type: 'complex',
    multiValued: true,
    subAttributes: [{ name: 'value', uniqueness: 'server' }, { name: 'type' }, { name: 'primary', type: 'boolean' }],
  },
] as const satisfies readonly WrittenAttribute[];

/** What no recorded client sends, and the server understands as well. */
function further(user: string, group: string): Sent[] {
  const values = {
    badge: 'B-1',
    number: 7,
    part: 0.1,
    at: '2026-01-01T00:00:00Z',
    bytes: 'AA==',
    asked: 'x',
    texts: ['a', 'b'],
    desk: { room: '1', floor: 2 },
    phones: [{ value: '1', type: 'work', primary: true }, { value: '2' }],
  };
  const search = { schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'], count: 2, cursor: '' };
  const filter = `${EXTENSION}:phones[value eq "1" and not (type eq "home")] or ${EXTENSION}:number ge 7 or groups.display co "S"`;
  const patch = (...Operations: JsonObject[]) => ({ Operations });
  const messages: [method: string, path: string, body: JsonObject][] = [
    ['POST', '/Users', { userName: 'fuzz', [EXTENSION]: values }],
    ['PUT', `/Users/${user}`, { userName: 'ada', [EXTENSION]: values }],
    [
      'PATCH',
      `/Users/${user}`,
      patch(
        { op: 'add', path: `${EXTENSION}:phones[type eq "home"].value`, value: '3' },
        { op: 'replace', path: `${EXTENSION}:desk.floor`, value: 3 },
        { op: 'remove', path: `${EXTENSION}:texts[value eq "a"]` },
        { op: 'add', value: { [EXTENSION]: values } },
      ),
    ],
    [
      'PATCH',
      `/Groups/${group}`,
      patch(
        { op: 'remove', path: 'members[display sw "a" and type eq "User"]' },
        { op: 'replace', path: 'members[not (display pr)]', value: { display: 'x' } },
      ),
    ],
    [
      'POST',
      '/.search',
      { ...search, filter: 'displayName sw "S" or userName sw "a"', attributes: ['meta', 'groups'] },
    ],
    ['POST', '/Users/.search', { ...search, filter, sortBy: `${EXTENSION}:part`, sortOrder: 'descending' }],
    [
      'POST',
      '/Bulk',
      {
        schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
        failOnErrors: 3,
        Operations: [
          {
            method: 'POST',
            path: '/Groups',
            bulkId: 'g',
            data: { displayName: 'Fuzz', members: [{ value: 'bulkId:u' }] },
          },
          { method: 'POST', path: '/Users', bulkId: 'u', data: { userName: 'bulk', [EXTENSION]: values } },
          {
            method: 'PATCH',
            path: '/Groups/bulkId:g',
            data: patch({ op: 'remove', path: 'members[value eq "bulkId:u"]' }),
          },
          { method: 'PUT', path: `/Users/${user}`, version: 'W/"1"', data: { userName: 'ada' } },
          { method: 'DELETE', path: '/Users/bulkId:u' },
          { method: 'DELETE', path: '/Groups/bulkId:g', version: '*' },
        ],
      },
    ],
  ];
  const several = messages.map(([method, path, body]) => ({
    method,
    path,
    headers: {},
    body: Buffer.from(JSON.stringify(body)),
  }));
  // As often as all that was recorded.
  return Array.from({ length: 140 }, (_, at) => several[at % several.length]!);
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
async function survives(wanted: Sent): Promise<void> {
  await bringBack();
  const sent = filled(wanted);
  let answer: Answer | undefined;
  const effects = await sideEffects(server, async () => {
    answer = await send(sent);
  });
  const { status, body } = answer!;
  if (status >= 500) expect([status, sent.path]).toEqual([501, expect.stringMatching(/^\/+(Me|Bulk)/)]);
  if (status === 200 && body.includes('BulkResponse')) {
    const { Operations } = JSON.parse(body) as { Operations: { status: string }[] };
    expect(Operations.filter((each) => each.status.startsWith('5') && each.status !== '501')).toEqual([]);
  }
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
  for (const sent of recorded.filter(({ method }) => method === 'GET'))
    statuses.push((await send(filled(sent))).status);
  expect(statuses.filter((status) => status === 200).length).toBeGreaterThan(statuses.length / 2);
  const found = await tenant.scim<JsonObject>('GET', '/Users?count=0');
  expect(found.json['totalResults']).toBeGreaterThan(0);
});
