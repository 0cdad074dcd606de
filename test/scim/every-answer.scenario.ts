import { startTestServer, type TestServer } from '../support/app.js';
import { createTenant, type JsonObject, type Reply, type Tenant } from '../support/scenario.js';
import { expectNoEffects, sideEffects } from '../support/side-effects.js';

/** What holds of the answers of every method alike: projections, entity tags, and what the server puts into a resource itself. */

const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const SEARCH = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest';

type Found = JsonObject & { id: string; meta: { version: string; lastModified: string; location: string } };

let server: TestServer;
let tenant: Tenant;
let serial = 0;

beforeAll(async () => {
  server = await startTestServer();
  tenant = await createTenant(server);
});
afterAll(() => server.close());

const person = (): JsonObject => ({
  userName: `person${++serial}@example.com`,
  displayName: 'Ada',
  name: { givenName: 'Ada', familyName: 'Lovelace' },
  emails: [{ value: `a${serial}@example.com`, type: 'work' }],
  [ENTERPRISE]: { department: 'R&D', costCenter: '7' },
});
const ask = (method: string, path: string, body?: JsonObject, headers?: Record<string, string>) =>
  tenant.scim<Found>(method, path, body, headers);
const create = async (body = person()) => (await ask('POST', '/Users', body)).json;
const rename = (value: string) => ({ Operations: [{ op: 'replace', path: 'displayName', value }] });

describe('projections', () => {
  /** One resource as every operation that returns one shows it, with the same projection. */
  async function shownBy(query: string): Promise<JsonObject[]> {
    const body = person();
    const created = await ask('POST', `/Users?${query}`, body);
    const { id } = created.json;
    const filter = `id eq "${id}"`;
    const parameters = new URLSearchParams(query);
    const lists = Object.fromEntries([...parameters].map(([name, value]) => [name, value.split(',')]));
    const list = await ask('GET', `/Users?${query}&filter=${encodeURIComponent(filter)}`);
    const search = (path: string) => ask('POST', path, { schemas: [SEARCH], filter, ...lists });
    return [
      created.json,
      (await ask('GET', `/Users/${id}?${query}`)).json,
      ...(list.json['Resources'] as JsonObject[]),
      ...((await search('/Users/.search')).json['Resources'] as JsonObject[]),
      ...((await search('/.search')).json['Resources'] as JsonObject[]),
      (await ask('PUT', `/Users/${id}?${query}`, body)).json,
      (await ask('PATCH', `/Users/${id}?${query}`, { Operations: [] })).json,
    ];
  }

  it.each<[query: string, keys: string[], schemas: string[]]>([
    ['attributes=displayName', ['displayName', 'id', 'schemas'], [USER]],
    ['attributes=DISPLAYNAME,nosuch', ['displayName', 'id', 'schemas'], [USER]],
    [`attributes=${USER}:name.givenName`, ['id', 'name', 'schemas'], [USER]],
    [`attributes=${ENTERPRISE}:department`, ['id', 'schemas', ENTERPRISE], [USER, ENTERPRISE]],
    [`attributes=${ENTERPRISE}`, ['id', 'schemas', ENTERPRISE], [USER, ENTERPRISE]],
    ['attributes=meta.version,password', ['id', 'meta', 'schemas'], [USER]],
    ['attributes=nosuch', ['id', 'schemas'], [USER]],
    [
      `excludedAttributes=name,emails,id,schemas,${ENTERPRISE}`,
      ['active', 'displayName', 'id', 'meta', 'schemas', 'userName'],
      [USER],
    ],
    [
      'excludedAttributes=meta,name.givenName,emails.value,userName,active',
      ['displayName', 'emails', 'id', 'name', 'schemas', ENTERPRISE],
      [USER, ENTERPRISE],
    ],
  ])(
    'R-110, R-111, R-112, R-115 %s holds for POST, GET, lists, .search, PUT and PATCH',
    async (query, keys, schemas) => {
      const shown = await shownBy(query);
      expect(shown).toHaveLength(7);
      for (const resource of shown) {
        expect(Object.keys(resource).sort()).toEqual(keys);
        expect(resource['schemas']).toEqual(schemas);
        expect(resource['name'] ?? {}).not.toEqual(person()['name']);
      }
    },
  );

  it('R-113, R-110 both at once are refused by every operation, before anything is done', async () => {
    const { id } = await create();
    const both = 'attributes=id&excludedAttributes=name';
    const effects = await sideEffects(server, async () => {
      for (const reply of [
        await ask('POST', `/Users?${both}`, person()),
        await ask('GET', `/Users/${id}?${both}`),
        await ask('GET', `/Users?${both}`),
        await ask('PUT', `/Users/${id}?${both}`, person()),
        await ask('PATCH', `/Users/${id}?${both}`, rename('x')),
        await ask('POST', '/.search', { schemas: [SEARCH], attributes: ['id'], excludedAttributes: ['name'] }),
      ])
        expect([reply.status, reply.json['scimType']]).toEqual([400, 'invalidValue']);
    });
    expectNoEffects(effects);
  });
});

