import fc from 'fast-check';
import { checkFilter } from '../../src/scim/protocol/filter/check-filter.js';
import type { CheckedFilter } from '../../src/scim/protocol/filter/checked-filter.js';
import { matchesFilter } from '../../src/scim/protocol/filter/matches-filter.js';
import { parseFilter } from '../../src/scim/protocol/filter/parse-filter.js';
import { GROUP, USER } from '../../src/scim/protocol/resource-types.js';
import type { ResourceType } from '../../src/scim/protocol/schema/attribute.js';
import { startTestServer, type TestServer } from '../support/app.js';
import { createDirectory, ENTERPRISE, GROUP_ATTRIBUTES, text, USER_ATTRIBUTES } from '../support/random-directory.js';
import type { Directory, Found } from '../support/random-directory.js';
import { combined, leaf, type Named } from '../support/random-filters.js';
import type { JsonObject } from '../support/scenario.js';

/**
 * The SQL of a filter against the same filter evaluated in memory on the resources as clients see them: two implementations that know
 * nothing of each other must choose the same resources, for random filters over random people and groups.
 */

const fragment = fc.oneof(text, fc.constantFrom('%', '_', '\\', ' ', 'x', 'Q'));
const BRACKETS: Readonly<Record<string, Record<string, string[]>>> = {
  User: {
    ...Object.fromEntries(
      ['emails', 'roles', 'photos', 'addresses', 'groups', 'name', 'manager'].map((name) => [
        name,
        [...USER.schema.attributes, ...USER.extensions[0]!.attributes]
          .find((attribute) => attribute.name === name)!
          .subAttributes!.map((sub) => sub.name),
      ]),
    ),
    schemas: ['value'],
  },
  Group: { members: ['value', 'display', 'type', '$ref'] },
};

function filters(type: ResourceType, attributes: Named[], values: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const plain = fc.constantFrom(...attributes).chain((attribute) => leaf(attribute, values));
  const bracketed = fc.constantFrom(...Object.entries(BRACKETS[type.id]!)).chain(([path, subs]) => {
    const sub = fc
      .constantFrom(...subs)
      .chain((name) => leaf({ path: name, kind: name === 'primary' ? 'boolean' : 'text' }, values));
    const inside = combined(sub, 2);
    const whole = inside.map((filter) => `${path}[${filter}]`);
    if (['name', 'schemas', 'addresses', 'manager'].includes(path)) return whole;
    // Entra's form: emails[type eq "work"].value eq "x"
    const tail = fc
      .tuple(inside, values)
      .map(([filter, value]) => `${path}[${filter}].value eq ${JSON.stringify(value)}`);
    return fc.oneof(whole, tail);
  });
  return combined(fc.oneof({ weight: 3, arbitrary: plain }, { weight: 2, arbitrary: bracketed }), 3);
}

const managerOf = (resource: Found, key: string): string => {
  const enterprise = resource[ENTERPRISE] as { manager?: Record<string, string> } | undefined;
  return enterprise?.manager?.[key] ?? '';
};

