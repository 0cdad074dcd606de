import { parse, serialize } from 'cookie';

/**
 * The cookie of a signed-in browser: an opaque token, for this host alone. On https its name begins with `__Host-`, which makes
 * browsers refuse it from other hosts, from other paths and from http (RFC 6265bis section 4.1.3.2).
 */
const nameOf = (secure: boolean): string => (secure ? '__Host-rc_session' : 'rc_session');

/** The cookie of a session that has just arrived and may not be the browser's yet. */
const arrivalNameOf = (secure: boolean): string => (secure ? '__Host-rc_arrival' : 'rc_arrival');
const ARRIVAL_SECONDS = 600;

const common = (secure: boolean) => ({ path: '/', httpOnly: true, secure, sameSite: 'lax' }) as const;

/** The Set-Cookie value of a session just opened. */
export const toSessionCookie = (token: string, expiresAt: Date, secure: boolean): string =>
  serialize(nameOf(secure), token, { ...common(secure), expires: expiresAt });

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
