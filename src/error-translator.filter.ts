import { Catch, HttpException, Inject, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { toProblem } from './admin/http/to-problem.js';
import { toOAuthError } from './oauth/to-oauth-error.js';
import type { ErrorReply, ToErrorReply } from './platform/error-reply.js';
import { Log } from './platform/logger.js';
import { toSamlError } from './saml/to-error-page.js';
import { toScimError } from './scim/http/to-scim-error.js';
import { toSignInError } from './sign-in/to-error-page.js';

/** Path prefix -> the door that words the error. The first that fits; doors put themselves in here. */
const DOORS: readonly { readonly prefix: RegExp; readonly toReply: ToErrorReply }[] = [
  { prefix: /^\/scim(?:[/?]|$)/, toReply: toScimError },
  { prefix: /^\/admin(?:[/?]|$)/, toReply: toProblem },
  { prefix: /^\/oauth(?:[/?]|$)/, toReply: toOAuthError },
  { prefix: /^\/saml(?:[/?]|$)/, toReply: toSamlError },
  { prefix: /^\/(?:(?:session|sign-in|sign-out|signed-out|o)(?:[/?]|$)|\?|$)/, toReply: toSignInError },
];

/** The one place where an error becomes an answer: also for unknown routes and for what the HTTP layer itself refuses. */
@Catch()
export class ErrorTranslator implements ExceptionFilter {
  constructor(@Inject(Log) private readonly log: Log) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    answerError(this.log, error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }
}

/** For addresses that the router cannot read (a malformed escape): they reach neither a route nor a filter. */
export const answerUnreadableAddress =
  (log: Log) =>
  (error: FastifyError, request: FastifyRequest, response: FastifyReply): void =>
    answerError(log, new HttpException(error.message, error.statusCode ?? 400), request, response);

function answerError(log: Log, error: unknown, request: FastifyRequest, response: FastifyReply): void {
  const path = request.url.replace(/^\/+/, '/');
  const door = DOORS.find(({ prefix }) => prefix.test(path));
  const reply = (door?.toReply ?? toPlainReply)(error, request.id);
  if (reply.unexpected)
    log.failure(error, {
      correlationId: request.id,
      method: request.method,
      route: request.routeOptions.url ?? null,
    });
  void response
    .status(reply.status)
    .headers({ ...reply.headers, 'content-type': reply.contentType, 'x-correlation-id': request.id })
    .send(reply.body);
}

/** For paths that belong to no door. */
function toPlainReply(error: unknown, correlationId: string): ErrorReply {
  const status = error instanceof HttpException ? error.getStatus() : 500;
  const body = JSON.stringify({
    status,
    error: status === 404 ? 'Nothing is here' : 'The request failed',
    correlationId,
  });
  return { status, contentType: 'application/json; charset=utf-8', body: `${body}\n`, unexpected: status >= 500 };
}
