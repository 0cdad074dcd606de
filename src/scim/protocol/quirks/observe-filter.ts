/** Oddities of a filter; see observe-quirks. */
import type { AttributePath, Filter, FilterValue } from '../filter/filter.js';
import { lexFilter } from '../filter/lex-filter.js';
import { parseFilter } from '../filter/parse-filter.js';
import type { ResourceType } from '../schema/attribute.js';
import { findAttribute, findSubAttribute, type ResolvedAttribute } from '../schema/lookup.js';
import { ScimError } from '../scim-error.js';
import { COMPARISON_QUIRKS, FILTER_QUIRKS } from './filter-quirks.js';
import type { Sightings } from './sightings.js';

type Find = (path: AttributePath) => ResolvedAttribute | undefined;

/** `filter`: the parameter as it came; `types`: of the resources it chooses among. */
export function observeFilter(types: readonly ResourceType[], filter: unknown, sightings: Sightings): void {
  if (types.length === 0 || typeof filter !== 'string' || filter.trim() === '') return;
  const parsed = tryParse(filter);
  if (!parsed) return;
  sightings.look(FILTER_QUIRKS, { liberties: parsed.liberties }, 'filter');
  const find: Find = (path) => {
    const known = types.find((type) => findAttribute(type, path));
    return known && findAttribute(known, path);
  };
  observeComparisons(parsed.filter, find, sightings, 'filter');
}

/** The filter between the brackets of a path, whose names are those of the sub-attributes of `target`. */
export function observeValueFilter(
  target: ResolvedAttribute,
  filter: Filter,
  sightings: Sightings,
  where: string,
): void {
  observeComparisons(filter, inElement(target), sightings, where);
}

function tryParse(text: string) {
  try {
    return { filter: parseFilter(text, { tolerant: true }), liberties: lexFilter(text, true).liberties };
  } catch (error) {
    if (error instanceof ScimError) return undefined;
    throw error;
  }
}

function observeComparisons(filter: Filter, find: Find, sightings: Sightings, where: string): void {
  switch (filter.kind) {
    case 'and':
    case 'or':
      for (const part of filter.filters) observeComparisons(part, find, sightings, where);
      return;
    case 'not':
      return observeComparisons(filter.filter, find, sightings, where);
    case 'present':
      observeComparison(filter.path, find, undefined, sightings, where);
      return;
    case 'compare':
      observeComparison(filter.path, find, filter.value, sightings, where);
      return;
    case 'some': {
      const target = observeComparison(filter.path, find, undefined, sightings, where);
      if (target) observeComparisons(filter.filter, inElement(target), sightings, where);
    }
  }
}

function observeComparison(
  path: AttributePath,
  find: Find,
  value: FilterValue | undefined,
  sightings: Sightings,
  where: string,
): ResolvedAttribute | undefined {
  const resolved = find(path);
  sightings.look(COMPARISON_QUIRKS, { path, resolved, value }, where);
  return resolved;
}

const inElement =
  ({ attribute, path }: ResolvedAttribute): Find =>
  ({ name }) => {
    const target = findSubAttribute(attribute, name);
    // Without the schema of the extension, which nobody writes here.
    return target && { path: { attribute: path.attribute, subAttribute: name }, attribute, target, isExtension: false };
  };
