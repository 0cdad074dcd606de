import { HttpException } from '@nestjs/common';
import { NotFoundError, VersionConflictError } from '../../directory/directory-errors.js';
import { TenantError } from '../../organizations/tenant-error.js';
import type { ErrorReply } from '../../platform/error-reply.js';
import { FetchError } from '../../platform/fetch-error.js';
import { ProvisioningRefusal } from '../../reconciliation/provisioning-refusal.js';
import { MetadataError } from '../../saml/protocol/parse-metadata.js';
import { AdminProblem } from './admin-problem.js';

/** Any error as a problem (RFC 9457). What is not recognised tells the client nothing but the correlation id. */
export function toProblem(error: unknown, correlationId: string): ErrorReply {
  const known = recognise(error);
  const problem =
    known ?? new AdminProblem(500, 'internal', `The request failed; the cause is in the log under ${correlationId}.`);
  const { status, reason, detail, more } = problem;
  const body = {
    type: `urn:rollcall:problem:${reason}`,
    title: TITLES[status] ?? (status < 500 ? 'The request cannot be served' : 'The server failed'),
    status,
    detail,
    correlationId,
    ...(more.errors ? { errors: more.errors } : {}),
  };
  return {
    status,
    contentType: 'application/problem+json; charset=utf-8',
    body: `${JSON.stringify(body)}\n`,
    headers: { 'cache-control': 'no-store', ...more.headers },
    unexpected: known === undefined,
  };
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'The request cannot be read',
  401: 'Not authenticated',
  403: 'Not allowed',
  404: 'Not found',
  409: 'Conflict with what is there',
  412: 'Changed meanwhile',
  413: 'Too large',
  415: 'Media type not supported',
  422: 'Not acceptable as it is',
};

/** Of a federation that has hundreds. */
const MOST_CANDIDATES = 100;

const TENANT_STATUS = { 'not-found': 404, conflict: 409, invalid: 422 } as const;

function recognise(error: unknown): AdminProblem | undefined {
  if (error instanceof AdminProblem) return error;
  if (error instanceof TenantError) return new AdminProblem(TENANT_STATUS[error.reason], error.reason, error.detail);
  if (error instanceof NotFoundError)
    return new AdminProblem(404, 'not-found', `There is no ${error.what} ${error.id}.`);
  if (error instanceof ProvisioningRefusal) {
    // The value is wrong, not the state.
    return new AdminProblem(error.reason === 'unknown-role' ? 422 : 409, error.reason, error.detail);
  }
  if (error instanceof MetadataError) {
    const { candidates } = error;
    const shown = candidates.slice(0, MOST_CANDIDATES).join(', ');
    const rest = candidates.length > MOST_CANDIDATES ? ` and ${candidates.length - MOST_CANDIDATES} more` : '';
    const found = candidates.length > 0 ? ` Found: ${shown}${rest}.` : '';
    return new AdminProblem(422, 'metadata', `${error.detail}.${found}`);
  }
  // The address of the other server is what is wrong, or the other server is.
  if (error instanceof FetchError) return new AdminProblem(422, 'fetch', `${error.message}.`);
  if (error instanceof VersionConflictError) {
    return new AdminProblem(412, 'version', 'It was changed meanwhile; read it again.');
  }
  const status = statusOfFramework(error);
  return status === undefined
    ? undefined
    : new AdminProblem(status, REASONS[status] ?? 'http', HTTP[status] ?? 'The request cannot be served.');
}

const REASONS: Readonly<Record<number, string>> = {
  400: 'malformed',
  404: 'not-found',
  413: 'too-large',
  415: 'media-type',
};
const HTTP: Readonly<Record<number, string>> = {
  400: 'The address or the body cannot be read.',
  404: 'Nothing is at this address; see /admin/v1/docs.',
  413: 'The body is larger than this server accepts.',
  414: 'The address is longer than this server accepts.',
};

/** The status of what Nest refuses itself, and of Fastify's refusals before any handler; never of a failure. */
function statusOfFramework(error: unknown): number | undefined {
  if (error instanceof HttpException) return error.getStatus() < 500 ? error.getStatus() : undefined;
  if (!(error instanceof Error) || !('code' in error) || !('statusCode' in error)) return undefined;
  const { code, statusCode } = error;
  if (typeof code !== 'string' || !code.startsWith('FST_ERR_') || typeof statusCode !== 'number') return undefined;
  return statusCode < 500 ? statusCode : undefined;
}
