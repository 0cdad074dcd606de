import fc from 'fast-check';
import { foldMembers } from '../../../src/scim/groups/fold-group-patch.js';
import { readGroupPatchSteps, readMembers } from '../../../src/scim/groups/member-steps.js';
import { checkValueFilter } from '../../../src/scim/protocol/filter/check-filter.js';
import type { Filter } from '../../../src/scim/protocol/filter/filter.js';
import { matchesElement } from '../../../src/scim/protocol/filter/matches-filter.js';
import { parsePath } from '../../../src/scim/protocol/path/parse-path.js';
import { parsePatchRequest, type Operation } from '../../../src/scim/protocol/patch/parse-patch-request.js';
import { GROUP } from '../../../src/scim/protocol/resource-types.js';
import type { Json, JsonObject } from '../../../src/scim/protocol/schema/attribute.js';
import { findAttribute } from '../../../src/scim/protocol/schema/lookup.js';
import { ScimError } from '../../../src/scim/protocol/scim-error.js';

const read = (...operations: Json[]) => readGroupPatchSteps(GROUP, parsePatchRequest({ Operations: operations }));
const fold = (...operations: Json[]) => {
  const { steps, others } = read(...operations);
  return { members: foldMembers(steps), others };
};
const members = (...operations: Json[]) => fold(...operations).members;

