import fc from 'fast-check';
import { GROUP, USER } from '../../src/scim/protocol/resource-types.js';
import type { Attribute, JsonObject, ResourceType } from '../../src/scim/protocol/schema/attribute.js';
import type { TestServer } from './app.js';
import { DATES, type Kind, type Named } from './random-filters.js';
import { createTenant, type Tenant } from './scenario.js';

/** Random people and groups, as clients see them, and everything by which they can be found and sorted. */

export const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

/** Few values, so that they meet; with everything that LIKE, JSON and case folding could trip over. */
export const text = fc.constantFrom(
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
  ...named('text', 'id', 'externalId', 'schemas', 'meta.resourceType', 'meta.location', 'meta.version'),
  ...named('dateTime', 'meta.created', 'meta.lastModified'),
  ...named('complex', 'meta'),
];
export const USER_ATTRIBUTES: Named[] = [
  ...COMMON,
  ...attributesOf(USER),
  // Other ways to name them, and a list compared by its values.
  ...named('text', 'USERNAME', 'emails', 'roles', 'groups', 'photos', 'manager', 'department'),
  ...named('text', `${ENTERPRISE}:department`, `${ENTERPRISE}:manager.value`),
  ...named('complex', ENTERPRISE, `${ENTERPRISE}:manager`),
];
export const GROUP_ATTRIBUTES: Named[] = [...COMMON, ...attributesOf(GROUP), ...named('text', 'members')];
export type Found = JsonObject & {
  id: string;
  userName?: string;
  displayName?: string;
  meta: { location: string; version: string };
};

export interface Directory {
  readonly tenant: Tenant;
  readonly users: readonly Found[];
  readonly groups: readonly Found[];
}

/** An organization of forty people and five groups, beside another one. Turns the clock of the server. */
export async function createDirectory(server: TestServer): Promise<Directory> {
  const tenant = await createTenant(server);
  // Somebody of another organization, whom no filter may find, whatever it says.
  const other = await createTenant(server);
  await other.scim('POST', '/Users', { userName: 'a', displayName: 'a', emails: [{ value: 'a', type: 'work' }] });
  await other.scim('POST', '/Groups', { displayName: 'a' });
  const ids: string[] = [];
  for (const [index, { suffix, ...body }] of fc.sample(user, { numRuns: 40, seed: 4711 }).entries()) {
    server.clock.set(new Date(DATES[index % DATES.length]!));
    const reply = await tenant.scim<{ id: string }>('POST', '/Users', { ...body, userName: `${suffix}${index}` });
    expect(reply.status).toBe(201);
    ids.push(reply.json.id);
  }
  for (const [index, displayName] of ['a', 'B_', 'c\\', 'Ä', 'empty'].entries()) {
    const members = displayName === 'empty' ? [] : ids.filter((_, at) => at % (index + 2) === 0);
    const group = await tenant.scim<{ id: string }>('POST', '/Groups', {
      displayName,
      ...(index % 2 === 0 ? { externalId: displayName } : {}),
      members: members.map((value) => ({ value })),
    });
    // Versions 1 to 13: as texts, which they are, 10 comes before 9.
    for (let turn = 0; turn < 3 * index; turn++) {
      const value = turn % 2 === 0 ? displayName : displayName.toUpperCase();
      const Operations = [{ op: 'replace', path: 'displayName', value }];
      await tenant.scim('PATCH', `/Groups/${group.json.id}`, { Operations });
    }
  }
  // Some have managers who are here.
  for (const [at, id] of ids.entries()) {
    if (at % 3 > 0) continue;
    const value = ids[(at * 7 + 1) % ids.length]!;
    const Operations = [{ op: 'replace', path: `${ENTERPRISE}:manager`, value: { value } }];
    expect((await tenant.scim('PATCH', `/Users/${id}`, { Operations })).status).toBe(200);
  }
  const everything = async (path: string) =>
    (await tenant.scim<{ Resources: Found[] }>('GET', `${path}?count=1000`)).json.Resources;
  const [users, groups] = [await everything('/Users'), await everything('/Groups')];
  expect([users.length, groups.length]).toEqual([40, 5]);
  return { tenant, users, groups };
}
