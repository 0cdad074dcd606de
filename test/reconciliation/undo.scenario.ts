import fc from 'fast-check';
import type { Actor } from '../../src/audit/actor.js';
import { UnitOfWork } from '../../src/database/unit-of-work.service.js';
import { AdminTokensService } from '../../src/organizations/admin-tokens.service.js';
import { UndoReconciler } from '../../src/reconciliation/undo.reconciler.js';
import type { UndoPlan } from '../../src/reconciliation/undo-planner.service.js';
import { Sessions } from '../../src/sessions/sessions.service.js';
import { startTestServer, type TestServer } from '../support/app.js';
import { fingerprint } from '../support/fingerprint.js';
import { Engine, OPERATOR, SCIM_CLIENT } from '../support/engine.js';
import { anyStep, scimStep, World, type Step } from '../support/random-history.js';
import {
  createScimToken,
  createTenant,
  request,
  TEST_OPERATOR,
  type JsonObject,
  type Tenant,
} from '../support/scenario.js';
import { expectEvents, expectNoEffects, sideEffects } from '../support/side-effects.js';
import { rebuilt, snapshot, type Facts, type Snapshot } from '../support/snapshot.js';

/** What a SCIM client did is taken back, and nothing that others did. */

let server: TestServer;
let engine: Engine;
beforeAll(async () => {
  server = await startTestServer();
  engine = new Engine(server);
});
afterAll(() => server.close());

const life = (step: fc.Arbitrary<Step>, maxLength: number) => fc.array(step, { maxLength });

describe('over random histories', () => {
  it('when nobody else wrote, everybody and everything is as at the instant; the log tells of the undo too', async () => {
    await fc.assert(
      fc.asyncProperty(life(anyStep, 10), life(scimStep, 10), async (before, since) => {
        const { world, client, organizationId } = await makeWorld();
        for (const step of before) await world.take(step, client);
        const at = server.clock.now();
        const then = await snapshot(server, organizationId);
        for (const step of since) await world.take(step, client);
        server.clock.advance(1);
        const full = await snapshot(server, organizationId);
        const fullAt = server.clock.now();
        server.clock.advance(1);

        const plan = await undo(world, at);
        expect(plan.conflicts).toEqual([]);
        const now = await snapshot(server, organizationId);
        expect(living(now, then)).toEqual(then);
        expect(await again(world, at)).toEqual([[], [], []]);
        server.clock.advance(1);
        const ids = [[...now.users.keys()], [...new Set([...full.groups.keys(), ...now.groups.keys()])]] as const;
        expect(await rebuilt(server, organizationId, server.clock.now(), ...ids)).toEqual(now);
        expect(await rebuilt(server, organizationId, fullAt, ...ids)).toEqual(full);
        const old = await rebuilt(server, organizationId, at, ...ids);
        expect(living(old, then)).toEqual(then);
      }),
      { numRuns: 25 },
    );
  });

  it('when others wrote in between, what they wrote last is there, and else what was at the instant', async () => {
    await fc.assert(
      fc.asyncProperty(
        life(anyStep, 8),
        fc.array(fc.tuple(anyStep, fc.boolean()), { maxLength: 14 }),
        async (before, since) => {
          const { world, client, organizationId } = await makeWorld();
          for (const step of before) await world.take(step, client);
          const at = server.clock.now();
          let now = await snapshot(server, organizationId);
          const wanted = cellsOf(now);
          for (const [step, byOther] of since) {
            await world.take(step, byOther ? SCIM_CLIENT : client);
            const next = await snapshot(server, organizationId);
            if (byOther || !step.kind.startsWith('scim-')) overlay(wanted, cellsOf(now), cellsOf(next));
            now = next;
          }
          server.clock.advance(1);

          const { conflicts } = await undo(world, at);
          const left = new Set(conflicts.map(({ id, userId }) => (userId === null ? id : `${id} ${userId}`)));
          const after = cellsOf(await snapshot(server, organizationId));
          const unchanged = cellsOf(now);
          const names = [...new Set([...after.keys(), ...wanted.keys(), ...unchanged.keys()])];
          const wrong = names.filter((name) => {
            const [id, second] = name.split(' ') as [string, string];
            const kept = left.has(id) || left.has(second) || left.has(`${id} ${second}`);
            return !same(after.get(name), wanted.get(name)) && !(kept && same(after.get(name), unchanged.get(name)));
          });
          expect(wrong.map((name) => [name, after.get(name), wanted.get(name)])).toEqual([]);
        },
      ),
      { numRuns: 30 },
    );
  });
});

