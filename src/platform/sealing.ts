import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

/**
 * Authenticated encryption of secrets at rest: AES-256-GCM (NIST SP 800-38D) with a random nonce. A sealed text is
 * `nonce (12 bytes) | tag (16) | ciphertext`; `context` says what it is and whose, and is authenticated with it, so that a sealed text
 * moved to another row or another organization does not open.
 */

export const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** A sealed text that does not open: another key, another context, or damaged. Says nothing of what is inside. */
export class UnsealError extends Error {
  constructor() {
    super('A sealed secret does not open: it belongs to another key or place, or is damaged');
    this.name = 'UnsealError';
  }
}

export function seal(key: Buffer, text: Buffer, context: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context));
  const sealed = Buffer.concat([cipher.update(text), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
}

/** Throws UnsealError. */
export function unseal(key: Buffer, sealed: Buffer, context: string): Buffer {
  if (sealed.length < NONCE_BYTES + TAG_BYTES) throw new UnsealError();
  const [tagAt, textAt] = [NONCE_BYTES, NONCE_BYTES + TAG_BYTES];
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, tagAt), { authTagLength: TAG_BYTES })
    .setAAD(Buffer.from(context))
    .setAuthTag(sealed.subarray(tagAt, textAt));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(textAt)), decipher.final()]);
  } catch {
    throw new UnsealError();
  }
}

/** Tells keys apart without telling a key: 16 hexadecimal digits of its SHA-256. */
export const keyName = (key: Buffer): string => createHash('sha256').update(key).digest('hex').slice(0, 16);
