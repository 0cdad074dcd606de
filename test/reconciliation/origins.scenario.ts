import fc from 'fast-check';
import { NotFoundError } from '../../src/directory/directory-errors.js';
import type { Connection } from '../../src/organizations/connection.js';
import { ProvisioningRefusal } from '../../src/reconciliation/provisioning-refusal.js';
import { startTestServer, type TestServer } from '../support/app.js';
import { Engine, OPERATOR, SCIM_CLIENT, subject } from '../support/engine.js';
import { sideEffects } from '../support/side-effects.js';

/** Why somebody is in a group, when several have a say: two connections, mapping tables, operators. */

let server: TestServer;
let engine: Engine;
beforeAll(async () => {
  server = await startTestServer();
  engine = new Engine(server);
});
afterAll(() => server.close());

const originsOf = (organizationId: string) =>
  server.sql<{ who: string; name: string; origins: string[] }>(
    `SELECT u.user_name AS who, g.display_name AS name, array(SELECT unnest(m.origins) ORDER BY 1) AS origins FROM memberships m
     JOIN users u ON u.organization_id = m.organization_id AND u.id = m.user_id
     JOIN groups g ON g.organization_id = m.organization_id AND g.id = m.group_id
     WHERE m.organization_id = $1 ORDER BY 1, 2`,
    [organizationId],
  );

describe('the mapping table', () => {
  it('is the only way into a protected group, whatever the spelling of the id, and survives the end of another group', async () => {
    const connection = await engine.tenant({ scim: false });
    const { organizationId } = connection;
    const make = (displayName: string, more: object = {}) =>
      engine.operator.createGroup(organizationId, { displayName, ...more }, OPERATOR);
    const vault = await make('Vault', { protected: true });
    const gone = await make('Gone');
    const mapped = await engine.update(connection, {
      provisioning: {
        groupMapping: [
          { value: 'vault-people', groupId: vault.id.toUpperCase() },
          { value: 'old', groupId: gone.id },
        ],
      },
    });
    await server.sql(`DELETE FROM groups WHERE id = $1`, [gone.id]);
    const claims = { subject: subject('ada'), userName: 'ada@example.com' };
    const listed = (...values: string[]) => ({ ...claims, groups: { kind: 'listed', values } as const });
    await engine.signIn(mapped, listed('Vault', 'old'));
    expect(await originsOf(organizationId)).toEqual([]);
    await engine.signIn(mapped, listed('vault-people'));
    const jit = `jit:${connection.id}`;
    expect(await originsOf(organizationId)).toEqual([{ who: 'ada@example.com', name: 'Vault', origins: [jit] }]);
    // An operator at three in the morning changes something else: the group that is gone does not stand in the way.
    expect(await engine.update(mapped, { provisioning: { whenGroupsAbsent: 'keep' } })).toMatchObject({
      provisioning: { whenGroupsAbsent: 'keep' },
    });
    await expect(
      engine.update(mapped, { provisioning: { groupMapping: [{ value: 'x', groupId: organizationId }] } }),
    ).rejects.toMatchObject({ reason: 'invalid' });
  });
});

describe('operators', () => {
  it('take people out of groups for whatever reason they are in them, break-glass people too; default groups stay', async () => {
    const connection = await engine.tenant();
    const { organizationId } = connection;
    const make = (displayName: string, more: object = {}) =>
      engine.operator.createGroup(organizationId, { displayName, ...more }, OPERATOR);
    const [team, everybody] = [await make('Team'), await make('Everybody', { isDefault: true })];
    const { user } = await engine.operator.createUser(organizationId, { userName: 'glass', attributes: {} }, OPERATOR);
    await engine.operator.setUser(organizationId, user.id, { breakGlass: true }, OPERATOR);
    await engine.operator.addMembers(organizationId, team.id, [user.id], OPERATOR);
    await engine.operator.addMembers(organizationId, everybody.id, [user.id], OPERATOR);
    await engine.operator.removeMembers(organizationId, team.id, [user.id], OPERATOR);
    await engine.operator.removeMembers(organizationId, everybody.id, [user.id], OPERATOR);
    expect(await originsOf(organizationId)).toEqual([{ who: 'glass', name: 'Everybody', origins: ['default'] }]);
  });
});

