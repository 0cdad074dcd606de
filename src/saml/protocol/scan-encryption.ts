/**
 * The encrypted assertion of a scanned response: its shape, and algorithms that are allowed, before anything is decrypted. What is in it
 * is looked at when it is open.
 */
import { CONTENT_CIPHERS, KEY_TRANSPORTS, OAEP_DIGESTS, OAEP_MASKS, oaepHash } from './encryption-methods.js';
import { NS } from './names.js';
import { refuse, type OpenElement } from './scan-xml.js';

/** Parent -> what may stand in it. Reference elements would let the text come from elsewhere; there are none for it. */
const CHILDREN: Readonly<Record<string, readonly string[]>> = {
  EncryptedAssertion: ['EncryptedData', 'EncryptedKey'],
  EncryptedData: ['EncryptionMethod', 'KeyInfo', 'CipherData'],
  EncryptedKey: ['EncryptionMethod', 'KeyInfo', 'CipherData', 'ReferenceList', 'CarriedKeyName'],
  EncryptionMethod: ['KeySize', 'OAEPparams', 'DigestMethod', 'MGF'],
  CipherData: ['CipherValue'],
  ReferenceList: ['DataReference'],
};
const HOMES: Readonly<Record<string, string>> = {
  KeyInfo: NS.signature,
  DigestMethod: NS.signature,
  MGF: NS.encryption11,
};
/** For two keys of ours while one follows the other. */
const MAX_KEYS = 2;

interface Part {
  readonly element: OpenElement;
  readonly counts: Map<string, number>;
  algorithm?: string;
  digest?: string;
  mask?: string;
}

export class EncryptionScan {
  private readonly parts: Part[] = [];

  /** Is the element an encrypted assertion, or in one? */
  takes(element: OpenElement): boolean {
    for (let each: OpenElement | undefined = element; each; each = each.parent) if (isEncrypted(each)) return true;
    return false;
  }

  open(element: OpenElement): void {
    if (isEncrypted(element)) return;
    const { name, uri, parent } = element;
    if (parent!.name === 'KeyInfo') return this.openInKeyInfo(element);
    if (isWithinHint(element)) return;
    const allowed = Object.hasOwn(CHILDREN, parent!.name) ? CHILDREN[parent!.name]! : [];
    if (!allowed.includes(name) || uri !== (HOMES[name] ?? NS.encryption))
      refuse('structure', `child of ${parent!.name}`, `{${uri}}${name}`);
    this.note(element);
  }

  /** At the end of the document. `responseSigned`: is there a signature around what is encrypted? */
  finish(responseSigned: boolean): void {
    const data = this.parts.filter(({ element }) => element.name === 'EncryptedData');
    const keys = this.parts.filter(({ element }) => element.name === 'EncryptedKey');
    if (data.length !== 1) refuse('structure', 'EncryptedData elements', data.length, 1);
    if (keys.length < 1 || keys.length > MAX_KEYS) refuse('structure', 'EncryptedKey elements', keys.length, MAX_KEYS);
    for (const { element, counts } of this.parts) {
      for (const name of ['EncryptionMethod', 'CipherData', 'CipherValue'])
        if (counts.get(name) !== 1)
          refuse('structure', `${name} elements of ${element.name}`, counts.get(name) ?? 0, 1);
    }
    const content = CONTENT_CIPHERS.get(data[0]!.algorithm ?? '');
    if (!content?.authenticated && !responseSigned)
      refuse(
        'algorithm-not-allowed',
        'CBC in a response that is not signed',
        data[0]!.algorithm,
        'GCM, or a signed response',
      );
    for (const { digest, mask } of keys) {
      if (oaepHash(digest, mask) === undefined)
        refuse('algorithm-not-allowed', 'digest and mask of RSA-OAEP', { digest, mask }, 'one hash for both');
    }
  }

  private openInKeyInfo(element: OpenElement): void {
    const holder = element.parent!.parent!.name;
    if (holder === 'EncryptedData' && element.name === 'EncryptedKey' && element.uri === NS.encryption)
      return this.note(element);
    // Hints whose key it is, such as X509Data: nothing of them is read.
    if (element.uri !== NS.signature) refuse('structure', 'child of KeyInfo', `{${element.uri}}${element.name}`);
  }

  private note(element: OpenElement): void {
    const { name, attributes } = element;
    if (name === 'EncryptedData' || name === 'EncryptedKey') {
      this.parts.push({ element, counts: new Map() });
      return;
    }
    const part = this.parts.findLast((each) => isAncestor(each.element, element));
    if (!part) return refuse('structure', `${name} outside of encrypted data`);
    part.counts.set(name, (part.counts.get(name) ?? 0) + 1);
    const algorithm = attributes.get('Algorithm') ?? '';
    const allow = (set: ReadonlySet<string> | ReadonlyMap<string, unknown>): string => {
      if (!set.has(algorithm))
        refuse('algorithm-not-allowed', `${name} of ${part.element.name}`, algorithm, [...set.keys()]);
      return algorithm;
    };
    if (name === 'EncryptionMethod')
      part.algorithm = allow(part.element.name === 'EncryptedData' ? CONTENT_CIPHERS : KEY_TRANSPORTS);
    if (name === 'DigestMethod') part.digest = allow(OAEP_DIGESTS);
    if (name === 'MGF') part.mask = allow(OAEP_MASKS);
  }
}

const isEncrypted = ({ name, uri }: OpenElement): boolean => name === 'EncryptedAssertion' && uri === NS.assertion;

/** Below a child of KeyInfo that is no EncryptedKey. */
function isWithinHint(element: OpenElement): boolean {
  for (let each = element.parent; each?.parent; each = each.parent)
    if (each.parent.name === 'KeyInfo' && each.name !== 'EncryptedKey') return true;
  return false;
}

function isAncestor(ancestor: OpenElement, element: OpenElement): boolean {
  for (let above = element.parent; above; above = above.parent) if (above === ancestor) return true;
  return false;
}
