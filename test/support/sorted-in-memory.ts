import { toSortableDateTime } from '../../src/scim/protocol/filter/date-time.js';
import type { Attribute, Json, JsonObject, ResourceType } from '../../src/scim/protocol/schema/attribute.js';
import { findSortBy } from '../../src/scim/protocol/sort-by.js';
import { parseAttributePath } from '../../src/scim/protocol/filter/attribute-path.js';

/** The order of RFC 7644 section 3.4.2.3, as simply as it can be said, over resources as clients see them. */

interface Listed {
  readonly type: ResourceType;
  readonly resource: JsonObject;
}

/** Equal ones stay as they are given, in both directions. */
export const sortedInMemory = (listed: readonly Listed[], sortBy: string, descending: boolean): JsonObject[] =>
  listed
    .map(({ type, resource }) => ({ resource, value: sortValue(type, resource, sortBy) }))
    .sort((left, right) => (descending ? compare(right.value, left.value) : compare(left.value, right.value)))
    .map(({ resource }) => resource);

type Value = Buffer | number | boolean | undefined;

function sortValue(type: ResourceType, resource: JsonObject, sortBy: string): Value {
  const at = findSortBy(type, parseAttributePath(sortBy)!);
  if (!at) return undefined;
  const { schema, attribute, subAttribute } = at.path;
  const holder = schema === undefined ? resource : (resource[schema] as JsonObject | undefined);
  const value = preferred(holder?.[attribute]);
  return comparable(subAttribute === undefined ? value : (value as JsonObject | undefined)?.[subAttribute], at.target);
}

/** "If it's a multi-valued attribute, resources are sorted by the value of the primary attribute ..., if any, or else the first value" */
function preferred(value: Json | undefined): Json | undefined {
  if (!Array.isArray(value)) return value;
  const isPrimary = (element: Json) => (element as JsonObject | null)?.['primary'] === true;
  return value.find(isPrimary) ?? value[0];
}

function comparable(value: Json | undefined, { type, caseExact }: Attribute): Value {
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value === 'boolean' || typeof value === 'number') return value;
  if (typeof value !== 'string') throw new Error('An object or a list is no value to sort by');
  if (type === 'dateTime') return Buffer.from(toSortableDateTime(value)!);
  // The bytes of UTF-8 are in the order of the code points.
  return Buffer.from(caseExact ? value : value.toLowerCase());
}

/** What has no value is "sorted last if ascending and first if descending". */
function compare(left: Value, right: Value): number {
  if (left === undefined || right === undefined) return Number(left === undefined) - Number(right === undefined);
  if (Buffer.isBuffer(left)) return left.compare(right as Uint8Array);
  return Number(left) - Number(right);
}
