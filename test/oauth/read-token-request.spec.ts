import { OAuthError } from '../../src/oauth/oauth-error.js';
import { namesDocument } from '../../src/oauth/metadata.js';
import { JWT_BEARER, readTokenRequest } from '../../src/oauth/read-token-request.js';
import { parseClientId, toClientId } from '../../src/organizations/client-id.js';

const RESOURCE = 'https://sso.example.com/scim/v2';
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
const read = (body: string, authorization?: string) => readTokenRequest(authorization, body, RESOURCE);
const codeOf = (body: unknown, authorization?: string): string => {
  try {
    readTokenRequest(authorization, body, RESOURCE);
    return 'accepted';
  } catch (error) {
    if (error instanceof OAuthError) return `${error.status} ${error.code}`;
    throw error;
  }
};

describe('R-007: a token request', () => {
  it.each<[what: string, body: string, authorization: string | undefined]>([
    ['in the header', 'grant_type=client_credentials', basic('me:se%3Acret%2B+x')],
    [
      'in the header in another case',
      'grant_type=client_credentials&scope=scim',
      basic('me:se%3Acret%2B+x')
        .toUpperCase()
        .replace(/.*/, () => `bAsIc ${basic('me:se%3Acret%2B+x').slice(6)}`),
    ],
    ['in the body', 'grant_type=client_credentials&client_id=me&client_secret=se%3Acret%2B+x', undefined],
    [
      'with empty parameters',
      'grant_type=client_credentials&scope=&client_id=me&client_secret=se%3Acret%2B%20x&resource=',
      undefined,
    ],
    [
      'with its resource',
      `grant_type=client_credentials&client_id=me&client_secret=se%3Acret%2B+x&resource=${RESOURCE}/`,
      undefined,
    ],
  ])('has the secret %s', (_what, body, authorization) => {
    expect(read(body, authorization)).toEqual({ method: 'secret', clientId: 'me', secret: 'se:cret+ x' });
  });

  it('has an assertion, with or without the name of the client', () => {
    const body = `grant_type=client_credentials&client_assertion_type=${encodeURIComponent(JWT_BEARER)}&client_assertion=a.b.c`;
    expect(read(body)).toEqual({ method: 'assertion', clientId: undefined, assertion: 'a.b.c' });
    expect(read(`${body}&client_id=me`)).toEqual({ method: 'assertion', clientId: 'me', assertion: 'a.b.c' });
  });

  const grant = 'grant_type=client_credentials';
  it.each<[body: unknown, code: string, authorization: string | undefined]>([
    [undefined, '400 invalid_request', undefined],
    [{ grant_type: 'client_credentials' }, '400 invalid_request', undefined],
    ['', '400 invalid_request', undefined],
    ['grant_type=', '400 invalid_request', undefined],
    [`${grant}&${grant}`, '400 invalid_request', undefined],
    [`${grant}&client_id=a&client_id=a`, '400 invalid_request', undefined],
    ['grant_type=authorization_code&code=x', '400 unsupported_grant_type', undefined],
    ['grant_type=password', '400 unsupported_grant_type', undefined],
    [`${grant}&scope=scim+admin`, '400 invalid_scope', undefined],
    [`${grant}&scope=*`, '400 invalid_scope', undefined],
    [`${grant}&resource=https://elsewhere.example/`, '400 invalid_target', undefined],
    [grant, '401 invalid_client', undefined],
    [`${grant}&client_id=me`, '401 invalid_client', undefined],
    [`${grant}&client_secret=x`, '401 invalid_client', undefined],
    [grant, '401 invalid_client', 'Bearer x'],
    [grant, '401 invalid_client', basic('no colon')],
    [grant, '401 invalid_client', basic(':secret only')],
    [grant, '401 invalid_client', basic('me:%')],
    [`${grant}&client_id=other`, '400 invalid_request', basic('me:x')],
    [`${grant}&client_id=me&client_secret=x`, '400 invalid_request', basic('me:x')],
    [`${grant}&client_id=me&client_secret=x&client_assertion=y`, '400 invalid_request', undefined],
    [`${grant}&client_assertion=y`, '400 invalid_request', undefined],
    [`${grant}&client_assertion=y&client_assertion_type=saml2`, '400 invalid_request', undefined],
    [`${grant}&client_assertion_type=${encodeURIComponent(JWT_BEARER)}`, '400 invalid_request', undefined],
  ])('%j is %s (%s)', (body, code, authorization) => {
    expect(codeOf(body, authorization)).toBe(code);
  });
});

describe('the name of a client', () => {
  const name = { organizationId: '0199a4ff-0000-7000-8000-00000000abcd', id: 'ffffffff-ffff-ffff-ffff-ffffffffffff' };
  it('is read back', () => {
    expect(parseClientId(toClientId(name))).toEqual(name);
  });
  it.each([
    '',
    'rc_client_',
    `${toClientId(name)}x`,
    toClientId(name).slice(0, -1),
    ` ${toClientId(name)}`,
    `rc_client_${'é'.repeat(43)}`,
    'constructor',
  ])('is not %j', (text) => expect(parseClientId(text)).toBeUndefined());
});

describe('the addresses of the metadata', () => {
  it.each<[url: string, issuer: string, path: string, is: boolean]>([
    ['/.well-known/x', 'https://a.example', '', true],
    ['/.well-known/x/', 'https://a.example', '', true],
    ['/.well-known/x?y', 'https://a.example', '', true],
    ['/.well-known/x/other', 'https://a.example', '', false],
    ['/.well-known/x/base', 'https://a.example/base', '', true],
    ['/.well-known/x', 'https://a.example/base', '', true],
    ['/.well-known/x/scim/v2', 'https://a.example', '/scim/v2', true],
    ['/.well-known/x/base/scim/v2', 'https://a.example/base', '/scim/v2', true],
    ['/.well-known/x/scim/v1', 'https://a.example', '/scim/v2', false],
  ])('%s of %s%s: %s', (url, issuer, path, is) => {
    expect(namesDocument(url, 'x', issuer, path)).toBe(is);
  });
});