describe('entity tags', () => {
  it.each(['Users', 'Groups'])(
    'R-160, R-023 of %s are the version in the body, for every method, and the address likewise',
    async (type) => {
      const body = type === 'Users' ? person() : { displayName: `Group ${++serial}` };
      const created = await ask('POST', `/${type}`, body);
      const path = `/${type}/${created.json.id}`;
      const replies = [
        created,
        await ask('GET', path),
        await ask('PATCH', path, rename('Another')),
        await ask('PUT', path, { ...body, displayName: 'A third' }),
        await ask('GET', path),
      ];
      for (const { headers, json } of replies) {
        expect(json.meta.version).toMatch(/^W\/"[^"]+"$/);
        expect(headers.get('etag')).toBe(json.meta.version);
        expect(headers.get('content-location')).toBe(json.meta.location);
      }
      expect(replies.map(({ json }) => json.meta.version)).toEqual(['1', '1', '2', '3', '3'].map((n) => `W/"${n}"`));
      expect((await ask('GET', `${path}?attributes=id`)).headers.get('etag')).toBe('W/"3"');
      const head = await ask('HEAD', path);
      expect([head.status, head.headers.get('etag')]).toEqual([200, 'W/"3"']);
    },
  );

  it.each(['Users', 'Groups'])('R-161 If-None-Match of %s: 304 with the tag and no body, or 200', async (type) => {
    const body = type === 'Users' ? person() : { displayName: `Group ${++serial}` };
    const path = `/${type}/${(await ask('POST', `/${type}`, body)).json.id}`;
    for (const [header, status] of [
      ['W/"1"', 304],
      ['"1"', 304],
      ['*', 304],
      ['W/"9", W/"1"', 304],
      ['W/"2"', 200],
      ['nonsense', 200],
      ['', 200],
    ] as const) {
      const reply = await ask('GET', path, undefined, { 'if-none-match': header });
      expect([header, reply.status, reply.headers.get('etag')]).toEqual([header, status, 'W/"1"']);
      expect(reply.body === '').toBe(status === 304);
    }
    expect((await ask('GET', `/${type}/nobody`, undefined, { 'if-none-match': '*' })).status).toBe(404);
  });

  it.each(['Users', 'Groups'])('R-162 If-Match of %s: 412 for another version, before anything else', async (type) => {
    const body = type === 'Users' ? person() : { displayName: `Group ${++serial}` };
    const path = `/${type}/${(await ask('POST', `/${type}`, body)).json.id}`;
    const effects = await sideEffects(server, async () => {
      for (const header of ['W/"7"', '"0"', 'nonsense', 'W/"1x"', 'W/"']) {
        for (const [method, sent] of [
          ['GET', undefined],
          ['PUT', body],
          ['PATCH', rename('x')],
          ['PATCH', { Operations: [] }],
          ['DELETE', undefined],
        ] as const) {
          const reply = await ask(method, path, sent, { 'if-match': header });
          expect([header, method, reply.status, reply.json['status']]).toEqual([header, method, 412, '412']);
        }
      }
    });
    expectNoEffects(effects);
    const missing = await ask('PUT', `/${type}/0199a4ff-0000-7000-8000-000000000000`, body, { 'if-match': '*' });
    expect(missing.status).toBe(404);
    for (const header of ['*', 'W/"1"'])
      expect((await ask('GET', path, undefined, { 'if-match': header })).status).toBe(200);
    for (const header of ['*', 'W/"2"', '"3", W/"9"'])
      expect([header, (await ask('PATCH', path, rename(header), { 'if-match': header })).status]).toEqual([
        header,
        200,
      ]);
    expect((await ask('PATCH', path, rename('without'))).status).toBe(200);
    expect((await ask('DELETE', path, undefined, { 'if-match': 'W/"5"' })).status).toBe(204);
  });

  it.each(['Users', 'Groups'])('R-161 a write of %s that is meant for another version is 412', async (type) => {
    const body = type === 'Users' ? person() : { displayName: `Group ${++serial}` };
    const { id } = (await ask('POST', `/${type}`, body)).json;
    const path = `/${type}/${id}`;
    // A reader is told of the groups as well, and what it sends back names the version all the same.
    if (type === 'Users') await ask('POST', '/Groups', { displayName: `G${++serial}`, members: [{ value: id }] });
    const { version } = (await ask('GET', path)).json.meta;
    const effects = await sideEffects(server, async () => {
      for (const header of [version, '*', `W/"9", ${version}`])
        for (const [method, sent] of [
          ['PUT', body],
          ['PATCH', rename('x')],
          ['DELETE', undefined],
        ] as const) {
          const reply = await ask(method, path, sent, { 'if-none-match': header });
          expect([header, method, reply.status]).toEqual([header, method, 412]);
        }
    });
    expectNoEffects(effects);
    expect((await ask('PATCH', path, rename('x'), { 'if-none-match': 'W/"9"' })).status).toBe(200);
  });

  it('R-163 the version of a user moves with the groups they are in and their names, and back', async () => {
    const { id, meta } = await create();
    const version = async () => (await ask('GET', `/Users/${id}`)).json.meta.version;
    const group = (await ask('POST', '/Groups', { displayName: `G${++serial}`, members: [{ value: id }] })).json;
    const inGroup = await version();
    await ask('PATCH', `/Groups/${group.id}`, rename(`G${++serial}`));
    const renamed = await version();
    expect(new Set([meta.version, inGroup, renamed]).size).toBe(3);
    await ask('DELETE', `/Groups/${group.id}`);
    expect(await version()).toBe(meta.version);
  });
});

