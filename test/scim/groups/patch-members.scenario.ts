import fc from 'fast-check';
import { checkValueFilter } from '../../../src/scim/protocol/filter/check-filter.js';
import { matchesElement } from '../../../src/scim/protocol/filter/matches-filter.js';
import { parsePath } from '../../../src/scim/protocol/path/parse-path.js';
import { GROUP } from '../../../src/scim/protocol/resource-types.js';
import type { Json, JsonObject } from '../../../src/scim/protocol/schema/attribute.js';
import { findAttribute } from '../../../src/scim/protocol/schema/lookup.js';
import { startTestServer, type TestServer } from '../../support/app.js';
import { countStatements } from '../../support/count-statements.js';
import { combined, leaf } from '../../support/random-filters.js';
import { createTenant, type Tenant } from '../../support/scenario.js';
import { expectNoEffects, sideEffects } from '../../support/side-effects.js';

/** PATCH of members that are chosen by what they are: the server loads none of them, the model here has them all. */

const NAMES = ['Ada', 'ada L.', 'Böb', 'B_b', 'C%d', undefined, 'Zoë', 'Ada'];

let server: TestServer;
let tenant: Tenant;
let people: string[];
let stranger: string;
let group: string;

beforeAll(async () => {
  server = await startTestServer({ SCIM_REQUESTS_PER_SECOND: '1000' });
  tenant = await createTenant(server);
  people = [];
  for (const [index, displayName] of NAMES.entries()) {
    const body = { userName: `person${index}`, ...(displayName === undefined ? {} : { displayName }) };
    people.push((await tenant.scim<{ id: string }>('POST', '/Users', body)).json.id);
  }
  // Somebody of the same name elsewhere, in a group of the same name.
  const other = await createTenant(server);
  stranger = (await other.scim<{ id: string }>('POST', '/Users', { userName: 'a', displayName: 'Ada' })).json.id;
  await other.scim('POST', '/Groups', { displayName: 'G', members: [{ value: stranger }] });
  group = (await tenant.scim<{ id: string }>('POST', '/Groups', { displayName: 'G' })).json.id;
});
afterAll(() => server.close());

const at = findAttribute(GROUP, { name: 'members' })!;
const patch = (...Operations: Json[]) => tenant.scim('PATCH', `/Groups/${group}`, { Operations });
const set = async (ids: readonly string[]) =>
  expect((await patch({ op: 'replace', path: 'members', value: [...ids] })).status).toBe(200);
type Shown = JsonObject & { value: string };
const members = async () => (await tenant.scim<{ members: Shown[] }>('GET', `/Groups/${group}`)).json.members;
const present = async () => (await members()).map(({ value }) => value).sort();
const remove = (filter: string) => ({ op: 'remove', path: `members[${filter}]` });

describe('R-135, R-132 members that a filter chooses', () => {
  it.each<[filter: string, gone: (index: number) => boolean]>([
    ['display eq "ada"', (index) => index === 0 || index === 7],
    ['display sw "ada" and not (display eq "Ada")', (index) => index === 1],
    ['display co "_"', (index) => index === 3],
    ['not (display pr)', (index) => index === 5],
    ['type eq "user" and value eq "{0}"', (index) => index === 0],
    ['value eq "{0}" or display eq "Zoë"', (index) => index === 0 || index === 6],
    ['$ref ew "/Users/{2}"', (index) => index === 2],
    ['type eq "Group"', () => false],
    ['value ne "{0}"', (index) => index > 0],
    ['type eq "User"', () => true],
  ])('leave by %s', async (filter, gone) => {
    await set(people);
    const path = filter.replace(/\{(\d)\}/g, (_all, index: string) => people[Number(index)]!);
    expect((await patch(remove(path))).status).toBe(200);
    expect(await present()).toEqual(people.filter((_id, index) => !gone(index)).sort());
  });

  it('are asked for by one statement, however many filters there are', async () => {
    const statements = countStatements(server);
    const cost = async (...operations: Json[]) => {
      await set(people);
      const before = statements();
      expect((await patch(...operations)).status).toBe(200);
      return statements() - before;
    };
    const one = await cost(remove('display eq "Ada"'));
    expect(await cost(remove('display eq "Ada"'), remove('display eq "Zoë"'), remove('display sw "C"'))).toBe(one);
    expect(await present()).toHaveLength(4);
  });

  it('nothing changes where none is chosen, or the filter says nothing of members, or too much', async () => {
    await set(people);
    const terms = (count: number) => Array.from({ length: count }, () => 'display pr').join(' or ');
    const effects = await sideEffects(server, async () => {
      expect((await patch(remove('display eq "nobody"'))).status).toBe(200);
      for (const [operation, scimType] of [
        [remove('shoeSize eq 5'), 'invalidFilter'],
        [remove(terms(101)), 'invalidFilter'],
        [{ op: 'replace', path: 'members[display eq "nobody"]', value: { display: 'x' } }, 'noTarget'],
        [{ op: 'replace', path: 'members[display eq "Zoë"]', value: { value: people[0]! } }, 'mutability'],
        [{ op: 'replace', path: 'members[display eq "Zoë"]', value: { display: 'x' } }, undefined],
      ] as const) {
        const { json } = await patch(operation);
        expect([operation, json['scimType']]).toEqual([operation, scimType]);
      }
      const { json } = await patch(remove(terms(50)), remove(terms(51)));
      expect([json['scimType'], json['detail']]).toEqual([
        'invalidFilter',
        expect.stringContaining('limit filterTerms: 100'),
      ]);
    });
    expectNoEffects(effects);
  });
});

it('R-131 a PATCH does to a group what the same operations do to its loaded members', async () => {
  await set(people);
  const shown = new Map((await members()).map((member) => [member.value, member]));
  const id = fc.constantFrom(...people);
  const text = fc.constantFrom('Ada', 'ada', 'b', '_', '%', 'user', 'ë');
  const leaves = fc.oneof(
    fc.constantFrom('display', 'type', '$ref').chain((path) => leaf({ path, kind: 'text' }, text)),
    fc.tuple(fc.constantFrom('eq', 'ne'), id).map(([op, value]) => `value ${op} "${value}"`),
  );
  const some = fc.uniqueArray(id, { maxLength: 4 }).map((ids) => ids.map((value) => ({ value })));
  const operation = fc.oneof(
    { weight: 3, arbitrary: combined(leaves, 2).map(remove) },
    fc.record({ op: fc.constantFrom('add', 'replace'), path: fc.constant('members'), value: some }),
    fc.record({ op: fc.constant('remove'), path: fc.constant('members'), value: some }),
  );
  const apply = (ids: readonly string[], { op, path, value }: { op: string; path: string; value?: Shown[] }) => {
    const given = (value ?? []).map((each) => each.value);
    if (op === 'add') return [...new Set([...ids, ...given])];
    if (op === 'replace') return given;
    const { filter } = parsePath(path);
    if (!filter) return ids.filter((each) => !given.includes(each));
    const checked = checkValueFilter(at, filter);
    return ids.filter((each) => !matchesElement(shown.get(each)!, checked));
  };
  let expected = await present();
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { minLength: 1, maxLength: 5 }), async (operations) => {
      const reply = await patch(...(operations as Json[]));
      expect([operations, reply.status]).toEqual([operations, 200]);
      for (const each of operations) expected = apply(expected, each);
      expect([operations, await present()]).toEqual([operations, expected.sort()]);
    }),
    { numRuns: 80, seed: 7644, endOnFailure: true },
  );
}, 120_000);
