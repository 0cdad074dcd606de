import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls';
import { createGunzip } from 'node:zlib';
import type { Config } from '../config/config.js';
import { FetchError } from './fetch-error.js';
import { FetchTargetError, toFetchTarget, type AllowedHost, type FetchTarget } from './fetch-target.js';
import { NameResolver } from './name-resolver.js';
import { isPublicAddress } from './public-addresses.js';

export interface FetchOptions {
  /** Media types, as in the Accept header. */
  readonly accept: string;
  /** Of the last answer: whoever is up to date is not sent it again. */
  readonly etag?: string | null;
  readonly lastModified?: string | null;
}

export type Fetched =
  | { readonly kind: 'not-modified' }
  | {
      readonly kind: 'document';
      readonly text: string;
      readonly etag: string | null;
      readonly lastModified: string | null;
      readonly cacheControl: string | null;
    };

export interface FetcherOptions {
  readonly allowedHosts?: readonly AllowedHost[];
  /** PEM of certificate authorities that are believed besides the usual ones. */
  readonly certificateAuthorities?: string | undefined;
  readonly names?: NameResolver;
  readonly isPublic?: (address: string) => boolean;
  /** The port of hosts that are nobody's own. */
  readonly port?: number;
  readonly connectMs?: number;
  readonly totalMs?: number;
  readonly maxBytes?: number;
}

const MAX_REDIRECTS = 2;

/**
 * The one way by which an address that somebody else has named is fetched. https only; no IP literals; every address of the name must be
 * public, and the connection goes to the very addresses that were looked at, so that a name cannot mean something else by then. The
 * operator's own hosts (FETCH_ALLOWED_HOSTS) may be anywhere. No proxy, no cookies, no credentials; short, small, and each redirect is
 * looked at like the first address.
 */
export class Fetcher {
  readonly names: NameResolver;
  private readonly options: Required<Omit<FetcherOptions, 'names' | 'certificateAuthorities'>>;
  private readonly secureContext: SecureContext | undefined;

  constructor({ names, certificateAuthorities, ...options }: FetcherOptions = {}) {
    this.names = names ?? new NameResolver();
    // Made once: the usual authorities are many.
    const own = certificateAuthorities;
    this.secureContext = own === undefined ? undefined : createSecureContext({ ca: [...rootCertificates, own] });
    const defaults = { allowedHosts: [], isPublic: isPublicAddress, port: 443, connectMs: 5000, totalMs: 10_000 };
    this.options = { ...defaults, maxBytes: 1024 * 1024, ...options };
  }

  /** With the operator's settings. Throws an Error that names the setting. */
  static load({ fetchAllowedHosts, fetchCaFile }: Config): Fetcher {
    const certificateAuthorities = fetchCaFile === undefined ? undefined : readAuthorities(fetchCaFile);
    return new Fetcher({ allowedHosts: fetchAllowedHosts, certificateAuthorities });
  }

  /** Throws FetchError. */
  async get(address: string, options: FetchOptions): Promise<Fetched> {
    const deadline = AbortSignal.timeout(this.options.totalMs);
    try {
      return await this.follow(address, options, deadline);
    } catch (error) {
      if (error instanceof FetchError) throw error;
      throw unreachable(error);
    }
  }

  /** What an address looks like, without asking anybody. Throws FetchError. */
  check(address: string): FetchTarget {
    try {
      return toFetchTarget(address, this.options.allowedHosts, this.options.port);
    } catch (error) {
      if (error instanceof FetchTargetError) throw new FetchError('address', `The address ${error.message}`);
      throw error;
    }
  }

  private async follow(address: string, options: FetchOptions, deadline: AbortSignal): Promise<Fetched> {
    let target = this.check(address);
    for (let redirects = 0; ; redirects++) {
      const response = await this.ask(target, await this.addressesOf(target, deadline), options, deadline);
      const status = response.statusCode ?? 0;
      if (status === 200) return await this.read(response);
      response.destroy();
      if (status === 304) return { kind: 'not-modified' };
      const { location } = response.headers;
      if (![301, 302, 303, 307, 308].includes(status) || location === undefined) {
        throw new FetchError('status', `The address answered with status ${status}`);
      }
      if (redirects === MAX_REDIRECTS) throw new FetchError('status', 'The address redirects too often');
      target = this.check(URL.canParse(location, target.url) ? new URL(location, target.url).href : location);
    }
  }

