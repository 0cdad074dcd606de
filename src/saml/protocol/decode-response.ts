/** The form field of a message -> text (SAML 2.0 bindings, section 3.5). */
import { reject, type SamlRejection } from './saml-rejection.js';

/** Decoded size. The largest real responses known are below 20 kB; several hundred groups make 100 kB. */
export const MAX_RESPONSE_BYTES = 192 * 1024;

export function decodeResponse(field: unknown, maxBytes = MAX_RESPONSE_BYTES): string | SamlRejection {
  if (typeof field !== 'string' || field === '')
    return reject('response-malformed', 'SAMLResponse is one text field', typeof field);
  const base64 = withoutBlanks(field);
  if (base64.length > (maxBytes * 4) / 3 + 4) {
    return reject('too-large', 'size of the decoded response', Math.floor((base64.length * 3) / 4), maxBytes);
  }
  const bytes = decodeBase64(base64);
  return bytes ? decodeUtf8(bytes) : reject('response-malformed', 'base64');
}

/** undefined for what is none, and for nothing; line breaks and blanks are tolerated. */
export function decodeBase64(text: string): Buffer | undefined {
  const base64 = withoutBlanks(text);
  const whole = base64.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(base64);
  return whole ? Buffer.from(base64, 'base64') : undefined;
}

export function decodeUtf8(bytes: Buffer): string | SamlRejection {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return reject('encoding', 'UTF-8');
  }
}

const withoutBlanks = (text: string): string => text.replace(/[\r\n\t ]+/g, '');
