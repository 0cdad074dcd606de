/** The answer to a query (RFC 7644 section 3.4.2, and RFC 9865 section 2 for pages by cursor). */
import type { JsonObject } from './schema/attribute.js';
import { LIST_RESPONSE_SCHEMA } from './urns.js';

/** Everything of an answer but its resources. */
export interface ListHead {
  /** All matches, on whatever page they are; a page by cursor may leave it out. */
  readonly totalResults?: number;
  /** Of a page by index. */
  readonly startIndex?: number;
  /** Of a page by cursor that is not the last. */
  readonly nextCursor?: string;
}

export interface ListResponse extends ListHead {
  readonly schemas: readonly [typeof LIST_RESPONSE_SCHEMA];
  /** How many resources this page has, not how many were asked for. */
  readonly itemsPerPage: number;
  /** There also when it is empty: clients read it without looking at the total. */
  readonly Resources: readonly JsonObject[];
}

/** Without a head: all there is. */
export const toListResponse = (
  resources: readonly JsonObject[],
  head: ListHead = { totalResults: resources.length, startIndex: 1 },
): ListResponse => ({
  schemas: [LIST_RESPONSE_SCHEMA],
  ...head,
  itemsPerPage: resources.length,
  Resources: resources,
});
