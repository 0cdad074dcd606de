import { EVERYTHING, type Condition, type SortKey } from '../directory/condition.js';
import type { MergedPosition, MergedSearch } from '../directory/merged-page.js';
import type { Total } from '../directory/search-matches.js';
import type { Position } from '../directory/search-order.js';
import type { Search } from '../directory/search-page.js';
import { toCondition } from './attribute-filter.js';
import { valueTypeOf, type Collections } from './attribute-places.js';
import { toSortKey } from './attribute-sort.js';
import { printAttributePath } from './protocol/filter/attribute-path.js';
import { checkFilter, type CheckFilterOptions } from './protocol/filter/check-filter.js';
import type { AttributePath } from './protocol/filter/filter.js';
import type { ListQuery } from './protocol/list-query.js';
import type { ResourceTypes } from './protocol/resource-types.js';
import type { ResourceType } from './protocol/schema/attribute.js';
import { invalidValue } from './protocol/scim-error.js';
import { findSortBy, resolveSortBy, unsortable } from './protocol/sort-by.js';

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

/** Attributes of one type are without value for resources of the other (RFC 7644 section 3.4.2.1). */
export const OVER_TYPES = { unknownAttributes: 'absent' } as const;

/** A sorted query over both types as one search. Throws ScimError invalidFilter, invalidValue. */
export function toMergedSearch(
  types: ResourceTypes,
  query: ListQuery,
  sortBy: AttributePath,
  collections: Collections,
  after?: MergedPosition,
): MergedSearch {
  return {
    conditions: {
      user: conditionOf(types.User, query, collections, OVER_TYPES),
      group: conditionOf(types.Group, query, collections, OVER_TYPES),
    },
    keys: sortKeysOf(types, sortBy, collections),
    descending: query.sortOrder === 'descending',
    from: after ?? query.startIndex - 1,
    limit: query.count,
    total: totalOf(query),
  };
}

function sortKeysOf(types: ResourceTypes, sortBy: AttributePath, collections: Collections): MergedSearch['keys'] {
  const user = findSortBy(types.User, sortBy);
  const group = findSortBy(types.Group, sortBy);
  if (!user && !group) throw unsortable(sortBy);
  if (user && group && valueTypeOf(user.target) !== valueTypeOf(group.target)) {
    throw invalidValue(
      `"${printAttributePath(sortBy)}" is of type ${user.target.type} for users and ${group.target.type} for groups: put the URN of its schema in front of it.`,
    );
  }
  const keys: { user?: SortKey; group?: SortKey } = {};
  if (user) keys.user = toSortKey(types.User, user, collections);
  if (group) keys.group = toSortKey(types.Group, group, collections);
  return keys;
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
