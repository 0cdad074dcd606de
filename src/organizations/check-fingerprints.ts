import { X509Certificate } from 'node:crypto';

/** SHA-256 of a certificate, as OpenSSL prints it. */
export const fingerprintOf = (pem: string): string => new X509Certificate(pem).fingerprint256;

/**
 * Are these the certificates an operator has read the fingerprints of? Each must be named, and nothing else; undefined when it is so. SHA-1
 * fingerprints are not taken: whoever can make two certificates of one SHA-1 could have the other one believed.
 */
export function fingerprintFault(certificates: readonly string[], wanted: readonly string[]): string | undefined {
  const named = new Map(wanted.map((text) => [text.replace(/^.*=|[\s:]/g, '').toUpperCase(), text] as const));
  for (const [digits, text] of named) {
    if (/^[0-9A-F]{40}$/.test(digits)) return `"${text}" is a SHA-1 fingerprint; the one by SHA-256 is needed`;
    if (!/^[0-9A-F]{64}$/.test(digits)) return `"${text}" is no SHA-256 fingerprint (64 hexadecimal digits)`;
  }
  const found = new Set(certificates.map((pem) => fingerprintOf(pem).replaceAll(':', '')));
  const stranger = [...found].find((digits) => !named.has(digits));
  if (stranger !== undefined) return `a certificate has the fingerprint ${colons(stranger)}, which is not among them`;
  const missing = [...named].find(([digits]) => !found.has(digits));
  return missing && `no certificate has the fingerprint ${missing[1]}`;
}

const colons = (digits: string): string => digits.match(/../g)!.join(':');
