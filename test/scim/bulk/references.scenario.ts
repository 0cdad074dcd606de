import { startTestServer, type TestServer } from '../../support/app.js';
import { createTenant, type Tenant } from '../../support/scenario.js';
import { expectEvents, expectNoEffects, sideEffects } from '../../support/side-effects.js';
import { bulk, ENTERPRISE, group, idIn, managed, managers, members, patch, statuses, user } from './bulk-client.js';

/** The version of a user also tells what the manager is called. */
const WITH_MANAGER = expect.stringMatching(/^W\/"1\.\w+"$/) as string;

/** Operations that speak of what other operations of the same request make. */
describe('references in a bulk request', () => {
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
  const member = (bulkId: string) => [{ value: `bulkId:${bulkId}` }];

  it('R-153: the example of RFC 7644 section 3.7.2: a user, and a group with the user', async () => {
    const effects = await effectsOf(async () => {
      const entries = await bulk(tenant, [
        { method: 'POST', path: '/Users', bulkId: 'qwerty', data: { userName: 'Alice' } },
        {
          method: 'POST',
          path: '/Groups',
          bulkId: 'ytrewq',
          data: { displayName: 'Tour Guides', members: [{ type: 'User', value: 'bulkId:qwerty' }] },
        },
      ]);
      expect(entries.map(({ bulkId, status }) => [bulkId, status])).toEqual([
        ['qwerty', '201'],
        ['ytrewq', '201'],
      ]);
    });
    expect(effects.rows).toEqual({ users: '+1', groups: '+1', memberships: '+1', audit_entries: '+3' });
    expectEvents(effects, ['user.created', 'group.created', 'group.members-added']);
    expect(await members(tenant)).toEqual({ 'Tour Guides': ['Alice'] });
  });

  it('R-153, R-156: a forward reference waits for what it needs; the answers keep the order of the request', async () => {
    const effects = await effectsOf(async () => {
      const entries = await bulk(tenant, [group('g', 'bulkId:b', 'bulkId:a'), managed('a', 'bulkId:b'), user('b')]);
      expect(entries.map(({ bulkId, status, version }) => [bulkId, status, version])).toEqual([
        ['g', '201', 'W/"1"'],
        ['a', '201', WITH_MANAGER],
        ['b', '201', 'W/"1"'],
      ]);
    });
    expectEvents(effects, ['user.created', 'user.created', 'group.created', 'group.members-added']);
    expect(await members(tenant)).toEqual({ g: ['a', 'b'] });
    expect(await managers(tenant)).toEqual({ a: 'b', b: undefined });
  });

  it('R-156: a user takes the name that another gives up before, though a group waits for both', async () => {
    const [old] = await bulk(tenant, [user('name')]);
    const entries = await bulk(tenant, [
      group('g', 'bulkId:new'),
      { method: 'DELETE', path: `/Users/${idIn(old!)}` },
      { ...user('new'), data: { userName: 'name' } },
    ]);
    expect(statuses(entries)).toEqual(['201', '204', '201']);
    expect(await members(tenant)).toEqual({ g: ['name'] });
  });

  it('R-153: two users who are each other’s managers: both are created, and the first is completed', async () => {
    const effects = await effectsOf(async () => {
      const entries = await bulk(tenant, [
        managed('a', { value: 'bulkId:b', displayName: 'B' }),
        managed('b', 'bulkId:a'),
        group('g', 'bulkId:a', 'bulkId:b'),
      ]);
      expect(entries.map(({ bulkId, status, version }) => [bulkId, status, version])).toEqual([
        ['a', '201', expect.stringMatching(/^W\/"2\.\w+"$/) as string],
        ['b', '201', WITH_MANAGER],
        ['g', '201', 'W/"1"'],
      ]);
    });
    expect(await managers(tenant)).toEqual({ a: 'b', b: 'a' });
    expect(effects.rows).toEqual({ users: '+2', groups: '+1', memberships: '+2', audit_entries: '+5' });
    expectEvents(effects, ['user.created', 'user.created', 'user.updated', 'group.created', 'group.members-added']);
  });

  it('R-153: whoever is their own manager, and a circle of three with a change in between', async () => {
    const entries = await bulk(tenant, [
      managed('self', 'bulkId:self'),
      managed('a', 'bulkId:b'),
      patch('/Users/bulkId:a', { op: 'add', path: 'title', value: 'changed after it was complete' }),
      managed('b', 'bulkId:c'),
      managed('c', 'bulkId:a'),
    ]);
    expect(statuses(entries)).toEqual(['201', '201', '200', '201', '201']);
    expect(await managers(tenant)).toEqual({ self: 'self', a: 'b', b: 'c', c: 'a' });
    expect((await tenant.scim('GET', `/Users/${idIn(entries[1]!)}`)).json).toMatchObject({
      title: 'changed after it was complete',
    });
  });

  describe('the example of RFC 7644 section 3.7.1: two groups, each a member of the other', () => {
    const operations = [group('qwerty', 'bulkId:ytrewq'), group('ytrewq', 'bulkId:qwerty')];

    it('R-153: groups are no members of groups here, so both are created and these members are left out', async () => {
      const effects = await effectsOf(async () => {
        expect(statuses(await bulk(tenant, operations))).toEqual(['201', '201']);
      });
      expect(effects.rows).toEqual({ groups: '+2', audit_entries: '+2' });
      expect(await members(tenant)).toEqual({ qwerty: [], ytrewq: [] });
    });

    it('R-153: a connection that refuses unknown members refuses them here as well, and says what is there', async () => {
      tenant = await createTenant(server, { provisioning: { unknownMembers: 'reject' } });
      const [first, second] = await bulk(tenant, operations);
      expect(second).toMatchObject({ status: '400', response: { scimType: 'invalidValue' } });
      expect(first).toMatchObject({ status: '409', location: expect.stringContaining('/Groups/') as string });
      expect(first!.response!.detail).toBe(
        `The resource was created at ${first!.location!}, but without what refers to other operations: ` +
          'This refers to the bulkId "ytrewq", whose operation failed with status 400.',
      );
      expect(await members(tenant)).toEqual({ qwerty: [] });
    });
  });

  it('R-153: in paths, in values and in filters of changes', async () => {
    const entries = await bulk(tenant, [
      user('a'),
      user('b'),
      user('c'),
      group('g', 'bulkId:a'),
      patch('/Groups/bulkId:g', { op: 'add', path: 'members', value: member('b') }),
      patch('Groups/bulkId%3Ag', { op: 'add', value: { members: member('c') } }),
      patch('/Groups/bulkId:g', { op: 'remove', path: 'members[value eq "bulkId:a"]' }),
      patch('/Groups/bulkId:g', { op: 'remove', path: 'members', value: member('c') }),
      patch('/Users/bulkId:a', { op: 'add', path: `${ENTERPRISE}:manager`, value: 'bulkId:b' }),
      patch('/Users/bulkId:b', { op: 'add', value: { [`${ENTERPRISE}:manager.value`]: 'bulkId:c' } }),
      {
        method: 'PUT',
        path: '/Users/bulkId:c',
        data: { userName: 'c', [ENTERPRISE]: { manager: { value: 'bulkId:a' } } },
      },
      group('h', 'bulkId:a', 'bulkId:b'),
      { method: 'PUT', path: '/Groups/bulkId:h', data: { displayName: 'h', members: member('c') } },
      group('gone'),
      { method: 'DELETE', path: '/Groups/bulkId:gone' },
    ]);
    expect(entries.filter(({ response }) => response)).toEqual([]);
    expect(await members(tenant)).toEqual({ g: ['b'], h: ['c'] });
    expect(await managers(tenant)).toEqual({ a: 'b', b: 'c', c: 'a' });
    const groupLocation = entries[3]!.location;
    expect(entries.slice(4, 8).map(({ location }) => location)).toEqual(Array(4).fill(groupLocation));
    expect(entries[14]).toEqual({ location: entries[13]!.location, method: 'DELETE', status: '204' });
  });

  it('R-153: an unknown bulkId is 400 invalidValue, wherever it stands, and nothing is written', async () => {
    const [g] = await bulk(tenant, [group('g')]);
    const path = `/Groups/${idIn(g!)}`;
    const effects = await effectsOf(async () => {
      const entries = await bulk(tenant, [
        group('h', 'bulkId:x'),
        managed('u', 'bulkId:x'),
        patch(path, { op: 'add', path: 'members', value: member('x') }),
        patch(path, { op: 'remove', path: 'members[value eq "bulkId:x"]' }),
        patch('/Groups/bulkId:x', { op: 'remove', path: 'members' }),
        { method: 'DELETE', path: '/Users/bulkId:x' },
      ]);
      for (const { status, response } of entries) {
        expect([status, response!.scimType, response!.detail]).toEqual([
          '400',
          'invalidValue',
          'No POST of this request has the bulkId "x".',
        ]);
      }
      expect(entries[5]!.location).toBe(`${server.url}/scim/v2/Users/bulkId:x`);
    });
    expectNoEffects(effects);
  });

  it('R-153: whatever refers to an operation that failed is 409 and names it, and so on', async () => {
    await bulk(tenant, [user('taken')]);
    const effects = await effectsOf(async () => {
      const entries = await bulk(tenant, [
        managed('c', 'bulkId:b'),
        managed('b', 'bulkId:taken'),
        user('taken'),
        group('g', 'bulkId:taken'),
        { method: 'DELETE', path: '/Users/bulkId:taken' },
        user('free'),
      ]);
      expect(entries.map(({ status, response }) => [status, response?.detail])).toEqual([
        ['409', 'This refers to the bulkId "b", whose operation failed with status 409.'],
        ['409', 'This refers to the bulkId "taken", whose operation failed with status 409.'],
        ['409', expect.stringContaining('taken')],
        ['409', 'This refers to the bulkId "taken", whose operation failed with status 409.'],
        ['409', 'This refers to the bulkId "taken", whose operation failed with status 409.'],
        ['201', undefined],
      ]);
      expect(entries[2]!.response!.scimType).toBe('uniqueness');
    });
    expect(effects.rows).toEqual({ users: '+1', audit_entries: '+1' });
  });

  it('R-153: a circle that cannot be closed says what is there and what is missing; failOnErrors ends it likewise', async () => {
    for (const more of [{}, { failOnErrors: 1 }]) {
      tenant = await createTenant(server);
      await bulk(tenant, [user('taken')]);
      const effects = await effectsOf(async () => {
        const [a, b] = await bulk(
          tenant,
          [
            managed('a', 'bulkId:b'),
            { ...managed('b', 'bulkId:a'), data: { userName: 'taken', [ENTERPRISE]: { manager: 'bulkId:a' } } },
          ],
          more,
        );
        expect([a!.status, b!.status]).toEqual(['409', '409']);
        expect(a!.response!.detail).toContain(`The resource was created at ${a!.location!}, but without`);
        expect(a!.response!.detail).toContain('"b", whose operation failed');
        expect(a!.version).toBe('W/"1"');
      });
      expect(effects.rows).toEqual({ users: '+1', audit_entries: '+1' });
      expect(await managers(tenant)).toEqual({ a: undefined, taken: undefined });
    }
  });

  it('R-153, R-152: failOnErrors in the middle of a circle: what was begun is answered, what was not tried is not', async () => {
    const entries = await bulk(
      tenant,
      [managed('a', 'bulkId:b'), { ...user('x'), data: {} }, managed('b', 'bulkId:a')],
      { failOnErrors: 1 },
    );
    expect(entries.map(({ bulkId, status }) => [bulkId, status])).toEqual([
      ['a', '409'],
      ['x', '400'],
    ]);
    expect(entries[0]!.response!.detail).toContain('"b", whose operation was not performed');
    expect(await managers(tenant)).toEqual({ a: undefined });
  });

  it('R-153: somebody who is adopted has the id they had', async () => {
    tenant = await createTenant(server);
    const { organizationId, id } = tenant.connection;
    await server.sql(
      `INSERT INTO users (organization_id, id, connection_id, provenance, active, user_name, user_name_key, email_keys, attributes, role, created_at, updated_at)
       VALUES ($1, gen_random_uuid(), $2, 'jit', true, 'jit', 'jit', '{}', '{}', 'member', now(), now())`,
      [organizationId, id],
    );
    const effects = await effectsOf(async () => {
      expect(
        statuses(
          await bulk(tenant, [managed('jit', 'bulkId:b'), managed('b', 'bulkId:jit'), group('g', 'bulkId:jit')]),
        ),
      ).toEqual(['201', '201', '201']);
    });
    expect(await managers(tenant)).toEqual({ jit: 'b', b: 'jit' });
    expect(await members(tenant)).toEqual({ g: ['jit'] });
    expect(effects.rows['users']).toBe('+1 ~1');
  });
});
