import fc from 'fast-check';
import { checkFilter } from '../../src/scim/protocol/filter/check-filter.js';
import type { CheckedFilter } from '../../src/scim/protocol/filter/checked-filter.js';
import { matchesFilter } from '../../src/scim/protocol/filter/matches-filter.js';
import { parseFilter } from '../../src/scim/protocol/filter/parse-filter.js';
import { GROUP, USER } from '../../src/scim/protocol/resource-types.js';
import type { Attribute, JsonObject, ResourceType } from '../../src/scim/protocol/schema/attribute.js';
import { startTestServer, type TestServer } from '../support/app.js';
import { combined, DATES, leaf, type Kind, type Named } from '../support/random-filters.js';
import { createTenant, type Tenant } from '../support/scenario.js';

/**
 * The SQL of a filter against the same filter evaluated in memory on the resources as clients see them: two implementations that know
 * nothing of each other must choose the same resources, for random filters over random people and groups.
 */

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

/** Few values, so that they meet; with everything that LIKE, JSON and case folding could trip over. */
const text = fc.constantFrom(
  'a',
  'A',
  'ab',
  'b%',
  'B_',
  'c\\',
  "o'x",
  'q"q',
  'ä',
  'Ä',
  'é z',
  '100',
  'true',
  'null',
  '語',
  'and or',
);
const fragment = fc.oneof(text, fc.constantFrom('%', '_', '\\', ' ', 'x', 'Q'));
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 2 });
const element = fc.record(
  { value: text, type: fc.constantFrom('work', 'home', 'Other'), display: text, primary: fc.constant(false) },
  { requiredKeys: ['value'] },
);
const elements = fc
  .uniqueArray(element, { maxLength: 3, selector: ({ value }) => value })
  .map((list) => list.map((each, index) => (index === 0 && list.length > 1 ? { ...each, primary: true } : each)));

const LISTS = ['emails', 'roles', 'phoneNumbers', 'ims', 'photos', 'entitlements', 'x509Certificates'];
const textsOf = (attributes: readonly Attribute[]) =>
  attributes.filter(({ type, multiValued }) => !multiValued && type !== 'complex' && type !== 'boolean');
/** Some of them, each with a text. */
const some = (attributes: readonly Attribute[]) =>
  fc.record(Object.fromEntries(textsOf(attributes).map(({ name }) => [name, text])), { requiredKeys: [] });
const subAttributes = (name: string) => USER.schema.attributes.find((each) => each.name === name)!.subAttributes!;
const extension = USER.extensions[0]!;

const user = fc
  .record({
    suffix: text,
    texts: some(USER.schema.attributes.filter(({ name }) => name !== 'userName' && name !== 'password')),
    externalId: optional(text),
    active: optional(fc.boolean()),
    name: optional(some(subAttributes('name'))),
    addresses: optional(fc.array(some(subAttributes('addresses')), { maxLength: 2 })),
    lists: fc.record(Object.fromEntries(LISTS.map((name) => [name, optional(elements)]))),
    extension: optional(some(extension.attributes)),
    manager: optional(
      fc.record({ value: fc.oneof(text, fc.uuid({ version: 7 })), $ref: text }, { requiredKeys: ['value'] }),
    ),
  })
  .map(({ suffix, texts, lists, extension: given, manager, ...rest }) => ({
    ...rest,
    ...texts,
    ...lists,
    suffix,
    [ENTERPRISE]: { ...given, ...(manager && { manager }) },
  }));

const named = (kind: Kind, ...paths: string[]): Named[] => paths.map((path) => ({ path, kind }));

/** Every attribute and sub-attribute of the schemas that can be searched, by its plain name. */
function attributesOf({ schema, extensions }: ResourceType): Named[] {
  const all = [...schema.attributes, ...extensions.flatMap(({ attributes }) => attributes)];
  return all.flatMap((attribute) => [
    ...(attribute.returned === 'never' ? [] : [{ path: attribute.name, kind: kindOf(attribute) }]),
    ...(attribute.subAttributes ?? []).map((sub) => ({ path: `${attribute.name}.${sub.name}`, kind: kindOf(sub) })),
  ]);
}
const kindOf = ({ type }: Attribute): Kind =>
  type === 'boolean' || type === 'dateTime' || type === 'complex' ? type : 'text';

