import { toTargetPath } from '../../src/platform/target-path.js';

describe('where a sign-in may lead', () => {
  it.each([
    ['/', '/'],
    ['/session', '/session'],
    ['/a/b?c=d&e=%2F#f', '/a/b?c=d&e=%2F#f'],
    ['/a?next=https://evil.example', '/a?next=https://evil.example'],
    ['/a?next=//evil.example', '/a?next=//evil.example'],
    ['/a/../b', '/b'],
    ['/@evil.example', '/@evil.example'],
    ['/:80', '/:80'],
    ['/ä', '/%C3%A4'],
  ])('%s stays on our origin', (text, path) => expect(toTargetPath(text)).toBe(path));

  it.each([
    undefined,
    null,
    7,
    ['/session'],
    '',
    'session',
    '?a=b',
    'https://evil.example/',
    'https:/evil.example',
    'javascript:alert(1)',
    'data:text/html,x',
    '//evil.example',
    '///evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/a\\b',
    '/.//evil.example',
    '/a/..//evil.example',
    '/%2e//evil.example',
    '/%2e%2e//evil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    '/\r\nSet-Cookie: a=b',
    ' /session',
    '/a b',
    '/\u0000',
    '/\u007f',
    `/${'a'.repeat(2048)}`,
  ])('%p leads nowhere', (text) => expect(toTargetPath(text)).toBeUndefined());

  it('gives only what stays on every origin it is resolved against', () => {
    const pieces = [
      '/',
      '\\',
      '.',
      '..',
      '%2e',
      '%2f',
      '%5c',
      'evil.example',
      '@',
      ':',
      '?',
      '#',
      'a',
      ';',
      '%00',
      '\u2215',
    ];
    let accepted = 0;
    for (const a of pieces)
      for (const b of pieces)
        for (const c of pieces)
          for (const d of pieces) {
            const path = toTargetPath(`/${a}${b}${c}${d}`);
            if (path === undefined) continue;
            accepted++;
            expect(new URL(path, 'https://sso.example.com/saml/x').origin).toBe('https://sso.example.com');
          }
    expect(accepted).toBeGreaterThan(1000);
  });
});
