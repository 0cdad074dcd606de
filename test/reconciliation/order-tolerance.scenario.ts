import { startTestServer, type TestServer } from '../support/app.js';
import { AdminTokensService } from '../../src/organizations/admin-tokens.service.js';
import { MOST_WAITING } from '../../src/reconciliation/wait-for-members.js';
import { createConnection, createScimToken, createTenant, request, TEST_OPERATOR } from '../support/scenario.js';
import type { JsonObject, Reply, Tenant } from '../support/scenario.js';
import { expectEvents, expectNoEffects, sideEffects } from '../support/side-effects.js';

/** Clients do not wait for each other's answers: groups come before their members, people before their managers. */

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

let server: TestServer;
let tenant: Tenant;
let operatorToken: string;
beforeAll(async () => {
  server = await startTestServer();
  operatorToken = (await server.app.get(AdminTokensService).create('test', null, TEST_OPERATOR)).token;
});
afterAll(() => server.close());
beforeEach(async () => {
  tenant = await createTenant(server);
});

const made = ({ status, body, json }: Reply): string => {
  if (status !== 201) throw new Error(`${status} ${body}`);
  return String(json['id']);
};
const createUser = async (externalId: string, more: object = {}, over = tenant) =>
  made(await over.scim('POST', '/Users', { userName: `${externalId}@example.com`, externalId, ...more }));
const createGroup = async (...values: string[]) =>
  made(await tenant.scim('POST', '/Groups', { displayName: 'Choir', members: values.map((value) => ({ value })) }));
const patch = (path: string, ...operations: JsonObject[]) => tenant.scim('PATCH', path, { Operations: operations });
const membersOf = async (group: string): Promise<string[]> =>
  ((await tenant.scim('GET', `/Groups/${group}`)).json['members'] as JsonObject[])
    .map(({ value }) => String(value))
    .sort();
const waitingFor = async (group: string): Promise<string[]> => {
  const path = `/admin/v1/organizations/${tenant.organization.id}/groups/${group}/waiting-members`;
  const { json } = await request(server, 'GET', path, { token: operatorToken });
  return (json['items'] as JsonObject[]).map(({ value }) => String(value));
};
const ADA = 'c4f1d3a0-1111-4222-8333-444455556666';

