import { UnitOfWork } from '../../src/database/unit-of-work.service.js';
import type { Queryable } from '../../src/database/transaction.js';
import { DirectorySearchReader } from '../../src/directory/directory-search.reader.js';
import type { Search } from '../../src/directory/search-page.js';
import { newId } from '../../src/platform/ids.js';
import { toCondition } from '../../src/scim/attribute-filter.js';
import { checkFilter } from '../../src/scim/protocol/filter/check-filter.js';
import { parseFilter } from '../../src/scim/protocol/filter/parse-filter.js';
import { GROUP, USER } from '../../src/scim/protocol/resource-types.js';
import type { ResourceType } from '../../src/scim/protocol/schema/attribute.js';
import { onPostgres, startTestServer, type TestServer } from '../support/app.js';
import { createOrganization } from '../support/scenario.js';

/** What searches cost: how many statements, and which indexes they use. */
describe('the statements of a search', () => {
  let server: TestServer;
  let reader: DirectorySearchReader;
  let db: Queryable;
  let organizationId: string;

  beforeAll(async () => {
    server = await startTestServer();
    reader = server.app.get(DirectorySearchReader, { strict: false });
    db = server.app.get(UnitOfWork).read;
    // The organization at hand is one of two, and of two alike.
    await populate((await createOrganization(server)).id);
    organizationId = (await createOrganization(server)).id;
    await populate(organizationId);
    await server.sql('ANALYZE');
  });
  afterAll(() => server.close());

  const PEOPLE = onPostgres ? 20_000 : 200;
  const person = (number: number) =>
    `00000000-0000-7000-8000-${organizationId.slice(-4)}${String(number).padStart(8, '0')}`;
  const group = (number: number) =>
    `00000000-0000-7000-9000-${organizationId.slice(-4)}${String(number).padStart(8, '0')}`;

  async function populate(id: string): Promise<void> {
    const ids = `('00000000-0000-7000-%s000-' || right($1::uuid::text, 4) || lpad(n::text, 8, '0'))::uuid`;
    const personId = ids.replace('%s', '8');
    const groupId = ids.replace('%s', '9');
    await server.sql(
      `INSERT INTO users (organization_id, id, provenance, active, user_name, user_name_key, external_id, email_keys, attributes, role, created_at, updated_at)
       SELECT $1::uuid, ${personId}, 'scim', n % 10 > 0, 'User' || n, 'user' || n, 'external' || n, ARRAY['user' || n || '@example.com'],
         jsonb_build_object('displayName', 'User ' || n, 'emails', jsonb_build_array(
           jsonb_build_object('value', 'User' || n || '@Example.com', 'type', 'work'), jsonb_build_object('value', 'x', 'type', 'home'))),
         'member', now(), now() FROM generate_series(1, $2::integer) n`,
      [id, PEOPLE],
    );
    await server.sql(
      `INSERT INTO groups (organization_id, id, provenance, login_policy, protected, is_default, display_name, display_name_key, external_id, attributes, created_at, updated_at)
       SELECT $1::uuid, ${groupId}, 'scim', 'own', false, false, 'Group ' || n, 'group ' || n, 'external' || n, '{}', now(), now()
       FROM generate_series(1, $2::integer) n`,
      [id, PEOPLE / 20],
    );
    // Group 1 has everybody, every other one ten members.
    await server.sql(
      `INSERT INTO memberships (organization_id, group_id, user_id, origins, created_at)
       SELECT $1, g.id, u.id, '{scim}', now()
       FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM users WHERE organization_id = $1) u
       JOIN (SELECT id, row_number() OVER (ORDER BY id) AS n FROM groups WHERE organization_id = $1) g
         ON g.n = 1 OR (u.n BETWEEN g.n * 10 AND g.n * 10 + 9)`,
      [id],
    );
  }

  /** The database, and what was asked of it. */
  function observed(): { db: Queryable; statements: { sql: string; parameters: readonly unknown[] }[] } {
    const statements: { sql: string; parameters: readonly unknown[] }[] = [];
    return {
      statements,
      db: {
        query: (sql, parameters = []) => {
          statements.push({ sql, parameters });
          return db.query(sql, parameters);
        },
        execute: (sql, parameters) => db.execute(sql, parameters),
      },
    };
  }

  const where = (type: ResourceType, filter: string): Search => ({
    condition: toCondition(type, checkFilter(type, parseFilter(filter)), { users: 'u/', groups: 'g/' }),
    from: 0,
    limit: 100,
    total: 'exact' as const,
  });

  it('a lookup is one statement; a page is one, and one more for the total unless the page shows it', async () => {
    const { db: counted, statements } = observed();
    const lookup = { ...where(USER, 'userName eq "USER7"'), withGroups: true };
    const { items, total } = await reader.searchUsers(counted, organizationId, lookup);
    expect([items.length, total, statements.length]).toEqual([1, 1, 1]);
    expect(items[0]!.groups.map(({ displayName }) => displayName)).toEqual(['Group 1']);
    statements.length = 0;
    const page = { from: 0, limit: 50, total: 'exact' as const, withGroups: true };
    expect((await reader.searchUsers(counted, organizationId, page)).total).toBe(PEOPLE);
    expect(statements).toHaveLength(2);
    statements.length = 0;
    const untold = await reader.searchUsers(counted, organizationId, { ...page, total: 'none' as const });
    expect([untold.total, untold.items.length, statements.length]).toEqual([undefined, 50, 1]);
    statements.length = 0;
    await reader.searchUsers(counted, organizationId, { ...page, from: PEOPLE - 20 });
    expect(statements).toHaveLength(1);
  });

  it('the members of any number of groups are one statement', async () => {
    const { db: counted, statements } = observed();
    const groups = await reader.searchGroups(counted, organizationId, { from: 0, limit: 5, total: 'none' as const });
    const ids = groups.items.map(({ id }) => id);
    const members = await reader.membersOf(counted, organizationId, [...ids, newId()]);
    expect(ids.map((id) => members.get(id)!.length)).toEqual([PEOPLE, 10, 10, 10, 10]);
    expect(members.get(group(2))![0]).toEqual({ id: person(20), displayName: 'User 20' });
    expect(statements).toHaveLength(2);
  });

  it('members are counted before they are read', async () => {
    expect(await reader.membersUpTo(db, organizationId, group(1), PEOPLE - 1)).toBeUndefined();
    expect(await reader.membersUpTo(db, organizationId, group(1), PEOPLE)).toHaveLength(PEOPLE);
    expect(await reader.membersUpTo(db, organizationId, group(2), 10)).toHaveLength(10);
    expect(await reader.membersUpTo(db, organizationId, newId(), 10)).toEqual([]);
    const { db: watched, statements } = observed();
    await reader.membersUpTo(watched, organizationId, group(1), 10);
    const plan = await explain(statements[0]!);
    expect(plan).toContain('never executed');
    expect(plan).not.toMatch(/Scan .*users.*actual rows/);
  });

  async function explain({ sql, parameters }: { sql: string; parameters: readonly unknown[] }): Promise<string> {
    const rows = await db.query<{ 'QUERY PLAN': string }>(
      `EXPLAIN (ANALYZE, TIMING OFF, COSTS OFF) ${sql}`,
      parameters,
    );
    return rows.map((row) => row['QUERY PLAN']).join('\n');
  }

  const lookups: [type: ResourceType, filter: () => string, index: string][] = [
    [USER, () => 'userName eq "USER77"', 'users_user_name'],
    [USER, () => 'userName eq "user77" and active eq true', 'users_user_name'],
    [USER, () => 'externalId eq "external77"', 'users_external_id'],
    [USER, () => 'emails.value eq "USER77@example.com"', 'users_emails'],
    [USER, () => 'emails eq "user77@example.com"', 'users_emails'],
    [USER, () => 'emails[type eq "work"].value eq "user77@EXAMPLE.com"', 'users_emails'],
    [USER, () => 'emails[value eq "user77@example.com" and type eq "work"]', 'users_emails'],
    [USER, () => `id eq "${person(77)}"`, 'Index Scan using users_'],
    [USER, () => `groups.value eq "${group(77)}"`, 'memberships_pkey'],
    [GROUP, () => 'displayName eq "GROUP 77"', 'groups_display_name'],
    [GROUP, () => 'externalId eq "external77"', 'groups_external_id'],
    [GROUP, () => `members.value eq "${person(77)}"`, 'memberships_user'],
    [GROUP, () => `members[value eq "${person(77)}"]`, 'memberships_user'],
  ];
  (onPostgres ? it : it.skip)('lookups use the indexes made for them and read no table from end to end', async () => {
    for (const [type, filter, index] of lookups) {
      const { db: watched, statements } = observed();
      const found =
        type === USER
          ? await reader.searchUsers(watched, organizationId, { ...where(USER, filter()), withGroups: true })
          : await reader.searchGroups(watched, organizationId, where(GROUP, filter()));
      expect([filter(), found.items.length > 0]).toEqual([filter(), true]);
      const plan = await explain(statements[0]!);
      expect([filter(), plan]).toEqual([filter(), expect.stringContaining(index)]);
      expect(plan).not.toMatch(/Seq Scan on (users|groups|memberships)/);
    }
  });

  (onPostgres ? it : it.skip)('a late page comes from an index alone, and so does the total', async () => {
    await server.sql('VACUUM ANALYZE users');
    const { db: watched, statements } = observed();
    await reader.searchUsers(watched, organizationId, {
      from: PEOPLE - 200,
      limit: 100,
      total: 'exact' as const,
      withGroups: true,
    });
    const [page, count] = await Promise.all(statements.map(explain));
    expect(page).toMatch(/Index Only Scan using users_in_order/);
    expect(page).not.toMatch(/Seq Scan|Sort Key/);
    expect(count).toMatch(/directory_totals/);
    expect(count).not.toMatch(/users/);
  });
});
