import { onPostgres, startTestServer, type TestServer } from '../support/app.js';
import { createTenant, type JsonObject, type Reply, type Tenant } from '../support/scenario.js';

/** Many provisioning requests at once: nothing is lost, nothing happens twice, nobody gets a 500. */
const MANY = onPostgres ? 50 : 20;
const HALF = MANY / 2;
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

describe('concurrent SCIM writes', () => {
  let server: TestServer;
  let tenant: Tenant;
  beforeAll(async () => {
    server = await startTestServer();
  });
  beforeEach(async () => {
    // Half of the people leave at once here, which is no test of the guard.
    tenant = await createTenant(server, { provisioning: { deprovisioningGuard: null } });
  });
  afterAll(() => server.close());

  const times = <T>(count: number, make: (index: number) => Promise<T>) =>
    Promise.all(Array.from({ length: count }, (_, index) => make(index)));
  const idOf = ({ json, body, status }: Reply): string => {
    if (status !== 201) throw new Error(`Not created: ${status} ${body}`);
    return String(json['id']);
  };
  const createUser = async (userName: string) => idOf(await tenant.scim('POST', '/Users', { userName }));
  const createGroup = async (displayName: string, members: readonly string[] = []) =>
    idOf(await tenant.scim('POST', '/Groups', { displayName, members: members.map((value) => ({ value })) }));
  const patch = (path: string, operations: JsonObject[], headers?: Record<string, string>) =>
    tenant.scim('PATCH', path, { schemas: [PATCH], Operations: operations }, headers);
  const add = (group: string, user: string) =>
    patch(`/Groups/${group}`, [{ op: 'add', path: 'members', value: [{ value: user }] }]);
  const remove = (group: string, user: string) =>
    patch(`/Groups/${group}`, [{ op: 'remove', path: `members[value eq "${user}"]` }]);

  const countsByStatus = (replies: readonly Reply<unknown>[]) => {
    const counts: Record<number, number> = {};
    for (const { status } of replies) counts[status] = (counts[status] ?? 0) + 1;
    return counts;
  };
  const membersOf = async (group: string) =>
    (
      await server.sql<{ user_id: string }>(`SELECT user_id FROM memberships WHERE group_id = $1 ORDER BY user_id`, [
        group,
      ])
    ).map(({ user_id }) => user_id);
  const eventCount = async (type: string, subject: string) =>
    (
      await server.sql<{ count: number }>(
        `SELECT count(*)::int AS count FROM outbox_events WHERE type = $1 AND subject_id = $2`,
        [type, subject],
      )
    )[0]!.count;

  it('adds and removes different members of one group without losing any', async () => {
    const users = await times(MANY, (index) => createUser(`member-${index}`));
    const leaving = users.slice(0, HALF);
    const coming = users.slice(HALF);
    const group = await createGroup('Choir', leaving);
    const replies = await Promise.all(
      leaving.flatMap((user, index) => [remove(group, user), add(group, coming[index]!)]),
    );
    expect(replies.filter(({ status }) => status !== 200 && status !== 204)).toEqual([]);
    expect(await membersOf(group)).toEqual([...coming].sort());
    expect(await eventCount('group.members-added', group)).toBe(HALF + 1); // and one for those it was created with
    expect(await eventCount('group.members-removed', group)).toBe(HALF);
    const [row] = await server.sql<{ version: number }>(`SELECT version::int AS version FROM groups WHERE id = $1`, [
      group,
    ]);
    expect(row!.version).toBe(1 + MANY);
  });

  it('adds one member many times once', async () => {
    const user = await createUser('popular');
    const group = await createGroup('Choir');
    const replies = await times(MANY, () => add(group, user));
    expect(replies.filter(({ status }) => status !== 200 && status !== 204)).toEqual([]);
    expect(await membersOf(group)).toEqual([user]);
    expect(await eventCount('group.members-added', group)).toBe(1);
  });

  it('creates one user for one userName, however it is spelled', async () => {
    const spellings = ['bjensen', 'BJensen', 'BJENSEN', 'bJeNsEn'];
    const replies = await times(MANY, (index) =>
      tenant.scim('POST', '/Users', { userName: spellings[index % spellings.length] }),
    );
    expect(countsByStatus(replies)).toEqual({ 201: 1, 409: MANY - 1 });
    const refused = replies.filter(({ status }) => status === 409).map(({ json }) => json['scimType']);
    expect(new Set(refused)).toEqual(new Set(['uniqueness']));
    const users = await server.sql<{ id: string }>(`SELECT id FROM users WHERE organization_id = $1`, [
      tenant.organization.id,
    ]);
    expect(users).toHaveLength(1);
    expect(await eventCount('user.created', users[0]!.id)).toBe(1);
  });

  it('creates one group for one displayName', async () => {
    const replies = await times(MANY, () => tenant.scim('POST', '/Groups', { displayName: 'Choir' }));
    expect(countsByStatus(replies)).toEqual({ 201: 1, 409: MANY - 1 });
  });

  it('lets one of many writers through that saw the same version', async () => {
    const created = await tenant.scim('POST', '/Users', { userName: 'versioned' });
    const etag = created.headers.get('etag');
    expect(etag).toMatch(/^W\//);
    const replies = await times(MANY, (index) =>
      patch(`/Users/${idOf(created)}`, [{ op: 'replace', path: 'displayName', value: `Writer ${index}` }], {
        'if-match': etag!,
      }),
    );
    expect(countsByStatus(replies)).toEqual({ 200: 1, 412: MANY - 1 });
    expect(await eventCount('user.updated', idOf(created))).toBe(1);
  });

  it('keeps both of two changes of one user that touch different attributes', async () => {
    const user = await createUser('busy');
    const attributes = ['displayName', 'nickName', 'title', 'userType', 'locale'];
    const replies = await times(MANY, (index) =>
      patch(`/Users/${user}`, [{ op: 'replace', path: attributes[index % 5], value: `v${index}` }]),
    );
    expect(replies.filter(({ status }) => status !== 200 && status !== 204)).toEqual([]);
    const { json } = await tenant.scim('GET', `/Users/${user}`);
    expect(attributes.filter((attribute) => json[attribute] === undefined)).toEqual([]);
    expect(await eventCount('user.updated', user)).toBe(MANY);
  });

  it('leaves no membership of somebody deleted while they are added, and deadlocks nobody', async () => {
    const users = await times(HALF, (index) => createUser(`mover-${index}`));
    const groups = await times(4, (index) => createGroup(`Group ${index}`, users));
    const replies = await Promise.all(
      users.flatMap((user, index) => [
        add(groups[index % 4]!, user),
        tenant.scim('DELETE', `/Users/${user}`),
        remove(groups[(index + 1) % 4]!, user),
        tenant.scim('PUT', `/Groups/${groups[(index + 2) % 4]!}`, {
          displayName: `Group ${(index + 2) % 4}`,
          members: users.slice(0, index).map((value) => ({ value })),
        }),
      ]),
    );
    expect(replies.filter(({ status }) => status >= 500)).toEqual([]);
    const orphans = await server.sql(
      `SELECT m.* FROM memberships m JOIN users u ON u.organization_id = m.organization_id AND u.id = m.user_id
       WHERE u.deleted_at IS NOT NULL`,
    );
    expect(orphans).toEqual([]);
    for (const group of groups) expect(await membersOf(group)).toEqual([]);
    const deleted = await server.sql(`SELECT id FROM users WHERE organization_id = $1 AND deleted_at IS NULL`, [
      tenant.organization.id,
    ]);
    expect(deleted).toEqual([]);
  });

  it('ends in the state of one of two groups of requests that deactivate and reactivate', async () => {
    const user = await createUser('flickering');
    const replies = await times(MANY, (index) =>
      patch(`/Users/${user}`, [{ op: 'replace', path: 'active', value: index % 2 === 1 }]),
    );
    expect(replies.filter(({ status }) => status !== 200 && status !== 204)).toEqual([]);
    const off = await eventCount('user.deactivated', user);
    const on = await eventCount('user.reactivated', user);
    const { json } = await tenant.scim('GET', `/Users/${user}`);
    // Every event is a real change: they alternate, so the last one can be told from their numbers.
    expect(off - on).toBe(json['active'] === false ? 1 : 0);
  });
});
