import fc from 'fast-check';
import { onPostgres, startTestServer, type TestServer } from '../support/app.js';
import { createConnection, createScimToken, createTenant, request, type Tenant } from '../support/scenario.js';
import type { JsonObject, Reply } from '../support/scenario.js';
import { expectNoEffects, sideEffects } from '../support/side-effects.js';

const SEARCH = ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'];

interface List {
  totalResults?: number;
  startIndex?: number;
  itemsPerPage: number;
  nextCursor?: string;
  Resources: (JsonObject & { id: string })[];
}

/** RFC 9865: pages by cursor. */
describe('pages by cursor', () => {
  let server: TestServer;
  let tenant: Tenant;

  beforeAll(async () => {
    server = await startTestServer();
    const stranger = await createTenant(server);
    await seed(stranger, 5);
    tenant = await createTenant(server);
    await seed(tenant, 40);
  });
  afterAll(() => server.close());

  /** People 1 to `count` (with equal, missing and several values) and as many groups by tens. */
  async function seed({ organization, connection }: Tenant, count: number, first = 1): Promise<void> {
    await server.sql(
      `INSERT INTO users (organization_id, id, connection_id, provenance, active, user_name, user_name_key, external_id, email_keys, attributes, role, created_at, updated_at)
       SELECT $1, (lpad(to_hex(n), 8, '0') || '-0000-7000-8000-000000000000')::uuid, $2, 'scim', n % 3 > 0, 'User' || n, 'user' || n,
         CASE WHEN n % 4 > 0 THEN 'e' || n % 7 END, '{}',
         jsonb_strip_nulls(jsonb_build_object('title', CASE WHEN n % 5 > 0 THEN 'T' || n % 3 END,
           'emails', CASE WHEN n % 6 > 0 THEN jsonb_build_array(jsonb_build_object('value', 'm' || n % 8 || '@x'),
             jsonb_build_object('value', 'a' || n % 2, 'primary', n % 3 = 0)) END)),
         'member', now() + n % 9 * interval '1.000001 seconds', now() FROM generate_series($3::integer, $3::integer + $4::integer - 1) n`,
      [organization.id, connection.id, first, count],
    );
    await server.sql(
      `INSERT INTO groups (organization_id, id, connection_id, provenance, login_policy, protected, is_default, display_name, display_name_key, attributes, created_at, updated_at)
       SELECT $1, (lpad(to_hex(n), 8, '0') || '-0000-7000-9000-000000000000')::uuid, $2, 'scim', 'authoritative', false, false,
         'Group ' || n, 'group ' || n, '{}', now(), now() FROM generate_series($3::integer, ($3::integer + $4::integer - 1) / 10 * 2) n`,
      [organization.id, connection.id, first, count],
    );
  }

  const list = async (parameters: Record<string, string | number>, path = '/Users', as = tenant): Promise<List> => {
    const reply = await ask(parameters, path, as);
    expect([reply.status, reply.body]).toEqual([200, expect.any(String)]);
    return reply.json;
  };
  const ask = (parameters: Record<string, string | number>, path = '/Users', as = tenant): Promise<Reply<List>> =>
    as.scim<List>(
      'GET',
      `${path}?${new URLSearchParams(Object.entries(parameters).map(([name, value]) => [name, String(value)])).toString()}`,
    );

  /** All pages; `between` runs after each. */
  async function walk(
    parameters: Record<string, string | number>,
    path = '/Users',
    between: (page: List) => Promise<unknown> = async () => undefined,
  ): Promise<List[]> {
    const pages: List[] = [];
    for (let cursor: string | undefined = ''; cursor !== undefined; cursor = pages.at(-1)!.nextCursor) {
      pages.push(await list({ ...parameters, cursor }, path));
      await between(pages.at(-1)!);
    }
    return pages;
  }
  const idsOf = (pages: readonly List[]) => pages.flatMap(({ Resources }) => Resources.map(({ id }) => id));

  it('C-01, C-02 visit everybody once; nextCursor is on all but the last', async () => {
    const byIndex = idsOf([await list({ count: 1000 })]);
    for (const count of [1, 7, 10, 40, 41, 1000]) {
      const pages = await walk({ count });
      expect(idsOf(pages)).toEqual(byIndex);
      expect(pages).toHaveLength(Math.ceil(40 / count));
      for (const page of pages.slice(0, -1)) expect(page.itemsPerPage).toBe(count);
    }
  });

  it('C-01, C-05 a page by cursor: the shape of the answer', async () => {
    const reply = await ask({ cursor: '', count: 3 });
    const { Resources, ...rest } = reply.json;
    expect(Resources).toHaveLength(3);
    expect(rest).toEqual({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
      totalResults: 40,
      itemsPerPage: 3,
      nextCursor: expect.stringMatching(/^[A-Za-z0-9._~-]+$/) as string,
    });
    const bare = await tenant.scim<List>('GET', '/Users?cursor&count=3');
    expect(bare.json.nextCursor).toBeDefined();
    expect(bare.json).not.toHaveProperty('previousCursor');
  });

  it('C-05 a filter that must be counted for it has no total, unless its first page is the last', async () => {
    const filter = 'active eq true';
    const [first, ...others] = await walk({ filter, count: 10 });
    expect([first!.totalResults, others.at(-1)!.totalResults]).toEqual([undefined, undefined]);
    expect((await list({ filter, count: 100, cursor: '' })).totalResults).toBe(27);
    expect((await list({ filter: 'userName eq "user1"', cursor: '' })).totalResults).toBe(1);
  });

  it('C-04 count 0 gives the total alone; a negative one too; more than the most is the most', async () => {
    for (const count of [0, -1]) {
      const page = await list({ filter: 'active eq true', count, cursor: '' });
      expect(page).toMatchObject({ totalResults: 27, itemsPerPage: 0, Resources: [] });
      expect(page).not.toHaveProperty('nextCursor');
    }
    expect((await list({ count: 100_000, cursor: '' })).itemsPerPage).toBe(40);
  });

  const sorts = [
    'userName',
    'externalId',
    'title',
    'emails',
    'active',
    'meta.created',
    'id',
    'name.familyName',
    'locale',
  ];
  it.each(sorts.flatMap((sortBy) => ['ascending', 'descending'].map((sortOrder) => [sortBy, sortOrder])))(
    'C-07 sorted by %s, %s: the order of the pages by index',
    async (sortBy, sortOrder) => {
      const byIndex = idsOf([await list({ sortBy: sortBy, sortOrder: sortOrder, count: 1000 })]);
      for (const count of [1, 7, 13])
        expect(idsOf(await walk({ sortBy: sortBy, sortOrder: sortOrder, count }))).toEqual(byIndex);
    },
  );

  it('C-07 sorted groups, and filtered people', async () => {
    const groups = { sortBy: 'displayName', sortOrder: 'descending' };
    expect(idsOf(await walk({ ...groups, count: 3 }, '/Groups'))).toEqual(idsOf([await list(groups, '/Groups')]));
    const people = { filter: 'title sw "t" and active eq true', sortBy: 'title' };
    expect(idsOf(await walk({ ...people, count: 4 }))).toEqual(idsOf([await list(people)]));
  });

  it('C-07 values longer than a cursor holds still lead on', async () => {
    const other = await createTenant(server);
    for (const end of ['a', 'b', 'c'])
      await other.scim('POST', '/Users', { userName: `long${end}`, title: 'é€😀'.repeat(2000) + end });
    const seen: string[] = [];
    for (let cursor: string | undefined = ''; cursor !== undefined;) {
      const page: List = await list({ sortBy: 'title', count: 1, cursor }, '/Users', other);
      seen.push(...page.Resources.map((one) => String(one['userName'] as string)));
      cursor = page.nextCursor;
    }
    expect(seen).toEqual(['longa', 'longb', 'longc']);
  });

  it('C-09 the same with the query in the body of .search', async () => {
    const search = async (path: string, body: JsonObject) =>
      (await tenant.scim<List>('POST', path, { schemas: SEARCH, ...body })).json;
    for (const [path, total] of [
      ['/Users/.search', 40],
      ['/Groups/.search', 8],
      ['/.search', 48],
    ] as const) {
      for (const count of [1, 5, 8, 40, 41, 48, 50]) {
        const pages: List[] = [];
        for (let cursor: string | undefined = ''; cursor !== undefined; cursor = pages.at(-1)!.nextCursor)
          pages.push(await search(path, { cursor, count, attributes: ['id'] }));
        expect([path, count, new Set(idsOf(pages)).size, idsOf(pages).length]).toEqual([path, count, total, total]);
        expect(pages).toHaveLength(Math.ceil(total / count));
      }
    }
    expect(await search('/.search', { cursor: '', count: 0 })).toMatchObject({ totalResults: 48, Resources: [] });
    const onlyPeople = await search('/.search', { cursor: '', count: 40, filter: 'userName pr' });
    expect([onlyPeople.itemsPerPage, onlyPeople.nextCursor]).toEqual([40, undefined]);
  });

  it('C-08 by index stays the way of whoever says nothing; both at once are refused', async () => {
    const page = await list({ count: 5 });
    expect([page.totalResults, page.startIndex, page.nextCursor]).toEqual([40, 1, undefined]);
    expect((await ask({ cursor: '', startIndex: 1 })).json).toMatchObject({ status: '400', scimType: 'invalidValue' });
  });

  describe('what is refused', () => {
    const QUERY = { filter: 'active eq true', count: 5, sortBy: 'userName', attributes: 'userName' };
    let cursor: string;
    beforeAll(async () => {
      cursor = (await list({ ...QUERY, cursor: '' })).nextCursor!;
    });
    const refused = async (
      parameters: Record<string, string | number>,
      scimType: string,
      path = '/Users',
      as = tenant,
    ) => {
      const reply = await ask({ cursor, ...parameters }, path, as);
      expect([reply.status, reply.json]).toEqual([400, expect.objectContaining({ scimType })]);
      return (reply.json as unknown as { detail: string }).detail;
    };

    it('C-06, C-12 the same query goes on, another one does not', async () => {
      expect((await ask({ ...QUERY, cursor })).status).toBe(200);
      await refused({ ...QUERY, filter: 'active eq false' }, 'invalidCursor');
      await refused({ ...QUERY, sortBy: 'title' }, 'invalidCursor');
      await refused({ ...QUERY, sortOrder: 'descending' }, 'invalidCursor');
      await refused({ ...QUERY, attributes: 'title' }, 'invalidCursor');
      await refused({ filter: QUERY.filter, count: 5, sortBy: 'userName' }, 'invalidCursor');
      await refused({ cursor, filter: 'displayName pr', count: 5 }, 'invalidCursor', '/Groups');
    });

    it('C-04, C-06 another count is an invalid count', async () => {
      await refused({ ...QUERY, count: 6 }, 'invalidCount');
      const { count: _, ...without } = QUERY;
      await refused(without, 'invalidCount');
    });

    it('C-03, C-06, C-11 garbage, another organization and another connection hear the same', async () => {
      const other = await createTenant(server);
      const rival = await createConnection(server, tenant.organization, {
        scim: true,
        provisioning: { requireScim: false },
      });
      const token = await createScimToken(server, rival);
      const asRival: Tenant = {
        ...tenant,
        scim: (method, path) => request(server, method, `/scim/v2${path}`, { token }),
      };
      const effects = await sideEffects(server, async () => {
        const words = [
          await refused({ ...QUERY, cursor: 'garbage' }, 'invalidCursor'),
          await refused({ ...QUERY, cursor: cursor.slice(0, -2) }, 'invalidCursor'),
          await refused(QUERY, 'invalidCursor', '/Users', other),
          await refused(QUERY, 'invalidCursor', '/Users', asRival),
        ];
        expect(new Set(words).size).toBe(1);
      });
      expectNoEffects(effects);
    });

    it('C-11 every page needs a token of its own; a new token of the connection goes on', async () => {
      const path = `/scim/v2/Users?${new URLSearchParams({ ...QUERY, count: '5', cursor }).toString()}`;
      expect((await request(server, 'GET', path, { token: 'rc_scim_none' })).status).toBe(401);
      const token = await createScimToken(server, tenant.connection);
      expect((await request(server, 'GET', path, { token })).status).toBe(200);
    });

    it('C-06, C-12 one that waited too long has expired', async () => {
      server.clock.advance(86_399);
      expect((await ask({ ...QUERY, cursor })).status).toBe(200);
      server.clock.advance(10);
      await refused(QUERY, 'expiredCursor');
      await refused({ ...QUERY, filter: 'active eq false' }, 'invalidCursor');
    });
  });

  it('C-12 whoever is there throughout is seen once, whatever comes and goes between the pages', async () => {
    const order = fc.constantFrom<JsonObject>(
      {},
      { sortBy: 'userName' },
      { sortBy: 'title', sortOrder: 'descending' },
      { sortBy: 'externalId' },
      { sortBy: 'emails', sortOrder: 'descending' },
    );
    // Numbers of people who are there at first, and what happens after each page: n comes, or goes.
    const runs = fc.record({
      order,
      count: fc.integer({ min: 1, max: 9 }),
      present: fc.uniqueArray(fc.integer({ min: 100, max: 160 }), { minLength: 1, maxLength: 40 }),
      happens: fc.array(fc.array(fc.integer({ min: 100, max: 160 }), { maxLength: 6 }), { maxLength: 12 }),
    });
    const property = fc.asyncProperty(runs, async ({ order: sort, count, present, happens }) => {
      await server.sql(
        `DELETE FROM users WHERE organization_id = $1 AND id >= '00000064-0000-7000-8000-000000000000'`,
        [tenant.organization.id],
      );
      for (const n of present) await seed(tenant, 1, n);
      const there = new Set(present);
      const throughout = new Set(present);
      const turns = [...happens];
      const pages = await walk(
        { ...(sort as Record<string, string>), count, filter: 'userName sw "user1"' },
        '/Users',
        async () => {
          for (const n of turns.shift() ?? []) {
            if (there.delete(n)) {
              throughout.delete(n);
              await server.sql(`DELETE FROM users WHERE organization_id = $1 AND user_name_key = $2`, [
                tenant.organization.id,
                `user${n}`,
              ]);
            } else {
              there.add(n);
              await seed(tenant, 1, n);
            }
          }
        },
      );
      const seen = pages.flatMap(({ Resources }) => Resources.map((one) => Number(String(one['userName']).slice(4))));
      const old = seen.filter((n) => n >= 100);
      for (const n of throughout) expect([n, old.filter((one) => one === n).length]).toEqual([n, 1]);
      // Somebody who went and came back may be seen at both places of a sorted list only if they changed; here they never do.
      expect(new Set(old).size).toBe(old.length);
    });
    await fc.assert(property, { numRuns: onPostgres ? 40 : 15 });
  });

  it('C-12 over both types in one order, while the last one of each page goes', async () => {
    const crowd = await createTenant(server);
    await seed(crowd, 60);
    const search = async (cursor: string) =>
      (await crowd.scim<List>('POST', '/.search', { schemas: SEARCH, sortBy: 'id', count: 7, cursor })).json;
    const seen: string[] = [];
    for (let cursor: string | undefined = ''; cursor !== undefined;) {
      const page: List = await search(cursor);
      seen.push(...page.Resources.map(({ id }) => id));
      cursor = page.nextCursor;
      for (const table of ['users', 'groups'])
        await server.sql(`DELETE FROM ${table} WHERE organization_id = $1 AND id = $2`, [
          crowd.organization.id,
          seen.at(-1)!,
        ]);
    }
    expect(seen).toHaveLength(72);
    expect(seen).toEqual([...new Set(seen)].sort());
  });

  it('C-12 a thousand people walked while half of them go and as many come', async () => {
    const crowd = await createTenant(server);
    await seed(crowd, 1000);
    const seen: string[] = [];
    let page = 0;
    for (let cursor: string | undefined = ''; cursor !== undefined; page++) {
      const found: List = await list({ cursor, count: 50, attributes: 'userName' }, '/Users', crowd);
      seen.push(...found.Resources.map((one) => String(one['userName'])));
      cursor = found.nextCursor;
      await server.sql(`DELETE FROM users WHERE organization_id = $1 AND substr(user_name, 5)::integer % 20 = $2`, [
        crowd.organization.id,
        1 + (page % 10),
      ]);
      await seed(crowd, 1, 5000 + page);
    }
    expect(new Set(seen).size).toBe(seen.length);
    const stayed = Array.from({ length: 1000 }, (_, n) => n + 1).filter((n) => n % 20 === 0 || n % 20 > 10);
    expect(stayed.filter((n) => !seen.includes(`User${n}`))).toEqual([]);
  });

  // The embedded database is one process's alone: several nodes there are only on PostgreSQL.
  (onPostgres ? it : it.skip)('a cursor of one node leads on at every other one', async () => {
    const { nextCursor } = await list({ count: 5, cursor: '' });
    const second = await startTestServer({}, { environment: server.environment, drop: async () => undefined });
    try {
      second.clock.set(server.clock.now());
      const path = `/scim/v2/Users?count=5&cursor=${nextCursor!}`;
      expect((await request(second, 'GET', path, { token: tenant.token })).status).toBe(200);
    } finally {
      await second.close();
    }
  });
});
