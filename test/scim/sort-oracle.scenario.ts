import fc from 'fast-check';
import { checkFilter } from '../../src/scim/protocol/filter/check-filter.js';
import { matchesFilter } from '../../src/scim/protocol/filter/matches-filter.js';
import { parseFilter } from '../../src/scim/protocol/filter/parse-filter.js';
import { GROUP, USER } from '../../src/scim/protocol/resource-types.js';
import type { JsonObject } from '../../src/scim/protocol/schema/attribute.js';
import { startTestServer, type TestServer } from '../support/app.js';
import { createDirectory, GROUP_ATTRIBUTES, USER_ATTRIBUTES, type Directory } from '../support/random-directory.js';
import type { Named } from '../support/random-filters.js';
import { sortedInMemory } from '../support/sorted-in-memory.js';

/**
 * The order that the database gives against the order of the same resources, as clients see them, in memory: by every attribute there is,
 * in both directions, of users, of groups and of both, on one page, on pages by index and on pages by cursor.
 */

interface List {
  totalResults?: number;
  nextCursor?: string;
  Resources: JsonObject[];
}

const SEARCH = ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'];
/** Complex ones are sorted by their value; those without one are refused, which another test shows. */
const WITHOUT_VALUE = /^(?:meta|name|addresses|urn:ietf:params:scim:schemas:extension:enterprise:2\.0:User)$/;
const sortable = (attributes: readonly Named[]) => [
  ...new Set(attributes.map(({ path }) => path).filter((path) => !WITHOUT_VALUE.test(path))),
];
const LISTS = {
  '/Users/.search': { types: [USER], paths: sortable(USER_ATTRIBUTES) },
  '/Groups/.search': { types: [GROUP], paths: sortable(GROUP_ATTRIBUTES) },
  '/.search': { types: [USER, GROUP], paths: sortable([...USER_ATTRIBUTES, ...GROUP_ATTRIBUTES]) },
} as const;
type Path = keyof typeof LISTS;
const PATHS = Object.keys(LISTS) as Path[];

describe('the order of lists, on the database and in memory', () => {
  let server: TestServer;
  let directory: Directory;

  beforeAll(async () => {
    server = await startTestServer();
    directory = await createDirectory(server);
  });
  afterAll(() => server.close());

  async function search(path: Path, body: JsonObject): Promise<List> {
    const reply = await directory.tenant.scim<List>('POST', path, { schemas: SEARCH, attributes: ['id'], ...body });
    expect([path, body, reply.status]).toEqual([path, body, 200]);
    return reply.json;
  }
  const idsOf = (resources: readonly JsonObject[]) => resources.map(({ id }) => id);

  function expected(path: Path, sortBy: string, descending: boolean, filter?: string): unknown[] {
    const listed = LISTS[path].types.flatMap((type) => {
      const checked = filter && checkFilter(type, parseFilter(filter), { unknownAttributes: 'absent' });
      const resources = type === USER ? directory.users : directory.groups;
      return resources
        .filter((resource) => !checked || matchesFilter(resource, checked))
        .map((resource) => ({ type, resource }));
    });
    return idsOf(sortedInMemory(listed, sortBy, descending));
  }

  it.each(PATHS)('R-090, R-091, R-092, R-093, R-121 by every attribute: %s', async (path) => {
    let telling = 0;
    const unsorted = idsOf((await search(path, { count: 1000 })).Resources);
    for (const sortBy of LISTS[path].paths) {
      for (const sortOrder of ['ascending', 'descending']) {
        const order = expected(path, sortBy, sortOrder === 'descending');
        const found = await search(path, { sortBy, sortOrder, count: 1000 });
        expect([sortBy, sortOrder, idsOf(found.Resources)]).toEqual([sortBy, sortOrder, order]);
        expect(found.totalResults).toBe(unsorted.length);
        if (order.some((id, index) => id !== unsorted[index])) telling += 1;
      }
    }
    expect(telling).toBeGreaterThan(LISTS[path].paths.length / 2);
  });

  const FILTERS = [undefined, 'displayName pr', 'id co "a"', 'meta.resourceType eq "Group" or title pr', 'id eq "x"'];
  const runs = fc.constantFrom(...PATHS).chain((path) =>
    fc.record({
      path: fc.constant(path),
      sortBy: fc.constantFrom(...LISTS[path].paths),
      descending: fc.boolean(),
      count: fc.integer({ min: 1, max: 50 }),
      filter: path === '/Groups/.search' ? fc.constant(undefined) : fc.constantFrom(...FILTERS),
    }),
  );

  it('R-104, R-121, C-01, C-07 pages by index and by cursor hold that order, once each and with its total', async () => {
    await fc.assert(
      fc.asyncProperty(runs, async ({ path, sortBy, descending, count, filter }) => {
        const order = expected(path, sortBy, descending, filter);
        const query = { sortBy, sortOrder: descending ? 'descending' : 'ascending', count, ...(filter && { filter }) };
        const byIndex: unknown[] = [];
        for (let startIndex = 1; startIndex <= Math.max(1, order.length); startIndex += count) {
          const page = await search(path, { ...query, startIndex });
          expect(page.totalResults).toBe(order.length);
          byIndex.push(...idsOf(page.Resources));
        }
        const byCursor: unknown[] = [];
        for (let cursor: string | undefined = ''; cursor !== undefined;) {
          const page: List = await search(path, { ...query, cursor });
          expect([undefined, order.length]).toContain(page.totalResults);
          byCursor.push(...idsOf(page.Resources));
          cursor = page.nextCursor;
        }
        expect([byIndex, byCursor]).toEqual([order, order]);
        expect((await search(path, { ...query, startIndex: order.length + 1 })).Resources).toEqual([]);
      }),
      { numRuns: 80 },
    );
  });
});
