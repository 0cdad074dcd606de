import fc from 'fast-check';
import { startTestServer, type TestServer } from '../../support/app.js';
import { createTenant, type JsonObject, type Tenant } from '../../support/scenario.js';
import { sideEffects, type SideEffects } from '../../support/side-effects.js';
import { bulk, ENTERPRISE, NOBODY } from './bulk-client.js';

/** Resources by their place among those of their kind, so that the same operation can be asked of two organizations. */
type Draft =
  | { method: 'POST'; type: Type; data: Data }
  | { method: 'PUT' | 'PATCH'; type: Type; at: number; version: string | undefined; data: Data }
  | { method: 'DELETE'; type: Type; at: number; version: string | undefined };
type Type = 'Users' | 'Groups';
type Data = (id: (at: number) => string) => JsonObject;

const USERS = 4;
const GROUPS = 2;
const at = fc.nat({ max: USERS });
const ats = fc.array(at, { maxLength: 3 });
const version = fc.constantFrom(undefined, undefined, 'W/"1"', '"2"', '*', 'W/"7"');
const name = fc.constantFrom('user0', 'USER1', 'new1', 'new2', '');
const active = fc.constantFrom(true, false, 'False', undefined, 'perhaps');
const values = (members: readonly number[], id: (at: number) => string) =>
  members.map((member) => ({ value: id(member) }));

const userData = fc.tuple(name, active, fc.option(at)).map(([userName, isActive, manager]): Data => (id) => ({
  userName,
  active: isActive,
  ...(manager === null ? {} : { [ENTERPRISE]: { manager: { value: id(manager) } } }),
}));
const groupData = fc
  .tuple(fc.constantFrom('group0', 'Group1', 'other', 7), ats)
  .map(([displayName, members]): Data => (id) => ({ displayName, members: values(members, id) }));
const patchUser = fc
  .tuple(
    fc.constantFrom('replace', 'Add', 'remove', 'move'),
    fc.constantFrom('title', 'userName', 'active', 'nothing'),
    name,
    active,
  )
  .map(([op, path, text, flag]): Data => () => ({
    Operations: [{ op, path, ...(op === 'remove' ? {} : { value: path === 'active' ? flag : text }) }],
  }));
const patchGroup = fc
  .tuple(fc.constantFrom('add', 'remove', 'replace'), ats)
  .map(([op, members]): Data => (id) => ({ Operations: [{ op, path: 'members', value: values(members, id) }] }));
const change = (type: Type, put: fc.Arbitrary<Data>, patched: fc.Arbitrary<Data>): fc.Arbitrary<Draft> =>
  fc.oneof(
    put.map((data) => ({ method: 'POST' as const, type, data })),
    fc.record({ method: fc.constant('PUT' as const), type: fc.constant(type), at, version, data: put }),
    fc.record({ method: fc.constant('PATCH' as const), type: fc.constant(type), at, version, data: patched }),
    fc.record({ method: fc.constant('DELETE' as const), type: fc.constant(type), at, version }),
  );
const drafts = fc.array(fc.oneof(change('Users', userData, patchUser), change('Groups', groupData, patchGroup)), {
  minLength: 1,
  maxLength: 15,
});

/** The version of a user ends in a fingerprint of the ids of their groups. */
const withoutGroups = (etag: string | null | undefined) => etag?.replace(/\..*$/, '');

