/** IdP certificates as people paste them. */
import { X509Certificate } from 'node:crypto';

export class CertificateError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'CertificateError';
  }
}

const PEM = /-----BEGIN CERTIFICATE-----([^-]+)-----END CERTIFICATE-----/g;

/** One PEM certificate, several in a row, or bare base64 with any white space -> PEM each, in one spelling. Throws CertificateError. */
export function parseCertificates(text: string): string[] {
  const blocks = [...text.matchAll(PEM)].map((match) => match[1] ?? '');
  return (blocks.length > 0 ? blocks : [text]).map(parseOne);
}

function parseOne(text: string): string {
  const base64 = text.replace(/\s+/g, '');
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) throw new CertificateError('it is neither PEM nor base64');
  const certificate = decode(Buffer.from(base64, 'base64'));
  const { asymmetricKeyType, asymmetricKeyDetails } = certificate.publicKey;
  if (asymmetricKeyType !== 'rsa') throw new CertificateError(`its key is ${asymmetricKeyType}; RSA is needed`);
  const bits = asymmetricKeyDetails?.modulusLength ?? 0;
  if (bits < 2048) throw new CertificateError(`its RSA key has ${bits} bits; at least 2048 are needed`);
  return certificate.toString();
}

function decode(der: Buffer): X509Certificate {
  try {
    return new X509Certificate(der);
  } catch {
    throw new CertificateError('it is not an X.509 certificate');
  }
}
