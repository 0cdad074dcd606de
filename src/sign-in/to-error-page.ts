import { toErrorPage, toStatusPage } from '../platform/error-page.js';
import type { ErrorReply } from '../platform/error-reply.js';
import { toRefusalPage } from '../platform/refusal-page.js';

/** Nobody is signed in: no cookie, an ended session, a deactivated person. All look the same. */
export class NotSignedIn extends Error {
  constructor(readonly wantsJson: boolean) {
    super('Not signed in');
  }
}

/** A recovery code was not taken; the cause is in the sign-in record under the incident code, and nowhere else. */
export class RecoveryRefused extends Error {
  constructor(
    readonly incidentCode: string,
    readonly startAgain: string,
  ) {
    super('The recovery code was refused');
  }
}

/** Too many recovery codes were tried from one address. */
export class TooManyAttempts extends Error {
  constructor(readonly retryAfter: number) {
    super('Too many attempts');
  }
}

/** Errors of the pages of people. */
export function toSignInError(error: unknown, correlationId: string): ErrorReply {
  if (error instanceof RecoveryRefused) return toRefusalPage({ ...error, text: NOT_TAKEN });
  if (error instanceof TooManyAttempts) {
    const reply = toStatusPage(429, correlationId);
    return { ...reply, headers: { ...reply.headers, 'retry-after': String(error.retryAfter) } };
  }
  if (!(error instanceof NotSignedIn)) return toErrorPage(error, correlationId);
  if (!error.wantsJson) return toStatusPage(401, correlationId);
  return {
    status: 401,
    contentType: 'application/json; charset=utf-8',
    body: `${JSON.stringify({ status: 401, error: 'Not signed in' })}\n`,
    headers: { 'cache-control': 'no-store', vary: 'Accept' },
    unexpected: false,
  };
}

const NOT_TAKEN =
  'This user name and this recovery code were not accepted. Check both; a code works once, for one person, and only for a time.';
