import fc from 'fast-check';
import { parsePath, parsePathKey } from '../../../../src/scim/protocol/path/parse-path.js';
import { ScimError } from '../../../../src/scim/protocol/scim-error.js';

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

describe('PATCH paths', () => {
  it.each([
    ['title', { attribute: { name: 'title' } }],
    [' title ', { attribute: { name: 'title' } }],
    ['name.givenName', { attribute: { name: 'name', subAttribute: 'givenName' } }],
    ['members.$ref', { attribute: { name: 'members', subAttribute: '$ref' } }],
    [`${ENTERPRISE}:department`, { attribute: { schema: ENTERPRISE, name: 'department' } }],
    [`${ENTERPRISE}:manager.value`, { attribute: { schema: ENTERPRISE, name: 'manager', subAttribute: 'value' } }],
  ])('%s', (text, path) => {
    expect(parsePath(text)).toEqual(path);
    expect(parsePathKey(text)).toEqual(path);
  });

  const type = (value: string) => ({ kind: 'compare', operator: 'eq', path: { name: 'type' }, value });
  it.each([
    ['emails[type eq "work"]', { attribute: { name: 'emails' }, filter: type('work') }],
    ['emails[type eq "work"].value', { attribute: { name: 'emails' }, filter: type('work'), subAttribute: 'value' }],
    ['emails[type eq "a].b"].value', { attribute: { name: 'emails' }, filter: type('a].b'), subAttribute: 'value' }],
    ['emails[type eq "a\\"].b"]', { attribute: { name: 'emails' }, filter: type('a"].b') }],
    ['emails[type eq "\\\\"]', { attribute: { name: 'emails' }, filter: type('\\') }],
    ['urn:x:y:things[type eq "a"]', { attribute: { schema: 'urn:x:y', name: 'things' }, filter: type('a') }],
  ])('%s', (text, path) => {
    expect(parsePath(text)).toEqual(path);
    expect(parsePathKey(text)).toEqual(path);
  });

  it.each<[string, string]>([
    ['', 'invalidPath'],
    ['.', 'invalidPath'],
    ['a.b.c', 'invalidPath'],
    ['a b', 'invalidPath'],
    ['a..b', 'invalidPath'],
    ['[type eq "work"]', 'invalidPath'],
    ['emails[type eq "work"', 'invalidPath'],
    ['emails[type eq "work]', 'invalidPath'],
    ['emails[type eq "work"]value', 'invalidPath'],
    ['emails[type eq "work"].', 'invalidPath'],
    ['emails[type eq "work"].a.b', 'invalidPath'],
    ['emails[type eq "work"][type eq "home"]', 'invalidPath'],
    ['emails.value[type eq "work"].display', 'invalidPath'],
    ['x'.repeat(2049), 'invalidPath'],
    ['emails[]', 'invalidFilter'],
    ['emails[type eq]', 'invalidFilter'],
    ['emails[type regex "x"]', 'invalidFilter'],
  ])('refuses %s', (text, scimType) => {
    expect(() => parsePath(text)).toThrow(expect.objectContaining({ status: 400, scimType }) as Error);
    expect(parsePathKey(text)).toBeUndefined();
  });

  it('reads or refuses any text, and as key the same', () => {
    const words = fc.constantFrom(
      'emails',
      'type',
      ' eq ',
      '"work"',
      '[',
      ']',
      '.',
      ':',
      '"',
      '\\',
      'urn:a:b',
      ' and ',
      '(',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(words).map((list) => list.join('')),
        ),
        (text) => {
          let read: unknown;
          try {
            read = parsePath(text);
          } catch (error) {
            expect(error).toBeInstanceOf(ScimError);
          }
          expect(parsePathKey(text)).toEqual(read);
        },
      ),
    );
  });
});
