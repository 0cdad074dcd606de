/** An encrypted assertion (core 6, XML Encryption 1.1) -> its text. Whatever goes wrong reads the same and takes the same way. */
import { constants, createDecipheriv, privateDecrypt, type KeyObject } from 'node:crypto';
import { CONTENT_CIPHERS, oaepHash, type ContentCipher } from './encryption-methods.js';
import { NS } from './names.js';
import { reject, type SamlRejection } from './saml-rejection.js';
import { attributeOf, childrenOf, named, parseXml, textOf } from './xml.js';

const GCM_IV = 12;
const GCM_TAG = 16;
const CBC_BLOCK = 16;

/**
 * `response`: scanned before, and verified where it is signed. Every key of ours is tried on every key in it. `decoy`: 32 random bytes, in
 * place of a content key that no key of ours unwraps, so that a wrong key fails where a tampered text does (after RFC 3218, 2.3.2).
 */
export function decryptAssertion(response: string, keys: readonly KeyObject[], decoy: Buffer): string | SamlRejection {
  try {
    const { cipher, content, encryptedKeys } = read(response);
    const unwrapped = encryptedKeys.flatMap((each) => keys.map((key) => unwrap(each, key)));
    const contentKey = unwrapped.find((key) => key?.length === cipher.keyBytes) ?? decoy.subarray(0, cipher.keyBytes);
    const open = cipher.authenticated ? openGcm : openCbc;
    return new TextDecoder('utf-8', { fatal: true }).decode(open(cipher.cipher, contentKey, content));
  } catch {
    return reject('decryption-failed', 'an assertion encrypted for a key of this connection, and nothing altered');
  }
}

interface WrappedKey {
  readonly value: Buffer;
  readonly hash: string;
  readonly label: Buffer | undefined;
}

function read(response: string) {
  const [encrypted] = named(parseXml(response)!, NS.assertion, 'EncryptedAssertion');
  const [data] = named(encrypted!, NS.encryption, 'EncryptedData');
  const inside = named(data!, NS.signature, 'KeyInfo');
  const wrapped = [...inside, encrypted!].flatMap((parent) => named(parent, NS.encryption, 'EncryptedKey'));
  const cipher: ContentCipher = CONTENT_CIPHERS.get(attributeOf(methodOf(data!), 'Algorithm')!)!;
  return { cipher, content: valueOf(data!), encryptedKeys: wrapped.map(readKey) };
}

function readKey(element: Element): WrappedKey {
  const parameters = childrenOf(methodOf(element));
  const algorithmOf = (name: string) => {
    const found = parameters.find(({ localName }) => localName === name);
    return found && attributeOf(found, 'Algorithm');
  };
  const label = parameters.find(({ localName }) => localName === 'OAEPparams');
  return {
    value: valueOf(element),
    hash: oaepHash(algorithmOf('DigestMethod'), algorithmOf('MGF'))!,
    label: label && Buffer.from(textOf(label) ?? '', 'base64'),
  };
}

const methodOf = (element: Element): Element => named(element, NS.encryption, 'EncryptionMethod')[0]!;

function valueOf(element: Element): Buffer {
  const [data] = named(element, NS.encryption, 'CipherData');
  const [value] = named(data!, NS.encryption, 'CipherValue');
  return Buffer.from(textOf(value!) ?? '', 'base64');
}

function unwrap({ value, hash, label }: WrappedKey, key: KeyObject): Buffer | undefined {
  const padding = constants.RSA_PKCS1_OAEP_PADDING;
  try {
    return privateDecrypt({ key, padding, oaepHash: hash, ...(label ? { oaepLabel: label } : {}) }, value);
  } catch {
    return undefined;
  }
}

/** "The cipher text contains the IV first, followed by the encrypted octets and finally the authentication tag" (5.2.4), all of it. */
function openGcm(cipher: string, key: Buffer, content: Buffer): Buffer {
  const tagAt = content.length - GCM_TAG;
  const decipher = createDecipheriv(cipher as 'aes-256-gcm', key, content.subarray(0, GCM_IV), {
    authTagLength: GCM_TAG,
  });
  decipher.setAuthTag(content.subarray(tagAt));
  return Buffer.concat([decipher.update(content.subarray(GCM_IV, tagAt)), decipher.final()]);
}

/** Only the last octet of the padding says something: how long it is (5.2.3). */
function openCbc(cipher: string, key: Buffer, content: Buffer): Buffer {
  const decipher = createDecipheriv(cipher, key, content.subarray(0, CBC_BLOCK)).setAutoPadding(false);
  const padded = Buffer.concat([decipher.update(content.subarray(CBC_BLOCK)), decipher.final()]);
  const padding = padded.at(-1) ?? 0;
  if (padding < 1 || padding > CBC_BLOCK) throw new Error('padding');
  return padded.subarray(0, -padding);
}
