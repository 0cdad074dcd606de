import type { JsonObject } from '../support/scenario.js';
import { createTenant, type Tenant } from '../support/scenario.js';
import { startTestServer, type TestServer } from '../support/app.js';

interface List {
  schemas: string[];
  totalResults: number;
  startIndex: number;
  itemsPerPage: number;
  Resources: (JsonObject & { id: string; userName: string })[];
}

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

/** Twelve people whose values make every rule of sorting visible: absent, equal but for case, several, primary. */
const PEOPLE: JsonObject[] = [
  { userName: 'u00', title: 'b', emails: [{ value: 'z@x' }, { value: 'a@x', primary: true }] },
  { userName: 'U01', title: 'B', active: false },
  { userName: 'u02', emails: [{ value: 'm@x' }, { value: 'b@x' }], name: { familyName: 'Ö' } },
  { userName: 'u03', title: 'a', emails: [{ value: 'C@x' }], name: { familyName: 'o' } },
  { userName: 'u04', title: '10', [ENTERPRISE]: { department: 'X' } },
  { userName: 'u05', title: '9', name: { familyName: 'O' } },
  { userName: 'u06', title: 'ä', externalId: 'b' },
  { userName: 'u07', title: 'A b', externalId: 'a' },
  { userName: 'u08', externalId: 'B' },
  { userName: 'u09', title: 'a', [ENTERPRISE]: { department: 'w' } },
  { userName: 'u10', title: 'c', active: false },
  { userName: 'u11', title: 'C' },
];

