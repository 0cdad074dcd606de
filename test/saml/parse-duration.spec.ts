import { parseDuration } from '../../src/saml/protocol/parse-duration.js';

it.each([
  ['PT1H', 3600],
  ['P1D', 86_400],
  ['P0Y0M7DT0H0M0.000S', 604_800],
  ['PT90M', 5400],
  ['P1Y2M3DT4H5M6.7S', 365 * 86_400 + 60 * 86_400 + 3 * 86_400 + 4 * 3600 + 5 * 60 + 6],
  ['PT0S', 0],
])('%s is %d seconds', (text, seconds) => expect(parseDuration(text)).toBe(seconds));

it.each(['', 'P', 'PT', 'P1DT', '-PT1H', '3600', '1H', 'PT1X', 'P1H', 'PT1e3S', `P${'9'.repeat(400)}D`])(
  '"%s" is none',
  (text) => expect(parseDuration(text)).toBeUndefined(),
);
