import { ScimError } from '../protocol/scim-error.js';

/** One answer for a token that is missing, wrong, expired or revoked: which of them it is helps only whoever guesses. */
export const unauthorized = () =>
  new ScimError(401, 'A valid bearer token is required: Authorization: Bearer <token>.', undefined, {
    'www-authenticate': 'Bearer realm="SCIM"',
  });
