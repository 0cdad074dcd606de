import { isIP } from 'node:net';

/** What may be fetched at all, by the look of its address. */
export interface FetchTarget {
  readonly url: URL;
  /** As it is looked up: ASCII, without a dot at the end. */
  readonly host: string;
  readonly port: number;
  /** One of the operator's own hosts, which may be at any address. */
  readonly own: boolean;
}

/** Names which of the operator's own hosts may be fetched from; `port` undefined: 443. */
export interface AllowedHost {
  readonly host: string;
  readonly port: number | undefined;
}

const MAX_LENGTH = 2048;

/** What is wrong with an address; a text to put behind it. */
export class FetchTargetError extends Error {}

/**
 * Throws FetchTargetError. `URL` has brought the host to its one spelling: 2130706433, 0x7f.1 and ①②⑦.0.0.1 are all 127.0.0.1 by now, and
 * international names are ASCII.
 */
export function toFetchTarget(address: string, allowed: readonly AllowedHost[], port: number): FetchTarget {
  const url = address.length <= MAX_LENGTH && URL.canParse(address) ? new URL(address) : undefined;
  if (!url) throw new FetchTargetError(`is no absolute URL of at most ${MAX_LENGTH} characters`);
  if (url.protocol !== 'https:') throw new FetchTargetError('must be https');
  if (url.username !== '' || url.password !== '') throw new FetchTargetError('must not carry a user name or password');
  const host = url.hostname.replace(/\.$/, '');
  if (host === '' || host.startsWith('[') || isIP(host) !== 0) {
    throw new FetchTargetError('must name its host; an IP address is not fetched from');
  }
  const wanted = url.port === '' ? 443 : Number(url.port);
  const own = allowed.some((one) => one.host === host && (one.port ?? 443) === wanted);
  if (!own && wanted !== port) {
    throw new FetchTargetError('must use port 443, unless FETCH_ALLOWED_HOSTS has it with its port');
  }
  return { url, host, port: wanted, own };
}