const COMMON: Named[] = [
  ...named('text', 'id', 'externalId', 'schemas', 'meta.resourceType', 'meta.location'),
  ...named('dateTime', 'meta.created', 'meta.lastModified'),
  ...named('complex', 'meta', 'meta.version'),
];
const USER_ATTRIBUTES: Named[] = [
  ...COMMON,
  ...attributesOf(USER),
  // Other ways to name them, and a list compared by its values.
  ...named('text', 'USERNAME', 'emails', 'roles', 'groups', 'photos', 'manager', 'department'),
  ...named('text', `${ENTERPRISE}:department`, `${ENTERPRISE}:manager.value`),
  ...named('complex', ENTERPRISE, `${ENTERPRISE}:manager`),
];
const GROUP_ATTRIBUTES: Named[] = [...COMMON, ...attributesOf(GROUP), ...named('text', 'members')];
const BRACKETS: Readonly<Record<string, Record<string, string[]>>> = {
  User: {
    ...Object.fromEntries(
      ['emails', 'roles', 'photos', 'addresses', 'groups', 'name', 'manager'].map((name) => [
        name,
        [...USER.schema.attributes, ...extension.attributes]
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

type Found = JsonObject & { id: string; userName?: string; displayName?: string; meta: { location: string } };

const managerOf = (resource: Found, key: string): string => {
  const enterprise = resource[ENTERPRISE] as { manager?: Record<string, string> } | undefined;
  return enterprise?.manager?.[key] ?? '';
};

describe('filters on the database and in memory', () => {
  let server: TestServer;
  let tenant: Tenant;
  let users: Found[];
  let groups: Found[];
  /** Filters that chose some and not all. */
  let telling = 0;
  beforeEach(() => {
    telling = 0;
  });

  beforeAll(async () => {
    server = await startTestServer();
    tenant = await createTenant(server);
    // Somebody of another organization, whom no filter may find, whatever it says.
    const other = await createTenant(server);
    await other.scim('POST', '/Users', { userName: 'a', displayName: 'a', emails: [{ value: 'a', type: 'work' }] });
    const ids: string[] = [];
    for (const [index, { suffix, ...body }] of fc.sample(user, { numRuns: 40, seed: 4711 }).entries()) {
      server.clock.set(new Date(DATES[index % DATES.length]!));
      const reply = await tenant.scim<{ id: string }>('POST', '/Users', { ...body, userName: `${suffix}${index}` });
      expect(reply.status).toBe(201);
      ids.push(reply.json.id);
    }
    for (const [index, displayName] of ['a', 'B_', 'c\\', 'Ä', 'empty'].entries()) {
      const members = displayName === 'empty' ? [] : ids.filter((_, at) => at % (index + 2) === 0);
      await tenant.scim('POST', '/Groups', {
        displayName,
        ...(index % 2 === 0 ? { externalId: displayName } : {}),
        members: members.map((value) => ({ value })),
      });
    }
    // Some have managers who are here.
    for (const [at, id] of ids.entries()) {
      if (at % 3 > 0) continue;
      const value = ids[(at * 7 + 1) % ids.length]!;
      const Operations = [{ op: 'replace', path: `${ENTERPRISE}:manager`, value: { value } }];
      expect((await tenant.scim('PATCH', `/Users/${id}`, { Operations })).status).toBe(200);
    }
    users = await everything('/Users');
    groups = await everything('/Groups');
    expect([users.length, groups.length]).toEqual([40, 5]);
  });
  afterAll(() => server.close());

  const everything = async (path: string) =>
    (await tenant.scim<{ Resources: Found[] }>('GET', `${path}?count=1000`)).json.Resources;

  async function agrees(type: ResourceType, resources: readonly Found[], filter: string): Promise<void> {
    let checked: CheckedFilter | undefined;
    try {
      checked = checkFilter(type, parseFilter(filter));
    } catch {
      checked = undefined;
    }
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
});
