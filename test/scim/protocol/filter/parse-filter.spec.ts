import fc from 'fast-check';
import type { CompareOperator, Filter, FilterValue } from '../../../../src/scim/protocol/filter/filter.js';
import { parseFilter } from '../../../../src/scim/protocol/filter/parse-filter.js';
import { ScimError } from '../../../../src/scim/protocol/scim-error.js';
import { printFilter } from './print-filter.js';

const compare = (name: string, operator: CompareOperator, value: FilterValue): Filter => {
  const [top = '', subAttribute] = name.split('.');
  return { kind: 'compare', operator, path: { name: top, ...(subAttribute ? { subAttribute } : {}) }, value };
};
const present = (name: string): Filter => ({ kind: 'present', path: { name } });
const and = (...filters: Filter[]): Filter => ({ kind: 'and', filters });
const or = (...filters: Filter[]): Filter => ({ kind: 'or', filters });
const not = (filter: Filter): Filter => ({ kind: 'not', filter });
const some = (name: string, filter: Filter): Filter => ({ kind: 'some', path: { name }, filter });

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const CORE = 'urn:ietf:params:scim:schemas:core:2.0:User';

const [a, b, c, d] = ['a', 'b', 'c', 'd'].map(present) as [Filter, Filter, Filter, Filter];

const accepted: [text: string, filter: Filter][] = [
  ['userName eq "bjensen"', compare('userName', 'eq', 'bjensen')],
  ['userName Eq "bjensen"', compare('userName', 'eq', 'bjensen')],
  ['  userName   EQ   "b"  ', compare('userName', 'eq', 'b')],
  ['name.familyName co "O\'Malley"', compare('name.familyName', 'co', "O'Malley")],
  ['title pr', present('title')],
  ['title PR', present('title')],
  ['not (title pr)', not(present('title'))],
  ['not title pr and a pr', and(not(present('title')), a)],
  ['not(a pr)', not(a)],
  ['not not a pr', not(not(a))],
  ['title pr and userType eq "Employee"', and(present('title'), compare('userType', 'eq', 'Employee'))],
  ['title pr AND a pr Or b pr', or(and(present('title'), a), b)],
  ['a pr and b pr or c pr', or(and(a, b), c)],
  ['a pr or b pr and c pr', or(a, and(b, c))],
  ['a pr and b pr or c pr and d pr', or(and(a, b), and(c, d))],
  ['(a pr or b pr) and c pr', and(or(a, b), c)],
  ['not (a pr or b pr) and c pr', and(not(or(a, b)), c)],
  [
    'userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org")',
    and(
      compare('userType', 'ne', 'Employee'),
      not(or(compare('emails', 'co', 'example.com'), compare('emails.value', 'co', 'example.org'))),
    ),
  ],
  [
    'emails[type eq "work" and value co "@example.com"] or ims[type eq "xmpp" and value co "@foo.com"]',
    or(
      some('emails', and(compare('type', 'eq', 'work'), compare('value', 'co', '@example.com'))),
      some('ims', and(compare('type', 'eq', 'xmpp'), compare('value', 'co', '@foo.com'))),
    ),
  ],
  [
    'emails[not (type eq "home") and (a pr or b pr)]',
    some('emails', and(not(compare('type', 'eq', 'home')), or(a, b))),
  ],
  ['emails[value eq "x"]', some('emails', compare('value', 'eq', 'x'))],
  ['meta.lastModified ge "2011-05-13T04:42:34Z"', compare('meta.lastModified', 'ge', '2011-05-13T04:42:34Z')],
  ['active eq true', compare('active', 'eq', true)],
  ['active eq "True"', compare('active', 'eq', 'True')],
  ['x eq null', compare('x', 'eq', null)],
  ['x eq "null"', compare('x', 'eq', 'null')],
  ['x eq 5', compare('x', 'eq', 5)],
  ['x eq -5 and a pr', and(compare('x', 'eq', -5), a)],
  ['(x eq -5.25)', compare('x', 'eq', -5.25)],
  ['x gt 1e+5 and a pr', and(compare('x', 'gt', 100000), a)],
  ['members[$ref eq "https://x/y"]', some('members', compare('$ref', 'eq', 'https://x/y'))],
  ['manager.$ref pr', { kind: 'present', path: { name: 'manager', subAttribute: '$ref' } }],
  ['userName eq"x"and a pr', and(compare('userName', 'eq', 'x'), a)],
  ['eq eq "x"', compare('eq', 'eq', 'x')],
  ['and pr or or pr', or(present('and'), present('or'))],
];

