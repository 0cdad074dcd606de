import { testsIn } from './find-tests.js';
import { parseRequirements } from './requirements.js';
import { toPage, type Page } from './to-page.js';

const idsIn = (text: string) => testsIn('x.spec.ts', text).map(({ ids, title }) => [ids.join(' '), title]);

describe('the tests of requirements are found', () => {
  it.each<[string, string, string[][]]>([
    ['a plain title', `it('X-01 holds', () => {});`, [['X-01', 'holds']]],
    [
      'a colon and brackets',
      `test('[X-01]: holds', f); it('X-02: too', f)`,
      [
        ['X-01', 'holds'],
        ['X-02', 'too'],
      ],
    ],
    ['several ids', `describe('X-01, X-02 hold', f)`, [['X-01 X-02', 'hold']]],
    ['numbers', `it('#1, #2 hold', f)`, [['#1 #2', 'hold']]],
    ['a template', 'it(`X-01 of ${name}`, f)', [['X-01', 'of ${name}']]],
    ['a title over a table', `it.each(rows)('X-01 %s', f)`, [['X-01', '%s']]],
    [
      'titles in a table',
      `it.each([['X-01 a', 1], ['b', 'X-02 c']])('%s', f)`,
      [
        ['X-01', 'a'],
        ['X-02', 'c'],
      ],
    ],
    ['a template in a table', 'it.each(rows.map((n) => [`X-01 of ${n}`]))("%s", f)', [['X-01', 'of ${n}']]],
    ['titles in a named table', `const rows = [['X-01 a']]; it.each(rows.map(f))('%s', f)`, [['X-01', 'a']]],
    [
      'titles in a table made of tables',
      `const a = ['X-01 a']; const rows = [a]; it.each(rows)('%s', f)`,
      [['X-01', 'a']],
    ],
  ])('%s', (_what, text, expected) => {
    expect(idsIn(text)).toEqual(expected);
  });

  it.each<[string, string]>([
    ['an id that is not at the beginning', `it('holds X-01', f)`],
    ['an id without a sentence', `it('X-01', f)`],
    ['a text that is no title', `expect('X-01 a'); f(it, 'X-01 b')`],
    [
      'a skipped test',
      `it.skip('X-01 a', f); xit('X-01 b', f); it.todo('X-01 c'); describe.skip.each([1])('X-01 d', f)`,
    ],
    ['a comment', `// it('X-01 a', f)`],
  ])('but not %s', (_what, text) => {
    expect(idsIn(text)).toEqual([]);
  });

  it('and in the rows of a table of the file beside it', () => {
    const text = `import { REQUIREMENT_ROWS } from './find-tests.rows.js'; it.each(REQUIREMENT_ROWS)('%s', f)`;
    const found = testsIn(import.meta.filename.replace(/\.spec\.ts$/, '.other.spec.ts'), text);
    expect(found.map(({ ids, title }) => [ids, title])).toEqual([[['X-01'], 'beside it']]);
  });

  it('and shown on the page, with what is missing', () => {
    const requirements = parseRequirements('X-01 | MUST | 1 | It holds.\nX-02 | MUST | 2 | It *too*.');
    const page = toPage({ title: 'T', intro: 'I.', requirements, gaps: { 'X-02': 'later' } }, [
      { ids: ['X-01'], file: 'a.spec.ts', title: 'of [a]' },
    ]);
    expect(page).toBe(
      '# T\n\nI.\n\n**X-01** MUST, 1: It holds.\n\n- `a.spec.ts` of \\[a\\]\n\n' +
        '**X-02** MUST, 2: It \\*too\\*.\n\n- **gap**: later\n',
    );
  });

  it('and shown as a table', () => {
    const requirements = parseRequirements('X-01 | MUST | 1 | It holds.\nX-02 | MUST | 2 | It too.');
    const page: Page = { title: 'T', intro: 'I.', requirements, gaps: { 'X-02': 'later' }, layout: 'table' };
    const test = { ids: ['X-01'], file: 'a.spec.ts', title: 'of a|b' };
    expect(
      toPage(page, [test, { ...test, title: 'c' }])
        .split('\n')
        .slice(4),
    ).toEqual([
      '| id | level | section | requirement | tests |',
      '| --- | --- | --- | --- | --- |',
      '| X-01 | MUST | 1 | It holds. | `a.spec.ts` of a\\|b<br>`a.spec.ts` c |',
      '| X-02 | MUST | 2 | It too. | **gap**: later |',
      '',
    ]);
  });

  it.each(['X-01 | MUST | 1', 'X-01 | MUST | 1 | a | b', 'X-01 | a | b | c\nX-01 | a | b | c'])(
    'a table of requirements that is none: %j',
    (table) => {
      expect(() => parseRequirements(table)).toThrow(/X-01/);
    },
  );
});
