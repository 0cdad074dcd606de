import { newReadableCode, readReadableCode } from '../../src/platform/readable-code.js';

it('codes for people are read however they are typed, and only as what they are', () => {
  for (const length of [10, 20]) {
    const code = newReadableCode(length);
    expect(code.replaceAll('-', '')).toMatch(new RegExp(`^[2-9A-HJ-NP-Z]{${length}}$`));
    const typed = [
      code,
      code.toLowerCase(),
      code.replaceAll('-', ''),
      ` ${code.replaceAll('-', ' ')}\t`,
      [...code].join('-'),
    ];
    for (const text of typed) expect(readReadableCode(text, length)).toBe(code);
    for (const text of [
      '',
      code.slice(1),
      `${code}A`,
      code.replace(/^./, 'O'),
      code.replace(/^./, '1'),
      code.replace(/^./, 'É'),
    ]) {
      expect(readReadableCode(text, length)).toBeUndefined();
    }
  }
  expect(new Set(Array.from({ length: 500 }, () => newReadableCode(20))).size).toBe(500);
});