const strings: [json: string, value: string][] = [
  ['"DOM\\\\user"', 'DOM\\user'],
  ['"end\\\\"', 'end\\'],
  ['"say \\"hi\\""', 'say "hi"'],
  ['"tab\\tnew\\nline \\u00e9 \\/"', 'tab\tnew\nline é /'],
  ['"EDU All personal"', 'EDU All personal'],
  ['"a and (b) or not c[d eq 1]"', 'a and (b) or not c[d eq 1]'],
  ['"Jörg Müller 日本 😀"', 'Jörg Müller 日本 😀'],
  ['"true"', 'true'],
  ['""', ''],
  ['"a.b@c+d%20"', 'a.b@c+d%20'],
  ['"0"', '0'],
];

const rejected: [text: string, detail: RegExp][] = [
  ['', /needs an attribute where the filter ends/],
  ['   ', /needs an attribute/],
  ['userName', /needs an operator where the filter ends/],
  ['userName eq', /needs a value where the filter ends/],
  ['eq "x"', /needs an operator where there is "x"|not an operator/],
  ['userName regex "x"', /"?regex"? is not an operator/],
  ['userName eq bjensen', /bjensen is no value/],
  ['active eq True', /True is no value/],
  ["userName eq 'x'", /'x' is no value/],
  ['userName eq "x', /needs a value where there is "x/],
  ['userName eq "x" foo', /needs "and", "or" or the end where there is foo/],
  ['userName eq "x" "y"', /"y"/],
  ['userName eq "x" and', /needs an attribute/],
  ['and a pr', /not an operator/],
  ['(a pr', /or "\)" where the filter ends/],
  ['a pr)', /where there is \)/],
  ['emails[type eq "x"', /or "]" where the filter ends/],
  ['emails[type eq "x")', /where there is \)/],
  ['(a pr]', /where there is ]/],
  ['emails[]', /needs an attribute where there is ]/],
  ['()', /needs an attribute/],
  ['not', /needs an attribute/],
  ['a. pr', /where there is a\./],
  ['a..b pr', /where there is a\.\.b/],
  ['a.b.c pr', /a\.b\.c/],
  ['1a pr', /1a/],
  ['a eq "\\x"', /not a JSON string/],
  ['a eq "line\nbreak"', /not a JSON string/],
  ['a eq "\\u0000"', /not a JSON string of text/],
  ['a eq "\\ud800"', /not a JSON string of text/],
  ['a eq 01', /01 is no value/],
  ['a eq 1.', /1\. is no value/],
  ['a eq 1e999', /too large/],
  ['a eq {}', /is no value/],
  ['emails[type eq "w"].value', /needs an operator/],
  ['emails[type eq "w"].a.b eq "x"', /one name/],
  ['emails[type eq "w"].urn:x:y eq "x"', /one name/],
  ['emails[type eq "w"].value[a pr]', /one name/],
  ['emails[type eq "w"].value[a pr].b pr', /value path of its own/],
  ['(a pr).b eq "x"', /needs "and", "or" or the end where there is \.b/],
];

