import { X509Certificate } from 'node:crypto';
import type { KeyUse, SpKey } from './sp-key.js';

/** Which certificates of a connection expire when. Pure. */

/** So many days before, operators are told; the nearest first. */
const WARN_DAYS = [1, 7, 30];
const DAY_MS = 24 * 60 * 60 * 1000;

export interface ExpiringCertificate {
  /** Whose: the IdP's, or ours. */
  readonly party: 'idp' | 'sp';
  readonly use: KeyUse;
  readonly subject: string;
  /** SHA-256. */
  readonly fingerprint: string;
  readonly notAfter: Date;
  /** Another certificate of the same party and use is valid for longer, until then; null: there is none. */
  readonly coveredUntil: Date | null;
}

type Watched = Omit<ExpiringCertificate, 'coveredUntil'>;

/**
 * What is in use, or published, the soonest to expire first. `idp`: PEM; what cannot be read is left out, its connection has disabled
 * itself.
 */
export function certificateExpiries(
  idp: readonly string[],
  keys: readonly Pick<SpKey, 'use' | 'certificate'>[],
): ExpiringCertificate[] {
  const all = [
    ...idp.flatMap((pem) => watched('idp', 'signing', pem)),
    ...keys.flatMap(({ use, certificate }) => watched('sp', use, certificate)),
  ];
  all.sort((left, right) => left.notAfter.getTime() - right.notAfter.getTime());
  return all.map((one) => ({ ...one, coveredUntil: coveredUntil(one, all) }));
}

/** The warning that is due: of those whose time has come, the last. */
export const dueThreshold = (notAfter: Date, now: Date): number | undefined =>
  WARN_DAYS.find((days) => notAfter.getTime() - now.getTime() <= days * DAY_MS);

/** Whole days, negative once it has expired. */
export const daysLeft = (notAfter: Date, now: Date): number =>
  Math.floor((notAfter.getTime() - now.getTime()) / DAY_MS);

function watched(party: Watched['party'], use: KeyUse, pem: string): Watched[] {
  try {
    const { subject, fingerprint256, validTo } = new X509Certificate(pem);
    return [{ party, use, subject, fingerprint: fingerprint256, notAfter: new Date(validTo) }];
  } catch {
    return [];
  }
}

function coveredUntil({ party, use, notAfter }: Watched, all: readonly Watched[]): Date | null {
  const last = all.findLast((other) => other.party === party && other.use === use)!;
  return last.notAfter > notAfter ? last.notAfter : null;
}
