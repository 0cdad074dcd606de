import { CLIENTS } from '../../simulate/clients/clients.js';
import { toText } from '../../simulate/report.js';
import { Simulation, simulate, type SimulationOptions } from '../../simulate/simulate.js';
import { onPostgres, startTestServer, type TestServer } from '../support/app.js';
import { createTenant, type Tenant } from '../support/scenario.js';

/** Every client's life against the real server: nothing may differ in the end, and what is made to differ must be found. */

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const FLAGS: Readonly<Record<string, string>> = { 'entra-flag': '?aadOptscim062020' };
// Accidents are much more frequent than in life, so that every kind of request meets some.
const optionsFor = (client: string, { token }: Tenant, seed: number): SimulationOptions => ({
  client,
  base: `${server.url}/scim/v2${FLAGS[client] ?? ''}`,
  token,
  users: 30,
  groups: 5,
  seed,
  lost: 0.15,
});

// One life on the embedded database, which is slower.
const SEEDS = onPostgres ? [1, 2] : [3];
const nothing = { count: 0, first: [] };

describe.each(CLIENTS.map(({ name }) => name))('%s', (client) => {
  it.each(SEEDS)('lives its life without leaving a difference (seed %i)', async (seed) => {
    const tenant = await createTenant(server);
    const report = await simulate({ ...optionsFor(client, tenant, seed), rounds: seed === 2 ? 2 : 1 });
    const { differences, problems, foreign, equal } = report;
    if (!equal || problems.count > 0) console.log(toText(report));
    expect({ differences, problems, foreign, equal }).toEqual({
      differences: nothing,
      problems: nothing,
      foreign: { users: 0, groups: 0 },
      equal: true,
    });
    expect(report.retries.lostAnswers).toBeGreaterThan(5);
    expect(report.conflicts).toBeGreaterThan(0);
    await expectTheServerToHave(tenant, report.directory);
  });
});

/** Counted by SQL, so that the comparison is not believed on its word. */
async function expectTheServerToHave({ organization }: Tenant, wanted: object): Promise<void> {
  const [counted] = await server.sql(
    `SELECT (SELECT count(*)::int FROM users WHERE organization_id = $1 AND deleted_at IS NULL) AS users,
       (SELECT count(*)::int FROM users WHERE organization_id = $1 AND deleted_at IS NULL AND active) AS active,
       (SELECT count(*)::int FROM groups WHERE organization_id = $1) AS groups,
       (SELECT count(*)::int FROM memberships WHERE organization_id = $1) AS memberships`,
    [organization.id],
  );
  expect(counted).toEqual(wanted);
}

describe('two clients of two organizations at the same time', () => {
  it('do not meet, though they know the same people', async () => {
    const tenants = [await createTenant(server), await createTenant(server)];
    const reports = await Promise.all(tenants.map((tenant) => simulate(optionsFor('okta-catalogue', tenant, 7))));
    expect(reports.map(({ equal, problems }) => ({ equal, problems }))).toEqual([
      { equal: true, problems: nothing },
      { equal: true, problems: nothing },
    ]);
    const other = await createTenant(server);
    const mixed = await Promise.all([
      simulate(optionsFor('entra', other, 8)),
      simulate({ ...optionsFor('keycloak', tenants[0]!, 8) }),
    ]);
    // The second found the people of the first life in its organization, and left them alone.
    expect(mixed.map(({ equal }) => equal)).toEqual([true, true]);
    expect(mixed[1].foreign).toEqual({
      users: reports[0]!.directory.users,
      groups: reports[0]!.directory.groups,
    });
  });
});

