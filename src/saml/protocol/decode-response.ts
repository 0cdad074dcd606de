/** The form field SAMLResponse -> text (SAML 2.0 bindings, section 3.5). */
import { reject, type SamlRejection } from './saml-rejection.js';

/** Decoded size. The largest real responses known are below 20 kB; several hundred groups make 100 kB. */
export const MAX_RESPONSE_BYTES = 192 * 1024;

export function decodeResponse(field: unknown): string | SamlRejection {
  if (typeof field !== 'string' || field === '')
    return reject('response-malformed', 'SAMLResponse is one text field', typeof field);
  const base64 = field.replace(/[\r\n\t ]+/g, '');
  if (base64.length > (MAX_RESPONSE_BYTES * 4) / 3 + 4) {
    return reject('too-large', 'size of the decoded response', Math.floor((base64.length * 3) / 4), MAX_RESPONSE_BYTES);
  }
  if (base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return reject('response-malformed', 'base64');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(base64, 'base64'));
  } catch {
    return reject('encoding', 'UTF-8');
  }
}