  private async addressesOf(target: FetchTarget, deadline: AbortSignal): Promise<string[]> {
    const asked = target.own ? this.names.ownName(target.host) : this.names.publicName(target.host);
    const addresses = await before(deadline, asked);
    if (addresses.length === 0) throw unreachable(new Error(`${target.host} has no address`));
    const inside = target.own ? undefined : addresses.find((address) => !this.options.isPublic(address));
    if (inside !== undefined)
      throw unreachable(new Error(`${target.host} has the address ${inside}, which is not public`));
    return addresses;
  }

  /** The answer as far as its head. */
  private async ask(
    target: FetchTarget,
    addresses: readonly string[],
    { accept, etag, lastModified }: FetchOptions,
    deadline: AbortSignal,
  ): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const request = httpsRequest(target.url, {
        // Of its own: no connection is used twice, and no environment variable names a proxy for it.
        agent: new Agent({ keepAlive: false }),
        hostname: target.host,
        servername: target.host,
        port: target.port,
        lookup: lookupOf(addresses),
        signal: deadline,
        headers: {
          accept,
          'accept-encoding': 'gzip',
          'user-agent': 'Rollcall',
          ...(etag ? { 'if-none-match': etag } : {}),
          ...(lastModified ? { 'if-modified-since': lastModified } : {}),
        },
        ...(this.secureContext ? { secureContext: this.secureContext } : {}),
      });
      const late = setTimeout(() => request.destroy(new Error('no connection in time')), this.options.connectMs);
      request.on('socket', (socket) => socket.once('secureConnect', () => clearTimeout(late)));
      request.on('close', () => clearTimeout(late));
      request.on('error', reject);
      request.on('response', resolve);
      request.end();
    });
  }

  private async read(response: IncomingMessage): Promise<Fetched> {
    const { 'content-encoding': encoding = 'identity', etag, 'last-modified': lastModified } = response.headers;
    if (!['identity', 'gzip'].includes(encoding.toLowerCase())) {
      response.destroy();
      throw new FetchError('content', 'The address answered in an encoding that was not asked for');
    }
    const bytes = await this.bytesOf(response, encoding.toLowerCase() === 'gzip');
    return {
      kind: 'document',
      text: decode(bytes),
      etag: etag ?? null,
      lastModified: lastModified ?? null,
      cacheControl: response.headers['cache-control'] ?? null,
    };
  }

  /** Counted after decompression. */
  private async bytesOf(response: IncomingMessage, compressed: boolean): Promise<Buffer> {
    const plain = compressed ? response.pipe(createGunzip()) : response;
    // The pipe hands on what is read, not that the other side broke off.
    if (compressed) response.on('error', (error) => plain.destroy(error));
    const chunks: Buffer[] = [];
    let size = 0;
    try {
      for await (const chunk of plain as AsyncIterable<Buffer>) {
        size += chunk.length;
        if (size > this.options.maxBytes) {
          throw new FetchError('too-large', `The document is larger than ${this.options.maxBytes} bytes`);
        }
        chunks.push(chunk);
      }
    } finally {
      response.destroy();
    }
    return Buffer.concat(chunks);
  }
}

const unreachable = (cause: unknown): FetchError =>
  new FetchError(
    'unreachable',
    'The address could not be fetched: its host has no public address, or did not answer as it should in time',
    cause,
  );

/** Whatever name is asked for, the addresses that were looked at. */
const lookupOf = (addresses: readonly string[]): LookupFunction => {
  const all = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_host, options, callback) => {
    if (options.all) callback(null, all);
    else callback(null, all[0]!.address, all[0]!.family);
  };
};

function before<T>(deadline: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    deadline.addEventListener('abort', () => reject(new Error('no answer in time')), { once: true });
    work.then(resolve, reject);
  });
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new FetchError('content', 'The document is not UTF-8');
  }
}

function readAuthorities(file: string): string {
  try {
    const pem = readFileSync(file, 'utf8');
    createSecureContext({ ca: pem });
    if (!pem.includes('-----BEGIN CERTIFICATE-----')) throw new Error('no certificate in it');
    return pem;
  } catch (error) {
    throw new Error(`FETCH_CA_FILE: no certificates can be read from ${file}`, { cause: error });
  }
}
