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
  const resolved = findAttribute(resourceType, sortBy);
  if (!resolved || resolved.target.returned === 'never' || resolved.attribute.returned === 'never') {
    throw invalidValue(`"${printAttributePath(sortBy)}" is no attribute that can be sorted by.`);
  }
  if (resolved.target.type !== 'complex') return resolved;
  const { name } = resolved.attribute;
  const owner = resolved.path.schema;
  const value = findAttribute(resourceType, {
    ...(owner === undefined ? {} : { schema: owner }),
    name,
    subAttribute: 'value',
  });
  if (!value) throw invalidValue(`"${name}" is complex; sort by one of its sub-attributes.`);
  return value;
}
