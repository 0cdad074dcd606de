import fc from 'fast-check';
import { CsvFault, parseCsv, toCsv } from '../../src/admin/people/csv.js';

describe('CSV', () => {
  it.each([
    [
      'a,b\r\nc,d\r\n',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    [
      '\uFEFFa,b\n\n c , "d ""e"", f"\n',
      [
        ['a', 'b'],
        ['c', 'd "e", f'],
      ],
    ],
    ['a,"x\ny"', [['a', 'x\ny']]],
    ['a,\n', [['a', '']]],
    [
      'a,\n"b",c',
      [
        ['a', ''],
        ['b', 'c'],
      ],
    ],
    ['', []],
  ])('reads %j', (text, rows) => expect(parseCsv(text)).toEqual(rows));

  it.each(['a"b', '"a', '"a"b'])('refuses %j', (text) => expect(() => parseCsv(text)).toThrow(CsvFault));

  it.each(['=1+1', '+1', '-1', '@x', '\tx'])('writes %j as a text', (value) => {
    expect(toCsv([[value]])).toMatch(/^"?'/);
  });

  it('reads what it writes', () => {
    const value = fc.string().map((text) => `x${text}x`);
    fc.assert(
      fc.property(fc.array(fc.array(value, { minLength: 1, maxLength: 4 }), { maxLength: 5 }), (rows) => {
        expect(parseCsv(toCsv(rows))).toEqual(rows);
      }),
    );
  });
});