describe('over the operators’ API', () => {
  let admin: string;
  beforeAll(async () => {
    admin = (await server.app.get(AdminTokensService).create('undo', null, TEST_OPERATOR)).token;
  });
  const post = ({ organization, connection }: Tenant, body: JsonObject) =>
    request(server, 'POST', `/admin/v1/organizations/${organization.slug}/connections/${connection.id}/changes/undo`, {
      token: admin,
      body,
    });
  const make = async (tenant: Tenant, type: 'Users' | 'Groups', document: JsonObject): Promise<string> => {
    const urn = `urn:ietf:params:scim:schemas:core:2.0:${type === 'Users' ? 'User' : 'Group'}`;
    const reply = await tenant.scim('POST', `/${type}`, { schemas: [urn], ...document });
    expect({ status: reply.status, body: reply.status === 201 ? '' : reply.body }).toEqual({ status: 201, body: '' });
    return String(reply.json['id']);
  };
  const patch = (tenant: Tenant, path: string, ...operations: JsonObject[]) =>
    tenant.scim('PATCH', path, { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations: operations });
  const openSession = ({ organization, connection }: Tenant, userId: string) => {
    const now = server.clock.now();
    const subjectOf = { format: 'f', nameQualifier: '', value: userId };
    const opened = {
      userId,
      connectionId: connection.id,
      subject: subjectOf,
      sessionIndex: undefined,
      idleSeconds: null,
    };
    const times = { authenticatedAt: now, createdAt: now, expiresAt: new Date(now.getTime() + 3_600_000) };
    const sessions = server.app.get(Sessions);
    return server.app.get(UnitOfWork).run((tx) => sessions.open(tx, organization.id, { ...opened, ...times }));
  };

  it('a client went wild: previewed without a trace, done as previewed, each change told of', async () => {
    const tenant = await createTenant(server);
    const { organization, connection } = tenant;
    await engine.operator.createUser(organization.id, { userName: 'root', attributes: {}, role: 'admin' }, OPERATOR);
    const everybody = await engine.operator.createGroup(
      organization.id,
      { displayName: 'Everybody', isDefault: true },
      OPERATOR,
    );
    const ada = await make(tenant, 'Users', { userName: 'ada@example.com', title: 'Dr' });
    const bob = await make(tenant, 'Users', { userName: 'bob@example.com' });
    const red = await make(tenant, 'Groups', { displayName: 'Red', members: [{ value: ada }, { value: bob }] });
    const blue = await make(tenant, 'Groups', { displayName: 'Blue', members: [{ value: bob }] });
    const from = server.clock.now().toISOString();
    server.clock.advance(1);

    // The client is pointed at another directory for a while.
    await patch(tenant, `/Users/${ada}`, { op: 'replace', value: { title: 'Mx', userName: 'eva@example.com' } });
    await tenant.scim('DELETE', `/Users/${bob}`);
    await tenant.scim('DELETE', `/Groups/${red}`);
    const cyd = await make(tenant, 'Users', { userName: 'bob@example.com' });
    const green = await make(tenant, 'Groups', { displayName: 'Red', members: [{ value: cyd }, { value: 'late' }] });
    const dan = await make(tenant, 'Users', { userName: 'dan@example.com' });
    await patch(tenant, `/Groups/${blue}`, { op: 'add', path: 'members', value: [{ value: ada }, { value: dan }] });
    await openSession(tenant, cyd);
    server.clock.advance(1);
    // Meanwhile an operator took a liking to one of its people.
    await engine.operator.setUser(organization.id, dan, { breakGlass: true }, OPERATOR);
    server.clock.advance(1);

    const before = await fingerprint(server, ['admin_tokens']);
    const preview = await post(tenant, { from, preview: true });
    expect(await fingerprint(server, ['admin_tokens'])).toEqual(before);
    const { digest } = preview.json as { digest: string };
    const shown = {
      digest,
      from,
      changes: 16,
      users: { restored: 1, reverted: 1, removed: 1 },
      groups: { restored: 1, reverted: 0, removed: 1 },
      memberships: { joined: 3, changed: 0, left: 3 },
      conflictCount: 1,
      conflicts: [
        {
          subject: 'user',
          id: dan,
          name: 'dan@example.com',
          userId: null,
          what: 'in-use',
          changes: { breakGlass: [true, null] },
        },
      ],
      more: false,
    };
    expect(preview.json).toMatchObject({ state: 'preview', ...shown });
    const items = (preview.json['items'] as JsonObject[]).map(({ subject: what, id, userId, what: does }) => [
      what,
      id,
      userId,
      does,
    ]);
    expect(items).toEqual([
      ['user', ada, null, 'revert'],
      ['user', bob, null, 'restore'],
      ['user', cyd, null, 'remove'],
      ['group', red, null, 'restore'],
      ['group', green, null, 'remove'],
      ...[
        ['membership', red, ada, 'joined'],
        ['membership', red, bob, 'joined'],
        ['membership', blue, ada, 'left'],
        ['membership', blue, bob, 'joined'],
        ['membership', green, cyd, 'left'],
        ['membership', everybody.id, cyd, 'left'],
      ].sort(([, a, b], [, c, d]) => (`${a!} ${b!}` < `${c!} ${d!}` ? -1 : 1)),
    ]);

    expect((await post(tenant, { from })).status).toBe(422);
    const wrong = await sideEffects(server, async () => {
      expect((await post(tenant, { from, expect: 'another' })).json).toMatchObject({
        status: 409,
        type: 'urn:rollcall:problem:plan-changed',
      });
    });
    expectNoEffects(wrong);
    const effects = await sideEffects(server, async () => {
      const done = await post(tenant, { from, expect: digest });
      expect(done.json).toMatchObject({ state: 'done', ...shown });
    });
    expect(effects.rows).toEqual({
      users: '~3',
      groups: '+1 ~2 -1',
      memberships: '+4 -3',
      waiting_members: '-1',
      sessions: '~1',
      audit_entries: '+13',
    });
    expect(effects.columns).toEqual({
      users: [
        'active',
        'attributes',
        'connection_id',
        'deleted_at',
        'updated_at',
        'user_name',
        'user_name_key',
        'version',
      ],
      groups: ['updated_at', 'version'],
      sessions: ['revoked_at', 'revoked_reason'],
    });
    expectEvents(effects, [
      ['user.updated', ada],
      ['user.restored', bob],
      ['user.deleted', cyd],
      ['session.revoked', cyd],
      ['group.restored', red],
      ['group.deleted', green],
      ['group.members-added', red],
      ['group.members-added', blue],
      ['group.members-added', everybody.id],
      ['group.members-removed', blue],
      ['group.members-removed', green],
      ['group.members-removed', everybody.id],
      ['changes.undone', connection.id],
    ]);
    expect(effects.audit.map((each) => each.join(' ')).sort()).toEqual(
      effects.events.map((each) => each.join(' ')).sort(),
    );
    const members = await tenant.scim('GET', `/Groups/${red}`);
    expect(members.json).toMatchObject({ displayName: 'Red', members: [{ value: ada }, { value: bob }] });
    expect((await tenant.scim('GET', `/Users/${bob}`)).json).toMatchObject({
      active: true,
      userName: 'bob@example.com',
    });
    expect((await tenant.scim('GET', `/Users/${ada}`)).json).toMatchObject({
      title: 'Dr',
      userName: 'ada@example.com',
    });
    expect((await tenant.scim('GET', `/Users/${cyd}`)).status).toBe(404);
    expect((await tenant.scim('GET', `/Users/${dan}`)).json).toMatchObject({
      groups: [{ display: 'Everybody' }, { display: 'Blue' }],
    });
  });

  it('a version that a client may remember does not come again with a group', async () => {
    const tenant = await createTenant(server);
    const red = await make(tenant, 'Groups', { displayName: 'Red' });
    for (const name of ['A', 'B', 'C'])
      await patch(tenant, `/Groups/${red}`, { op: 'replace', value: { displayName: name } });
    const seen = await tenant.scim('GET', `/Groups/${red}`);
    const from = server.clock.now().toISOString();
    server.clock.advance(1);
    await tenant.scim('DELETE', `/Groups/${red}`);
    server.clock.advance(1);
    const { digest } = (await post(tenant, { from, preview: true })).json as { digest: string };
    expect((await post(tenant, { from, expect: digest })).status).toBe(200);
    const back = await tenant.scim('GET', `/Groups/${red}`);
    const numberOf = (reply: typeof back) => Number(/\d+/.exec(reply.headers.get('etag')!)![0]);
    expect(numberOf(back)).toBeGreaterThan(numberOf(seen));
    const created = (reply: typeof back) => (reply.json['meta'] as JsonObject)['created'];
    expect(created(back)).toEqual(created(seen));
  });

  it('one token alone, and no further than the instant given; a client of another connection is not found', async () => {
    const tenant = await createTenant(server);
    const second = await createScimToken(server, tenant.connection);
    const [first] = await server.sql<{ id: string }>(
      `SELECT id FROM scim_tokens WHERE organization_id = $1 ORDER BY id LIMIT 1`,
      [tenant.organization.id],
    );
    const from = server.clock.now().toISOString();
    server.clock.advance(1);
    const ada = await make(tenant, 'Users', { userName: 'ada' });
    const until = server.clock.now().toISOString();
    server.clock.advance(1);
    await make(tenant, 'Users', { userName: 'late' });
    const schemas = ['urn:ietf:params:scim:schemas:core:2.0:User'];
    await request(server, 'POST', '/scim/v2/Users', { token: second, body: { schemas, userName: 'bob' } });
    server.clock.advance(1);
    const ids = async (body: JsonObject) => {
      const { json } = await post(tenant, { from, preview: true, ...body });
      return (json['items'] as JsonObject[]).map(({ name }) => name);
    };
    expect(await ids({})).toEqual(['ada', 'late', 'bob']);
    expect(await ids({ client: first!.id })).toEqual(['ada', 'late']);
    expect(await ids({ client: first!.id, until })).toEqual(['ada']);
    expect(await post(tenant, { from, preview: true, client: ada })).toMatchObject({ status: 404 });
    expect(await post(tenant, { from, until: from, preview: true })).toMatchObject({ status: 422 });
    expect(await post(tenant, { from: 'yesterday', preview: true })).toMatchObject({ status: 422 });
  });

  it('what came between the preview and the doing is seen; the last admin stays; too much is not begun', async () => {
    const tenant = await createTenant(server);
    const from = server.clock.now().toISOString();
    server.clock.advance(1);
    const ada = await make(tenant, 'Users', { userName: 'ada' });
    server.clock.advance(1);
    const { digest } = (await post(tenant, { from, preview: true })).json as { digest: string };
    await make(tenant, 'Users', { userName: 'bob' });
    server.clock.advance(1);
    const changed = { status: 409, json: { type: 'urn:rollcall:problem:plan-changed' } };
    expect(await post(tenant, { from, expect: digest })).toMatchObject(changed);

    const adm = await make(tenant, 'Users', { userName: 'adm', roles: [{ value: 'admin' }] });
    server.clock.advance(1);
    expect(await post(tenant, { from, preview: true })).toMatchObject({
      status: 409,
      json: { type: 'urn:rollcall:problem:last-admin' },
    });
    expect((await tenant.scim('GET', `/Users/${adm}`)).status).toBe(200);

    const [token] = await server.sql<{ id: string }>(`SELECT id FROM scim_tokens WHERE organization_id = $1`, [
      tenant.organization.id,
    ]);
    await server.sql(
      `INSERT INTO audit_entries (organization_id, id, at, actor_kind, actor_id, action, target_type, target_id, changes, correlation_id)
       SELECT $1, gen_random_uuid(), $4, 'scim-client', $2, 'group.members-added', 'group', $3,
         jsonb_build_object('members', jsonb_build_array(null, (SELECT jsonb_agg($3::text) FROM generate_series(1, 1000)))), 'c'
       FROM generate_series(1, 100)`,
      [tenant.organization.id, token!.id, ada, server.clock.now()],
    );
    expect(await post(tenant, { from, preview: true })).toMatchObject({
      status: 409,
      json: { type: 'urn:rollcall:problem:too-much', detail: expect.stringContaining('100003 changes') as unknown },
    });
  });

  it('values that an extension declares unique go round, and nothing is left of those who go', async () => {
    const tenant = await createTenant(server);
    const urn = 'urn:example:badges';
    const declared = await request(
      server,
      'PUT',
      `/admin/v1/organizations/${tenant.organization.slug}/connections/${tenant.connection.id}/schemas/${urn}`,
      {
        token: admin,
        body: { resourceType: 'User', name: 'Badges', attributes: [{ name: 'badge', uniqueness: 'server' }] },
      },
    );
    expect(declared.status).toBe(200);
    const core = 'urn:ietf:params:scim:schemas:core:2.0:User';
    const user = (name: string, badge: string) => ({ schemas: [core, urn], userName: name, [urn]: { badge } });
    const put = (id: string, name: string, badge: string) => tenant.scim('PUT', `/Users/${id}`, user(name, badge));
    const ada = await make(tenant, 'Users', user('ada', '1'));
    const bob = await make(tenant, 'Users', user('bob', '2'));
    const from = server.clock.now().toISOString();
    server.clock.advance(1);
    for (const [id, name, badge] of [
      [ada, 'x', '3'],
      [bob, 'ada', '1'],
      [ada, 'bob', '2'],
    ] as const)
      expect((await put(id, name, badge)).status).toBe(200);
    const cyd = await make(tenant, 'Users', user('cyd', '4'));
    server.clock.advance(1);
    const { digest } = (await post(tenant, { from, preview: true })).json as { digest: string };
    expect((await post(tenant, { from, expect: digest })).json).toMatchObject({ conflictCount: 0 });
    const held = await server.sql(
      `SELECT value_key, owner_id FROM unique_values WHERE organization_id = $1 ORDER BY value_key`,
      [tenant.organization.id],
    );
    expect(held).toEqual([
      { value_key: '1', owner_id: ada },
      { value_key: '2', owner_id: bob },
    ]);
    expect((await put(cyd, 'cyd', '4')).status).toBe(404);
    expect((await tenant.scim('GET', `/Users/${ada}`)).json).toMatchObject({ userName: 'ada', [urn]: { badge: '1' } });
  });
});