const PEOPLE = ['ada', 'bob', 'cyd'] as const;
const GROUPS = ['Red', 'Green', 'Blue'] as const;

describe('two connections of one organization', () => {
  /** What an IdP and its SCIM client believe: whom they know, by what name and in which groups. */
  const directory = fc.record({
    jit: fc.boolean(),
    scim: fc.boolean(),
    takeover: fc.constantFrom('adopt' as const, 'conflict' as const),
    people: fc.array(
      fc.record({
        person: fc.constantFrom(...PEOPLE),
        groups: fc.subarray([...GROUPS]),
        name: fc.constantFrom('A', 'B'),
      }),
      { minLength: 1, maxLength: 3 },
    ),
    pushes: fc.subarray([...GROUPS]),
  });
  type Directory = typeof directory extends fc.Arbitrary<infer T> ? T : never;

  async function connect(
    organization: Connection | undefined,
    { jit, scim, takeover }: Directory,
  ): Promise<Connection> {
    const settings = { jit, scim, provisioning: { requireScim: false, takeover, linkManualUsers: true } };
    if (!organization) return engine.tenant(settings);
    return engine.update(await engine.rival(organization), settings);
  }

  const quietly = async (work: Promise<unknown>): Promise<void> => {
    await work.catch((error: unknown) => {
      if (!(error instanceof ProvisioningRefusal || error instanceof NotFoundError)) throw error;
    });
  };

  /** Everything the two sides of one connection have to say, once: full pushes and a sign-in of everybody. */
  async function sync(connection: Connection, { people, pushes, scim }: Directory): Promise<void> {
    const { organizationId } = connection;
    const idOf = async (table: 'users' | 'groups', column: string, name: string) =>
      (
        await server.sql<{ id: string }>(`SELECT id FROM ${table} WHERE organization_id = $1 AND ${column} = $2`, [
          organizationId,
          name,
        ])
      )[0]?.id;
    for (const { person, name, groups } of people) {
      const userName = `${person}@example.com`;
      const attributes = { displayName: name };
      await engine.signIn(connection, {
        subject: subject(person),
        userName,
        displayName: name,
        groups: { kind: 'listed', values: groups },
      });
      if (!scim) continue;
      const id = await idOf('users', 'user_name', userName);
      await quietly(
        id === undefined
          ? engine.users.create(connection, { userName, externalId: person, active: true, attributes }, SCIM_CLIENT)
          : engine.users.change(connection, id, (current) => ({ ...current, attributes }), SCIM_CLIENT),
      );
    }
    if (!scim) return;
    for (const displayName of pushes) {
      const named = people.filter(({ groups }) => groups.includes(displayName));
      const ids = await Promise.all(named.map(({ person }) => idOf('users', 'user_name', `${person}@example.com`)));
      const replace = ids.filter((id) => id !== undefined);
      const id = await idOf('groups', 'display_name', displayName);
      await quietly(
        id === undefined
          ? engine.groups.create(connection, { displayName, externalId: null, attributes: {} }, replace, SCIM_CLIENT)
          : engine.groups.change(connection, id, () => ({ members: { replace, add: [], remove: [] } }), SCIM_CLIENT),
      );
    }
  }

  it('settle after one round of both and never undo each other again', async () => {
    await fc.assert(
      fc.asyncProperty(directory, directory, async (here, there) => {
        // The same person listed twice at one IdP is that IdP's own disagreement.
        const once = ({ people, ...rest }: Directory): Directory => ({
          ...rest,
          people: [...new Map(people.map((one) => [one.person, one])).values()],
        });
        const [first, second] = [once(here), once(there)];
        const ours = await connect(undefined, first);
        for (const displayName of GROUPS.slice(0, 2))
          await engine.operator.createGroup(ours.organizationId, { displayName }, OPERATOR);
        const theirs = await connect(ours, second);
        const round = async () => {
          await sync(ours, first);
          await sync(theirs, second);
        };
        await round();
        await round();
        const settled = await engine.state(ours.organizationId);
        await round();
        await round();
        expect(await engine.state(ours.organizationId)).toEqual(settled);
        const effects = await sideEffects(server, round, ours.organizationId);
        expect(effects.events.filter(([type]) => type !== 'session.opened')).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});
