import { referencesIn, resolveReferences, withoutReferences } from '../../../../src/scim/protocol/bulk/references.js';
import { parsePath } from '../../../../src/scim/protocol/path/parse-path.js';
import type { Json, JsonObject } from '../../../../src/scim/protocol/schema/attribute.js';

const ENT = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const EXT = 'urn:example:2.0:User';
const resolve = (value: Json) => resolveReferences(value, (bulkId) => (bulkId === 'x' ? 'ID-X' : undefined));
const inFilter = (bulkId: string) => `members[value eq ${JSON.stringify(`bulkId:${bulkId}`)}]`;

describe('references by bulkId', () => {
  it.each<[where: string, value: Json, resolved: Json]>([
    [
      'a member',
      { members: [{ value: 'bulkId:x' }, { value: 'y' }] },
      { members: [{ value: 'ID-X' }, { value: 'y' }] },
    ],
    ['a member as a text', { members: ['bulkId:x'] }, { members: ['ID-X'] }],
    ['a manager', { [ENT]: { manager: { value: 'bulkId:x' } } }, { [ENT]: { manager: { value: 'ID-X' } } }],
    ['a manager as a text', { [ENT]: { manager: 'bulkId:x' } }, { [ENT]: { manager: 'ID-X' } }],
    ['an extension', { [EXT]: { mentor: 'bulkId:x' } }, { [EXT]: { mentor: 'ID-X' } }],
    ['an address', { $ref: '../Users/bulkId:x' }, { $ref: '../Users/ID-X' }],
    ['an absolute address', 'https://x.example/scim/v2/Groups/bulkId:x', 'https://x.example/scim/v2/Groups/ID-X'],
    [
      'the value of a PATCH operation',
      { Operations: [{ op: 'add', path: 'members', value: [{ value: 'bulkId:x' }] }] },
      { Operations: [{ op: 'add', path: 'members', value: [{ value: 'ID-X' }] }] },
    ],
    [
      'a value without path',
      { Operations: [{ op: 'add', value: { [`${ENT}:manager`]: 'bulkId:x' } }] },
      { Operations: [{ op: 'add', value: { [`${ENT}:manager`]: 'ID-X' } }] },
    ],
    [
      'the filter of a path',
      { Operations: [{ op: 'remove', path: `members[value eq "bulkId:x" or value eq "bulkId:y"]` }] },
      { Operations: [{ op: 'remove', path: `members[value eq "ID-X" or value eq "bulkId:y"]` }] },
    ],
    ['the filter of a key', { [inFilter('x')]: { display: 'd' } }, { 'members[value eq "ID-X"]': { display: 'd' } }],
    [
      'nothing that only looks like one',
      { a: 'bulkId:', b: 'Bulkid:x', c: ' bulkId:x', d: 'see bulkId:x' },
      {
        a: 'bulkId:',
        b: 'Bulkid:x',
        c: ' bulkId:x',
        d: 'see bulkId:x',
      },
    ],
    ['an address of something else', 'https://x.example/Photos/bulkId:x', 'https://x.example/Photos/bulkId:x'],
    ['no bulkId of another operation', ['bulkId:z', 7, true, null], ['bulkId:z', 7, true, null]],
  ])('R-153: are resolved in %s', (_where, value, resolved) => {
    const before = structuredClone(value);
    expect(resolve(value)).toEqual(resolved);
    expect(value).toEqual(before);
  });

  it.each(['x', 'x:y', 'with space', 'quote"d', 'back\\slash', 'bulkId:x', 'ü', ']', '\n'])(
    'R-153: a bulkId may be any text: %j',
    (bulkId) => {
      const body = { members: [{ value: `bulkId:${bulkId}` }], Operations: [{ path: inFilter(bulkId) }] };
      expect([...referencesIn(body)]).toEqual([bulkId]);
      const resolved = resolveReferences<JsonObject>(body, () => 'ID');
      expect(resolved).toEqual({ members: [{ value: 'ID' }], Operations: [{ path: 'members[value eq "ID"]' }] });
      expect(() => parsePath('members[value eq "ID"]')).not.toThrow();
    },
  );

  it('R-153: each is named once', () => {
    expect([...referencesIn({ a: ['bulkId:x', 'bulkId:y'], b: { c: 'bulkId:x' } })].sort()).toEqual(['x', 'y']);
  });

  it('keeps __proto__ a key like others', () => {
    const body = JSON.parse('{"__proto__":{"value":"bulkId:x"}}') as JsonObject;
    const resolved = resolve(body) as JsonObject;
    expect(Object.keys(resolved)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(resolved)).toBe(Object.prototype);
    expect(Object.getPrototypeOf(withoutReferences(body, new Set(['y'])))).toBe(Object.prototype);
  });

  it.each<[what: string, document: JsonObject, rest: JsonObject]>([
    ['a member', { members: [{ value: 'bulkId:x', type: 'User' }, { value: 'y' }] }, { members: [{ value: 'y' }] }],
    ['a member as a text', { members: ['bulkId:x', 'y'] }, { members: ['y'] }],
    [
      'a manager with all that is said of them',
      { [ENT]: { department: 'D', manager: { value: 'bulkId:x', displayName: 'N' } } },
      { [ENT]: { department: 'D' } },
    ],
    ['a manager by address', { [ENT]: { manager: { $ref: '../Users/bulkId:x' } } }, { [ENT]: {} }],
    ['a manager as a text', { [ENT]: { department: 'D', manager: 'bulkId:x' } }, { [ENT]: { department: 'D' } }],
    ['an attribute of an extension', { [EXT]: { mentor: 'bulkId:x', room: 1 } }, { [EXT]: { room: 1 } }],
    [
      'nothing else',
      { [ENT]: { manager: 'bulkId:z' }, a: null, b: [] },
      { [ENT]: { manager: 'bulkId:z' }, a: null, b: [] },
    ],
  ])('R-153: %s is left out while it cannot be resolved', (_what, document, rest) => {
    expect(withoutReferences(document, new Set(['x']))).toEqual(rest);
  });

  it('takes no longer for a long text than for its length', () => {
    const hostile = `${'/Users'.repeat(200_000)}/bulkId:${'"bulkId:'.repeat(100_000)}`;
    const started = performance.now();
    expect(referencesIn({ a: hostile, Operations: [{ path: hostile }], [hostile]: 1 }).size).toBeGreaterThan(0);
    expect(performance.now() - started).toBeLessThan(5000);
  });
});
