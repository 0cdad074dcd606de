import { importJWK, type JSONWebKeySet, type JWK } from 'jose';
import { TenantError } from './tenant-error.js';

/** What clients may sign with: asymmetric, and nothing that has been weak for years. */
export const SIGNATURE_ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'];

const MOST_KEYS = 10;
/** Private parts of RSA, EC and OKP keys, and the one part of a symmetric key (RFC 7518 section 6, RFC 8037 section 2). */
const PRIVATE_PARTS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

/** The public keys of a client, from a JWK Set (RFC 7517 section 5) as JSON text. Throws TenantError. */
export async function readClientKeys(text: string): Promise<JSONWebKeySet> {
  const keys = keysOf(text);
  if (keys.length === 0 || keys.length > MOST_KEYS) throw invalid(`must have 1 to ${MOST_KEYS} keys`);
  const ids = keys.map(({ kid }) => kid).filter((kid) => kid !== undefined);
  if (new Set(ids).size !== ids.length) throw invalid('has two keys of one kid');
  return { keys: await Promise.all(keys.map(checkKey)) };
}

function keysOf(text: string): JWK[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw invalid('is no JSON');
  }
  const keys: unknown = typeof parsed === 'object' && parsed !== null ? Reflect.get(parsed, 'keys') : undefined;
  if (!Array.isArray(keys) || !keys.every((key) => typeof key === 'object' && key !== null)) {
    throw invalid('must be an object with the list "keys"');
  }
  return keys as JWK[];
}

async function checkKey(key: JWK, index: number): Promise<JWK> {
  const what = `key ${key.kid ?? index + 1}`;
  // Whoever sends a private key has published it: it must not even be stored.
  if (PRIVATE_PARTS.some((part) => part in key)) throw invalid(`${what} is not a public key; make a new pair`);
  if (key.use !== undefined && key.use !== 'sig') throw invalid(`${what} is not for signatures`);
  const algorithm = algorithmOf(key);
  if (algorithm === undefined || (key.alg !== undefined && !SIGNATURE_ALGORITHMS.includes(key.alg))) {
    throw invalid(`${what} must be RSA (RS256, PS256), P-256 (ES256) or Ed25519 (EdDSA)`);
  }
  let bits: number | undefined;
  try {
    const imported = (await importJWK(key, key.alg ?? algorithm)) as CryptoKey;
    bits = (imported.algorithm as Partial<RsaHashedKeyAlgorithm>).modulusLength;
  } catch {
    throw invalid(`${what} cannot be read`);
  }
  if (bits !== undefined && bits < 2048) throw invalid(`${what} has ${bits} bits, at least 2048 are needed`);
  return key;
}

function algorithmOf({ kty, crv }: JWK): string | undefined {
  if (kty === 'RSA') return 'RS256';
  if (kty === 'EC' && crv === 'P-256') return 'ES256';
  return kty === 'OKP' && crv === 'Ed25519' ? 'EdDSA' : undefined;
}

const invalid = (fault: string) => new TenantError('invalid', `jwks ${fault}`);
