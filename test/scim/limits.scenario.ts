import { readFileSync } from 'node:fs';
import { LIMITS } from '../../src/scim/protocol/limits.js';
import { startTestServer, type TestServer } from '../support/app.js';
import { createTenant, type JsonObject, type Reply, type Tenant } from '../support/scenario.js';
import { expectNoEffects, sideEffects } from '../support/side-effects.js';

/** Each limit of docs/limits.md, at what is still taken and at what is refused with its name. */

const SEARCH = ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'];
const BULK = ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'];
const NOTHING = { method: 'DELETE', path: '/Users/0199a4ff-0000-7000-8000-000000000000' };
const BODY = 6_000_000;

let server: TestServer;
let tenant: Tenant;
let userId: string;

beforeAll(async () => {
  server = await startTestServer({ SCIM_BODY_LIMIT_BYTES: String(BODY) });
  tenant = await createTenant(server);
  const emails = Array.from({ length: 5000 }, (_, n) => ({ value: `${n}@x.y`, type: 'work' }));
  userId = (await tenant.scim<{ id: string }>('POST', '/Users', { userName: 'many', emails })).json.id;
});
afterAll(() => server.close());

const search = (filter: string) => tenant.scim('POST', '/Users/.search', { schemas: SEARCH, filter, count: 0 });
const patch = (operations: JsonObject[]) =>
  tenant.scim('PATCH', `/Users/${userId}?attributes=id`, { Operations: operations });
const times = (count: number, operation: JsonObject) => Array.from({ length: count }, () => operation);
const text = (start: string, length: number, end = '') => start + 'x'.repeat(length - start.length - end.length) + end;
const group = (body: string) => tenant.scim('PUT', '/Groups/0199a4ff-0000-7000-8000-000000000000', body);

interface Limit {
  readonly name: string;
  readonly most: number;
  readonly status: number;
  readonly scimType?: string;
  /** A request of this size. */
  readonly ask: (size: number) => Promise<Reply>;
  /** How much more is too much. */
  readonly step?: number;
}
const keys = (count: number) => Array.from({ length: count }, () => '"a":1').join();
const nested = (depth: number) => `{"displayName":"x","y":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`;

const REACHED: readonly Limit[] = [
  {
    name: 'maxPayloadSize',
    most: BODY,
    status: 413,
    ask: (size) => group(text('{"displayName":"x","y":"', size, '"}')),
  },
  {
    name: 'maxOperations',
    most: 1000,
    status: 413,
    ask: (size) => tenant.scim('POST', '/Bulk', { schemas: BULK, Operations: times(size, NOTHING) }),
  },
  { name: 'jsonDepth', most: 32, status: 400, scimType: 'invalidSyntax', ask: (size) => group(nested(size)) },
  {
    name: 'jsonKeys',
    most: 500_000,
    status: 400,
    scimType: 'invalidSyntax',
    ask: (size) =>
      group(`{"displayName":"x","y":[${`{${keys(1000)}},`.repeat(size / 1000 - 1)}{${keys(998 + (size % 1000))}}]}`),
  },
  {
    name: 'objectKeys',
    most: 2000,
    status: 400,
    scimType: 'invalidSyntax',
    ask: (size) => group(`{"displayName":"x",${keys(size - 1)}}`),
  },
  {
    name: 'addressLength',
    most: 12_000,
    status: 400,
    ask: (size) => tenant.scim('GET', text('/Users?count=0&x=', size - '/scim/v2'.length)),
  },
  {
    name: 'filterLength',
    most: 10_000,
    status: 400,
    scimType: 'invalidFilter',
    ask: (size) => search(text('title eq "', size, '"')),
  },
  {
    name: 'filterDepth',
    most: 30,
    status: 400,
    scimType: 'invalidFilter',
    ask: (size) => search(`${'('.repeat(size)}title pr${')'.repeat(size)}`),
  },
  {
    name: 'filterTerms',
    most: 100,
    status: 400,
    scimType: 'invalidFilter',
    ask: (size) =>
      search(
        times(size, {})
          .map(() => 'title pr')
          .join(' or '),
      ),
  },
  {
    name: 'keyBytes',
    most: 2000,
    status: 400,
    scimType: 'invalidValue',
    ask: (size) => patch([{ op: 'replace', path: 'externalId', value: 'x'.repeat(size) }]),
  },
  {
    name: 'patchOperations',
    most: 1000,
    status: 413,
    ask: (size) => patch(times(size, { op: 'remove', path: 'title' })),
  },
  {
    name: 'pathLength',
    most: 2048,
    status: 400,
    scimType: 'invalidPath',
    ask: (size) => patch([{ op: 'remove', path: text('ims[value eq "', size, '"]') }]),
  },
  {
    name: 'patchVisits',
    most: 500_000,
    step: 5000,
    status: 413,
    ask: (size) => patch(times(size / 5000, { op: 'remove', path: 'emails[type eq "home"]' })),
  },
];

