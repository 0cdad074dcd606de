import type { Filter } from './filter.js';

/** How many attributes a filter looks at. */
export function countComparisons(filter: Filter): number {
  if (filter.kind === 'and' || filter.kind === 'or')
    return filter.filters.reduce((count, part) => count + countComparisons(part), 0);
  return filter.kind === 'not' || filter.kind === 'some' ? countComparisons(filter.filter) : 1;
}
