import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { UnitOfWork } from '../../src/database/unit-of-work.service.js';
import { onPostgres, startTestServer, type TestServer } from '../support/app.js';
import { createTenant, type JsonObject, type Tenant } from '../support/scenario.js';

interface Group extends JsonObject {
  id: string;
  displayName: string;
  members: { value: string; $ref: string; display: string; type: string }[];
  meta: { version: string };
}
interface Page {
  totalResults: number;
  itemsPerPage: number;
  nextCursor?: string;
  Resources: Group[];
}

/** More members than are held at once (10,000): they are read while they are written. */
const MANY = 24_001;

describe('groups of very many members', () => {
  let server: TestServer;
  let tenant: Tenant;
  const group = (n: number) => `00000000-0000-7000-9000-${String(n).padStart(12, '0')}`;

  beforeAll(async () => {
    server = await startTestServer({ DATABASE_POOL_SIZE: '4' });
    tenant = await createTenant(server);
    const { id } = tenant.organization;
    await server.sql(
      `INSERT INTO users (organization_id, id, provenance, active, user_name, user_name_key, email_keys, attributes, role, created_at, updated_at)
       SELECT $1, ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 'scim', true, 'u' || n, 'u' || n, '{}',
         CASE WHEN n % 10 > 0 THEN jsonb_build_object('displayName', 'Ünï "' || n) ELSE '{}' END, 'member', now(), now() FROM generate_series(1, $2::integer) n`,
      [id, MANY],
    );
    // Group 1 has everybody, 2 nobody, 3 to 32 a thousand each, 33 twelve thousand.
    await server.sql(
      `INSERT INTO groups (organization_id, id, provenance, connection_id, login_policy, protected, is_default, display_name, display_name_key, attributes, created_at, updated_at)
       SELECT $1, ('00000000-0000-7000-9000-' || lpad(n::text, 12, '0'))::uuid, 'scim', $2, 'authoritative', false, false, 'Group ' || n, 'group ' || n, '{}', now(), now()
       FROM generate_series(1, 33) n`,
      [id, tenant.connection.id],
    );
    await server.sql(
      `INSERT INTO memberships (organization_id, group_id, user_id, origins, created_at)
       SELECT g.organization_id, g.id, u.id, '{scim}', now() FROM groups g
       CROSS JOIN LATERAL (SELECT id FROM users u WHERE u.organization_id = g.organization_id ORDER BY id
         LIMIT CASE g.display_name WHEN 'Group 1' THEN $2::integer WHEN 'Group 2' THEN 0 WHEN 'Group 33' THEN 12000 ELSE 1000 END) u
       WHERE g.organization_id = $1`,
      [id, MANY],
    );
    await server.sql('ANALYZE');
  });
  afterAll(() => server.close());

  const connectionsInUse = async () =>
    onPostgres
      ? (
          await server.sql<{ n: number }>(
            `SELECT count(*)::integer AS n FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'`,
          )
        )[0]!.n
      : 0;

  /** Whoever waited may still come in and go, but then all are free for good. */
  async function expectAllFree(): Promise<void> {
    let free = 0;
    for (let tries = 0; tries < 150 && free < 8; tries++) {
      free = (await connectionsInUse()) === 0 ? free + 1 : 0;
      await sleep(50);
    }
    expect(free).toBe(8);
  }

  it('one is answered whole, with its version', async () => {
    const reply = await tenant.scim<Group>('GET', `/Groups/${group(1)}`);
    expect([reply.status, reply.headers.get('content-type')]).toEqual([200, 'application/scim+json; charset=utf-8']);
    expect(reply.headers.get('etag')).toBe(reply.json.meta.version);
    expect(reply.json.meta).toMatchObject({ location: reply.headers.get('content-location') });
    expect(reply.json).toMatchObject({ id: group(1), displayName: 'Group 1', schemas: [expect.any(String)] });
    const { members } = reply.json;
    expect(members).toHaveLength(MANY);
    expect(new Set(members.map(({ value }) => value)).size).toBe(MANY);
    const last = `00000000-0000-7000-8000-${String(MANY).padStart(12, '0')}`;
    expect(members.at(-1)).toEqual({
      value: last,
      $ref: `${server.url}/scim/v2/Users/${last}`,
      display: `Ünï "${MANY}`,
      type: 'User',
    });
    expect(members[9]).not.toHaveProperty('display');
    const { members: few, ...small } = (await tenant.scim<Group>('GET', `/Groups/${group(3)}`)).json;
    const { members: _, ...large } = reply.json;
    expect(Object.keys(large).sort()).toEqual(Object.keys(small).sort());
    expect(few[0]).toEqual(members[0]);
    const cached = await tenant.scim('GET', `/Groups/${group(1)}`, undefined, {
      'if-none-match': reply.json.meta.version,
    });
    expect([cached.status, cached.body]).toEqual([304, '']);
  });

  it('R-110 projections hold inside of it', async () => {
    const values = await tenant.scim<Group>('GET', `/Groups/${group(1)}?attributes=members.value`);
    expect(Object.keys(values.json).sort()).toEqual(['id', 'members', 'schemas']);
    expect(Object.keys(values.json.members[5]!)).toEqual(['value']);
    const names = await tenant.scim<Group>('GET', `/Groups/${group(1)}?excludedAttributes=members.display,meta`);
    expect([names.json.members.length, names.json.members[5]!.display, names.json.meta]).toEqual([
      MANY,
      undefined,
      undefined,
    ]);
    const without = await tenant.scim<Group>('GET', `/Groups/${group(1)}?excludedAttributes=members`);
    expect(without.json.members).toBeUndefined();
  });

  it.each(['', 'sortBy=displayName&sortOrder=descending', 'filter=displayName sw "g"', 'cursor='])(
    'R-101, C-02 a page of them has each with all its members (%s)',
    async (query) => {
      const { json } = await tenant.scim<Page>('GET', `/Groups?count=33&${query}`);
      expect([json.itemsPerPage, json.Resources.length]).toEqual([33, 33]);
      if (!query.startsWith('filter=') && !query.startsWith('cursor')) expect(json.totalResults).toBe(33);
      const sizes = Object.fromEntries(json.Resources.map((one) => [one.displayName, one.members.length]));
      expect(sizes['Group 1']).toBe(MANY);
      expect([sizes['Group 2'], sizes['Group 3'], sizes['Group 32'], sizes['Group 33']]).toEqual([
        0, 1000, 1000, 12_000,
      ]);
      const bare = await tenant.scim<Page>('GET', `/Groups?count=33&excludedAttributes=members&${query}`);
      expect(json.Resources.map(({ id }) => id)).toEqual(bare.json.Resources.map(({ id }) => id));
    },
  );

  it('C-02, R-121 pages lead on, also over both types', async () => {
    const first = await tenant.scim<Page>('GET', '/Groups?count=20&cursor=');
    const second = await tenant.scim<Page>('GET', `/Groups?count=20&cursor=${first.json.nextCursor!}`);
    expect([first.json.itemsPerPage, second.json.itemsPerPage, second.json.nextCursor]).toEqual([20, 13, undefined]);
    const body = { schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'], startIndex: MANY - 1, count: 40 };
    const { json } = await tenant.scim<Page>('POST', '/.search', body);
    expect([json.totalResults, json.itemsPerPage, json.Resources.length]).toEqual([MANY + 33, 35, 35]);
    expect(json.Resources[2]!.members).toHaveLength(MANY);
  });

  it('R-121, C-07 sorted with people between them, each has all its members, in that order', async () => {
    await server.sql(
      `UPDATE users SET attributes = jsonb_build_object('displayName', 'Group ' || right(user_name, 1) || 'a')
       WHERE organization_id = $1 AND user_name IN ('u991', 'u992', 'u993')`,
      [tenant.organization.id],
    );
    const search = async (body: object) =>
      (
        await tenant.scim<Page>('POST', '/.search', {
          schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'],
          filter: `displayName sw "group" or userName co "99"`,
          sortBy: 'displayName',
          sortOrder: 'descending',
          ...body,
        })
      ).json;
    const bare = await search({ count: 1000, excludedAttributes: ['members'] });
    expect(bare.Resources.length).toBeGreaterThan(150);
    const order = bare.Resources.map(({ id }) => id);
    const whole = await search({ count: 1000 });
    expect([whole.itemsPerPage, whole.totalResults, whole.Resources.map(({ id }) => id)]).toEqual([
      order.length,
      order.length,
      order,
    ]);
    expect(whole.Resources.slice(-25, -21).map(({ displayName }) => displayName)).toEqual([
      'Group 3',
      'Group 2a',
      'Group 29',
      'Group 28',
    ]);
    const sizes = Object.fromEntries(whole.Resources.map((one) => [one.displayName, one.members?.length]));
    expect([sizes['Group 1'], sizes['Group 2'], sizes['Group 3'], sizes['Group 33']]).toEqual([MANY, 0, 1000, 12_000]);
    const seen: Page['Resources'] = [];
    for (let cursor: string | undefined = ''; cursor !== undefined;) {
      const page: Page = await search({ cursor, count: 60, attributes: ['displayName', 'members.value'] });
      seen.push(...page.Resources);
      cursor = page.nextCursor;
    }
    expect(seen.map(({ id }) => id)).toEqual(order);
    expect(seen.find(({ displayName }) => displayName === 'Group 1')!.members).toHaveLength(MANY);
  });

  it('what is gone is 404', async () => {
    expect((await tenant.scim('GET', `/Groups/${group(999)}`)).status).toBe(404);
  });

  /** Asks over a socket of its own and takes nothing until it is told to. */
  async function ask(path: string): Promise<Socket> {
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    socket.pause();
    socket.on('error', () => undefined);
    socket.write(
      `GET /scim/v2${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer ${tenant.token}\r\n\r\n`,
    );
    await sleep(300);
    return socket;
  }

  async function rest(socket: Socket): Promise<string> {
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.resume();
    await new Promise((resolve) => socket.once('close', resolve));
    return Buffer.concat(chunks).toString('utf8');
  }

  it('clients that take nothing, more of them than there are connections, keep nobody waiting', async () => {
    const stalled = await Promise.all(Array.from({ length: 8 }, () => ask(`/Groups?count=33`)));
    try {
      const started = Date.now();
      expect((await tenant.scim('POST', '/Users', { userName: `while-stalled-${started}` })).status).toBe(201);
      expect((await tenant.scim('GET', '/Users?count=1')).status).toBe(200);
      expect(Date.now() - started).toBeLessThan(15_000);
    } finally {
      for (const socket of stalled) socket.destroy();
    }
    await expectAllFree();
    expect((await tenant.scim<Group>('GET', `/Groups/${group(1)}`)).json.members).toHaveLength(MANY);
  });

  it('a client that goes away frees what it held', async () => {
    for (let n = 0; n < 10; n++) (await ask(`/Groups/${group(1)}`)).destroy();
    await expectAllFree();
    expect((await tenant.scim<Group>('GET', `/Groups/${group(1)}`)).json.members).toHaveLength(MANY);
  });

  it('shows the members of its version, or none as if they were all', async () => {
    let done = false;
    const versions = new Map<string, number>();
    const writer = (async () => {
      for (let n = 0; !done; n++) {
        const value = [{ value: `00000000-0000-7000-8000-${String(1 + (n % 100)).padStart(12, '0')}` }];
        const op = n % 2 === 0 ? 'remove' : 'add';
        const Operations = [
          {
            op,
            path: 'members',
            value:
              n % 2 === 0
                ? value
                : [{ value: value[0]!.value.replace(/.{12}$/, (tail) => String(Number(tail) - 1).padStart(12, '0')) }],
          },
        ];
        const reply = await tenant.scim('PATCH', `/Groups/${group(1)}`, {
          schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
          Operations,
        });
        const [row] = await server.sql<{ n: number }>(
          `SELECT count(*)::integer AS n FROM memberships WHERE group_id = $1`,
          [group(1)],
        );
        versions.set(reply.headers.get('etag')!, row!.n);
      }
    })();
    let whole = 0;
    for (let n = 0; n < 12; n++) {
      try {
        const reply = await tenant.scim<Group>('GET', `/Groups/${group(1)}`);
        whole++;
        await sleep(50);
        const expected = versions.get(reply.json.meta.version);
        if (expected !== undefined) expect(reply.json.members).toHaveLength(expected);
      } catch (error) {
        // Only where there is no snapshot: the connection broke.
        expect([onPostgres, String(error)]).toEqual([false, expect.stringMatching(/terminated|fetch failed/)]);
      }
    }
    done = true;
    await writer;
    expect(versions.size).toBeGreaterThan(1);
    if (onPostgres) expect(whole).toBe(12);
  });

  it('an answer that cannot be completed breaks off', async () => {
    const unitOfWork = server.app.get(UnitOfWork);
    const original = unitOfWork.snapshot.bind(unitOfWork);
    const half = 2;
    // The database fails at the third part, as when it is shut down.
    unitOfWork.snapshot = (read) =>
      original(async function* (db) {
        let statements = 0;
        yield* read({
          execute: (sql, parameters) => db.execute(sql, parameters),
          query: (sql, parameters) => (statements++ < half ? db.query(sql, parameters) : db.query('SELECT 1/0')),
        });
      });
    try {
      await expect(tenant.scim('GET', `/Groups/${group(1)}`)).rejects.toThrow(/terminated/);
      const raw = await rest(await ask(`/Groups?count=33`));
      expect(raw).toMatch(/^HTTP\/1.1 200/);
      expect(raw).not.toMatch(/\r\n0\r\n\r\n$/);
    } finally {
      unitOfWork.snapshot = original;
    }
    await expectAllFree();
  });
});