describe('a seed', () => {
  it('makes the same directory and the same life', async () => {
    const lives = [1, 2, 3].map(async (run) => {
      const tenant = await createTenant(server);
      const { directory } = await simulate({ ...optionsFor('okta', tenant, run === 3 ? 4 : 3), lost: 0 });
      const people = await server.sql(
        `SELECT lower(u.user_name) AS name, u.active, u.attributes->>'title' AS title,
           array(SELECT g.display_name FROM memberships m
             JOIN groups g ON g.organization_id = m.organization_id AND g.id = m.group_id
             WHERE m.organization_id = u.organization_id AND m.user_id = u.id ORDER BY 1) AS groups
         FROM users u WHERE u.organization_id = $1 AND u.user_name NOT LIKE '%.EXAMPLE.COM' ORDER BY 1`,
        [tenant.organization.id],
      );
      return { directory, people };
    });
    const [first, second, third] = await Promise.all(lives);
    // Of two accounts of one name that are created at the same moment either may win; it is the last one.
    const withoutRace = (people: readonly object[]) => people.filter((one) => !JSON.stringify(one).includes('.33@'));
    expect(first!.directory).toEqual(second!.directory);
    expect(withoutRace(first!.people)).toEqual(withoutRace(second!.people));
    expect(first!.people.length).toBeGreaterThan(25);
    expect(withoutRace(third!.people)).not.toEqual(withoutRace(second!.people));
  });
});

describe('initialOnly', () => {
  it('loads the directory and no more', async () => {
    const tenant = await createTenant(server);
    const wanted = { users: 120, groups: 12, memberships: 500 };
    const report = await simulate({ ...optionsFor('entra', tenant, 5), ...wanted, lost: 0, initialOnly: true });
    expect(report).toMatchObject({ equal: true, directory: { ...wanted, active: 120 }, conflicts: 0 });
    await expectTheServerToHave(tenant, { ...wanted, active: 120 });
    expect(report.requests.kinds.map(({ kind, count }) => [kind, count])).toEqual(
      expect.arrayContaining([
        ['look up user', 120],
        ['create user', 120],
        ['create group', 12],
      ]),
    );
  });
});

