import { generate } from 'selfsigned';
import type { KeyUse } from './sp-key.js';

/** NIST SP 800-57: 3072 bits for what is in use after 2030. */
const BITS = 3072;
const YEARS = 3;
/** An IdP whose clock is behind ours must not find the certificate not yet valid. */
const HEAD_START_MS = 60 * 60 * 1000;

export interface FreshKey {
  /** PEM, PKCS #8. */
  readonly privateKey: string;
  /** PEM, self-signed. */
  readonly certificate: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** A pair that can be used for nothing else; its subject tells operators whose it is where they see it at the IdP. */
export async function makeSpKey(use: KeyUse, connectionId: string, now: Date): Promise<FreshKey> {
  // The dates of a certificate know seconds.
  const notBefore = new Date(Math.floor((now.getTime() - HEAD_START_MS) / 1000) * 1000);
  const notAfter = new Date(notBefore);
  notAfter.setUTCFullYear(notAfter.getUTCFullYear() + YEARS);
  const purpose = use === 'signing' ? { digitalSignature: true } : { keyEncipherment: true };
  const made = await generate([{ name: 'commonName', value: `Rollcall ${use} ${connectionId}` }], {
    keySize: BITS,
    algorithm: 'sha256',
    notBeforeDate: notBefore,
    notAfterDate: notAfter,
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', critical: true, ...purpose },
    ],
  });
  return { privateKey: made.private.trim(), certificate: made.cert.trim(), notBefore, notAfter };
}
