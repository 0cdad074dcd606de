import { EVERYTHING, type Condition } from '../directory/condition.js';
import type { Total } from '../directory/search-matches.js';
import type { Position } from '../directory/search-order.js';
import type { Search } from '../directory/search-page.js';
import { toCondition } from './attribute-filter.js';
import type { Collections } from './attribute-places.js';
import { toSortKey } from './attribute-sort.js';
import { checkFilter, type CheckFilterOptions } from './protocol/filter/check-filter.js';
import type { ListQuery } from './protocol/list-query.js';
import type { ResourceType } from './protocol/schema/attribute.js';
import { resolveSortBy } from './protocol/sort-by.js';

/** A list query as a search of the directory; `after`: where its cursor leads to. Throws ScimError invalidFilter, invalidValue. */
export function toSearch(
  resourceType: ResourceType,
  query: ListQuery,
  collections: Collections,
  after?: Position,
  options: CheckFilterOptions = {},
): Search {
  const { sortBy, sortOrder, startIndex, count } = query;
  const key = sortBy && toSortKey(resourceType, resolveSortBy(resourceType, sortBy), collections);
  return {
    condition: conditionOf(resourceType, query, collections, options),
    // What is the same for all puts none before another.
    ...(key && key.kind !== 'text' ? { sort: { key, descending: sortOrder === 'descending' } } : {}),
    from: after ?? startIndex - 1,
    limit: count,
    total: totalOf(query),
  };
}

const conditionOf = (
  resourceType: ResourceType,
  { filter }: ListQuery,
  collections: Collections,
  options: CheckFilterOptions,
): Condition =>
  filter ? toCondition(resourceType, checkFilter(resourceType, filter, options), collections) : EVERYTHING;

/**
 * "Service providers implementing cursor pagination that are unable to estimate totalResults MAY choose to omit" it (RFC 9865
 * section 2); a page by index must tell it.
 */
const totalOf = ({ cursor, count }: ListQuery): Total => (cursor === undefined || count === 0 ? 'exact' : 'cheap');