describe('what was made to differ', () => {
  let tenant: Tenant;
  let simulation: Simulation;
  beforeAll(async () => {
    tenant = await createTenant(server);
    simulation = new Simulation({ ...optionsFor('okta', tenant, 9), lost: 0 });
    await simulation.play();
    simulation.close();
  });

  /** Runs `statement`, which touches rows of the organization; what the comparison says then. */
  async function after(statement: string): Promise<{ rows: Record<string, string>[]; found: readonly object[] }> {
    expect((await simulation.compare()).differences).toEqual(nothing);
    const rows = await server.sql<Record<string, string>>(statement, [tenant.organization.id]);
    const { equal, differences } = await simulation.compare();
    expect({ equal, count: differences.count }).toEqual({ equal: false, count: differences.first.length });
    return { rows, found: differences.first };
  }
  const oneUser = `id = (SELECT id FROM users WHERE organization_id = $1 AND active AND deleted_at IS NULL ORDER BY id LIMIT 1)`;
  const oneGroup = `id = (SELECT id FROM groups WHERE organization_id = $1 ORDER BY id LIMIT 1)`;

  it('is found and named: a name', async () => {
    const attributes = (
      value: string,
    ) => `UPDATE users SET attributes = jsonb_set(attributes, '{name,familyName}', ${value})
      WHERE organization_id = $1 AND ${oneUser} RETURNING id, user_name`;
    const [{ name: was } = { name: '' }] = await server.sql<{ name: string }>(
      `SELECT attributes->'name'->>'familyName' AS name FROM users WHERE organization_id = $1 AND ${oneUser}`,
      [tenant.organization.id],
    );
    const { rows, found } = await after(attributes(`'"Changed"'`));
    const about = { resource: 'User', name: rows[0]!['user_name'], id: rows[0]!['id'], kind: 'different' };
    expect(found).toEqual([{ ...about, attribute: 'name.familyName', expected: was, found: 'Changed' }]);
    await server.sql(attributes(`to_jsonb('${was.replaceAll("'", "''")}'::text)`), [tenant.organization.id]);
  });

  it('is found and named: somebody inactive', async () => {
    const { rows, found } = await after(
      `UPDATE users SET active = false WHERE organization_id = $1 AND ${oneUser} RETURNING id, user_name`,
    );
    const { id, user_name: name } = rows[0]!;
    const change = { kind: 'different', attribute: 'active', expected: 'true', found: 'false' };
    expect(found).toEqual([{ resource: 'User', name, id, ...change }]);
    await server.sql('UPDATE users SET active = true WHERE id = $1', [id]);
  });

  it('is found and named: a member who is missing, one too many', async () => {
    const { rows, found } = await after(
      `WITH gone AS (DELETE FROM memberships WHERE organization_id = $1 AND (group_id, user_id) = (
         SELECT group_id, user_id FROM memberships WHERE organization_id = $1 ORDER BY 1, 2 LIMIT 1) RETURNING *)
       SELECT gone.*, u.user_name, g.display_name FROM gone JOIN users u ON u.id = user_id JOIN groups g ON g.id = group_id`,
    );
    const { group_id: id, user_id, user_name, display_name: name } = rows[0]!;
    expect(found).toEqual([{ resource: 'Group', name, id, kind: 'member missing', expected: user_name }]);
    await tenant.scim('PATCH', `/Groups/${id}`, {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
      Operations: [{ op: 'add', path: 'members', value: [{ value: user_id }] }],
    });

    const stranger = await tenant.scim('POST', '/Users', { userName: 'stranger@elsewhere.example' });
    const add = (op: string) => ({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
      Operations: [{ op, path: 'members', value: [{ value: stranger.json['id'] }] }],
    });
    await tenant.scim('PATCH', `/Groups/${id}`, add('add'));
    const { differences, foreign } = await simulation.compare();
    expect(differences.first).toEqual([
      { resource: 'Group', name, id, kind: 'member unexpected', found: stranger.json['id'] },
    ]);
    expect(foreign.users).toBe(1);
    await tenant.scim('PATCH', `/Groups/${id}`, add('remove'));
  });

  it('is found and named: another name of a group, a group too many', async () => {
    const { rows, found } = await after(
      `UPDATE groups SET display_name = display_name || ' 2' WHERE organization_id = $1 AND ${oneGroup} RETURNING id, display_name`,
    );
    const { id, display_name } = rows[0]!;
    const expected = display_name!.slice(0, -2);
    const about = { resource: 'Group', name: expected, id, kind: 'different', attribute: 'displayName' };
    expect(found).toEqual([{ ...about, expected, found: display_name }]);
    await server.sql('UPDATE groups SET display_name = $2 WHERE id = $1', [id, expected]);

    const displayName = `Left over (${simulation.client.directory.mark})`;
    const { json } = await tenant.scim('POST', '/Groups', { displayName });
    expect((await simulation.compare()).differences.first).toEqual([
      { resource: 'Group', name: displayName, id: json['id'], kind: 'unexpected' },
    ]);
    await tenant.scim('DELETE', `/Groups/${String(json['id'])}`);
  });

  it('is found and named: somebody too many', async () => {
    const userName = `Somebody@${simulation.client.directory.domain}`;
    const { json } = await tenant.scim('POST', '/Users', { userName });
    expect((await simulation.compare()).differences.first).toEqual([
      { resource: 'User', name: userName, id: json['id'], kind: 'unexpected' },
    ]);
    await tenant.scim('DELETE', `/Users/${String(json['id'])}`);
  });

  it('is found and named: a group and somebody who are not there; the counts do not end with the list', async () => {
    const [group] = await server.sql<{ id: string; name: string }>(
      `SELECT id, display_name AS name FROM groups WHERE organization_id = $1 AND ${oneGroup}`,
      [tenant.organization.id],
    );
    await tenant.scim('DELETE', `/Groups/${group!.id}`);
    expect((await simulation.compare()).differences.first).toEqual([
      { resource: 'Group', name: group!.name, id: group!.id, kind: 'missing' },
    ]);

    const [user] = await server.sql<{ id: string; user_name: string }>(
      `SELECT id, user_name FROM users WHERE organization_id = $1 AND ${oneUser}`,
      [tenant.organization.id],
    );
    await tenant.scim('DELETE', `/Users/${user!.id}`);
    const { differences } = await simulation.compare();
    expect(differences.first).toContainEqual({
      resource: 'User',
      name: user!.user_name,
      id: user!.id,
      kind: 'missing',
    });
    expect(differences.count).toBe(differences.first.length);
    const few = new Simulation({ ...optionsFor('okta', tenant, 9), mostDifferences: 3 });
    // It has no links to the server: everybody of this run is missing, and everything there is unexpected.
    const { count, first } = (await few.compare()).differences;
    few.close();
    expect(first).toHaveLength(3);
    expect(count).toBeGreaterThan(50);
  });
});
