import fc from 'fast-check';
import { observeQuirks } from '../../../../src/scim/protocol/quirks/observe-quirks.js';
import type { Json, JsonObject } from '../../../../src/scim/protocol/schema/attribute.js';

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const seen = (...Operations: Json[]) => [...observeQuirks({ Operations })].sort();

describe('quirks of PATCH requests', () => {
  it.each<[string, Json[], string[]]>([
    ['nothing unusual', [{ op: 'replace', path: 'title', value: 'T' }], []],
    ['no operations', [], ['no-operations']],
    ['Entra', [{ op: 'Replace', path: 'active', value: 'False' }], ['boolean-as-text', 'capitalised-op']],
    ['Okta', [{ op: 'replace', value: { active: false } }], ['value-without-path']],
    [
      'Entra with the compliance flag',
      [{ op: 'replace', value: { 'name.givenName': 'G', [`${ENTERPRISE}:department`]: 'D' } }],
      ['dotted-key', 'urn-key', 'value-without-path'],
    ],
    [
      'a sub-attribute of an extension',
      [{ op: 'add', value: { [`${ENTERPRISE}:manager.value`]: 'x' } }],
      ['urn-key', 'value-without-path'],
    ],
    ['an extension object', [{ op: 'add', value: { [ENTERPRISE]: { department: 'D' } } }], ['value-without-path']],
    [
      'members removed by value',
      [{ op: 'Remove', path: 'members', value: [{ value: 'a' }] }],
      ['capitalised-op', 'members-removed-by-value'],
    ],
    ['members removed by filter', [{ op: 'remove', path: 'members[value eq "a"]' }], []],
    ['a manager as text', [{ op: 'add', path: `${ENTERPRISE}:manager`, value: '271' }], ['manager-as-text']],
    [
      'a text compared with a boolean',
      [{ op: 'add', path: 'roles[primary eq "True"].value', value: 'a' }],
      ['filter-on-text-boolean'],
    ],
    ['a list for a single value', [{ op: 'replace', path: 'title', value: ['T'] }], ['list-for-single-value']],
  ])('%s', (_what, operations, quirks) => expect(seen(...operations)).toEqual(quirks));

  it('throws for nothing', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom('Operations', 'operations', 'x'), fc.jsonValue()), (body) => {
        observeQuirks(body as JsonObject);
        observeQuirks({ Operations: [body as JsonObject] });
      }),
    );
  });

  it.each([
    ['dots and a colon', `${'a.'.repeat(2_000_000)}:`],
    ['colons and a dot', `urn:${'a:'.repeat(2_000_000)}.`],
    ['dots', '.'.repeat(4_000_000)],
  ])('takes no longer for a key as long as the body: %s', (_what, key) => {
    const started = performance.now();
    seen({ op: 'add', value: { [key]: 1 } }, { op: 'add', path: key, value: 1 });
    // Milliseconds; a key looked at again from each of its dots would take hours.
    expect(performance.now() - started).toBeLessThan(5000);
  });
});
