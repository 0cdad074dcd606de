import { HttpException } from '@nestjs/common';
import { NotFoundError, VersionConflictError } from '../../directory/directory-errors.js';
import type { ErrorReply } from '../../platform/error-reply.js';
import { HeldRefusal, ProvisioningRefusal } from '../../reconciliation/provisioning-refusal.js';
import { ScimError } from '../protocol/scim-error.js';
import { otherVersion } from './other-version.js';

/** Any error as a SCIM answer (RFC 7644 section 3.12). */
export function toScimError(error: unknown, correlationId: string): ErrorReply {
  const { answer, unexpected } = wordError(error, correlationId);
  return {
    status: answer.status,
    contentType: SCIM_CONTENT_TYPE,
    body: JSON.stringify(answer),
    headers: answer.headers,
    unexpected,
  };
}

/** What a client is told of an error; what is not recognised (`unexpected`) tells it nothing but the correlation id. */
export function wordError(error: unknown, correlationId: string): { answer: ScimError; unexpected: boolean } {
  const known = recognise(error);
  const answer =
    known ?? new ScimError(500, `The request failed; the operators find the cause under ${correlationId}.`);
  return { answer, unexpected: known === undefined };
}

export const SCIM_CONTENT_TYPE = 'application/scim+json; charset=utf-8';

function recognise(error: unknown): ScimError | undefined {
  if (error instanceof ScimError) return error;
  if (error instanceof NotFoundError) return new ScimError(404, `There is no ${error.what} with id "${error.id}".`);
  if (error instanceof VersionConflictError) return otherVersion();
  if (error instanceof HeldRefusal) {
    return new ScimError(429, error.detail, undefined, { 'retry-after': String(error.retryAfterSeconds) });
  }
  if (error instanceof ProvisioningRefusal) return refused(error);
  const status = error instanceof HttpException ? error.getStatus() : undefined;
  return status === undefined ? undefined : ofFramework(status);
}

function refused({ reason, detail }: ProvisioningRefusal): ScimError {
  if (reason === 'uniqueness') return new ScimError(409, detail, 'uniqueness');
  // The connection demands that every member is known: then the value is wrong, not the state.
  if (reason === 'unknown-members') return new ScimError(400, detail, 'invalidValue');
  return new ScimError(409, detail);
}

/** What the HTTP layer refuses by itself. */
function ofFramework(status: number): ScimError | undefined {
  switch (status) {
    case 400:
      return new ScimError(400, 'The request is malformed: its address or its body cannot be read.', 'invalidSyntax');
    case 404:
      return new ScimError(404, 'Nothing is at this address.');
    case 413:
      return new ScimError(413, 'The body is larger than this server accepts.');
    case 414:
      return new ScimError(414, 'The address is longer than this server accepts.');
    case 415:
      return new ScimError(415, 'The body must be application/scim+json or application/json.');
    default:
      return status < 500 ? new ScimError(status, 'The request cannot be served.') : undefined;
  }
}
