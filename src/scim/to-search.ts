import { EVERYTHING } from '../directory/condition.js';
import type { Position, Search } from '../directory/search-page.js';
import { toCondition, toSortKey } from './attribute-filter.js';
import type { Collections } from './attribute-places.js';
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
  const { filter, sortBy, sortOrder, startIndex, count, cursor } = query;
  const key = sortBy && toSortKey(resourceType, resolveSortBy(resourceType, sortBy));
  return {
    condition: filter ? toCondition(resourceType, checkFilter(resourceType, filter, options), collections) : EVERYTHING,
    ...(key ? { sort: { key, descending: sortOrder === 'descending' } } : {}),
    from: after ?? startIndex - 1,
    limit: count,
    // "Service providers implementing cursor pagination that are unable to estimate totalResults MAY choose to omit" it (RFC 9865
    // section 2); a page by index must tell it.
    total: cursor === undefined || count === 0 ? 'exact' : 'cheap',
  };
}
