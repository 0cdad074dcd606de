import type { IdpMetadata } from '../saml/protocol/parse-metadata.js';
import type { SamlSettings } from './connection.js';
import type { HeldEndpoints, IdpEndpoints, LeavingCertificate } from './metadata-source.js';

/** What a fetched document changes. */
export interface MetadataPlan {
  readonly saml: SamlSettings;
  readonly leaving: readonly LeavingCertificate[];
  readonly held: HeldEndpoints | null;
  /** PEM. */
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

export interface KnownState {
  readonly saml: SamlSettings;
  readonly leaving: readonly LeavingCertificate[];
  readonly held: HeldEndpoints | null;
}

/**
 * So long is a certificate believed after it has left the document: answers that it signed are still under way, sets of servers change
 * one after the other, and caches hand out the older document for a while, at most until the longest interval has passed.
 */
export const OVERLAP_MS = 24 * 3600_000;
const MOST_LEAVING = 4;

/**
 * `found` undefined: nothing new is known, and only time has passed. A certificate that appears is believed at once. Addresses change by
 * themselves at hosts that are known; browsers are not sent to another host before an operator has said so. Pure.
 */
export function planMetadata(
  known: KnownState,
  found: IdpMetadata | undefined,
  now: Date,
  { dropLeaving = false }: { readonly dropLeaving?: boolean } = {},
): MetadataPlan {
  const { saml } = known;
  const isGone = (pem: string) => (found ? !found.certificates.includes(pem) : known.leaving.some(is(pem)));
  const published = found ? found.certificates : saml.certificates.filter((pem) => !isGone(pem));
  const leaving = saml.certificates
    .filter(isGone)
    .map((certificate) => known.leaving.find(is(certificate)) ?? { certificate, since: now.toISOString() })
    .filter(({ since }) => !dropLeaving && now.getTime() - new Date(since).getTime() < OVERLAP_MS)
    .sort((one, other) => (one.since < other.since ? 1 : -1))
    .slice(0, MOST_LEAVING);
  const believed = [...published, ...leaving.map(({ certificate }) => certificate)];
  // In the order they had, so that a document that only has another order is no change.
  const kept = saml.certificates.filter((pem) => believed.includes(pem));
  const added = believed.filter((pem) => !saml.certificates.includes(pem));
  const { endpoints, held } = planEndpoints(known, found, now);
  return {
    saml: { ...saml, ...endpoints, certificates: [...kept, ...added] },
    leaving,
    held,
    added,
    removed: saml.certificates.filter((pem) => !believed.includes(pem)),
  };
}

const is =
  (pem: string) =>
  ({ certificate }: LeavingCertificate): boolean =>
    certificate === pem;

function planEndpoints(
  { saml, held }: KnownState,
  found: IdpEndpoints | undefined,
  now: Date,
): { readonly endpoints: IdpEndpoints; readonly held: HeldEndpoints | null } {
  const current = endpointsOf(saml);
  if (!found) return { endpoints: current, held };
  const wanted = endpointsOf(found);
  const known = new Set(hostsOf(current));
  if (hostsOf(wanted).every((host) => known.has(host))) return { endpoints: wanted, held: null };
  const isHeldAlready = held !== null && sameEndpoints(held, wanted);
  return { endpoints: current, held: isHeldAlready ? held : { ...wanted, since: now.toISOString() } };
}

export const endpointsOf = ({ ssoUrl, requestBinding, singleLogout }: IdpEndpoints): IdpEndpoints => ({
  ssoUrl,
  requestBinding,
  singleLogout,
});

export const sameEndpoints = (one: IdpEndpoints, other: IdpEndpoints): boolean =>
  addressesOf(one).join(' ') === addressesOf(other).join(' ') &&
  one.requestBinding === other.requestBinding &&
  one.singleLogout?.binding === other.singleLogout?.binding;

const addressesOf = ({ ssoUrl, singleLogout }: IdpEndpoints): string[] => [
  ssoUrl,
  ...(singleLogout ? [singleLogout.url, singleLogout.responseUrl ?? ''] : []),
];

/** With their ports. */
const hostsOf = (endpoints: IdpEndpoints): string[] =>
  addressesOf(endpoints).flatMap((address) => (address === '' ? [] : new URL(address).host));
