import { EVERYTHING } from '../directory/condition.js';
import type { Search } from '../directory/directory-search.reader.js';
import { toCondition, toSortKey, type Collections } from './attribute-filter.js';
import { checkFilter, type CheckFilterOptions } from './protocol/filter/check-filter.js';
import type { ListQuery } from './protocol/list-query.js';
import type { ResourceType } from './protocol/schema/attribute.js';
import { resolveSortBy } from './protocol/sort-by.js';

/** A list query as a search of the directory. Throws ScimError invalidFilter, invalidValue. */
export function toSearch(
  resourceType: ResourceType,
  query: ListQuery,
  collections: Collections,
  options: CheckFilterOptions = {},
): Search {
  const { filter, sortBy, sortOrder, startIndex, count } = query;
  const key = sortBy && toSortKey(resourceType, resolveSortBy(resourceType, sortBy));
  return {
    condition: filter ? toCondition(resourceType, checkFilter(resourceType, filter, options), collections) : EVERYTHING,
    ...(key ? { sort: { key, descending: sortOrder === 'descending' } } : {}),
    offset: startIndex - 1,
    limit: count,
    withTotal: true,
  };
}
