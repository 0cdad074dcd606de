import { ScimError } from '../protocol/scim-error.js';

/** 429 with Retry-After in whole seconds (RFC 6585 section 4, RFC 9110 section 10.2.3). */
export const tooManyRequests = (reason: string, retryAfter: number) =>
  new ScimError(429, `${reason}; repeat the request after ${retryAfter} seconds (Retry-After).`, undefined, {
    'retry-after': String(retryAfter),
  });
