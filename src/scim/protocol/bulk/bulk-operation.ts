import type { JsonObject } from '../schema/attribute.js';
import type { ScimError } from '../scim-error.js';

export const BULK_METHODS = ['POST', 'PUT', 'PATCH', 'DELETE'] as const;

/** One operation of a bulk request (RFC 7644 section 3.7), as far as it could be read. */
export interface BulkOperation {
  /** In capitals; one of BULK_METHODS unless there is a fault. */
  readonly method: string;
  /** Begins with a slash; without query and without a slash at the end. */
  readonly path: string;
  /** Of a POST: what other operations call the resource by before it has an id. */
  readonly bulkId?: string;
  /** The same as If-Match of a single request. */
  readonly version?: string;
  readonly data?: JsonObject;
  /** Why the operation cannot be performed; the others can. */
  readonly fault?: ScimError;
}

/** What became of an operation. */
export interface BulkOutcome {
  readonly status: number;
  /** Absent only for a POST that made nothing. */
  readonly location?: string;
  readonly version?: string;
  /** Of everything but success. */
  readonly error?: ScimError;
}
