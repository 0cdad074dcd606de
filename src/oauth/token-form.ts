import { invalidRequest, OAuthError } from './oauth-error.js';

const FORM = 'application/x-www-form-urlencoded';
/** Five times what a client assertion needs, and what any form may have. */
const LIMIT_BYTES = 16 * 1024;

/** What the headers of a token request must say, before anything of the body is read. Throws OAuthError. */
export function checkTokenHeaders(headers: Readonly<Record<string, string | string[] | undefined>>): void {
  const mediaType = String(headers['content-type'] ?? '')
    .split(';', 1)[0]!
    .trim()
    .toLowerCase();
  if (mediaType !== FORM) throw invalidRequest(`The body must be ${FORM}.`);
  const length = Number(headers['content-length'] ?? NaN);
  if (!(length <= LIMIT_BYTES)) {
    const detail = `The body must say its length, of at most ${LIMIT_BYTES} bytes.`;
    throw new OAuthError(413, 'invalid_request', detail, { connection: 'close' });
  }
}
