import fc from 'fast-check';
import { AdminTokensService } from '../../src/organizations/admin-tokens.service.js';
import { startTestServer, type TestServer } from '../support/app.js';
import { Engine, OPERATOR } from '../support/engine.js';
import { fingerprint } from '../support/fingerprint.js';
import { createTenant, request, TEST_OPERATOR, type JsonObject, type Tenant } from '../support/scenario.js';
import { expectEvents, expectNoEffects, sideEffects } from '../support/side-effects.js';

/** What an operator's command would do is said by the planner of the command itself, and nothing is written. */

let server: TestServer;
let engine: Engine;
let admin: string;
beforeAll(async () => {
  server = await startTestServer();
  engine = new Engine(server);
  admin = (await server.app.get(AdminTokensService).create('preview', null, TEST_OPERATOR)).token;
});
afterAll(() => server.close());

interface Command {
  readonly method: string;
  /** Below the organization. */
  readonly path: string;
  readonly body?: JsonObject;
}

const send = ({ organization }: Tenant, { method, path, body }: Command, query = '') =>
  request(server, method, `/admin/v1/organizations/${organization.slug}/${path}${query}`, { token: admin, body });

/** The preview of a command, which leaves every row of every table as it was. */
async function preview(tenant: Tenant, command: Command) {
  const before = await fingerprint(server, ['admin_tokens']);
  const reply = await send(tenant, command, '?preview=true');
  expect(await fingerprint(server, ['admin_tokens'])).toEqual(before);
  return reply;
}

const memberships = async ({ organization }: Tenant): Promise<Map<string, string>> => {
  const rows = await server.sql<{ key: string; origins: string[] }>(
    `SELECT group_id || ' ' || user_id AS key, origins FROM memberships WHERE organization_id = $1`,
    [organization.id],
  );
  return new Map(rows.map(({ key, origins }) => [key, origins.join()]));
};

const keys = (effects: unknown) =>
  (effects as { groupId: string; userId: string }[]).map(({ groupId, userId }) => `${groupId} ${userId}`).sort();

