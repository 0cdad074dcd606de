import { startTestServer, type TestServer } from '../support/app.js';
import { createTenant, type JsonObject, type Tenant } from '../support/scenario.js';
import { expectNoEffects, sideEffects } from '../support/side-effects.js';

const SEARCH = ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'];

describe('POST .search', () => {
  let server: TestServer;
  let tenant: Tenant;
  let other: Tenant;

  beforeAll(async () => {
    server = await startTestServer();
    [tenant, other] = [await createTenant(server), await createTenant(server)];
    for (const one of [tenant, other]) {
      for (let n = 0; n < 5; n++)
        await one.scim('POST', '/Users', { userName: `user${n}`, displayName: `Person ${n % 2}`, title: 'T' });
      for (let n = 0; n < 3; n++) await one.scim('POST', '/Groups', { displayName: `Person ${n}` });
    }
  });
  afterAll(() => server.close());

  const search = (path: string, body: JsonObject) =>
    tenant.scim<JsonObject>('POST', path, { schemas: SEARCH, ...body });
  const namesOf = (json: JsonObject) =>
    (json['Resources'] as JsonObject[]).map((one) => one['userName'] ?? one['displayName']);

  it.each<[string, JsonObject, unknown[]]>([
    [
      '/Users/.search',
      { filter: 'userName sw "user"', sortBy: 'userName', sortOrder: 'descending', count: 2 },
      ['user4', 'user3'],
    ],
    ['/Users/.search', { filter: 'userName eq "USER1"' }, ['user1']],
    ['/Users/.search', { startIndex: 4, count: 10 }, ['user3', 'user4']],
    ['/Groups/.search', { filter: 'displayName eq "person 2"' }, ['Person 2']],
  ])('R-120 %s %j', async (path, body, expected) => {
    const reply = await search(path, body);
    expect(reply.status).toBe(200);
    expect(namesOf(reply.json)).toEqual(expected);
  });

  it('R-120 gives what GET gives', async () => {
    const byGet = await tenant.scim('GET', '/Users?filter=title%20pr&attributes=userName&count=3');
    const bySearch = await search('/Users/.search', { filter: 'title pr', attributes: ['userName'], count: 3 });
    expect(bySearch.json).toEqual(byGet.json);
  });

  it('R-121 the root spans both types, paged as one list', async () => {
    const seen: unknown[] = [];
    for (let startIndex = 1; startIndex <= 9; startIndex += 3) {
      const { json } = await search('/.search', { startIndex, count: 3 });
      expect(json).toMatchObject({ totalResults: 8, startIndex });
      seen.push(...namesOf(json));
    }
    expect(seen).toEqual(['user0', 'user1', 'user2', 'user3', 'user4', 'Person 0', 'Person 1', 'Person 2']);
    expect((await search('/.search', { count: 0 })).json).toMatchObject({ totalResults: 8, itemsPerPage: 0 });
  });

  it('R-121, R-092 both types are sorted as one list, whatever lacks the value last, or first descending', async () => {
    const sorted = async (body: JsonObject) => namesOf((await search('/.search', body)).json);
    const byName = ['user0', 'user2', 'user4', 'Person 0', 'user1', 'user3', 'Person 1', 'Person 2'];
    expect(await sorted({ sortBy: 'displayName' })).toEqual(byName);
    expect(await sorted({ sortBy: 'displayName', startIndex: 3, count: 4 })).toEqual(byName.slice(2, 6));
    expect(await sorted({ sortBy: 'displayName', sortOrder: 'descending' })).toEqual([
      'Person 2',
      'user1',
      'user3',
      'Person 1',
      'user0',
      'user2',
      'user4',
      'Person 0',
    ]);
    const people = ['user0', 'user1', 'user2', 'user3', 'user4'];
    const groups = ['Person 0', 'Person 1', 'Person 2'];
    expect(await sorted({ sortBy: 'userName' })).toEqual([...people, ...groups]);
    expect(await sorted({ sortBy: 'userName', sortOrder: 'descending' })).toEqual([...groups, ...people.reverse()]);
    expect(await sorted({ sortBy: 'meta.resourceType', filter: 'displayName eq "person 1"' })).toEqual([
      'Person 1',
      'user1',
      'user3',
    ]);
    const { json } = await search('/.search', { sortBy: 'displayName', count: 0 });
    expect(json).toMatchObject({ totalResults: 8, itemsPerPage: 0, Resources: [] });
  });

  it('R-075, R-121 an attribute of one type is without value for the other', async () => {
    expect(namesOf((await search('/.search', { filter: 'displayName eq "Person 1"' })).json)).toEqual([
      'user1',
      'user3',
      'Person 1',
    ]);
    expect(namesOf((await search('/.search', { filter: 'userName eq "user1"' })).json)).toEqual(['user1']);
    expect(namesOf((await search('/.search', { filter: 'meta.resourceType eq "Group"' })).json)).toHaveLength(3);
  });

  it('R-110 projections hold for every resource of the answer', async () => {
    const { json } = await search('/.search', { filter: 'displayName eq "Person 1"', attributes: ['displayName'] });
    for (const one of json['Resources'] as JsonObject[])
      expect(Object.keys(one).sort()).toEqual(['displayName', 'id', 'schemas']);
    const sorted = await search('/.search', { sortBy: 'displayName', attributes: ['title', 'members'] });
    const shown = (sorted.json['Resources'] as JsonObject[]).map((one) => Object.keys(one).sort());
    expect(shown[0]).toEqual(['id', 'schemas', 'title']);
    expect(shown[3]).toEqual(['id', 'members', 'schemas']);
    const whole = await search('/.search', { sortBy: 'id' });
    expect(whole.json['Resources']).toEqual((await search('/.search', {})).json['Resources']);
  });

  it.each<[string, unknown, number, string | undefined]>([
    ['without the schema of a search', { filter: 'userName pr' }, 400, 'invalidSyntax'],
    ['with a filter that is none', { schemas: SEARCH, filter: 'userName eq' }, 400, 'invalidFilter'],
    ['with a list', [], 400, 'invalidSyntax'],
    [
      'with both projections',
      { schemas: SEARCH, attributes: ['userName'], excludedAttributes: ['title'] },
      400,
      'invalidValue',
    ],
    ['sorted by what neither type has', { schemas: SEARCH, sortBy: 'shoeSize' }, 400, 'invalidValue'],
    ['sorted by what is complex', { schemas: SEARCH, sortBy: 'meta' }, 400, 'invalidValue'],
    ['sorted by what is complex in one type', { schemas: SEARCH, sortBy: 'name' }, 400, 'invalidValue'],
    ['sorted by what is never returned', { schemas: SEARCH, sortBy: 'password' }, 400, 'invalidValue'],
  ])('R-122 %s is refused', async (_what, body, status, scimType) => {
    const effects = await sideEffects(server, async () => {
      const reply = await tenant.scim('POST', '/.search', body);
      expect(reply.json).toMatchObject({ status: String(status), scimType });
    });
    expectNoEffects(effects);
  });

  it('R-186 other methods are not possible here, and strangers see nothing', async () => {
    expect((await tenant.scim('PUT', '/.search', {})).status).toBe(405);
    const reply = await tenant.scim('POST', '/.search', { schemas: SEARCH }, { authorization: 'Bearer wrong' });
    expect(reply.status).toBe(401);
  });
});
