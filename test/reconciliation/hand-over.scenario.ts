import { AdminTokensService } from '../../src/organizations/admin-tokens.service.js';
import type { Connection } from '../../src/organizations/connection.js';
import type { LoginOutcome } from '../../src/reconciliation/changes.js';
import { startTestServer, type TestServer } from '../support/app.js';
import { Engine, OPERATOR, SCIM_CLIENT, subject } from '../support/engine.js';
import { fingerprint } from '../support/fingerprint.js';
import { expectEvents, expectNoEffects, sideEffects } from '../support/side-effects.js';
import { request, TEST_OPERATOR, type JsonObject } from '../support/scenario.js';

/** Authority moves between sign-ins and a SCIM client, both ways, and can be taken back until it is confirmed. */

let server: TestServer;
let engine: Engine;
let admin: string;
let connection: Connection;

beforeAll(async () => {
  server = await startTestServer();
  engine = new Engine(server);
  admin = (await server.app.get(AdminTokensService).create('test', null, TEST_OPERATOR)).token;
});
afterAll(() => server.close());
beforeEach(async () => {
  connection = await engine.tenant({ provisioning: { requireScim: false } });
});

interface Outcome extends JsonObject {
  id: string;
  people: number;
  groupIds: string[];
  items: { userId: string; changes: object; kept: string | null; lostGroups: string[] }[];
}
const call = async (path: string, body: JsonObject | undefined, status = 200): Promise<Outcome> => {
  const base = `/admin/v1/organizations/${connection.organizationId}/connections/${connection.id}/hand-overs`;
  const reply = await request<Outcome>(server, body ? 'POST' : 'GET', base + path, { token: admin, body });
  expect({ status: reply.status, body: reply.status === status ? '' : reply.body }).toEqual({ status, body: '' });
  return reply.json;
};
const effectsOf = (work: () => Promise<unknown>) => sideEffects(server, work, connection.organizationId);
const push = async (userName: string, more: object = {}) =>
  (
    await engine.users.create(
      connection,
      { userName, externalId: null, active: true, attributes: {}, ...more },
      SCIM_CLIENT,
    )
  ).user;
const pushGroup = async (displayName: string, members: string[]) =>
  (await engine.groups.create(connection, { displayName, externalId: null, attributes: {} }, members, SCIM_CLIENT))
    .group;
const signIn = (name: string, groups: string[] = [], displayName?: string): Promise<LoginOutcome> =>
  engine.signIn(connection, {
    subject: subject(name),
    userName: name,
    ...(displayName ? { displayName } : {}),
    groups: { kind: 'listed', values: groups },
  });
const rows = (table: string) =>
  server.sql<JsonObject>(`SELECT * FROM ${table} WHERE organization_id = $1`, [connection.organizationId]);
const userRow = async (id: string) => (await rows('users')).find((row) => row['id'] === id)!;
const reload = async () => {
  connection = await engine.update(connection, {});
};

/** A preview leaves the database as it is, and foresees what is then done. */
async function previewed(choice: string): Promise<Outcome> {
  const before = await fingerprint(server, ['admin_tokens']);
  const found = await call('', { choice, preview: true });
  expect(await fingerprint(server, ['admin_tokens'])).toEqual(before);
  expect(found).toMatchObject({ id: null, state: 'preview' });
  return found;
}

async function start(choice: string): Promise<Outcome> {
  const foreseen = await previewed(choice);
  const done = await call('', { choice });
  expect(done).toMatchObject({
    state: 'open',
    people: foreseen.people,
    groupIds: foreseen.groupIds,
    items: foreseen.items,
  });
  await reload();
  return done;
}

