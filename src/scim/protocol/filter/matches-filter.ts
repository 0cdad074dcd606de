/**
 * A checked filter evaluated in memory (RFC 7644 section 3.4.2.2): for the value filters of PATCH paths, and as the oracle that the
 * SQL translation is tested against. It knows nothing of that translation.
 */
import type { Json, JsonObject } from '../schema/attribute.js';
import type { CanonicalPath, ResolvedAttribute } from '../schema/lookup.js';
import type { CheckedComparison, CheckedFilter } from './checked-filter.js';
import { toSortableDateTime } from './date-time.js';

/** Is the filter true of a whole resource? */
export const matchesFilter = (resource: JsonObject, filter: CheckedFilter): boolean =>
  matches(filter, (at) => valuesAt(resource, at.path));

/** Is the filter between the brackets of a value path true of one element? */
export const matchesElement = (element: Json, filter: CheckedFilter): boolean =>
  matches(filter, (at) => elementValues(element, at));

type Values = (at: ResolvedAttribute) => readonly Json[];

function matches(filter: CheckedFilter, values: Values): boolean {
  switch (filter.kind) {
    case 'and':
      return filter.filters.every((part) => matches(part, values));
    case 'or':
      return filter.filters.some((part) => matches(part, values));
    case 'not':
      return !matches(filter.filter, values);
    case 'never':
      return false;
    case 'present':
      return values(filter.at).some(isPresent);
    case 'compare':
      return values(filter.at).some((value) => compares(value, filter));
    case 'some':
      // null stands for an attribute that is not there: it has no element.
      return values(filter.at).some((element) => element !== null && matchesElement(element, filter.filter));
  }
}

function valuesAt(resource: JsonObject, { schema, attribute, subAttribute }: CanonicalPath): readonly Json[] {
  const holder = schema === undefined ? resource : own(resource, schema);
  const value = own(holder, attribute);
  const elements = Array.isArray(value) ? value : [value ?? null];
  return subAttribute === undefined ? elements : elements.flatMap((element) => listOf(own(element, subAttribute)));
}

const elementValues = (element: Json, { path }: ResolvedAttribute): readonly Json[] =>
  path.subAttribute === undefined ? [element] : listOf(own(element, path.subAttribute));

const listOf = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value : [value ?? null]);

function own(value: Json | undefined, key: string): Json | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return Object.hasOwn(value, key) ? value[key] : undefined;
}

/** "... if the attribute has a non-empty or non-null value, or if it contains a non-empty node for complex attributes". */
function isPresent(value: Json): boolean {
  if (value === null || value === '') return false;
  if (Array.isArray(value)) return value.some(isPresent);
  return typeof value === 'object' ? Object.values(value).some(isPresent) : true;
}

function compares(actual: Json, { at, operator, value, caseExact }: CheckedComparison): boolean {
  if (at.target.type === 'dateTime') {
    const instant = typeof actual === 'string' ? toSortableDateTime(actual) : undefined;
    return instant !== undefined && typeof value === 'string' && ordered(instant, value, operator);
  }
  if (typeof actual === 'string' && typeof value === 'string') {
    const [left, right] = caseExact ? [actual, value] : [actual.toLowerCase(), value.toLowerCase()];
    if (operator === 'co') return left.includes(right);
    if (operator === 'sw') return left.startsWith(right);
    if (operator === 'ew') return left.endsWith(right);
    return ordered(left, right, operator);
  }
  if (typeof actual === 'number' && typeof value === 'number') return ordered(actual, value, operator);
  return operator === 'eq' && typeof actual === 'boolean' && actual === value;
}

function ordered<T extends string | number>(left: T, right: T, operator: CheckedComparison['operator']): boolean {
  switch (operator) {
    case 'eq':
      return left === right;
    case 'gt':
      return left > right;
    case 'ge':
      return left >= right;
    case 'lt':
      return left < right;
    case 'le':
      return left <= right;
    default:
      return false;
  }
}
