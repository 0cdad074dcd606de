import { readFileSync, writeFileSync } from 'node:fs';
import { findTests } from './find-tests.js';
import { testsOf, toPage, type Page } from './to-page.js';

/**
 * The tests of a page that is made of tests: it is up to date, every requirement has a test or a known gap, and no title carries an id
 * that is none. `npm run spec-coverage` writes the pages instead of comparing them.
 */
export function checkPage(path: string, page: Page): void {
  const tests = findTests().filter(({ file }) => page.files?.test(file) ?? true);
  const ids = new Set(page.requirements.map(({ id }) => id));
  const prefixes = new Set([...ids].map((id) => id.replace(/\d+$/, '')));

  it('has a test for every requirement, but for the known gaps', () => {
    const without = page.requirements.filter((requirement) => testsOf(requirement, tests).length === 0);
    expect(without.map(({ id }) => id).sort()).toEqual(Object.keys(page.gaps ?? {}).sort());
  });

  it('has a requirement for every id in a title', () => {
    const named = tests.flatMap((test) => test.ids.map((id) => ({ id, file: test.file })));
    expect(named.filter(({ id }) => prefixes.has(id.replace(/\d+$/, '')) && !ids.has(id))).toEqual([]);
  });

  it(`is up to date in ${path} (npm run spec-coverage writes it)`, () => {
    const text = toPage(page, tests);
    if (process.env['WRITE_PAGES'] === 'true') writeFileSync(path, text);
    expect(readFileSync(path, 'utf8')).toBe(text);
  });
}