describe('SCIM is switched off', () => {
  it('by the switch alone: nobody changes, and sign-ins change nobody', async () => {
    const user = await push('u@example.com');
    const group = await pushGroup('G', [user.id]);
    const effects = await effectsOf(() => engine.update(connection, { scim: false }));
    expect(effects.rows).toEqual({ connections: '~1', audit_entries: '+1' });
    await reload();
    await signIn('u@example.com', [], 'Other');
    expect(await userRow(user.id)).toMatchObject({ provenance: 'scim', attributes: {} });
    expect(await rows('memberships')).toMatchObject([{ group_id: group.id }]);
  });

  it('freeze, the default, switches it off and remembers that; undone, it is on again', async () => {
    const user = await push('u@example.com');
    let done: Outcome | undefined;
    const effects = await effectsOf(async () => (done = await call('', {})));
    expect(effects).toEqual({
      rows: { connections: '~1', hand_overs: '+1', audit_entries: '+2' },
      columns: { connections: ['scim', 'updated_at'] },
      events: [],
      audit: [
        ['connection.updated', connection.id],
        ['connection.hand-over-started', connection.id],
      ],
    });
    expect(done).toMatchObject({ choice: 'freeze', people: 0 });
    await call(`/${done!.id}/undo`, {});
    expect(await rows('connections')).toMatchObject([{ scim: true }]);
    expect(await userRow(user.id)).toMatchObject({ provenance: 'scim', version: '1' });
  });

  it('to-jit: profile and groups follow the next sign-in; undone, all come back whom nobody changed since', async () => {
    const [ada, bob] = [await push('ada@example.com'), await push('bob@example.com', { active: false })];
    const cyd = await push('cyd@example.com');
    const group = await pushGroup('G', [ada.id, cyd.id]);
    let done: Outcome | undefined;
    const effects = await effectsOf(async () => (done = await start('to-jit')));
    expectEvents(effects, [
      ...[ada, bob, cyd].map(({ id }) => ['user.updated', id] as const),
      ['group.updated', group.id],
    ]);
    expect(effects.rows).toEqual({
      connections: '~1',
      hand_overs: '+1',
      hand_over_changes: '+3',
      users: '~3',
      groups: '~1',
      audit_entries: '+6',
    });
    expect(done!.items.map(({ changes }) => changes)).toEqual(Array(3).fill({ provenance: ['scim', 'jit'] }));
    await signIn('ada@example.com', [], 'Ada');
    expect(await userRow(ada.id)).toMatchObject({ provenance: 'jit', attributes: { displayName: 'Ada' } });
    expect(await rows('memberships')).toMatchObject([{ user_id: cyd.id }]);
    expect(await signIn('bob@example.com')).toMatchObject({ reason: 'deactivated' });

    const undone = await call(`/${done!.id}/undo`, {});
    expect(undone.items.find(({ userId }) => userId === ada.id)).toMatchObject({
      kept: 'changed-since',
      changes: {},
      lostGroups: [group.id],
    });
    expect(undone.items.filter(({ kept }) => kept === null)).toHaveLength(2);
    expect(await userRow(ada.id)).toMatchObject({ provenance: 'jit' });
    expect(await userRow(bob.id)).toMatchObject({ provenance: 'scim', active: false, connection_id: connection.id });
    expect(await userRow(cyd.id)).toMatchObject({ provenance: 'scim', connection_id: connection.id });
    expect(await rows('groups')).toMatchObject([{ provenance: 'scim', connection_id: connection.id }]);
    expect(await rows('hand_over_changes')).toEqual([]);
    await call(`/${done!.id}/undo`, {}, 409);
  });

  it('to-manual: operators may change people and groups, sign-ins may not', async () => {
    const user = await push('u@example.com');
    const group = await pushGroup('G', [user.id]);
    const { id } = await start('to-manual');
    expect(await userRow(user.id)).toMatchObject({ provenance: 'manual', connection_id: null });
    await engine.operator.setGroup(connection.organizationId, group.id, { displayName: 'H' }, OPERATOR);
    await engine.operator.removeMembers(connection.organizationId, group.id, [user.id], OPERATOR);
    const effects = await effectsOf(async () => call(`/${id}/confirm`, {}));
    expect(effects).toMatchObject({
      rows: { hand_overs: '~1', hand_over_changes: '-1', audit_entries: '+1' },
      events: [],
    });
    await call(`/${id}/undo`, {}, 409);
    expect(await call('', undefined)).toMatchObject({ items: [{ id, state: 'confirmed', choice: 'to-manual' }] });
  });

  it('deactivate: ends sessions, spares break-glass people and refuses to take the last admin; undone, people are active', async () => {
    const [user, glass] = [await push('u@example.com'), await push('glass@example.com')];
    await engine.operator.setUser(connection.organizationId, glass.id, { breakGlass: true }, OPERATOR);
    expect(await signIn('u@example.com')).toMatchObject({ kind: 'accepted' });
    let done: Outcome | undefined;
    const effects = await effectsOf(async () => (done = await start('deactivate')));
    expectEvents(effects, [
      ['user.deactivated', user.id],
      ['session.revoked', user.id],
    ]);
    expect(done!.items).toMatchObject([
      { userId: glass.id, kept: 'break-glass' },
      { userId: user.id, changes: { active: [true, false] } },
    ]);
    const undone = await effectsOf(() => call(`/${done!.id}/undo`, {}));
    expectEvents(undone, [['user.reactivated', user.id]]);
    expect(await userRow(user.id)).toMatchObject({ active: true, provenance: 'scim' });

    await reload();
    await push('admin@example.com', { attributes: { roles: [{ value: 'admin' }] } });
    expectNoEffects(
      await effectsOf(async () => {
        expect(await call('', { choice: 'deactivate', preview: true }, 409)).toMatchObject({
          type: expect.stringContaining('last-admin') as unknown,
        });
        await call('', { choice: 'deactivate' }, 409);
      }),
    );
  });
});

