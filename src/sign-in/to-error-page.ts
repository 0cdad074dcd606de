import { toErrorPage, toStatusPage } from '../platform/error-page.js';
import type { ErrorReply } from '../platform/error-reply.js';

/** Nobody is signed in: no cookie, an ended session, a deactivated person. All look the same. */
export class NotSignedIn extends Error {
  constructor(readonly wantsJson: boolean) {
    super('Not signed in');
  }
}

/** Errors of the pages of people. */
export function toSignInError(error: unknown, correlationId: string): ErrorReply {
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
