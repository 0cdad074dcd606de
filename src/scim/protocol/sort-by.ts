/** What `sortBy` sorts by (RFC 7644 section 3.4.2.3). */
import { printAttributePath } from './filter/attribute-path.js';
import type { AttributePath } from './filter/filter.js';
import type { ResourceType } from './schema/attribute.js';
import { findAttribute, type ResolvedAttribute } from './schema/lookup.js';
import { invalidValue } from './scim-error.js';

/**
 * The simple attribute a path sorts by. "If the attribute is complex, the attribute name must be a path to a sub-attribute"; of a
 * multi-valued one `value` goes without saying. `caseExact` of the target says how texts compare; of several values the primary, else
 * the first, counts. Throws invalidValue, naming the attribute.
 */
export function resolveSortBy(resourceType: ResourceType, sortBy: AttributePath): ResolvedAttribute {
  const resolved = findSortBy(resourceType, sortBy);
  if (!resolved) throw unsortable(sortBy);
  return resolved;
}

/** As `resolveSortBy`; undefined when the resource type has no such attribute, as one of several may. */
export function findSortBy(resourceType: ResourceType, sortBy: AttributePath): ResolvedAttribute | undefined {
  const found = findAttribute(resourceType, sortBy);
  if (!found) return undefined;
  const at = found.target.type === 'complex' ? valueOf(resourceType, found) : found;
  // The order would give away, letter by letter, what is never returned.
  if (at.target.returned === 'never' || at.attribute.returned === 'never') throw unsortable(sortBy);
  return at;
}

function valueOf(resourceType: ResourceType, { attribute, path }: ResolvedAttribute): ResolvedAttribute {
  const owner = path.schema === undefined ? {} : { schema: path.schema };
  const value = findAttribute(resourceType, { ...owner, name: attribute.name, subAttribute: 'value' });
  if (!value) throw invalidValue(`"${attribute.name}" is complex; sort by one of its sub-attributes.`);
  return value;
}

export const unsortable = (sortBy: AttributePath) =>
  invalidValue(`"${printAttributePath(sortBy)}" is no attribute that can be sorted by.`);
