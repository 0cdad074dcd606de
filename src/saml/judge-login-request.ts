import type { FoundLoginRequest } from '../sessions/login-requests.service.js';
import type { Checks } from './protocol/checks.js';
import { reject, type SamlRejection } from './protocol/saml-rejection.js';

/**
 * May an answer that names this request be accepted? The one that asked must get the answer: this connection, this browser, once and in
 * time. The first thing that is wrong is the reason in the record; to the outside all of them are one. Notes in
 * `checks` what held.
 */
export function judgeLoginRequest(
  found: FoundLoginRequest | undefined,
  connectionId: string,
  now: Date,
  checks: Checks,
): SamlRejection | undefined {
  if (!found) return reject('login-request-unknown', 'a request of this ID', 'none, or long expired');
  if (found.connectionId !== connectionId) {
    return reject('login-request-unknown', 'connection of the request', found.connectionId, connectionId);
  }
  checks.passed('login-request', found.id);
  if (!found.ofThisBrowser) {
    return reject(
      'login-request-unknown',
      'cookie of the browser that began the sign-in',
      'none that belongs to the request',
    );
  }
  checks.passed('browser', 'its cookie');
  if (found.consumedAt)
    return reject('login-request-unknown', 'a request not answered yet', { answered: found.consumedAt });
  checks.passed('first-answer', 'not answered yet');
  if (now >= found.expiresAt)
    return reject('login-request-unknown', 'a request not expired', { expired: found.expiresAt });
  checks.passed('request-in-time', now, found.expiresAt);
  // SAML 2.0 bindings 3.5.3: the responder "MUST place the exact data it received with the request into the corresponding RelayState".
  if (!found.relayStateMatches) return reject('relay-state-mismatch', 'RelayState of the request');
  checks.passed('relay-state', 'the same');
  return undefined;
}
