import fc from 'fast-check';
import { foldGroupPatch, readMembers } from '../../../src/scim/groups/fold-group-patch.js';
import { parsePatchRequest } from '../../../src/scim/protocol/patch/parse-patch-request.js';
import { GROUP } from '../../../src/scim/protocol/resource-types.js';
import type { Json } from '../../../src/scim/protocol/schema/attribute.js';
import { ScimError } from '../../../src/scim/protocol/scim-error.js';

const fold = (...operations: Json[]) => foldGroupPatch(GROUP, parsePatchRequest({ Operations: operations }));
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
    ['a filter on anything but value', { op: 'remove', path: 'members[display sw "x"]' }, 'invalidFilter'],
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

  it('R-131 does to a set what the operations one by one would do', () => {
    const id = fc.constantFrom('a', 'b', 'c', 'd');
    const ids = fc.uniqueArray(id);
    const operation = fc.oneof(
      fc.record({
        op: fc.constantFrom('add', 'Add'),
        path: fc.constant('members'),
        value: ids.map((list) => list.map((value) => ({ value }))),
      }),
      fc.record({ op: fc.constant('remove'), path: id.map((value) => `members[value eq "${value}"]`) }),
      fc.record({
        op: fc.constant('Remove'),
        path: fc.constant('members'),
        value: ids.map((list) => list.map((value) => ({ value }))),
      }),
      fc.record({ op: fc.constant('replace'), path: fc.constant('members'), value: ids }),
      fc.record({ op: fc.constant('remove'), path: fc.constant('members') }),
    );
    fc.assert(
      fc.property(ids, fc.array(operation, { maxLength: 8 }), (start, operations) => {
        const folded = members(...(operations as Json[]));
        const byFold = new Set(folded.replace ?? start);
        for (const value of folded.add) byFold.add(value);
        for (const value of folded.remove) byFold.delete(value);
        expect([...byFold].sort()).toEqual(oneByOne(start, operations as Operation[]));
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

interface Operation {
  readonly op: string;
  readonly path: string;
  readonly value?: readonly (string | { readonly value: string })[];
}

function oneByOne(start: readonly string[], operations: readonly Operation[]): string[] {
  const set = new Set(start);
  for (const { op, path, value } of operations) {
    const listed = (value ?? []).map((item) => (typeof item === 'string' ? item : item.value));
    const filtered = /"(.)"/.exec(path)?.[1];
    if (op.toLowerCase() === 'add') listed.forEach((id) => set.add(id));
    else if (op === 'replace') {
      set.clear();
      listed.forEach((id) => set.add(id));
    } else if (filtered) set.delete(filtered);
    else if (value) listed.forEach((id) => set.delete(id));
    else set.clear();
  }
  return [...set].sort();
}
