import type { SingleLogoutSettings } from './connection.js';

/** Where the metadata of a connection's IdP is fetched from, and how that goes. */
export interface MetadataSource {
  readonly organizationId: string;
  readonly connectionId: string;
  readonly url: string;
  /** PEM of the certificate that must have signed the document; null: TLS is enough. */
  readonly signer: string | null;
  readonly etag: string | null;
  readonly lastModified: string | null;
  readonly lastFetchedAt: Date;
  readonly lastSucceededAt: Date;
  /** Of the last fetch; null: it succeeded. */
  readonly lastError: string | null;
  readonly failures: number;
  /** When operators were told that it has failed for long; null: it has not. */
  readonly toldFailingAt: Date | null;
  readonly intervalSeconds: number;
  readonly nextFetchAt: Date;
  readonly leaving: readonly LeavingCertificate[];
  readonly held: HeldEndpoints | null;
}

/** A certificate that the document no longer has and that is still believed. */
export interface LeavingCertificate {
  readonly certificate: string;
  /** ISO 8601. */
  readonly since: string;
}

export interface IdpEndpoints {
  readonly ssoUrl: string;
  readonly requestBinding: 'redirect' | 'post';
  readonly singleLogout: SingleLogoutSettings | null;
}

/** Addresses at another host, which wait for an operator. */
export interface HeldEndpoints extends IdpEndpoints {
  readonly since: string;
}

const HOUR = 3600;
const LEAST_SECONDS = HOUR;
const MOST_SECONDS = 24 * HOUR;
const USUAL_SECONDS = 6 * HOUR;
/** Somebody who lets their document expire within the hour is looked at before that, but not all the time. */
const LEAST_BEFORE_EXPIRY_SECONDS = 5 * 60;

/** AD FS gives five days between publishing a certificate and using it, others none: a day is the most that passes unseen. */
export function refreshSeconds(cacheDuration: number | undefined, validUntil: Date | undefined, now: Date): number {
  const wanted = Math.min(MOST_SECONDS, Math.max(LEAST_SECONDS, cacheDuration ?? USUAL_SECONDS));
  if (!validUntil) return wanted;
  const left = Math.max(0, validUntil.getTime() - now.getTime()) / 1000;
  return Math.min(wanted, Math.max(LEAST_BEFORE_EXPIRY_SECONDS, Math.floor(left / 2)));
}

/** 5, 10, 20 minutes and so on, up to the usual interval. */
export const backoffSeconds = (failures: number, intervalSeconds: number): number =>
  Math.min(intervalSeconds, 300 * 2 ** Math.min(failures - 1, 10));

/** Media types of metadata; many servers call it plain XML. */
export const METADATA_TYPES = 'application/samlmetadata+xml, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.1';
