import { ScimError } from '../protocol/scim-error.js';

/**
 * "If a "filter" is provided, the service provider SHOULD respond with HTTP status code 403 (Forbidden) to ensure that clients cannot
 * incorrectly assume that any matching conditions specified in a filter have been applied." (RFC 7644 section 4)
 */
export function refuseFilter(query: Readonly<Record<string, unknown>>): void {
  if (Object.keys(query).some((name) => name.toLowerCase() === 'filter')) {
    throw new ScimError(403, 'Discovery documents cannot be filtered; ask without "filter".');
  }
}
