import { parseCursor, printCursor, queryOfCursor } from '../../../src/scim/protocol/cursor.js';
import type { ListQuery } from '../../../src/scim/protocol/list-query.js';

const INVALID: unknown = expect.objectContaining({ status: 400, scimType: 'invalidCursor' });

describe('cursors', () => {
  const everyByte = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));

  it('C-03 consist of unreserved characters and come back as they went', () => {
    for (let length = 0; length <= 256; length++) {
      const cursor = printCursor(everyByte.subarray(0, length));
      expect(cursor).toMatch(/^[A-Za-z0-9._~-]*$/);
      expect(parseCursor(cursor)).toEqual(everyByte.subarray(0, length));
    }
  });

  it('C-06 have one spelling only, and an end', () => {
    const cursor = printCursor(everyByte.subarray(0, 50));
    for (const text of [
      `${cursor}=`,
      `${cursor}\n`,
      ` ${cursor}`,
      `${cursor.slice(0, -1)}_`,
      'Ünï',
      '+/+/',
      'A'.repeat(10_000),
    ])
      expect(() => parseCursor(text)).toThrow(INVALID as Error);
  });

  it('C-01 belong to every parameter but the count and themselves', () => {
    const query: ListQuery = { startIndex: 1, count: 5, sortOrder: 'ascending', cursor: '' };
    const name = { name: 'userName' };
    const others: Partial<ListQuery>[] = [
      { filter: { kind: 'present', path: name } },
      { sortBy: name },
      { sortOrder: 'descending' },
      { attributes: ['userName'] },
      { excludedAttributes: ['userName'] },
    ];
    const texts = [queryOfCursor('/Users', query), queryOfCursor('/Groups', query), queryOfCursor('', query)];
    texts.push(...others.map((other) => queryOfCursor('/Users', { ...query, ...other })));
    expect(new Set(texts).size).toBe(3 + others.length);
    expect(queryOfCursor('/Users', { ...query, count: 6, cursor: 'x' })).toBe(texts[0]);
  });
});