async function makeWorld() {
  const world = await World.make(server, engine);
  // Somebody is always left: the guard of the last admin has a test of its own.
  const root = { userName: 'root@example.com', attributes: {}, role: 'admin' };
  await engine.operator.createUser(world.organizationId, root, OPERATOR);
  await createScimToken(server, world.connection);
  const [token] = await server.sql<{ id: string }>(`SELECT id FROM scim_tokens WHERE organization_id = $1`, [
    world.organizationId,
  ]);
  const client: Actor = { kind: 'scim-client', id: token!.id, correlationId: 'wild' };
  return { world, client, organizationId: world.organizationId };
}

async function undo(world: World, from: Date): Promise<UndoPlan> {
  const window = { client: undefined, from, until: server.clock.now() };
  const undos = server.app.get(UndoReconciler);
  const { digest } = await undos.preview(world.connection, window);
  return undos.undo(world.connection, window, digest, OPERATOR);
}

/** What a second undo of the same would still find. */
async function again(world: World, from: Date) {
  const window = { client: undefined, from, until: server.clock.now() };
  const { undone, memberships, conflicts } = await server.app.get(UndoReconciler).preview(world.connection, window);
  return [undone, memberships, conflicts];
}

/** Without those who were made after `then` and are tombstones. */
function living(now: Snapshot, then: Snapshot): Snapshot {
  const users = [...now.users].filter(([id, user]) => then.users.has(id) || user['deleted'] !== true);
  return { users: new Map(users), groups: now.groups };
}