describe('PATCH of a group, folded', () => {
  it.each<[string, string, Json[], object]>([
    [
      '44',
      'Entra adds',
      [{ op: 'Add', path: 'members', value: [{ $ref: null, value: 'a' }] }],
      { add: ['a'], remove: [] },
    ],
    [
      '45',
      'Okta adds',
      [{ op: 'add', path: 'members', value: [{ value: 'a', display: 'x' }] }],
      { add: ['a'], remove: [] },
    ],
    ['46', 'an object', [{ op: 'add', path: 'members', value: { value: 'a' } }], { add: ['a'], remove: [] }],
    ['46', 'a text', [{ op: 'add', path: 'members', value: 'a' }], { add: ['a'], remove: [] }],
    ['46', 'texts', [{ op: 'add', path: 'members', value: ['a', 'b', 'a'] }], { add: ['a', 'b'], remove: [] }],
    ['47', 'without path', [{ op: 'add', value: { members: [{ value: 'a' }] } }], { add: ['a'], remove: [] }],
    [
      '48',
      'Entra removes exactly these',
      [{ op: 'Remove', path: 'members', value: [{ $ref: null, value: 'a' }] }],
      { add: [], remove: ['a'] },
    ],
    [
      '49',
      "Ping's SDK removes",
      [{ op: 'remove', path: 'members', value: { members: [{ value: 'a' }] } }],
      { add: [], remove: ['a'] },
    ],
    ['50', 'by filter', [{ op: 'remove', path: 'members[value eq "a"]' }], { add: [], remove: ['a'] }],
    [
      '50',
      'by filter with or',
      [{ op: 'remove', path: 'members[value eq "a" or value eq "b"]' }],
      { add: [], remove: ['a', 'b'] },
    ],
    [
      '51',
      'several by filter',
      [
        { op: 'remove', path: 'members[value eq "a"]' },
        { op: 'remove', path: 'members[value eq "b"]' },
      ],
      { add: [], remove: ['a', 'b'] },
    ],
    ['52', 'all', [{ op: 'remove', path: 'members' }], { replace: [], add: [], remove: [] }],
    ['53', 'an empty list names nobody', [{ op: 'Remove', path: 'members', value: [] }], { add: [], remove: [] }],
    ['53', 'null names nobody', [{ op: 'Remove', path: 'members', value: null }], { add: [], remove: [] }],
    [
      '54',
      'replace',
      [{ op: 'replace', path: 'members', value: [{ value: 'a' }] }],
      { replace: ['a'], add: [], remove: [] },
    ],
    [
      '54',
      'replace by an empty list',
      [{ op: 'replace', path: 'members', value: [] }],
      { replace: [], add: [], remove: [] },
    ],
    [
      '55',
      'replace without path',
      [{ op: 'replace', value: { members: [{ value: 'a' }] } }],
      { replace: ['a'], add: [], remove: [] },
    ],
    [
      '56',
      "a member's display is ignored",
      [{ op: 'replace', path: 'members[value eq "a"].display', value: 'x' }],
      { add: [], remove: [] },
    ],
    [
      '58',
      'add, then remove',
      [
        { op: 'add', path: 'members', value: 'a' },
        { op: 'remove', path: 'members[value eq "a"]' },
      ],
      { add: [], remove: ['a'] },
    ],
    [
      '58',
      'remove, then add',
      [
        { op: 'remove', path: 'members[value eq "a"]' },
        { op: 'add', path: 'members', value: 'a' },
      ],
      { add: ['a'], remove: [] },
    ],
    [
      '-',
      'replace, then add and remove',
      [
        { op: 'replace', path: 'members', value: ['a', 'b'] },
        { op: 'add', path: 'members', value: 'c' },
        { op: 'remove', path: 'members', value: ['a'] },
      ],
      { replace: ['b', 'c'], add: [], remove: [] },
    ],
    [
      '-',
      'the URN, any case',
      [{ op: 'add', path: 'urn:ietf:params:scim:schemas:core:2.0:Group:MEMBERS', value: 'a' }],
      { add: ['a'], remove: [] },
    ],
    ['-', 'a numeric id', [{ op: 'add', path: 'members', value: [{ value: 7 }] }], { add: ['7'], remove: [] }],
  ])('#%s %s', (_number, _what, operations, expected) => {
    expect(members(...operations)).toEqual(expected);
  });

  it('leaves the other attributes in order', () => {
    expect(
      fold(
        { op: 'replace', value: { id: 'x', displayName: 'N', members: [{ value: 'a' }] } },
        { op: 'Replace', path: 'externalId', value: 'e' },
      ),
    ).toEqual({
      members: { replace: ['a'], add: [], remove: [] },
      others: [
        { op: 'replace', value: { id: 'x', displayName: 'N' } },
        { op: 'replace', path: 'externalId', value: 'e' },
      ],
    });
  });

  it.each<[string, Json, string]>([
    ['another member', { op: 'replace', path: 'members[value eq "a"]', value: { value: 'b' } }, 'mutability'],
    ['a value for nobody', { op: 'replace', path: 'members[display eq "x"]', value: { value: 'b' } }, 'noTarget'],
    ['what no database takes as a text', { op: 'add', path: 'members', value: '\0' }, 'invalidValue'],
    ['half a character', { op: 'replace', path: 'members', value: [{ value: 'a\ud800' }] }, 'invalidValue'],
    ['a member without value', { op: 'add', path: 'members', value: [{ display: 'x' }] }, 'invalidValue'],
    ['a sub-attribute of all members', { op: 'replace', path: 'members.display', value: 'x' }, 'invalidPath'],
  ])('refuses %s', (_what, operation, scimType) => {
    expect(() => fold(operation)).toThrow(expect.objectContaining({ scimType }) as Error);
  });

  it('tells an absent list from an empty one', () => {
    expect(readMembers(GROUP, { displayName: 'x' })).toBeUndefined();
    expect(readMembers(GROUP, { members: [] })).toEqual([]);
    expect(readMembers(GROUP, { Members: [{ value: 'a' }, { value: 'a' }] })).toEqual(['a']);
    expect(readMembers(GROUP, { members: null })).toEqual([]);
  });

  it('R-131, R-135 does to a set what the operations one by one do to members that are loaded', () => {
    const operations = fc.array(operation, { maxLength: 8 });
    fc.assert(
      fc.property(fc.uniqueArray(id), operations, (start, sent) => {
        const parsed = parsePatchRequest({ Operations: sent });
        const { steps, others } = readGroupPatchSteps(GROUP, parsed);
        const filters = steps.flatMap((step) => ('filter' in step ? [step.filter] : []));
        const chosen = new Map(filters.map((each) => [each, IDS.filter((value) => fulfils(value, each))]));
        const folded = foldMembers(steps, chosen);
        const byFold = new Set(folded.replace ?? start);
        for (const value of folded.add) byFold.add(value);
        for (const value of folded.remove) byFold.delete(value);
        expect([...byFold].sort()).toEqual(oneByOne(start, parsed));
        expect(others).toEqual([]);
        expect(folded.add.filter((value) => folded.remove.includes(value))).toEqual([]);
      }),
    );
  });

  it('folds a thousand operations of a thousand members in no time', () => {
    const operations = Array.from({ length: 1000 }, (_, n) => ({
      op: 'add',
      path: 'members',
      value: [{ value: `id${n}` }],
    }));
    const value = Array.from({ length: 50_000 }, (_, n) => ({ value: `many${n}` }));
    const started = performance.now();
    expect(members(...operations).add).toHaveLength(1000);
    expect(members({ op: 'add', path: 'members', value }).add).toHaveLength(50_000);
    expect(performance.now() - started).toBeLessThan(2000);
  });

  it('answers garbage with a SCIM error', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), fc.string(), (values, path) => {
        for (const value of values) {
          try {
            fold({ op: 'add', path, value: value as Json }, { op: 'replace', value: value as Json });
          } catch (error) {
            expect(error).toBeInstanceOf(ScimError);
          }
        }
      }),
    );
  });
});