describe('what the server fills in', () => {
  const total = async (filter: string, type = 'Users') =>
    (await ask('GET', `/${type}?filter=${encodeURIComponent(filter)}`)).json['totalResults'];

  it('R-083 is found by the value that was shown', async () => {
    const user = await create();
    const group = (await ask('POST', '/Groups', { displayName: `G${++serial}`, members: [{ value: user.id }] })).json;
    const mine = `id eq "${user.id}"`;
    const shown = (await ask('GET', `/Users/${user.id}`)).json as unknown as {
      meta: JsonObject;
      groups: [JsonObject];
    };
    expect(shown).toMatchObject({ active: true, groups: [{ type: 'direct' }] });
    for (const condition of [
      'active eq true',
      `meta.created eq "${String(shown.meta['created'])}"`,
      `meta.lastModified ge "${String(shown.meta['lastModified'])}"`,
      `meta.location eq "${String(shown.meta['location'])}"`,
      'meta.resourceType eq "User"',
      `schemas eq "${ENTERPRISE}"`,
      `groups[value eq "${group.id}" and display eq "${String(shown.groups[0]['display'])}" and type eq "direct"]`,
      `groups.$ref eq "${String(shown.groups[0]['$ref'])}"`,
    ])
      expect([condition, await total(`${mine} and ${condition}`)]).toEqual([condition, 1]);
    for (const condition of ['active eq false', 'meta.resourceType eq "Group"', 'groups.type eq "indirect"'])
      expect([condition, await total(`${mine} and ${condition}`)]).toEqual([condition, 0]);
    expect(await total(`id eq "${group.id}" and members[type eq "User" and $ref ew "${user.id}"]`, 'Groups')).toBe(1);
  });

  it('R-052 the resource type follows from the address, whatever the body says', async () => {
    const body = {
      ...person(),
      meta: { resourceType: 'Group' },
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
    };
    const user = await create(body);
    expect(user).toMatchObject({ meta: { resourceType: 'User' } });
    expect(user['schemas']).toEqual([USER, ENTERPRISE]);
    const put: Reply = await ask('PUT', `/Users/${user.id}`, body);
    expect(put.json).toMatchObject({ meta: { resourceType: 'User' } });
  });

  it("R-022 externalId is the client's own: not made up, not unique, kept in its case, searched with case", async () => {
    expect(await create()).not.toHaveProperty('externalId');
    const [one, two] = [
      await create({ ...person(), externalId: 'Ext-1' }),
      await create({ ...person(), externalId: 'ext-1' }),
    ];
    expect([one['externalId'], two['externalId']]).toEqual(['Ext-1', 'ext-1']);
    expect([await total('externalId eq "Ext-1"'), await total('externalId eq "EXT-1"')]).toEqual([1, 0]);
    const other = await createTenant(server);
    const theirs = await other.scim('POST', '/Users', { ...person(), externalId: 'Ext-1' });
    expect([theirs.status, await total('externalId eq "Ext-1"')]).toEqual([201, 1]);
  });
});
