/** Signatures over the octets of a query (SAML 2.0 bindings, section 3.4.4.1). */
import { constants, verify, X509Certificate } from 'node:crypto';
import { ALLOWED_ALGORITHMS } from './names.js';
import { reject, type SamlRejection } from './saml-rejection.js';

export interface OctetSignature {
  /** What it covers, exactly as it was received. */
  readonly octets: string;
  readonly algorithm: string;
  readonly value: Buffer;
}

/** Why the signature does not hold; undefined: one of the certificates made it. */
export function octetsFault(
  { octets, algorithm, value }: OctetSignature,
  certificates: readonly string[],
): SamlRejection | undefined {
  const allowed = ALLOWED_ALGORITHMS.SignatureMethod;
  if (!allowed.has(algorithm)) return reject('algorithm-not-allowed', 'SigAlg', algorithm.slice(0, 200), [...allowed]);
  const hash = algorithm.includes('512') ? 'sha512' : 'sha256';
  const padding = algorithm.endsWith('MGF1')
    ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
    : { padding: constants.RSA_PKCS1_PADDING };
  const data = Buffer.from(octets);
  const holds = certificates.some((certificate) =>
    verify(hash, data, { key: new X509Certificate(certificate).publicKey, ...padding }, value),
  );
  return holds ? undefined : reject('signature-invalid', 'a signature by a certificate of the connection');
}
