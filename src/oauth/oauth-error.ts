/** A refusal in the words of RFC 6749 section 5.2. */
export class OAuthError extends Error {
  constructor(
    readonly status: number,
    readonly code:
      | 'invalid_request'
      | 'invalid_client'
      | 'unauthorized_client'
      | 'unsupported_grant_type'
      | 'invalid_scope'
      | 'invalid_target'
      | 'temporarily_unavailable'
      | 'server_error',
    /** ASCII without quotes and backslashes, as section 5.2 has it. */
    readonly description: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(description);
    this.name = 'OAuthError';
  }
}

export const invalidRequest = (description: string) => new OAuthError(400, 'invalid_request', description);

/**
 * One answer for an unknown client, a wrong secret, an expired one, an assertion that does not verify and one that was used before: which
 * of them it is helps only whoever guesses. "the authorization server MUST respond with an HTTP 401 (Unauthorized) status code and include
 * the "WWW-Authenticate" response header field matching the authentication scheme used by the client" (RFC 6749 section 5.2).
 */
export const invalidClient = () =>
  new OAuthError(401, 'invalid_client', 'The client is not known or its credentials are not valid.', {
    'www-authenticate': 'Basic realm="OAuth"',
  });

export const tooManyAttempts = (retryAfter: number) =>
  new OAuthError(429, 'temporarily_unavailable', `Too many attempts; come again after ${retryAfter} seconds.`, {
    'retry-after': String(retryAfter),
  });
