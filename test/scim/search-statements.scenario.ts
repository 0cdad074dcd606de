import { readFileSync } from 'node:fs';
import { UnitOfWork } from '../../src/database/unit-of-work.service.js';
import type { Queryable } from '../../src/database/transaction.js';
import { DirectoryReader } from '../../src/directory/directory.reader.js';
import { DirectorySearchReader } from '../../src/directory/directory-search.reader.js';
import { EVERYTHING } from '../../src/directory/condition.js';
import type { Search } from '../../src/directory/search-page.js';
import { newId } from '../../src/platform/ids.js';
import { toCondition } from '../../src/scim/attribute-filter.js';
import { checkFilter } from '../../src/scim/protocol/filter/check-filter.js';
import { parseFilter } from '../../src/scim/protocol/filter/parse-filter.js';
import { GROUP, USER, userResourceType } from '../../src/scim/protocol/resource-types.js';
import type { ResourceType } from '../../src/scim/protocol/schema/attribute.js';
import { onPostgres, startTestServer, type TestServer } from '../support/app.js';
import { createOrganization } from '../support/scenario.js';
import { toExtension } from '../support/schemas.js';

const HR = 'urn:example:params:scim:hr:1.0:User';
/** A user with an extension that a connection has declared; the filters of the page that name no such attribute do not care. */
const PERSON = userResourceType([
  toExtension(HR, {
    attributes: [
      { name: 'badge', uniqueness: 'server' },
      { name: 'cards', multiValued: true, uniqueness: 'server', caseExact: true },
    ],
  }).schema,
]);

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
           jsonb_build_object('value', 'User' || n || '@Example.com', 'type', 'work'), jsonb_build_object('value', 'x', 'type', 'home')),
           '${HR}', jsonb_build_object('badge', 'B' || n, 'cards', jsonb_build_array('C' || n))),
         'member', now(), now() FROM generate_series(1, $2::integer) n`,
      [id, PEOPLE],
    );
    await server.sql(
      `INSERT INTO groups (organization_id, id, provenance, login_policy, protected, is_default, display_name, display_name_key, external_id, attributes, created_at, updated_at)
       SELECT $1::uuid, ${groupId}, 'scim', 'own', false, false, 'Group ' || n, 'group ' || n, 'external' || n, '{}', now(), now()
       FROM generate_series(1, $2::integer) n`,
      [id, PEOPLE / 20],
    );
    await server.sql(
      `INSERT INTO unique_values (organization_id, subject, attribute, value_key, owner_id)
       SELECT $1::uuid, 'user', '${HR}:' || each.attribute, each.letter || n, ${personId}
       FROM generate_series(1, $2::integer) n, (VALUES ('badge', 'b'), ('cards', 'C')) AS each(attribute, letter)`,
      [id, PEOPLE],
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

  /** The tables of docs/performance.md: type, filter, and the index or the reason why there is none. */
  function documented(head: string): { type: ResourceType; filter: string; answer: string }[] {
    const text = readFileSync('docs/performance.md', 'utf8');
    const table = text.slice(text.indexOf(head)).trimEnd().split('\n\n')[0]!;
    return table
      .split('\n')
      .slice(2)
      .map((line) => {
        const [, type, filter, answer] = line.split('|').map((cell) => cell.trim());
        return {
          type: type === 'User' ? PERSON : GROUP,
          filter: filter!.slice(1, -1).replaceAll('{user}', person(77)).replaceAll('{group}', group(77)),
          answer: answer!.replaceAll('`', ''),
        };
      });
  }
  const headOf = (last: string) =>
    new RegExp(`^\\| of +\\| filter +\\| ${last}`, 'm').exec(readFileSync('docs/performance.md', 'utf8'))![0];

  const search = (watched: Queryable, type: ResourceType, wanted: Search) =>
    type !== GROUP
      ? reader.searchUsers(watched, organizationId, { ...wanted, withGroups: true })
      : reader.searchGroups(watched, organizationId, wanted);

  // What is looked at are the plans of the database that is used in production.
  (onPostgres ? it : it.skip)('documented look-ups use their indexes and read no table from end to end', async () => {
    const lookups = documented(headOf('index'));
    expect(lookups.length).toBeGreaterThan(15);
    for (const { type, filter, answer } of lookups) {
      const { db: watched, statements } = observed();
      const found = await search(watched, type, where(type, filter));
      const finds = !filter.includes('2999') && !(filter.includes(person(77)) && filter.includes(group(77)));
      expect([filter, found.items.length > 0]).toEqual([filter, finds]);
      const plan = await explain(statements[0]!);
      expect([filter, plan]).toEqual([filter, expect.stringContaining(answer)]);
      expect([filter, plan]).toEqual([filter, expect.not.stringMatching(/Seq Scan on (users|groups|memberships)/)]);
    }
  });

  it('documented filters without an index are answered all the same', async () => {
    const others = documented(headOf('why'));
    expect(others.length).toBeGreaterThan(8);
    for (const { type, filter, answer } of others) {
      expect(answer).toMatch(/\.$/);
      await search(db, type, where(type, filter));
    }
  });

  // What is looked at are the plans of the database that is used in production.
  (onPostgres ? it : it.skip)('a page by cursor costs the same wherever it lies', async () => {
    const { db: watched, statements } = observed();
    const page = { from: { id: person(PEOPLE - 150) }, limit: 100, total: 'cheap' as const, withGroups: false };
    const { items, next } = await reader.searchUsers(watched, organizationId, page);
    expect([items.length, items[0]!.user.id, next]).toEqual([100, person(PEOPLE - 149), { id: items.at(-1)!.user.id }]);
    const plan = await explain(statements[0]!);
    expect(plan).toMatch(/Index Scan using users_.*\(actual rows=101 /);
    expect(plan).not.toMatch(/Seq Scan|Sort Key/);
    const sorted = { ...page, from: { id: person(77), sortKey: 'user77' } };
    const sort = { key: { kind: 'column', column: 'userName' } as const, descending: false };
    statements.length = 0;
    await reader.searchUsers(watched, organizationId, { ...sorted, sort });
    const sortedPlan = await explain(statements[0]!);
    expect(sortedPlan).toMatch(/Index Scan using users_user_name.*\(actual rows=1\d\d /);
  });

  // What is looked at are the plans of the database that is used in production.
  (onPostgres ? it : it.skip)(
    'a page of people and groups in one order reads no more of each than the page',
    async () => {
      const byName = {
        user: { kind: 'column', column: 'userName' },
        group: { kind: 'column', column: 'displayName' },
      } as const;
      const page = {
        conditions: { user: EVERYTHING, group: EVERYTHING },
        keys: byName,
        descending: false,
        limit: 100,
        total: 'exact' as const,
      };
      for (const from of [0, { kind: 'group', id: group(77), sortKey: 'group 77' } as const]) {
        const { db: watched, statements } = observed();
        const { items } = await reader.searchBoth(watched, organizationId, { ...page, from }, 2500);
        expect([items.length, items[0]!.kind, statements.length]).toEqual([100, 'group', 3]);
        const plan = await explain(statements[0]!);
        for (const index of ['users_user_name', 'groups_display_name'])
          expect(plan).toMatch(new RegExp(`Index (Only )?Scan using ${index}.*\\(actual rows=(\\d|\\d\\d|1\\d\\d) `));
        expect(plan).not.toMatch(/Seq Scan/);
      }
    },
  );

  // What is looked at are the plans of the database that is used in production.
  (onPostgres ? it : it.skip)('groups are looked up of those alone who have the number of the version', async () => {
    await server.sql('UPDATE users SET version = 7 WHERE organization_id = $1 AND id = $2', [
      organizationId,
      person(5),
    ]);
    const { db: watched, statements } = observed();
    await reader.searchUsers(watched, organizationId, {
      ...where(USER, 'meta.version eq "W/\\"7.0123456789ab\\""'),
      withGroups: true,
    });
    const plan = await explain(statements[0]!);
    expect(plan).toMatch(/Scan using memberships_.* \(actual rows=\d+ loops=1\)/);
  });

  // What is looked at are the plans of the database that is used in production.
  (onPostgres ? it : it.skip)('whoever is created finds the default groups without reading all groups', async () => {
    const { db: watched, statements } = observed();
    await server.app.get(DirectoryReader, { strict: false }).defaultGroupIds(watched, organizationId);
    expect(await explain(statements[0]!)).toContain('groups_default');
  });

  // What is looked at are the plans of the database that is used in production.
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
