import fc from 'fast-check';
import { AdminTokensService } from '../../src/organizations/admin-tokens.service.js';
import { HistoryService } from '../../src/reconciliation/history.service.js';
import { startTestServer, type TestServer } from '../support/app.js';
import { Engine, SCIM_CLIENT } from '../support/engine.js';
import { steps, World } from '../support/random-history.js';
import { createTenant, request, TEST_OPERATOR } from '../support/scenario.js';
import { rebuilt, snapshot, type Snapshot } from '../support/snapshot.js';

/** Any person's or group's state as of an instant, rebuilt from the log, is the state that was there. */
describe('history', () => {
  let server: TestServer;
  let engine: Engine;

  beforeAll(async () => {
    server = await startTestServer();
    engine = new Engine(server);
  });
  afterAll(() => server.close());

  it('rebuilt for the instant of a snapshot, everybody and everything is as in the snapshot', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (life) => {
        const world = await World.make(server, engine);
        const snapshots: [Date, Snapshot][] = [];
        for (const step of life) {
          await world.take(step);
          snapshots.push([server.clock.now(), await snapshot(server, world.organizationId)]);
        }
        const last = snapshots.at(-1)![1];
        const everybody = [...last.users.keys()];
        const everything = [...new Set(snapshots.flatMap(([, { groups }]) => [...groups.keys()]))];
        for (const [at, taken] of snapshots) {
          expect(await rebuilt(server, world.organizationId, at, everybody, everything)).toEqual(taken);
        }
      }),
      { numRuns: 12 },
    );
  });

  it('an operator asks for an instant: groups with the names and roles of then, and whether the log says everything', async () => {
    const { token } = await server.app.get(AdminTokensService).create('history', null, TEST_OPERATOR);
    const tenant = await createTenant(server);
    const { id: organizationId, slug } = tenant.organization;
    const ask = async (path: string) =>
      (await request(server, 'GET', `/admin/v1/organizations/${slug}/${path}`, { token })).json;
    const before = server.clock.now().toISOString();
    server.clock.advance(1);
    const root = { userName: 'root@example.com', attributes: {}, role: 'admin' };
    await engine.operator.createUser(organizationId, root, TEST_OPERATOR);
    const user = await tenant.scim('POST', '/Users', { schemas: [USER], userName: 'ada@example.com', title: 'Dr' });
    const userId = String(user.json['id']);
    const members = [{ value: userId }];
    const group = await tenant.scim('POST', '/Groups', { schemas: [GROUP], displayName: 'Red', members });
    const groupId = String(group.json['id']);
    await engine.operator.setGroup(organizationId, groupId, { role: 'admin' }, TEST_OPERATOR);
    const then = server.clock.now().toISOString();
    server.clock.advance(1);
    await tenant.scim('PUT', `/Groups/${groupId}`, { schemas: [GROUP], displayName: 'Rouge', members: [] });
    await engine.operator.setGroup(organizationId, groupId, { role: null }, TEST_OPERATOR);
    await tenant.scim('DELETE', `/Groups/${groupId}`);
    await tenant.scim('DELETE', `/Users/${userId}`);

    expect(await ask(`users/${userId}/history?at=${before}`)).toMatchObject({ user: null, memberships: [] });
    expect(await ask(`users/${userId}/history?at=${then}`)).toEqual({
      at: then,
      certain: true,
      user: {
        userName: 'ada@example.com',
        externalId: null,
        active: true,
        provenance: 'scim',
        connectionId: tenant.connection.id,
        role: 'member',
        effectiveRole: 'admin',
        breakGlass: false,
        scimLinkApproved: false,
        attributes: { title: 'Dr' },
        deletedAt: null,
      },
      memberships: [{ groupId, displayName: 'Red', role: 'admin', origins: ['scim'] }],
      identities: [],
    });
    const now = server.clock.now().toISOString();
    expect(await ask(`users/${userId}/history?at=${now}`)).toMatchObject({
      user: { active: false, deletedAt: expect.any(String) as unknown },
      memberships: [],
    });
    expect(await ask(`groups/${groupId}/history?at=${then}`)).toMatchObject({
      group: { displayName: 'Red', role: 'admin', provenance: 'scim' },
      memberCount: 1,
    });
    expect(await ask(`groups/${groupId}/history/members?at=${then}`)).toEqual({
      items: [{ userId, origins: ['scim'] }],
      next: null,
    });
    expect(await ask(`groups/${groupId}/history?at=${now}`)).toMatchObject({ group: null, memberCount: 0 });
    for (const path of [`users/${groupId}/history?at=${now}`, `groups/${userId}/history?at=${now}`])
      expect(await ask(path)).toMatchObject({ status: 404 });
    expect(await ask(`users/${userId}/history?at=yesterday`)).toMatchObject({ status: 422 });
  });

  it('a group of thousands is pushed in entries of a thousand, and each member is found by an index', async () => {
    const connection = await engine.tenant();
    const { organizationId } = connection;
    await server.sql(
      `INSERT INTO users (organization_id, id, connection_id, provenance, active, user_name, user_name_key, email_keys,
         attributes, role, created_at, updated_at)
       SELECT $1, gen_random_uuid(), $2, 'scim', true, n::text, n::text, '{}', '{}', 'member', now(), now()
       FROM generate_series(1, 2500) AS n`,
      [organizationId, connection.id],
    );
    const people = (
      await server.sql<{ id: string }>(`SELECT id FROM users WHERE organization_id = $1`, [organizationId])
    ).map(({ id }) => id);
    const document = { displayName: 'All', externalId: null, attributes: {} };
    const { group } = await engine.groups.create(connection, document, people, SCIM_CLIENT);
    const full = server.clock.now();
    server.clock.advance(1);
    const members = { replace: people.slice(0, 1), add: [], remove: [] };
    await engine.groups.change(connection, group.id, () => ({ members }), SCIM_CLIENT);
    const entries = await server.sql<{ action: string; members: number; origins: unknown }>(
      `SELECT action, jsonb_array_length(changes -> 'members' -> 1) AS members, changes -> 'origins' AS origins
       FROM audit_entries WHERE organization_id = $1 AND target_id = $2 AND changes ? 'members' ORDER BY id`,
      [organizationId, group.id],
    );
    const added = { action: 'group.members-added', origins: [[], ['scim']] };
    const removed = { action: 'group.members-removed', origins: [['scim'], []] };
    expect(entries).toEqual([
      { ...added, members: 1000 },
      { ...added, members: 1000 },
      { ...added, members: 500 },
      { ...removed, members: 1000 },
      { ...removed, members: 1000 },
      { ...removed, members: 499 },
    ]);
    const history = server.app.get(HistoryService);
    expect((await history.groupAt(organizationId, group.id, full)).members).toHaveLength(2500);
    expect((await history.groupAt(organizationId, group.id, server.clock.now())).members).toHaveLength(1);
    await server.sql(
      `INSERT INTO audit_entries (organization_id, id, at, actor_kind, action, target_type, target_id, changes, correlation_id)
       SELECT $1, gen_random_uuid(), now(), 'system', 'group.members-added', 'group', 'other',
         jsonb_build_object('members', jsonb_build_array(null, jsonb_build_array(gen_random_uuid()))), 'c'
       FROM generate_series(1, 3000)`,
      [organizationId],
    );
    await server.sql('VACUUM ANALYZE audit_entries');
    const plan = await server.sql(
      `EXPLAIN SELECT id FROM audit_entries WHERE organization_id = $1 AND changes ? 'members'
       AND changes -> 'members' @> $2::jsonb`,
      [organizationId, JSON.stringify([[people[7]]])],
    );
    expect(JSON.stringify(plan)).toContain('audit_entries_members');
  });
});

const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';
