import { parse, serialize } from 'cookie';

/**
 * The cookie of a signed-in browser: an opaque token, for this host alone. On https its name begins with `__Host-`, which makes
 * browsers refuse it from other hosts, from other paths and from http (RFC 6265bis section 4.1.3.2).
 */
const nameOf = (secure: boolean): string => (secure ? '__Host-rc_session' : 'rc_session');

/** The cookie of a session that has just arrived and may not be the browser's yet. */
const arrivalNameOf = (secure: boolean): string => (secure ? '__Host-rc_arrival' : 'rc_arrival');
const ARRIVAL_SECONDS = 600;

/** How long a sign-in may take, from the question to the answer. */
export const LOGIN_SECONDS = 600;
/**
 * Tells the answer address, which browsers send no session cookie to, that a session began in this browser while the sign-in that is
 * answered may have been under way. It proves nothing: whoever it is makes the browser come by `/session/arrival`.
 */
const signedInNameOf = (secure: boolean): string => (secure ? '__Host-rc_signed_in' : 'rc_signed_in');

const common = (secure: boolean) => ({ path: '/', httpOnly: true, secure, sameSite: 'lax' }) as const;

/**
 * For cookies that come along with an answer, a POST from the IdP's site, with which browsers send no Lax cookie: on https they are
 * SameSite=None, which demands Secure. On plain http (development) that is impossible; there they are Lax and reach us only from an IdP
 * of the same site, such as another port of localhost, because a site knows no ports.
 */
export const crossSite = (secure: boolean) => ({ ...common(secure), sameSite: secure ? 'none' : 'lax' }) as const;

/** The Set-Cookie values of a session that begins in the browser. */
export const sessionCookies = (token: string, expiresAt: Date, secure: boolean): string[] => [
  serialize(nameOf(secure), token, { ...common(secure), expires: expiresAt }),
  serialize(signedInNameOf(secure), '1', { ...crossSite(secure), maxAge: LOGIN_SECONDS }),
];

/** Has a session begun in this browser since any sign-in began that can still be answered? */
export const hasSignedIn = (cookieHeader: string | undefined, secure: boolean): boolean =>
  parse(cookieHeader ?? '')[signedInNameOf(secure)] !== undefined;

/** The Set-Cookie value that makes the browser forget its session. */
export const clearedSessionCookie = (secure: boolean): string =>
  serialize(nameOf(secure), '', { ...common(secure), expires: new Date(0) });

/** The token in a Cookie header, not verified. */
export const sessionTokenOf = (cookieHeader: string | undefined, secure: boolean): string | undefined =>
  parse(cookieHeader ?? '')[nameOf(secure)];

export const toArrivalCookie = (token: string, secure: boolean): string =>
  serialize(arrivalNameOf(secure), token, { ...common(secure), maxAge: ARRIVAL_SECONDS });

export const clearedArrivalCookie = (secure: boolean): string =>
  serialize(arrivalNameOf(secure), '', { ...common(secure), maxAge: 0 });

export const arrivalTokenOf = (cookieHeader: string | undefined, secure: boolean): string | undefined =>
  parse(cookieHeader ?? '')[arrivalNameOf(secure)];