describe('a bulk request and its operations one by one', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(() => server.close());

  interface Populated {
    readonly tenant: Tenant;
    readonly ids: Readonly<Record<Type, readonly string[]>>;
  }

  async function populate(): Promise<Populated> {
    const tenant = await createTenant(server);
    const make = async (path: string, body: JsonObject) =>
      (await tenant.scim<{ id: string }>('POST', path, body)).json.id;
    const Users: string[] = [];
    for (let n = 0; n < USERS; n++) Users.push(await make('/Users', { userName: `user${n}` }));
    const Groups: string[] = [];
    for (let n = 0; n < GROUPS; n++) {
      Groups.push(
        await make('/Groups', { displayName: `group${n}`, members: [{ value: Users[n] }, { value: Users[3] }] }),
      );
    }
    return { tenant, ids: { Users, Groups } };
  }

  /** The operation as that organization is asked it; one place more than there are resources is nobody's. */
  function operationFor({ ids }: Populated, draft: Draft, index: number): JsonObject {
    const data = 'data' in draft ? { data: draft.data((place) => ids.Users[place] ?? NOBODY) } : {};
    if (draft.method === 'POST') return { method: draft.method, path: `/${draft.type}`, bulkId: `b${index}`, ...data };
    const { method, type, version: wanted } = draft;
    const path = `/${type}/${ids[type][draft.at] ?? NOBODY}`;
    return { method, path, ...(wanted === undefined ? {} : { version: wanted }), ...data };
  }

  async function oneByOne(tenant: Tenant, operations: readonly JsonObject[]): Promise<string[]> {
    const found: string[] = [];
    for (const { method, path, version: wanted, data } of operations) {
      const headers: Record<string, string> = wanted === undefined ? {} : { 'if-match': wanted as string };
      const reply = await tenant.scim(method as string, path as string, data, headers);
      const scimType = reply.json?.['scimType'];
      found.push([reply.status, scimType, withoutGroups(reply.headers.get('etag'))].join(' '));
    }
    return found;
  }

  async function inBulk(tenant: Tenant, operations: readonly JsonObject[]): Promise<string[]> {
    const entries = await bulk(tenant, operations);
    return entries.map(({ status, response, version: answered }) =>
      [status, response?.scimType, withoutGroups(answered)].join(' '),
    );
  }

  /** What clients can read, with names instead of ids and without times. */
  async function stateOf({ organization }: Tenant): Promise<unknown> {
    const [users, groups] = await Promise.all(
      [
        `SELECT user_name, active, deleted_at IS NULL AS live, external_id, attributes, role, version,
           (SELECT manager.user_name FROM users manager WHERE manager.organization_id = u.organization_id
            AND manager.id::text = u.attributes -> '${ENTERPRISE}' -> 'manager' ->> 'value') AS manager
         FROM users u WHERE organization_id = $1 ORDER BY id`,
        `SELECT g.display_name, g.version, array_agg(u.user_name || ' ' || m.origins::text ORDER BY u.user_name) AS members
         FROM groups g LEFT JOIN memberships m ON m.organization_id = g.organization_id AND m.group_id = g.id
         LEFT JOIN users u ON u.organization_id = m.organization_id AND u.id = m.user_id
         WHERE g.organization_id = $1 GROUP BY g.id, g.display_name, g.version ORDER BY g.id`,
      ].map((text) => server.sql(text, [organization.id])),
    );
    for (const user of users!) {
      const enterprise = (user['attributes'] as JsonObject)[ENTERPRISE] as JsonObject | undefined;
      if (enterprise) delete enterprise['manager'];
    }
    return { users, groups };
  }

  const withoutIds = ({ rows, columns, events, audit }: SideEffects) => ({
    rows,
    columns,
    events: events.map(([type]) => type),
    audit: audit.map(([action]) => action),
  });

  it('R-155, R-156: leave the same state, the same events and the same records, and are answered the same', async () => {
    await fc.assert(
      fc.asyncProperty(drafts, async (sequence) => {
        const [left, right] = [await populate(), await populate()];
        let alone: string[] = [];
        let together: string[] = [];
        const operationsOf = (of: Populated) => sequence.map((draft, index) => operationFor(of, draft, index));
        const alonesEffects = await sideEffects(
          server,
          async () => (alone = await oneByOne(left.tenant, operationsOf(left))),
          left.tenant.organization.id,
        );
        const togethersEffects = await sideEffects(
          server,
          async () => (together = await inBulk(right.tenant, operationsOf(right))),
          right.tenant.organization.id,
        );
        expect(together).toEqual(alone);
        expect(await stateOf(right.tenant)).toEqual(await stateOf(left.tenant));
        expect(withoutIds(togethersEffects)).toEqual(withoutIds(alonesEffects));
      }),
      { numRuns: 25 },
    );
  }, 120_000);
});