describe('lists over SCIM', () => {
  let server: TestServer;
  let tenant: Tenant;

  beforeAll(async () => {
    server = await startTestServer();
    const stranger = await createTenant(server);
    await stranger.scim('POST', '/Users', { userName: 'stranger', title: 'a' });
    tenant = await createTenant(server);
    for (const person of PEOPLE) expect((await tenant.scim('POST', '/Users', person)).status).toBe(201);
  });
  afterAll(() => server.close());

  const list = async (query = '', path = '/Users') => {
    const reply = await tenant.scim<List>('GET', `${path}?${query}`);
    expect(reply.status).toBe(200);
    return reply.json;
  };
  const names = ({ Resources }: List) => Resources.map(({ userName }) => userName.toLowerCase());
  const ALL = PEOPLE.map(({ userName }) => String(userName as string).toLowerCase());

  describe('pages', () => {
    it('R-103 without parameters: the first hundred, in the order of creation', async () => {
      const { Resources, ...rest } = await list();
      expect(rest).toEqual({
        schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
        totalResults: 12,
        startIndex: 1,
        itemsPerPage: 12,
      });
      expect(Resources.map(({ userName }) => userName.toLowerCase())).toEqual(ALL);
    });

    it('R-104 of any size visit everybody exactly once', async () => {
      for (const count of [1, 4, 5, 12, 13]) {
        const seen: string[] = [];
        for (let startIndex = 1; startIndex <= 12; startIndex += count) {
          const page = await list(`startIndex=${startIndex}&count=${count}`);
          expect([page.totalResults, page.startIndex, page.itemsPerPage]).toEqual([
            12,
            startIndex,
            page.Resources.length,
          ]);
          seen.push(...names(page));
        }
        expect(seen).toEqual(ALL);
      }
    });

    const bounds: [query: string, startIndex: number, items: number][] = [
      ['startIndex=0&count=3', 1, 3],
      ['startIndex=-7&count=3', 1, 3],
      ['startIndex=12&count=3', 12, 1],
      ['startIndex=13&count=3', 13, 0],
      ['startIndex=999999999999&count=3', 999999999999, 0],
      ['count=0', 1, 0],
      ['count=-1', 1, 0],
      ['count=100000', 1, 12],
      ['startIndex=5', 5, 8],
    ];
    it.each(bounds)('%s', async (query, startIndex, items) => {
      const page = await list(query);
      expect([page.startIndex, page.itemsPerPage, page.Resources.length]).toEqual([startIndex, items, items]);
      expect(page.totalResults).toBe(12);
    });

    it('R-102 of a filter count its matches only', async () => {
      const query = `filter=${encodeURIComponent('active eq true')}`;
      expect(await list(`${query}&count=3`)).toMatchObject({ totalResults: 10, itemsPerPage: 3 });
      expect(await list(`${query}&count=0`)).toMatchObject({ totalResults: 10, itemsPerPage: 0, Resources: [] });
      expect(await list(`filter=userName eq "nobody"`)).toEqual({
        schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
        totalResults: 0,
        startIndex: 1,
        itemsPerPage: 0,
        Resources: [],
      });
    });

    it('R-081 never hold anything of another organization, whatever the filter says', async () => {
      for (const filter of [
        'title eq "a" or userName pr',
        'not (userName eq "x")',
        'userName eq "stranger" or active eq true',
      ]) {
        const page = await list(`filter=${encodeURIComponent(filter)}`);
        expect(page.totalResults).toBe(filter.includes('stranger') ? 10 : 12);
        expect(names(page)).not.toContain('stranger');
      }
    });
  });

  describe('sorting', () => {
    const orders: [sortBy: string, ascending: string][] = [
      ['userName', '00 01 02 03 04 05 06 07 08 09 10 11'],
      // Without regard to case; equal ones in the order of creation; absent ones last.
      ['title', '04 05 03 09 07 00 01 10 11 06 02 08'],
      ['TITLE', '04 05 03 09 07 00 01 10 11 06 02 08'],
      // With regard to case: B before a.
      ['externalId', '08 07 06 00 01 02 03 04 05 09 10 11'],
      // The primary value, else the first one.
      ['emails', '00 03 02 01 04 05 06 07 08 09 10 11'],
      ['emails.value', '00 03 02 01 04 05 06 07 08 09 10 11'],
      ['active', '01 10 00 02 03 04 05 06 07 08 09 11'],
      ['name.familyName', '03 05 02 00 01 04 06 07 08 09 10 11'],
      [`${ENTERPRISE}:department`, '09 04 00 01 02 03 05 06 07 08 10 11'],
      ['meta.created', '00 01 02 03 04 05 06 07 08 09 10 11'],
      ['meta.resourceType', '00 01 02 03 04 05 06 07 08 09 10 11'],
    ];
    it.each(orders)('by %s', async (sortBy, ascending) => {
      const expected = ascending.split(' ').map((number) => `u${number}`);
      expect(names(await list(`sortBy=${sortBy}`))).toEqual(expected);
      expect(names(await list(`sortBy=${sortBy}&sortOrder=ASCENDING&startIndex=4&count=5`))).toEqual(
        expected.slice(3, 8),
      );
    });

    it('R-092, R-091 descending is the reverse, but for the order of equal ones; absent ones first', async () => {
      expect(names(await list('sortBy=title&sortOrder=descending'))).toEqual(
        '02 08 06 10 11 00 01 07 03 09 05 04'.split(' ').map((number) => `u${number}`),
      );
    });

    it('R-090 and filtering go together', async () => {
      const page = await list('sortBy=title&sortOrder=descending&count=2&filter=title sw "a"');
      expect([names(page), page.totalResults]).toEqual([['u07', 'u03'], 3]);
    });
  });

  describe('projection', () => {
    it('R-110 applies to each resource of the page', async () => {
      const page = await list('attributes=title,emails.value&count=2');
      expect(page.Resources).toEqual([
        {
          schemas: [expect.any(String)],
          id: expect.any(String) as string,
          title: 'b',
          emails: [{ value: 'z@x' }, { value: 'a@x' }],
        },
        { schemas: [expect.any(String)], id: expect.any(String) as string, title: 'B' },
      ]);
      const [first] = (await list('excludedAttributes=emails,meta,active&count=1')).Resources;
      expect(first).toEqual({ schemas: [expect.any(String)], id: first!.id, userName: 'u00', title: 'b' });
    });

    it('takes an Entra style filter on an attribute for the attribute', async () => {
      const [first] = (await list('attributes=emails[type eq "work"]&count=1')).Resources;
      expect(first).toHaveProperty('emails');
    });
  });

  describe('groups of users', () => {
    it('R-163 are shown for everybody on a page, with one version for all ways of reading', async () => {
      const people = (await list()).Resources;
      for (const displayName of ['Sales', 'Marketing']) {
        const members = people.slice(0, 3).map(({ id }) => ({ value: id }));
        expect((await tenant.scim('POST', '/Groups', { displayName, members })).status).toBe(201);
      }
      const page = await list('attributes=groups,meta.version');
      const shown = page.Resources.map((resource) =>
        (resource['groups'] as { display: string }[] | undefined)?.map(({ display }) => display),
      );
      expect(shown.slice(0, 4)).toEqual([
        ['Sales', 'Marketing'],
        ['Sales', 'Marketing'],
        ['Sales', 'Marketing'],
        undefined,
      ]);
      const version = (resource: JsonObject | undefined) => (resource!['meta'] as { version: string }).version;
      const [first] = page.Resources;
      const [without] = (await list('excludedAttributes=groups&count=1')).Resources;
      const { json, headers } = await tenant.scim<JsonObject>('GET', `/Users/${first!.id}`);
      expect([version(without), version(json), headers.get('etag')]).toEqual(Array(3).fill(version(first)));
    });
  });

  it('of groups show the members of each', async () => {
    const { Resources } = await list('sortBy=displayName', '/Groups');
    expect(Resources.map((group) => [group['displayName'], (group['members'] as unknown[]).length])).toEqual([
      ['Marketing', 3],
      ['Sales', 3],
    ]);
  });
});