describe('members named before their user', () => {
  it.each([
    ['the key of the client', 'hr-4711'],
    ['a key that looks like an id', ADA],
  ])('wait, are seen by operators, and join when the user arrives: %s', async (_what, key) => {
    const bob = await createUser('bob');
    const pushed = await sideEffects(server, () => createGroup(key, bob));
    const [group] = pushed.events.filter(([type]) => type === 'group.created').map(([, id]) => id);
    expect(pushed.rows).toEqual({ groups: '+1', memberships: '+1', waiting_members: '+1', audit_entries: '+3' });
    expect(pushed.audit.map(([action]) => action)).toContain('group.members-waiting');
    expect(await membersOf(group!)).toEqual([bob]);
    expect(await waitingFor(group!)).toEqual([key]);

    const arrived = await sideEffects(server, async () => {
      const reply = await tenant.scim('POST', '/Users', { userName: 'ada@example.com', externalId: key });
      expect(reply.json).toMatchObject({ groups: [{ value: group, display: 'Choir' }] });
    });
    expectEvents(arrived, ['user.created', 'group.members-added']);
    expect(arrived.rows).toMatchObject({ waiting_members: '-1', memberships: '+1', groups: '~1' });
    expect(await membersOf(group!)).toHaveLength(2);
    expect(await waitingFor(group!)).toEqual([]);
  });

  it('end in the same state whichever came first, for every verb', async () => {
    const first = await createGroup();
    await patch(`/Groups/${first}`, { op: 'add', path: 'members', value: [{ value: 'ada' }, { value: 'bob' }] });
    await patch(`/Groups/${first}`, { op: 'remove', path: 'members[value eq "bob"]' });
    await tenant.scim('PUT', `/Groups/${first}`, {
      displayName: 'Choir',
      members: [{ value: 'ada' }, { value: 'cyd' }],
    });
    expect(await waitingFor(first)).toEqual(['ada', 'cyd']);
    const [ada, bob, cyd] = [await createUser('ada'), await createUser('bob'), await createUser('cyd')];
    expect(await membersOf(first)).toEqual([ada, cyd].sort());

    const second = made(
      await tenant.scim('POST', '/Groups', { displayName: 'Band', members: [{ value: 'ada' }, { value: bob }] }),
    );
    expect(await membersOf(second)).toEqual([ada, bob].sort());
    const same = { displayName: 'Band', members: [{ value: 'ada' }, { value: 'bob' }] };
    expectNoEffects(await sideEffects(server, () => tenant.scim('PUT', `/Groups/${second}`, same)));
    await patch(`/Groups/${second}`, { op: 'remove', path: 'members', value: [{ value: 'ada' }] });
    expect(await membersOf(second)).toEqual([bob]);
  });

  it('join a user who is here and gets the key later, and one who is adopted with it', async () => {
    const group = await createGroup('late-key');
    const user = await createUser('other');
    await patch(`/Users/${user}`, { op: 'replace', path: 'externalId', value: 'late-key' });
    expect(await membersOf(group)).toEqual([user]);
  });

  it('never join somebody of another connection, nor a group whose authority has changed', async () => {
    const group = await createGroup('ada');
    const rival = await createConnection(server, tenant.organization, { scim: true });
    const token = await createScimToken(server, rival);
    await request(server, 'POST', '/scim/v2/Users', { token, body: { userName: 'x@example.com', externalId: 'ada' } });
    expect(await membersOf(group)).toEqual([]);
    await server.sql(`UPDATE groups SET connection_id = $2 WHERE id = $1`, [group, rival.id]);
    await createUser('ada');
    expect(await membersOf(group)).toEqual([]);
    expect(await waitingFor(group)).toEqual([]);
  });

  it('are forgotten after thirty days, and asking again begins anew', async () => {
    const group = await createGroup('ada');
    server.clock.advance(31 * 86_400);
    expect(await waitingFor(group)).toEqual([]);
    const ada = await createUser('ada');
    expect(await membersOf(group)).toEqual([]);
    await patch(`/Groups/${group}`, { op: 'add', path: 'members', value: [{ value: 'ada' }] });
    expect(await membersOf(group)).toEqual([ada]);
  });

  it('are bounded: so many a group, no longer than a key can be', async () => {
    const keys = Array.from({ length: MOST_WAITING + 50 }, (_, index) => `key-${index}`);
    const group = await createGroup('x'.repeat(5000), ...keys);
    const [row] = await server.sql<{ n: number }>(
      `SELECT count(*)::integer AS n FROM waiting_members WHERE group_id = $1`,
      [group],
    );
    expect(row!.n).toBe(MOST_WAITING);
    const ada = await createUser('key-7');
    expect(await membersOf(group)).toEqual([ada]);
  });

  it('leave with the group; asking twice is asking once', async () => {
    const group = await createGroup('ada');
    const again = { op: 'add', path: 'members', value: [{ value: 'ada' }] };
    expectNoEffects(await sideEffects(server, () => patch(`/Groups/${group}`, again)));
    const effects = await sideEffects(server, () => tenant.scim('DELETE', `/Groups/${group}`));
    expect(effects.rows).toMatchObject({ groups: '-1', waiting_members: '-1' });
  });

  it('are never lost, however a push and the user’s arrival overlap', async () => {
    const group = await createGroup();
    const keys = Array.from({ length: 20 }, (_, index) => `racer-${index}`);
    const replies = await Promise.all(
      keys.flatMap((key) => [
        patch(`/Groups/${group}`, { op: 'add', path: 'members', value: [{ value: key }] }),
        tenant.scim('POST', '/Users', { userName: `${key}@example.com`, externalId: key }),
      ]),
    );
    expect(replies.map(({ status }) => status).filter((status) => status >= 300)).toEqual([]);
    expect(await membersOf(group)).toHaveLength(keys.length);
    expect(await waitingFor(group)).toEqual([]);
  });
});

describe('a manager named before they are here', () => {
  it('is kept as given and resolves when the user arrives, with a new entity tag', async () => {
    const person = await createUser('ada', { [ENTERPRISE]: { manager: { value: 'boss-1' } } });
    const before = await tenant.scim('GET', `/Users/${person}`);
    expect(before.json[ENTERPRISE]).toEqual({ manager: { value: 'boss-1' } });
    const boss = await createUser('boss-1', { displayName: 'The Boss' });
    const after = await tenant.scim('GET', `/Users/${person}`, undefined, {
      'if-none-match': before.headers.get('etag')!,
    });
    expect(after.status).toBe(200);
    const manager = { value: 'boss-1', $ref: `${server.url}/scim/v2/Users/${boss}`, displayName: 'The Boss' };
    expect(after.json[ENTERPRISE]).toEqual({ manager });
    const listed = await tenant.scim('GET', `/Users?filter=userName eq "ada@example.com"`);
    expect((listed.json['Resources'] as JsonObject[])[0]).toEqual(after.json);
    // Sent back as it was read, it is no news.
    expectNoEffects(await sideEffects(server, () => tenant.scim('PUT', `/Users/${person}`, after.json)));
    await tenant.scim('DELETE', `/Users/${boss}`);
    expect((await tenant.scim('GET', `/Users/${person}`)).json[ENTERPRISE]).toEqual({ manager: { value: 'boss-1' } });
  });

  it('named by our id resolves at once, also in the answer to the create; not across connections', async () => {
    const boss = await createUser('boss', { displayName: 'B' });
    const reply = await tenant.scim('POST', '/Users', { userName: 'x', [ENTERPRISE]: { manager: { value: boss } } });
    expect(reply.json[ENTERPRISE]).toMatchObject({ manager: { value: boss, displayName: 'B' } });
    const other = await createTenant(server);
    const foreign = await other.scim('POST', '/Users', { userName: 'y', [ENTERPRISE]: { manager: { value: boss } } });
    expect(foreign.json[ENTERPRISE]).not.toHaveProperty('manager.displayName');
  });
});