const IDS = ['a', 'b', 'c', 'd'];
const memberOf = (value: string): JsonObject => ({
  value,
  $ref: `https://x/Users/${value}`,
  type: 'User',
  ...(value === 'd' ? {} : { display: value === 'a' ? 'Ada' : 'Bob' }),
});
const fulfils = (value: string, filter: Filter) =>
  matchesElement(memberOf(value), checkValueFilter(findAttribute(GROUP, { name: 'members' })!, filter));

const id = fc.constantFrom(...IDS);
const ids = fc.uniqueArray(id);
const shapes = ids.chain((list) =>
  fc.constantFrom<Json[]>(
    list,
    list.map((value) => ({ value })),
    ...(list.length === 1 ? ([list[0]!, { value: list[0]! }] as never[]) : []),
  ),
);
const comparison = fc.oneof(
  fc.constantFrom(
    'display eq "ada"',
    'display sw "B"',
    'display pr',
    'type eq "User"',
    'type ne "user"',
    '$ref ew "/c"',
  ),
  id.map((value) => `value eq "${value}"`),
  id.map((value) => `value ne "${value}"`),
);
const filter = fc.oneof(
  comparison,
  fc.tuple(comparison, fc.constantFrom('and', 'or'), comparison).map((parts) => parts.join(' ')),
  comparison.map((inner) => `not (${inner})`),
);
/** Every way to say it. */
const operation: fc.Arbitrary<JsonObject> = fc.oneof(
  fc.record({ op: fc.constantFrom('add', 'Add', 'replace'), path: fc.constant('members'), value: shapes }),
  fc.record({ op: fc.constantFrom('add', 'Replace'), value: fc.record({ members: shapes }) }),
  fc.record({ op: fc.constantFrom('remove', 'Remove'), path: filter.map((inner) => `members[${inner}]`) }),
  fc.record({ op: fc.constant('Remove'), path: fc.constant('members'), value: shapes }),
  fc.record({ op: fc.constant('remove'), path: fc.constantFrom('members', 'MEMBERS') }),
);

/** With the members at hand: what each operation says, and nothing known of how it is folded. */
function oneByOne(start: readonly string[], operations: readonly Operation[]): string[] {
  let present = [...start];
  for (const { op, path, value } of operations) {
    const given = path === undefined ? (value as JsonObject)['members']! : (value ?? null);
    const listed = (Array.isArray(given) ? given : [given]).map(
      (item) => (item as { value?: string } | null)?.value ?? item,
    );
    const inside = path === undefined ? undefined : parsePath(path).filter;
    if (inside) present = present.filter((each) => !fulfils(each, inside));
    else if (op === 'remove') present = value === undefined ? [] : present.filter((each) => !listed.includes(each));
    else present = [...new Set([...(op === 'add' ? present : []), ...(listed as string[])])];
  }
  return present.sort();
}