describe('filters on the database and in memory', () => {
  let server: TestServer;
  let tenant: Directory['tenant'];
  let users: Directory['users'];
  let groups: Directory['groups'];
  /** Filters that chose some and not all. */
  let telling = 0;
  beforeEach(() => {
    telling = 0;
  });

  beforeAll(async () => {
    server = await startTestServer();
    ({ tenant, users, groups } = await createDirectory(server));
  });
  afterAll(() => server.close());

  async function agrees(type: ResourceType, resources: readonly Found[], filter: string): Promise<void> {
    const checked = checkedOf(type, filter);
    const query = `${type.endpoint}?count=1000&attributes=id&filter=${encodeURIComponent(filter)}`;
    const reply = await tenant.scim<{ Resources: JsonObject[]; totalResults: number }>('GET', query);
    if (!checked) {
      expect(reply.status).toBe(400);
      return;
    }
    expect([filter, reply.status]).toEqual([filter, 200]);
    const expected = resources.filter((resource) => matchesFilter(resource, checked)).map(({ id }) => id);
    if (expected.length > 0 && expected.length < resources.length) telling += 1;
    expect(reply.json.Resources.map(({ id }) => id)).toEqual(expected);
    expect(reply.json.totalResults).toBe(expected.length);
  }

  async function agreesOverTypes(filter: string): Promise<void> {
    const checked = [checkedOf(USER, filter, 'absent'), checkedOf(GROUP, filter, 'absent')] as const;
    const schemas = ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'];
    const search = { schemas, filter, count: 1000, attributes: ['id'] };
    const reply = await tenant.scim<{ Resources: JsonObject[]; totalResults: number }>('POST', '/.search', search);
    const [ofUsers, ofGroups] = checked;
    expect([filter, reply.status]).toEqual([filter, ofUsers && ofGroups ? 200 : 400]);
    if (!ofUsers || !ofGroups) return;
    const expected = [
      ...users.filter((user) => matchesFilter(user, ofUsers)),
      ...groups.filter((group) => matchesFilter(group, ofGroups)),
    ];
    if (expected.length > 0 && expected.length < users.length + groups.length) telling += 1;
    expect(reply.json.Resources.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
    expect(reply.json.totalResults).toBe(expected.length);
  }

  function checkedOf(
    type: ResourceType,
    filter: string,
    unknownAttributes: 'reject' | 'absent' = 'reject',
  ): CheckedFilter | undefined {
    try {
      return checkFilter(type, parseFilter(filter), { unknownAttributes });
    } catch {
      return undefined;
    }
  }

  /** Values that occur, in another case, in part, and values that do not. */
  const valuesOf = (resources: readonly Found[]) =>
    fc.oneof(
      fragment,
      fc.constantFrom(...resources.map((resource) => resource.id)),
      fc.constantFrom(...resources.map((resource) => resource.userName ?? resource.displayName ?? '')),
      fc.constantFrom(...resources.map((resource) => resource.meta.location)),
      fc.constantFrom('http', '/Users/', '/scim/v2/Groups/0', 'e'),
      fc.constantFrom(
        ...resources.flatMap((resource) => [managerOf(resource, 'displayName'), managerOf(resource, '$ref')]),
      ),
      fc.constantFrom('direct', 'User', 'user', 'WORK', 'home', ENTERPRISE, ENTERPRISE.toUpperCase()),
    );

  it('R-070, R-073, R-078 choose the same users', async () => {
    const related = fc.oneof(
      { weight: 6, arbitrary: valuesOf(users) },
      { weight: 1, arbitrary: fc.constantFrom(...groups.map(({ id }) => id.toUpperCase())) },
    );
    await fc.assert(
      fc.asyncProperty(filters(USER, USER_ATTRIBUTES, related), (filter) => agrees(USER, users, filter)),
      { numRuns: 600 },
    );
    expect(telling).toBeGreaterThan(100);
  });

  it('R-077 choose the same groups', async () => {
    const related = fc.oneof(
      { weight: 3, arbitrary: valuesOf(groups) },
      { weight: 1, arbitrary: fc.constantFrom(...users.map(({ id }) => id)) },
    );
    await fc.assert(
      fc.asyncProperty(filters(GROUP, GROUP_ATTRIBUTES, related), (filter) => agrees(GROUP, groups, filter)),
      { numRuns: 300 },
    );
    expect(telling).toBeGreaterThan(50);
  });

  it('R-075, R-121 choose the same of both types', async () => {
    const both = [...users, ...groups];
    const any = fc.oneof(
      filters(USER, USER_ATTRIBUTES, valuesOf(both)),
      filters(GROUP, GROUP_ATTRIBUTES, valuesOf(both)),
    );
    await fc.assert(fc.asyncProperty(any, agreesOverTypes), { numRuns: 300 });
    expect(telling).toBeGreaterThan(50);
  });

  it('R-073, R-083, R-163 choose by the version that is shown, with every operator', async () => {
    for (const [type, resources] of [
      [USER, users],
      [GROUP, groups],
    ] as const) {
      const versions = resources.map(({ meta }) => meta.version);
      const [whole, cut] = [
        fc.constantFrom(...versions),
        fc.tuple(fc.constantFrom(...versions), fc.nat(18), fc.nat(18)),
      ];
      const values = fc.oneof(
        whole,
        whole.map((version) => version.toUpperCase()),
        cut.map(([version, from, to]) => version.slice(from, to)),
        fc.constantFrom(
          'W/',
          'W/"',
          '"',
          'W/"1',
          'W/"2"',
          'W/"0"',
          'W/"01"',
          'W/"1."',
          '1',
          '1"',
          '\0',
          `W/"${'9'.repeat(40)}"`,
        ),
      );
      const plain = leaf({ path: 'meta.version', kind: 'text' }, values);
      const bracketed = leaf({ path: 'version', kind: 'text' }, values).map((filter) => `meta[${filter}]`);
      const any = combined(fc.oneof(plain, bracketed), 2);
      await fc.assert(
        fc.asyncProperty(any, (filter) => agrees(type, resources, filter)),
        { numRuns: 150 },
      );
    }
    expect(telling).toBeGreaterThan(50);
    expect(new Set(users.map(({ meta }) => meta.version)).size).toBeGreaterThan(10);
  });
});