describe('SCIM is switched on', () => {
  beforeEach(async () => {
    connection = await engine.tenant({ scim: false });
  });

  it('nobody loses anything; whom its client adopts is JIT again when it is undone', async () => {
    await engine.operator.createGroup(connection.organizationId, { displayName: 'G' }, OPERATOR);
    for (const name of ['ada@example.com', 'bob@example.com']) await signIn(name, ['G']);
    const effects = await effectsOf(() => start('to-scim'));
    expect(effects).toMatchObject({
      rows: { connections: '~1', hand_overs: '+1', hand_over_changes: '+2', audit_entries: '+2' },
      events: [],
    });
    const [{ id } = { id: '' }] = (await call('', undefined)).items as unknown as { id: string }[];
    const ada = await push('ada@example.com');
    const fresh = await push('new@example.com');
    expect(await userRow(ada.id)).toMatchObject({ provenance: 'scim' });
    const undone = await call(`/${id}/undo`, {});
    expect(undone.items).toMatchObject([{ userId: ada.id, kept: null, changes: { provenance: ['scim', 'jit'] } }]);
    expect(await userRow(ada.id)).toMatchObject({ provenance: 'jit', connection_id: connection.id });
    expect(await userRow(fresh.id)).toMatchObject({ provenance: 'scim' });
    expect(await rows('connections')).toMatchObject([{ scim: false }]);
    expect(await rows('memberships')).toHaveLength(2);
  });

  it('one at a time, also when two begin at once', async () => {
    const begin = () =>
      request(
        server,
        'POST',
        `/admin/v1/organizations/${connection.organizationId}/connections/${connection.id}/hand-overs`,
        {
          token: admin,
          body: { choice: 'to-scim' },
        },
      );
    const statuses = (await Promise.all([begin(), begin(), begin()])).map(({ status }) => status);
    expect(statuses.sort()).toEqual([200, 409, 409]);
    expect(await rows('hand_overs')).toHaveLength(1);
  });
});

describe('as CSV', () => {
  const base = () => `/admin/v1/organizations/${connection.organizationId}/connections/${connection.id}/hand-overs`;
  const csv = async (body: JsonObject) => {
    const answer = await request(server, 'POST', base(), { token: admin, body, headers: { accept: 'text/csv' } });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename="hand-over.csv"');
    return answer.body.split('\r\n');
  };
  const HEADER =
    'kind,id,name,provenanceBefore,provenanceAfter,connectionIdBefore,connectionIdAfter,activeBefore,activeAfter,detail';

  it('a preview says of everybody and every group what would become of them, and changes nothing', async () => {
    const [ada, bob] = [await push('ada@example.com'), await push('=bob@example.com')];
    const group = await pushGroup('G', [ada.id]);
    await engine.operator.setUser(connection.organizationId, bob.id, { breakGlass: true }, OPERATOR);
    const before = await fingerprint(server, ['admin_tokens']);
    expect(await csv({ choice: 'to-manual', preview: true })).toEqual([
      HEADER,
      `person,${ada.id},ada@example.com,scim,manual,${connection.id},,,,`,
      `person,${bob.id},'=bob@example.com,scim,manual,${connection.id},,,,`,
      `group,${group.id},G,,,,,,,becomes a group made by hand`,
      '',
    ]);
    expect(await csv({ choice: 'deactivate', preview: true })).toEqual([
      HEADER,
      `kept,${bob.id},'=bob@example.com,,,,,,,break-glass`,
      `person,${ada.id},ada@example.com,,,,,true,false,`,
      '',
    ]);
    expect(await csv({ choice: 'freeze', preview: true })).toEqual([HEADER, '']);
    expect(await fingerprint(server, ['admin_tokens'])).toEqual(before);
    const foreseen = await csv({ choice: 'to-jit', preview: true });
    expect(await csv({ choice: 'to-jit' })).toEqual(foreseen);
    expect(await userRow(ada.id)).toMatchObject({ provenance: 'jit' });
    const again = await request(server, 'POST', base(), { token: admin, body: {}, headers: { accept: 'text/csv' } });
    expect([again.status, again.headers.get('content-type')]).toEqual([409, 'application/problem+json; charset=utf-8']);
  });

  it('nobody is left out, however many there are', async () => {
    await server.sql(
      `INSERT INTO users (organization_id, id, connection_id, provenance, active, user_name, user_name_key, email_keys, attributes, role, created_at, updated_at)
       SELECT $1, ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, $2, 'scim', true, 'u' || n, 'u' || n, '{}', '{}', 'member', now(), now()
       FROM generate_series(1, 1234) n`,
      [connection.organizationId, connection.id],
    );
    const lines = await csv({ choice: 'to-jit', preview: true });
    expect(lines).toHaveLength(1236);
    expect(new Set(lines.slice(1, -1).map((line) => line.split(',')[2])).size).toBe(1234);
    expect(await previewed('to-jit')).toMatchObject({ people: 1234, more: true });
  });
});