describe('parseFilter', () => {
  it.each(accepted)('R-070 reads %s', (text, filter) => {
    expect(parseFilter(text)).toEqual(filter);
  });

  it.each(strings)('R-079 reads the string %s', (json, value) => {
    expect(parseFilter(`displayName eq ${json}`)).toEqual(compare('displayName', 'eq', value));
    expect(parseFilter(`(x[displayName eq ${json}] or a pr)`)).toEqual(
      or(some('x', compare('displayName', 'eq', value)), a),
    );
  });

  it.each([
    ['emails[type eq "work"].value eq "x"', and(compare('type', 'eq', 'work'), compare('value', 'eq', 'x'))],
    ['emails[type eq "work"].value pr', and(compare('type', 'eq', 'work'), present('value'))],
    [
      'emails[type eq "work" and a pr].value co "x"',
      and(compare('type', 'eq', 'work'), a, compare('value', 'co', 'x')),
    ],
    [
      'emails[type eq "work" or a pr].value co "x"',
      and(or(compare('type', 'eq', 'work'), a), compare('value', 'co', 'x')),
    ],
  ])('R-072 both conditions of %s hold for one element', (text, inside) => {
    expect(parseFilter(text)).toEqual(some('emails', inside));
    expect(parseFilter(`not ${text} and b pr`)).toEqual(and(not(some('emails', inside)), b));
    expect(parseFilter(`b pr or ${text} or c pr`)).toEqual(or(b, some('emails', inside), c));
  });

  it.each([
    [`${CORE}:userName sw "J"`, { schema: CORE, name: 'userName' }],
    [`${CORE}:name.familyName sw "J"`, { schema: CORE, name: 'name', subAttribute: 'familyName' }],
    [`${ENTERPRISE}:department sw "J"`, { schema: ENTERPRISE, name: 'department' }],
    ['urn:x+y:1.0:tag.$ref sw "J"', { schema: 'urn:x+y:1.0', name: 'tag', subAttribute: '$ref' }],
    ['urn:example:1.0 sw "J"', { schema: 'urn:example:1.0', name: '' }],
  ])('R-077 splits the URN of %s', (text, path) => {
    expect(parseFilter(text)).toEqual({ kind: 'compare', operator: 'sw', path, value: 'J' });
  });

  it.each(rejected)('R-075 rejects %s', (text, detail) => {
    const error = errorOf(() => parseFilter(text));
    expect(error).toMatchObject({ status: 400, scimType: 'invalidFilter' });
    expect(error.detail).toMatch(detail);
  });

  it.each([
    ['userType eq Employee', 'Employee'],
    ["userType eq 'Employee of'.x", null],
    ["userType eq 'Employee'", 'Employee'],
    ["userType eq O'Malley", "O'Malley"],
    ['userType eq True', 'True'],
    ['userType eq true', true],
    ['userType eq 12', 12],
    ['userType eq 2015-10-10T14:38:21.8617979-07:00', '2015-10-10T14:38:21.8617979-07:00'],
    ['userType eq example.com', 'example.com'],
  ])('R-079 in tolerant mode: %s', (text, value) => {
    const parsed = () => parseFilter(text, { tolerant: true });
    if (value === null) expect(parsed).toThrow(ScimError);
    else expect(parsed()).toEqual(compare('userType', 'eq', value));
  });

  it("R-079 reads the filters of Microsoft's Postman suite in tolerant mode", () => {
    expect(
      parseFilter('name.FamilyName eq Employee and (emails.Value co example.com or emails.Value co example.org)', {
        tolerant: true,
      }),
    ).toEqual(
      and(
        compare('name.FamilyName', 'eq', 'Employee'),
        or(compare('emails.Value', 'co', 'example.com'), compare('emails.Value', 'co', 'example.org')),
      ),
    );
  });

  describe('R-080 limits', () => {
    const terms = (count: number) => Array.from({ length: count }, (_, i) => `a${i} pr`).join(' or ');
    it('100 attributes', () => {
      expect(parseFilter(terms(100))).toMatchObject({ kind: 'or' });
      expect(errorOf(() => parseFilter(terms(101))).detail).toContain('filterTerms: 100');
    });
    it.each([
      ['(', ')'],
      ['not (', ')'],
      ['not ', ''],
      ['x[', ']'],
    ])('30 levels of %s', (open, close) => {
      const nested = (depth: number) => `${open.repeat(depth)}a pr${close.repeat(depth)}`;
      const perLevel = open === 'not (' ? 2 : 1;
      expect(() => parseFilter(nested(30 / perLevel))).not.toThrow();
      expect(errorOf(() => parseFilter(nested(30 / perLevel + 1))).detail).toContain('filterDepth: 30');
      expect(errorOf(() => parseFilter(nested(1500))).detail).toContain('filterDepth: 30');
    });
    it('10,000 characters', () => {
      expect(() => parseFilter(`a eq "${'x'.repeat(9_993)}"`)).not.toThrow();
      expect(errorOf(() => parseFilter(`a eq "${'x'.repeat(9_994)}"`)).detail).toContain('filterLength: 10000');
    });
    it.each([
      ['newlines', '\n'],
      ['backslashes', '\\'],
      ['quotation marks', '"'],
      ['escaped quotation marks', '\\"'],
      ['blanks', ' '],
      ['brackets', '('],
      ['nots', 'not '],
    ])('an unclosed string of %s costs no time', (_title, piece) => {
      // The best of three: what else the machine does is not the parser's time.
      const times = [1, 2, 3].map(() => {
        const started = performance.now();
        for (const count of [26, 40, 4_000]) {
          const text = `a eq "${piece.repeat(count)}`.slice(0, 9_999);
          expect(errorOf(() => parseFilter(text)).scimType).toBe('invalidFilter');
        }
        return performance.now() - started;
      });
      expect(Math.min(...times)).toBeLessThan(50);
    });
  });

  describe('properties', () => {
    const name = fc.stringMatching(/^[A-Za-z$_][\w$-]{0,8}$/).filter((text) => text.toLowerCase() !== 'not');
    const path = fc.record(
      { schema: fc.constantFrom(CORE, ENTERPRISE, 'urn:example:1.0'), name, subAttribute: name },
      { requiredKeys: ['name'] },
    );
    const value = fc.oneof(
      fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0')),
      fc.boolean(),
      fc.constant(null),
      fc.double({ noNaN: true, noDefaultInfinity: true }).filter((number) => !Object.is(number, -0)),
    );
    const operator = fc.constantFrom<CompareOperator>('eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le');
    const { filter } = fc.letrec<{ filter: Filter }>((tie) => ({
      filter: fc.oneof(
        { maxDepth: 5, withCrossShrink: true },
        fc.record({ kind: fc.constant('compare' as const), operator, path, value }),
        fc.record({ kind: fc.constant('present' as const), path }),
        fc.record({
          kind: fc.constantFrom('and' as const, 'or' as const),
          filters: fc.array(tie('filter'), { minLength: 2, maxLength: 3 }),
        }),
        fc.record({ kind: fc.constant('not' as const), filter: tie('filter') }),
        fc.record({ kind: fc.constant('some' as const), path, filter: tie('filter') }),
      ),
    }));

    it('parse(print(filter)) is the filter', () => {
      fc.assert(
        fc.property(filter, (original) => {
          const text = printFilter(original);
          fc.pre(text.length <= 10_000 && text.split(/\b(?:pr|eq|ne|co|sw|ew|gt|ge|lt|le)\b/).length <= 100);
          expect(parseFilter(text)).toEqual(original);
        }),
        { numRuns: 500 },
      );
    });

    const fragment = fc.oneof(
      fc.constantFrom(
        'not',
        'and',
        'or',
        '(',
        ')',
        '[',
        ']',
        '].',
        '"',
        '\\',
        '\n',
        ' ',
        'pr',
        'eq',
        '"x"',
        'a',
        '.b',
        '-5',
        'null',
      ),
      fc.string({ unit: 'binary', maxLength: 6 }),
    );
    it.each([false, true])(
      'no text does anything but parse or give a ScimError, quickly (tolerant: %s)',
      (tolerant) => {
        fc.assert(
          fc.property(fc.array(fragment, { maxLength: 200 }), fc.constantFrom('', ' '), (fragments, separator) => {
            const started = performance.now();
            try {
              parseFilter(fragments.join(separator), { tolerant });
            } catch (error) {
              expect(error).toBeInstanceOf(ScimError);
            }
            expect(performance.now() - started).toBeLessThan(500);
          }),
          { numRuns: 1000 },
        );
      },
    );
  });
});

function errorOf(work: () => unknown): ScimError {
  try {
    work();
  } catch (error) {
    if (error instanceof ScimError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
