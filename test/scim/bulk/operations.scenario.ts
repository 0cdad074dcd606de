import { setImmediate } from 'node:timers/promises';
import { ConnectionsService } from '../../../src/organizations/connections.service.js';
import { startTestServer, type TestServer } from '../../support/app.js';
import { createTenant, TEST_OPERATOR, type Tenant } from '../../support/scenario.js';
import { expectEvents, expectNoEffects, sideEffects } from '../../support/side-effects.js';
import { bulk, group, idIn, members, NOBODY, patch, postBulk, statuses, user } from './bulk-client.js';

/** What one operation of a bulk request does and answers, and what it leaves alone. */
describe('operations of a bulk request', () => {
  let server: TestServer;
  let tenant: Tenant;

  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(() => server.close());
  beforeEach(async () => {
    tenant = await createTenant(server);
  });

  const effectsOf = (work: () => Promise<unknown>) => sideEffects(server, work, tenant.organization.id);
  const createUser = async (userName: string) =>
    (await tenant.scim<{ id: string }>('POST', '/Users', { userName })).json.id;
  const versionOf = async (path: string) => (await tenant.scim('GET', path)).headers.get('etag')!;

  it('R-150, R-151: the example of RFC 7644 section 3.7.3: a POST, a PUT, a PATCH and a DELETE, each with its own answer', async () => {
    const [bob, dave, gone] = [await createUser('bob'), await createUser('babs'), await createUser('gone')];
    const users = `${server.url}/scim/v2/Users`;
    const effects = await effectsOf(async () => {
      const entries = await bulk(tenant, [
        { method: 'POST', path: '/Users', bulkId: 'qwerty', data: { userName: 'Alice' } },
        {
          method: 'PUT',
          path: `/Users/${bob}`,
          version: await versionOf(`/Users/${bob}`),
          data: { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], id: bob, userName: 'Bob', title: 'Boss' },
        },
        {
          method: 'PATCH',
          path: `/Users/${dave}`,
          version: await versionOf(`/Users/${dave}`),
          // as printed there, but for the brackets that are no JSON.
          data: [
            { op: 'remove', path: 'nickName' },
            { op: 'add', path: 'userName', value: 'Dave' },
          ],
        },
        { method: 'DELETE', path: `/Users/${gone}`, version: await versionOf(`/Users/${gone}`) },
      ]);
      const alice = idIn(entries[0]!);
      expect(entries).toEqual([
        { location: `${users}/${alice}`, method: 'POST', bulkId: 'qwerty', version: 'W/"1"', status: '201' },
        { location: `${users}/${bob}`, method: 'PUT', version: 'W/"2"', status: '200' },
        { location: `${users}/${dave}`, method: 'PATCH', version: 'W/"2"', status: '200' },
        { location: `${users}/${gone}`, method: 'DELETE', status: '204' },
      ]);
      expect((await tenant.scim('GET', `/Users/${alice}`)).json).toMatchObject({ userName: 'Alice', active: true });
      expect((await tenant.scim('GET', `/Users/${bob}`)).json).toMatchObject({ userName: 'Bob', title: 'Boss' });
      expect((await tenant.scim('GET', `/Users/${dave}`)).json).toMatchObject({ userName: 'Dave' });
      expect((await tenant.scim('GET', `/Users/${gone}`)).status).toBe(404);
    });
    // The people who lose their access are counted by the guard.
    expect(effects.rows).toEqual({ users: '+1 ~3', audit_entries: '+4', access_ends: '+1', guard_states: '+1' });
    expectEvents(effects, ['user.created', 'user.updated', 'user.updated', 'user.deleted']);
    const ids = await server.sql(`SELECT DISTINCT correlation_id FROM audit_entries WHERE organization_id = $1`, [
      tenant.organization.id,
    ]);
    // Three requests and the scenario's own before the bulk request, whose entries share one id.
    expect(ids).toHaveLength(5);
  });

  it('R-150: an empty list is performed, and nothing happens', async () => {
    expectNoEffects(await effectsOf(async () => expect(await bulk(tenant, [])).toEqual([])));
  });

  it('R-004: parameters of the request and of paths change nothing', async () => {
    const { status, json } = await tenant.scim('POST', '/Bulk?attributes=userName&x=y', {
      Operations: [{ ...user('a'), path: '/Users?attributes=userName' }],
    });
    expect([status, json['Operations']]).toMatchObject([200, [{ status: '201', version: 'W/"1"' }]]);
  });

  it('R-152: goes on after errors, and each error is that of a single request', async () => {
    const id = await createUser('present');
    const wrong: [method: string, path: string, data?: object][] = [
      ['POST', '/Users', {}],
      ['POST', '/Users', { userName: 'PRESENT' }],
      ['POST', '/Groups', { displayName: 7 }],
      ['PUT', `/Users/${NOBODY}`, { userName: 'x' }],
      ['PATCH', '/Users/no-uuid', { Operations: [] }],
      ['PATCH', `/Users/${id}`, { Operations: [{ op: 'move' }] }],
      ['PATCH', `/Users/${id}`, { Operations: [{ op: 'replace', path: 'id', value: 'x' }] }],
      ['DELETE', `/Groups/${id}`],
      ['PUT', '/Users', { userName: 'x' }],
      ['POST', `/Users/${id}`, { userName: 'x' }],
      ['DELETE', '/ServiceProviderConfig'],
      ['PATCH', '/Me', { Operations: [] }],
      ['DELETE', '/Nothing/here'],
      ['PATCH', '/Users/.search', { Operations: [] }],
    ];
    const effects = await effectsOf(async () => {
      const entries = await bulk(
        tenant,
        wrong.flatMap(([method, path, data], index) => [
          { method, path, bulkId: `wrong${index}`, ...(data && { data }) },
          user(`right${index}`),
        ]),
      );
      for (const [index, [method, path, data]] of wrong.entries()) {
        const [entry, next] = entries.slice(2 * index);
        const single = await tenant.scim(method, path, data);
        expect([path, entry!.response, entry!.status]).toEqual([path, single.json, String(single.status)]);
        expect(entry!.location).toBe(method === 'POST' ? undefined : `${server.url}/scim/v2${path}`);
        expect([entry!.bulkId, next!.bulkId, next!.status]).toEqual([`wrong${index}`, `right${index}`, '201']);
      }
    });
    expect(effects.rows['users']).toBe(`+${wrong.length}`);
    expect(Object.keys(effects.rows).sort()).toEqual(['audit_entries', 'users']);
  });

  it('R-155: a bulk request or a search in a bulk request is refused, the rest is performed', async () => {
    const entries = await bulk(tenant, [
      { method: 'POST', path: '/Bulk', bulkId: 'inner', data: { Operations: [user('hidden')] } },
      { method: 'POST', path: '/Users/.search', bulkId: 'search', data: {} },
      user('seen'),
    ]);
    expect(entries.map(({ status, response }) => [status, response?.scimType])).toEqual([
      ['400', 'invalidSyntax'],
      ['400', 'invalidSyntax'],
      ['201', undefined],
    ]);
    expect((await tenant.scim('GET', '/Users')).json).toMatchObject({ totalResults: 1 });
  });

  it('R-150: an operation that cannot be read fails alone', async () => {
    const entries = await bulk(tenant, [
      { method: 'POST', path: '/Users', data: { userName: 'without bulkId' } },
      { method: 'GET', path: '/Users' },
      { method: 'PUT', path: '/Users/1', bulkId: 'p' },
      user('good'),
    ]);
    expect(entries.map(({ method, bulkId, status, response }) => [method, bulkId, status, response?.scimType])).toEqual(
      [
        ['POST', undefined, '400', 'invalidSyntax'],
        ['GET', undefined, '400', 'invalidSyntax'],
        ['PUT', 'p', '400', 'invalidSyntax'],
        ['POST', 'good', '201', undefined],
      ],
    );
  });

  it('R-152: failOnErrors ends the request; what was not tried is not answered and not done', async () => {
    const operations = [
      user('a'),
      user(''),
      user('b'),
      { ...user('x'), data: {} },
      user('c'),
      { ...user('y'), data: {} },
    ];
    const effects = await effectsOf(async () => {
      expect(statuses(await bulk(tenant, operations, { failOnErrors: 1 }))).toEqual(['201', '400']);
    });
    expect(effects.rows).toEqual({ users: '+1', audit_entries: '+1' });
    tenant = await createTenant(server);
    expect(statuses(await bulk(tenant, operations, { failOnErrors: 2 }))).toEqual(['201', '400', '201', '400']);
    tenant = await createTenant(server);
    expect(statuses(await bulk(tenant, operations, { failOnErrors: 4 }))).toHaveLength(6);
  });

  it('R-155: a version that is not the present one is 412 for its operation, which changes nothing', async () => {
    const { id } = (await tenant.scim<{ id: string }>('POST', '/Groups', { displayName: 'g' })).json;
    const uid = await createUser('u');
    const rename = { op: 'replace', path: 'displayName', value: 'renamed' };
    const effects = await effectsOf(async () => {
      const entries = await bulk(tenant, [
        { ...patch(`/Groups/${id}`, rename), version: 'W/"7"' },
        { method: 'PUT', path: `/Users/${uid}`, version: 'W/"2"', data: { userName: 'other' } },
        { method: 'DELETE', path: `/Users/${uid}`, version: '' },
        { method: 'DELETE', path: `/Groups/${id}`, version: 'nonsense' },
      ]);
      expect(statuses(entries)).toEqual(['412', '412', '412', '412']);
      expect(entries[0]).toMatchObject({ location: `${server.url}/scim/v2/Groups/${id}`, response: { status: '412' } });
    });
    expectNoEffects(effects);
    // The version moves with the first operation, so that the second one is too late.
    const versioned = { ...patch(`/Groups/${id}`, rename), version: 'W/"1"' };
    expect(statuses(await bulk(tenant, [versioned, versioned]))).toEqual(['200', '412']);
    expect(statuses(await bulk(tenant, [{ ...versioned, version: '*' }]))).toEqual(['200']);
  });

  it('R-155: the version of a user is the one that was read, whatever groups the user came into', async () => {
    const [u] = await bulk(tenant, [user('u'), group('g', 'bulkId:u')]);
    const path = `/Users/${idIn(u!)}`;
    const version = await versionOf(path);
    expect(version).toMatch(/^W\/"1\..+"$/);
    expect(
      statuses(await bulk(tenant, [{ ...patch(path, { op: 'add', path: 'title', value: 'T' }), version }])),
    ).toEqual(['200']);
  });

  it("R-155: another organization's ids are nobody's: 404 each, and nothing changes anywhere", async () => {
    const other = await createTenant(server);
    const [stranger, strangers] = await bulk(other, [user('stranger'), group('strangers', 'bulkId:stranger')]);
    const mine = (await tenant.scim<{ id: string }>('POST', '/Groups', { displayName: 'mine' })).json.id;
    const theirUser = `/Users/${idIn(stranger!)}`;
    const theirGroup = `/Groups/${idIn(strangers!)}`;
    const effects = await sideEffects(server, async () => {
      const entries = await bulk(tenant, [
        { method: 'PUT', path: theirUser, data: { userName: 'taken over' } },
        patch(theirUser, { op: 'replace', path: 'active', value: false }),
        { method: 'DELETE', path: theirUser },
        { method: 'PUT', path: theirGroup, data: { displayName: 'taken over' } },
        patch(theirGroup, { op: 'remove', path: 'members' }),
        { method: 'DELETE', path: theirGroup },
        patch(`/Groups/${mine}`, { op: 'add', path: 'members', value: [{ value: idIn(stranger!) }] }),
      ]);
      expect(statuses(entries)).toEqual([...Array<string>(6).fill('404'), '200']);
    });
    // A member who is nobody here waits; that somebody elsewhere has this id is never looked at.
    expect(effects).toMatchObject({ rows: { waiting_members: '+1', audit_entries: '+1' }, events: [] });
    expect(await members(tenant)).toEqual({ mine: [] });
  });

  it("R-153: another request's bulkId means nothing", async () => {
    await bulk(tenant, [user('u')]);
    const [entry] = await bulk(tenant, [group('g', 'bulkId:u')]);
    expect(entry).toMatchObject({ status: '400', response: { scimType: 'invalidValue' } });
  });

  it('R-153: a bulkId that is there twice is refused before anything is done', async () => {
    const effects = await effectsOf(async () => {
      const { status, json } = await postBulk(tenant, [user('a'), user('b'), { ...group('g'), bulkId: 'a' }]);
      expect([status, json]).toMatchObject([400, { status: '400', scimType: 'invalidSyntax' }]);
    });
    expectNoEffects(effects);
  });

  it('R-155: the dialect of an operation is understood, or refused by a strict connection, as that of a single request', async () => {
    const change = { Operations: [{ op: 'Replace', path: 'active', value: 'False' }] };
    const id = await createUser('u');
    expect(statuses(await bulk(tenant, [{ method: 'PATCH', path: `/Users/${id}`, data: change }]))).toEqual(['200']);
    expect((await tenant.scim('GET', `/Users/${id}`)).json).toMatchObject({ active: false });
    tenant = await createTenant(server, { provisioning: { dialect: 'strict' } });
    const schemas = ['urn:ietf:params:scim:schemas:core:2.0:User'];
    const strict = (await tenant.scim<{ id: string }>('POST', '/Users', { schemas, userName: 'u' })).json.id;
    const single = await tenant.scim('PATCH', `/Users/${strict}`, change);
    const [entry] = await bulk(tenant, [{ method: 'PATCH', path: `/Users/${strict}`, data: change }]);
    expect([single.status, entry!.status, entry!.response]).toEqual([400, '400', single.json]);
  });

  it('R-155: whoever switches the connection off stops a request that is under way', async () => {
    const connections = server.app.get(ConnectionsService);
    const { organizationId, id } = tenant.connection;
    const running = bulk(
      tenant,
      Array.from({ length: 300 }, (_, index) => user(`u${index}`)),
    );
    const count = async () =>
      (await server.sql(`SELECT 1 FROM users WHERE organization_id = $1`, [organizationId])).length;
    // The embedded database answers within one turn of the event loop, which the request needs as well.
    while ((await count()) === 0) await setImmediate();
    await connections.update(organizationId, id, { scim: false }, TEST_OPERATOR);
    const found = statuses(await running);
    const created = await count();
    expect(created).toBeLessThan(300);
    expect(found).toEqual([...Array<string>(created).fill('201'), ...Array<string>(300 - created).fill('403')]);
  });

  it('R-155: an error nobody foresaw costs its operation only, and tells the client nothing but where to look', async () => {
    await server.sql(`ALTER TABLE users ADD CONSTRAINT made_up CHECK (user_name <> 'explode')`);
    try {
      const effects = await effectsOf(async () => {
        const entries = await bulk(tenant, [
          user('a'),
          user('explode'),
          group('g', 'bulkId:a'),
          group('h', 'bulkId:explode'),
        ]);
        expect(statuses(entries)).toEqual(['201', '500', '201', '409']);
        expect(entries[1]!.response!.detail).toMatch(
          /^The request failed; the operators find the cause under [0-9a-f-]{36}\.$/,
        );
      });
      expect(effects.rows).toEqual({ users: '+1', groups: '+1', memberships: '+1', audit_entries: '+3' });
    } finally {
      await server.sql('ALTER TABLE users DROP CONSTRAINT made_up');
    }
  });
});
