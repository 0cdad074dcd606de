/**
 * A message of the redirect binding out of the query as it was received (SAML 2.0 bindings, section 3.4.4). Names are read undecoded and
 * each of them once, so that the octets whose signature is verified are those of the message that is read: what some reader would only
 * find by decoding a name is not there.
 */
import { inflateRawSync } from 'node:zlib';
import { decodeBase64, decodeUtf8 } from './decode-response.js';
import { reject, SamlRejection } from './saml-rejection.js';
import type { OctetSignature } from './verify-octets.js';

export type MessageKind = 'SAMLRequest' | 'SAMLResponse';

export interface RedirectedMessage {
  readonly kind: MessageKind;
  readonly document: string;
  readonly relayState: string | undefined;
  /** undefined: the message is not signed. */
  readonly signature: OctetSignature | undefined;
}

const NAMES = ['SAMLRequest', 'SAMLResponse', 'RelayState', 'SigAlg', 'Signature', 'SAMLEncoding'] as const;
type Name = (typeof NAMES)[number];
/** In this order a signature covers them (3.4.4.1). */
const COVERED: readonly Name[] = ['SAMLRequest', 'SAMLResponse', 'RelayState', 'SigAlg'];
const DEFLATE = 'urn:oasis:names:tc:SAML:2.0:bindings:URL-Encoding:DEFLATE';

/** Characters of a parameter as it was received; what real messages need is a quarter of it. */
const MAX_RAW = 8 * 1024;
const MAX_PARAMETERS = 16;
/** Inflated: nothing of the rest is ever written out. */
export const MAX_INFLATED = 64 * 1024;

/** `rawQuery`: what stands behind the question mark, undecoded. */
export function readRedirect(rawQuery: string): RedirectedMessage | SamlRejection {
  const raw = readParameters(rawQuery);
  if (raw instanceof SamlRejection) return raw;
  const kinds = (['SAMLRequest', 'SAMLResponse'] as const).filter((name) => raw.has(name));
  const [kind] = kinds;
  if (kind === undefined || kinds.length > 1)
    return reject('response-malformed', 'SAMLRequest or SAMLResponse', kinds, 'one of the two');
  const encoding = raw.get('SAMLEncoding');
  if (encoding !== undefined && decode(encoding) !== DEFLATE)
    return reject('response-malformed', 'SAMLEncoding', encoding.slice(0, 200), DEFLATE);
  const document = inflate(raw.get(kind)!);
  if (document instanceof SamlRejection) return document;
  const signature = readSignature(raw);
  if (signature instanceof SamlRejection) return signature;
  const relayState = raw.get('RelayState');
  const decoded = relayState === undefined ? undefined : decode(relayState.replaceAll('+', ' '));
  if (relayState !== undefined && decoded === undefined) return reject('response-malformed', 'encoding of RelayState');
  return { kind, document, relayState: decoded, signature };
}

function readParameters(rawQuery: string): Map<Name, string> | SamlRejection {
  const found = new Map<Name, string>();
  const parts = rawQuery.split('&', MAX_PARAMETERS + 1);
  if (parts.length > MAX_PARAMETERS)
    return reject('response-malformed', 'number of parameters', `over ${MAX_PARAMETERS}`);
  for (const part of parts) {
    const [, name = '', value] = /^([^=]*)=?(.*)$/s.exec(part)!;
    if (!/^[\w.~-]*$/.test(name))
      return reject('response-malformed', 'names of parameters are plain', name.slice(0, 100));
    if (!isName(name)) continue;
    if (found.has(name)) return reject('response-malformed', 'parameters come once', name);
    if (value!.length > MAX_RAW) return reject('too-large', `length of ${name}`, value!.length, MAX_RAW);
    found.set(name, value!);
  }
  return found;
}

const isName = (name: string): name is Name => (NAMES as readonly string[]).includes(name);

function inflate(value: string): string | SamlRejection {
  const compressed = decodeParameter(value);
  if (!compressed) return reject('response-malformed', 'base64');
  try {
    const inflated = inflateRawSync(compressed, { maxOutputLength: MAX_INFLATED });
    return decodeUtf8(inflated);
  } catch (error) {
    const tooLarge = error instanceof RangeError || (error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE';
    if (tooLarge) return reject('too-large', 'size of the inflated message', `over ${MAX_INFLATED}`, MAX_INFLATED);
    return reject('response-malformed', 'DEFLATE');
  }
}

function readSignature(raw: ReadonlyMap<Name, string>): OctetSignature | undefined | SamlRejection {
  const [algorithm, signature] = [raw.get('SigAlg'), raw.get('Signature')];
  if (algorithm === undefined && signature === undefined) return undefined;
  if (algorithm === undefined || signature === undefined)
    return reject('signature-missing', 'SigAlg and Signature', [...raw.keys()], 'both');
  const value = decodeParameter(signature);
  if (!value) return reject('signature-invalid', 'base64 of the signature');
  const octets = COVERED.filter((name) => raw.has(name)).map((name) => `${name}=${raw.get(name)!}`);
  return { octets: octets.join('&'), algorithm: decode(algorithm) ?? '', value };
}

/** Line breaks and blanks are tolerated as elsewhere in SAML; a plus sign is itself, since base64 knows no blank. */
const decodeParameter = (value: string): Buffer | undefined => decodeBase64(decode(value) ?? '');

function decode(value: string): string | undefined {
  try {
    return decodeURIComponent(value);
  } catch {
    return undefined;
  }
}