it.each(REACHED.map((limit) => [limit.name, limit] as const))(
  'R-003, R-080, R-202 %s is reached, and one more is refused with its name, and nothing is done',
  async (name, { most, status, scimType, ask, step = 1 }) => {
    const reached = await ask(most);
    // A group that is not there is looked for only after the body has been read.
    expect([name, [200, 404].includes(reached.status)]).toEqual([name, true]);
    const effects = await sideEffects(server, async () => {
      const reply = await ask(most + step);
      expect([reply.status, reply.json['scimType']]).toEqual([status, scimType]);
      expect(reply.json['detail']).toContain(name in LIMITS ? `limit ${name}: ${most}` : `(${name})`);
    });
    expectNoEffects(effects);
  },
);

describe('keyBytes: what people and groups are found by', () => {
  /** What no database can make shorter. */
  const random = (length: number, from: number, to: number) => {
    let state = 7643;
    const next = () => (state = (state * 48_271) % 2_147_483_647) % (to - from);
    return Array.from({ length }, () => String.fromCodePoint(from + next())).join('');
  };
  const values = [random(2000, 0x21, 0x7e), random(666, 0x4e00, 0x9fff), random(500, 0x20000, 0x2a6d0)];
  const found: [name: string, ask: (value: string) => Promise<Reply>][] = [
    ['userName', (value) => tenant.scim('POST', '/Users', { userName: value })],
    ['externalId', (value) => tenant.scim('PATCH', `/Users/${userId}`, replaced('externalId', value))],
    ['an e-mail address', (value) => tenant.scim('PATCH', `/Users/${userId}`, replaced('emails', [{ value }]))],
    ['the name of a group', (value) => tenant.scim('POST', '/Groups', { displayName: value })],
    [
      'the externalId of a group',
      (value) => tenant.scim('POST', '/Groups', { displayName: value.slice(0, 8), externalId: value }),
    ],
  ];
  const replaced = (path: string, value: unknown) => ({ Operations: [{ op: 'replace', path, value }] });

  it.each(found)('R-202 %s fits in any script, and is refused when it would not', async (_name, ask) => {
    for (const value of values) expect((await ask(value)).status).toBeLessThan(300);
    const effects = await sideEffects(server, async () => {
      for (const value of [...values.map((each) => `${each}${each.slice(0, 4)}`), 'x'.repeat(100_000)]) {
        const { status, json } = await ask(value);
        expect([status, json['scimType']]).toEqual([400, 'invalidValue']);
      }
    });
    expectNoEffects(effects);
  });

  it('R-202 a name is measured as it is compared', async () => {
    expect((await tenant.scim('POST', '/Users', { userName: '\ufdfa'.repeat(61) })).status).toBe(400);
    expect((await tenant.scim('POST', '/Users', { userName: '\ufdfa'.repeat(60) })).status).toBe(201);
    const emails = [{ value: '\ufdfa'.repeat(61) }];
    expect((await tenant.scim('POST', '/Users', { userName: 'e-mail', emails })).status).toBe(400);
  });
});

it('docs/limits.md lists exactly these, with their size and answer', () => {
  const rows = [...readFileSync('docs/limits.md', 'utf8').matchAll(/^\| `(\w+)` \| ([^|]+) \| ([^|]+) \|/gm)];
  expect(rows.map(([, name, most, answer]) => [name, most, answer])).toEqual(
    REACHED.map(({ name, most, status, scimType }) => [
      name,
      name === 'maxPayloadSize' ? 'a setting' : String(most),
      scimType === undefined ? String(status) : `${status} \`${scimType}\``,
    ]),
  );
  expect(
    REACHED.filter(({ name }) => name in LIMITS)
      .map(({ name, most }) => [name, most])
      .sort(),
  ).toEqual(Object.entries(LIMITS).sort());
});
