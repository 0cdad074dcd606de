import { parse, serialize } from 'cookie';
import { crossSite, LOGIN_SECONDS } from '../sessions/session-cookie.js';

/**
 * The cookies that tie an answer to the browser that asked: one for every sign-in under way, so that two tabs do not disturb each
 * other. They come along with the answer.
 */
const KEPT = 5;
const NAME = /^(?:__Host-)?rc_login_[0-9a-f]{8}$/;

const prefixOf = (secure: boolean): string => (secure ? '__Host-rc_login_' : 'rc_login_');

/** The name that belongs to a login request, whose ID is `_` and random hexadecimal digits. */
const nameOf = (requestId: string, secure: boolean): string => prefixOf(secure) + requestId.slice(1, 9);

const loginCookies = (header: string | undefined, secure: boolean): [string, string][] =>
  Object.entries(parse(header ?? ''))
    .map(([name, value]): [string, string] => [name, value ?? ''])
    .filter(([name]) => name.startsWith(prefixOf(secure)) && NAME.test(name));

/**
 * Set-Cookie values that begin a sign-in: the new cookie, and the end of the oldest where the browser has too many. Browsers list
 * cookies of one path from the oldest to the newest (RFC 6265 section 5.4).
 */
export function beginningCookies(
  header: string | undefined,
  requestId: string,
  browserSecret: string,
  secure: boolean,
): string[] {
  const surplus = loginCookies(header, secure).slice(0, -(KEPT - 1));
  return [
    ...surplus.map(([name]) => serialize(name, '', { ...crossSite(secure), maxAge: 0 })),
    serialize(nameOf(requestId, secure), browserSecret, { ...crossSite(secure), maxAge: LOGIN_SECONDS }),
  ];
}

/** The Set-Cookie value that ends the sign-in of a request. */
export const endingCookie = (requestId: string, secure: boolean): string =>
  serialize(nameOf(requestId, secure), '', { ...crossSite(secure), maxAge: 0 });

/** What a browser shows to prove that it started a sign-in; as many as a browser of ours can have. */
export const browserSecretsOf = (header: string | undefined, secure: boolean): string[] =>
  loginCookies(header, secure)
    .map(([, value]) => value)
    .slice(-KEPT);