/** Everything that is judged by itself -> what it is. Default memberships follow from the groups. */
function cellsOf({ users, groups }: Snapshot): Map<string, unknown> {
  const cells = new Map<string, unknown>();
  const note = (id: string, { attributes, ...fields }: Facts): void => {
    for (const [name, value] of Object.entries({ ...fields, ...(attributes as Facts) }))
      if (value !== null) cells.set(`${id} ${name}`, value);
  };
  for (const [id, { groups: _groups, identities: _identities, ...user }] of users)
    if (user['deleted'] !== true) note(id, user);
  for (const [id, { members, ...group }] of groups) {
    note(id, group);
    for (const member of members as string[]) {
      const [userId, origins] = member.split(' ') as [string, string];
      for (const origin of origins.split(',')) if (origin !== 'default') cells.set(`${id} ${userId} ${origin}`, true);
    }
  }
  return cells;
}

/** What one step of somebody else changed, is wanted. */
function overlay(
  wanted: Map<string, unknown>,
  before: ReadonlyMap<string, unknown>,
  after: ReadonlyMap<string, unknown>,
) {
  for (const name of new Set([...before.keys(), ...after.keys()])) {
    if (same(before.get(name), after.get(name))) continue;
    if (after.has(name)) wanted.set(name, after.get(name));
    else wanted.delete(name);
  }
}

const same = (left: unknown, right: unknown): boolean => JSON.stringify(left) === JSON.stringify(right);
