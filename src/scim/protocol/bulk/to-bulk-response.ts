import type { JsonObject } from '../schema/attribute.js';
import { BULK_RESPONSE_SCHEMA } from '../urns.js';
import type { BulkOperation, BulkOutcome } from './bulk-operation.js';

/**
 * The answer to a bulk request: one entry for each operation that was performed, in the order of the request, whatever the order of
 * performing. Bodies of success are left out ("the server MAY elect to omit the response body", RFC 7644 section 3.7).
 */
export function toBulkResponse(
  operations: readonly BulkOperation[],
  outcomes: ReadonlyMap<number, BulkOutcome>,
): JsonObject {
  const entries = operations.flatMap((operation, index) => {
    const outcome = outcomes.get(index);
    return outcome ? [toEntry(operation, outcome)] : [];
  });
  return { schemas: [BULK_RESPONSE_SCHEMA], Operations: entries };
}

function toEntry({ method, bulkId }: BulkOperation, { location, version, status, error }: BulkOutcome): JsonObject {
  return {
    ...(location === undefined ? {} : { location }),
    method,
    ...(bulkId === undefined ? {} : { bulkId }),
    ...(version === undefined ? {} : { version }),
    ...(error === undefined ? {} : { response: error.toJSON() }),
    status: String(status),
  };
}
