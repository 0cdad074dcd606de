/** The answer to a query (RFC 7644 section 3.4.2). */
import type { JsonObject } from './schema/attribute.js';
import { LIST_RESPONSE_SCHEMA } from './urns.js';

export interface ListResponse {
  readonly schemas: readonly [typeof LIST_RESPONSE_SCHEMA];
  /** All matches, on whatever page they are. */
  readonly totalResults: number;
  readonly startIndex: number;
  /** How many resources this page has, not how many were asked for. */
  readonly itemsPerPage: number;
  /** There also when it is empty: clients read it without looking at the total. */
  readonly Resources: readonly JsonObject[];
}

export const toListResponse = (
  resources: readonly JsonObject[],
  totalResults: number = resources.length,
  startIndex = 1,
): ListResponse => ({
  schemas: [LIST_RESPONSE_SCHEMA],
  totalResults,
  startIndex,
  itemsPerPage: resources.length,
  Resources: resources,
});
