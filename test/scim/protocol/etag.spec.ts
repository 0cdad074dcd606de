import { matchesIfMatch, matchesIfNoneMatch, toEtag } from '../../../src/scim/protocol/etag.js';

describe('toEtag', () => {
  it('R-160 is weak', () => {
    expect(toEtag(7)).toBe('W/"7"');
  });
});

describe('matchesIfMatch and matchesIfNoneMatch', () => {
  it.each([
    ['W/"7"', true],
    ['"7"', true],
    ['7', true],
    ['*', true],
    [' * ', true],
    ['W/"6", W/"7"', true],
    ['W/"6" ,"7"', true],
    ['"a,b", W/"7"', true],
    ['W/"7",', true],
    [', ,W/"6",, W/"7"', true],
    ['W/"6"', false],
    ['W/"77"', false],
    ['W/"07"', false],
    ['', false],
    ['""', false],
    ['w/"7"', false],
    ['W/7', false],
    ['"7', false],
    ['rubbish, "7"', false],
    ['W/"6" W/"7"', false],
    [',', false],
    ['"6", *', false],
  ])('R-161, R-162 %s of version 7: %s', (header, expected) => {
    expect(matchesIfMatch(header, 7)).toBe(expected);
    expect(matchesIfNoneMatch(header, 7)).toBe(expected);
  });

  it('R-162 without header there is no condition', () => {
    expect(matchesIfMatch(undefined, 7)).toBe(true);
    expect(matchesIfNoneMatch(undefined, 7)).toBe(false);
  });

  it('what toEtag wrote is recognised', () => {
    for (const version of [1, 2, 2 ** 40]) {
      expect(matchesIfMatch(toEtag(version), version)).toBe(true);
      expect(matchesIfMatch(toEtag(version), version + 1)).toBe(false);
    }
  });

  it('a long header takes no time', () => {
    const started = performance.now();
    for (const header of [
      'W/"1",'.repeat(20_000),
      ' ,'.repeat(50_000),
      ' '.repeat(100_000),
      '"'.repeat(100_001),
      `"${' '.repeat(100_000)}`,
    ]) {
      matchesIfMatch(header, 7);
    }
    expect(performance.now() - started).toBeLessThan(500);
  });
});