describe('a preview of a command', () => {
  it('says what the command then does, or refuses with the same words', async () => {
    const tenant = await createTenant(server);
    const { id: organizationId } = tenant.organization;
    const { operator } = engine;
    const people = await Promise.all(
      ['admin', 'member', 'member'].map(async (role, index) => {
        const wanted = { userName: `u${index}`, attributes: {}, role };
        return (await operator.createUser(organizationId, wanted, OPERATOR)).user.id;
      }),
    );
    const scim = await tenant.scim('POST', '/Groups', {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
      displayName: 'Theirs',
      members: [{ value: people[1] }],
    });
    const names = ['Red', 'Green', 'Admins', 'Theirs'];
    const person = fc.constantFrom(...people, '0199a4ff-0000-7000-8000-000000000000');
    const some = fc.subarray([...people, '0199a4ff-0000-7000-8000-000000000000'], { minLength: 1 });
    const name = fc.constantFrom(...names);
    const settings = fc.record(
      {
        role: fc.constantFrom('admin', 'member', null),
        isDefault: fc.boolean(),
        protected: fc.boolean(),
        displayName: name,
      },
      { requiredKeys: [] },
    );
    const step = fc.oneof(
      fc.record({
        does: fc.constant('user' as const),
        person,
        body: fc.record(
          { role: fc.constantFrom('admin', 'member', 'x'), active: fc.boolean(), breakGlass: fc.boolean() },
          { requiredKeys: [] },
        ),
      }),
      fc.record({ does: fc.constant('new-group' as const), body: settings }),
      fc.record({ does: fc.constant('group' as const), name, body: settings }),
      fc.record({ does: fc.constant('members' as const), name, some, joins: fc.boolean() }),
      fc.record({ does: fc.constant('delete' as const), name }),
    );
    const groupId = async (displayName: string): Promise<string> => {
      const [row] = await server.sql<{ id: string }>(
        `SELECT id FROM groups WHERE organization_id = $1 AND display_name = $2`,
        [organizationId, displayName],
      );
      return row?.id ?? people[0]!;
    };
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        for (const each of steps) {
          const command: Command =
            each.does === 'user'
              ? { method: 'PATCH', path: `users/${each.person}`, body: each.body }
              : each.does === 'new-group'
                ? { method: 'POST', path: 'groups', body: { displayName: 'Red', ...each.body } }
                : each.does === 'group'
                  ? { method: 'PATCH', path: `groups/${await groupId(each.name)}`, body: each.body }
                  : each.does === 'members'
                    ? {
                        method: 'POST',
                        path: `groups/${await groupId(each.name)}/members${each.joins ? '' : '/remove'}`,
                        body: { userIds: each.some },
                      }
                    : { method: 'DELETE', path: `groups/${await groupId(each.name)}` };
          const shown = await send(tenant, command, '?preview=true');
          const before = await memberships(tenant);
          const effects = await sideEffects(server, async () => {
            const done = await send(tenant, command);
            const refused = done.status >= 400;
            expect({ command, status: shown.status }).toEqual({ command, status: refused ? done.status : 200 });
            const { correlationId: _shown, ...problem } = shown.json;
            if (refused)
              expect({ ...done.json, correlationId: undefined }).toEqual({ ...problem, correlationId: undefined });
          });
          if (shown.status >= 400) {
            expectNoEffects(effects);
            continue;
          }
          const after = await memberships(tenant);
          const isNew = each.does === 'new-group';
          const made = effects.audit.find(([action]) => action === 'group.created')?.[1] ?? '';
          const told = (list: unknown) => keys(list).map((key) => (isNew ? made + key : key));
          expect({ command, added: told(shown.json['added']) }).toEqual({
            command,
            added: [...after.keys()].filter((key) => !before.has(key)).sort(),
          });
          expect({ command, removed: told(shown.json['removed']) }).toEqual({
            command,
            removed: [...before.keys()].filter((key) => !after.has(key)).sort(),
          });
          if (shown.json['decision'] === 'nothing') expectNoEffects(effects);
          else expect(Object.keys(effects.rows)).not.toEqual([]);
          if (each.does === 'user' || each.does === 'group') {
            const changed = await changesOf(organizationId, effects.audit);
            expect(changed).toEqual(shown.json['changes']);
          }
        }
      }),
      { numRuns: 25 },
    );
    expect(scim.status).toBe(201);
  });

  it('of a new person names the default groups; a name that is taken is refused', async () => {
    const tenant = await createTenant(server);
    const all = await engine.operator.createGroup(
      tenant.organization.id,
      { displayName: 'All', isDefault: true },
      OPERATOR,
    );
    const command = { method: 'POST', path: 'users', body: { userName: 'Ada', email: 'ada@example.com' } };
    const shown = await preview(tenant, command);
    expect(shown.status).toBe(200);
    expect(shown.json).toEqual({
      decision: 'create',
      matchedBy: null,
      id: null,
      changes: {
        userName: [null, 'Ada'],
        active: [null, true],
        provenance: [null, 'manual'],
        role: [null, 'member'],
        breakGlass: [null, false],
        scimLinkApproved: [null, false],
        emails: [null, [{ value: 'ada@example.com', type: 'work', primary: true }]],
      },
      added: [{ groupId: all.id, displayName: 'All', userId: null, because: 'default' }],
      removed: [],
      kept: [],
      addedCount: 1,
      removedCount: 0,
    });
    expect((await send(tenant, command)).status).toBe(201);
    const taken = { ...command, body: { userName: 'aDA' } };
    expect(await preview(tenant, taken)).toMatchObject({
      status: 409,
      json: { type: 'urn:rollcall:problem:uniqueness' },
    });
    expect((await send(tenant, command, '?preview=maybe')).status).toBe(422);
  });

  it('of the last admin’s end refuses as the command does', async () => {
    const tenant = await createTenant(server);
    const { id: organizationId } = tenant.organization;
    const { user } = await engine.operator.createUser(organizationId, { userName: 'root', attributes: {} }, OPERATOR);
    const admins = await engine.operator.createGroup(
      organizationId,
      { displayName: 'Admins', role: 'admin' },
      OPERATOR,
    );
    await engine.operator.addMembers(organizationId, admins.id, [user.id], OPERATOR);
    const group = `groups/${admins.id}`;
    for (const command of [
      { method: 'PATCH', path: `users/${user.id}`, body: { active: false } },
      { method: 'PATCH', path: group, body: { role: null } },
      { method: 'POST', path: `${group}/members/remove`, body: { userIds: [user.id] } },
      { method: 'DELETE', path: group },
    ]) {
      const refused = { status: 409, json: { type: 'urn:rollcall:problem:last-admin' } };
      expect(await preview(tenant, command)).toMatchObject(refused);
      const effects = await sideEffects(server, async () => expect(await send(tenant, command)).toMatchObject(refused));
      expectNoEffects(effects);
    }
  });
});

