import { HttpException } from '@nestjs/common';
import type { ErrorReply } from '../platform/error-reply.js';
import { OAuthError } from './oauth-error.js';

/** No answer of this door may be kept: "Cache-Control: no-store", "Pragma: no-cache" (RFC 6749 section 5.1). */
export const UNCACHED = { 'cache-control': 'no-store', pragma: 'no-cache' } as const;

/** Any error in the form of RFC 6749 section 5.2. What is not recognised tells the client nothing but the correlation id. */
export function toOAuthError(error: unknown, correlationId: string): ErrorReply {
  const known = recognise(error);
  const { status, code, description, headers } =
    known ??
    new OAuthError(500, 'server_error', `The request failed; the operators find the cause under ${correlationId}.`);
  return {
    status,
    contentType: 'application/json; charset=utf-8',
    body: JSON.stringify({ error: code, error_description: description }),
    headers: { ...UNCACHED, ...headers },
    unexpected: known === undefined,
  };
}

function recognise(error: unknown): OAuthError | undefined {
  if (error instanceof OAuthError) return error;
  const status = error instanceof HttpException ? error.getStatus() : 500;
  return status < 500 ? new OAuthError(status, 'invalid_request', REASONS[status] ?? REASONS[400]!) : undefined;
}

const REASONS: Readonly<Record<number, string>> = {
  400: 'The request cannot be read.',
  404: 'Nothing is at this address; tokens are at /oauth/token, by POST.',
  413: 'The body is too large.',
};