describe('group delete', () => {
  it('ends a group made by hand with its memberships, as previewed', async () => {
    const tenant = await createTenant(server);
    const { id: organizationId } = tenant.organization;
    const { user } = await engine.operator.createUser(organizationId, { userName: 'ada', attributes: {} }, OPERATOR);
    const red = await engine.operator.createGroup(organizationId, { displayName: 'Red' }, OPERATOR);
    await engine.operator.addMembers(organizationId, red.id, [user.id], OPERATOR);
    const command = { method: 'DELETE', path: `groups/${red.id}` };
    const shown = await preview(tenant, command);
    expect(shown.json).toMatchObject({
      decision: 'delete',
      matchedBy: 'id',
      id: red.id,
      changes: { displayName: ['Red', null], provenance: ['manual', null] },
      removed: [{ groupId: red.id, displayName: 'Red', userId: user.id, because: 'group-deleted' }],
      removedCount: 1,
    });
    const effects = await sideEffects(server, async () => expect((await send(tenant, command)).status).toBe(204));
    expect(effects.rows).toEqual({ groups: '-1', memberships: '-1', audit_entries: '+2' });
    expectEvents(effects, [
      ['group.members-removed', red.id],
      ['group.deleted', red.id],
    ]);
    expect((await send(tenant, command)).status).toBe(404);
  });

  it('refuses what is protected, everybody’s or a SCIM client’s', async () => {
    const tenant = await createTenant(server);
    const { id: organizationId } = tenant.organization;
    const make = (displayName: string, over: object) =>
      engine.operator.createGroup(organizationId, { displayName, ...over }, OPERATOR);
    const scim = await tenant.scim('POST', '/Groups', {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
      displayName: 'Theirs',
    });
    for (const [id, reason] of [
      [(await make('Kept', { protected: true })).id, 'protected-group'],
      [(await make('All', { isDefault: true })).id, 'default-group'],
      [String(scim.json['id']), 'managed-by-scim'],
    ] as const) {
      const command = { method: 'DELETE', path: `groups/${id}` };
      const refused = { status: 409, json: { type: `urn:rollcall:problem:${reason}` } };
      expect(await preview(tenant, command)).toMatchObject(refused);
      const effects = await sideEffects(server, async () => expect(await send(tenant, command)).toMatchObject(refused));
      expectNoEffects(effects);
    }
  });
});

/** What the entries of the last command say of attributes. */
async function changesOf(organizationId: string, audit: readonly (readonly [string, string])[]): Promise<JsonObject> {
  const own = audit.filter(([action]) => /^(user|group)\.(updated|deactivated|reactivated)$/.test(action));
  if (own.length === 0) return {};
  const rows = await server.sql<{ changes: JsonObject }>(
    `SELECT changes FROM audit_entries WHERE organization_id = $1 AND action = ANY($2::text[]) ORDER BY id DESC LIMIT $3`,
    [organizationId, own.map(([action]) => action), own.length],
  );
  return Object.assign({}, ...rows.map(({ changes }) => changes)) as JsonObject;
}
