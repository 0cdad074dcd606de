/**
 * Filter -> CheckedFilter: every name resolved against the resource type, every value brought to its attribute's type, every operator
 * allowed there. Whoever evaluates the result need not know a schema any more.
 */
import { printAttributePath } from './attribute-path.js';
import type { CheckedFilter, CheckedOperator, CheckedValue } from './checked-filter.js';
import { toSortableDateTime } from './date-time.js';
import type { AttributePath, CompareOperator, Filter, FilterValue } from './filter.js';
import type { Attribute, AttributeType, ResourceType } from '../schema/attribute.js';
import { findAttribute, findSubAttribute, type ResolvedAttribute } from '../schema/lookup.js';
import { invalidFilter } from '../scim-error.js';

export interface CheckFilterOptions {
  /**
   * What a name means that the resource type does not declare: an error (the default), or, for queries over several resource types,
   * an attribute without value. "For filtered attributes that are not part of a particular resource type, the service provider
   * SHALL treat the attribute as if there is no attribute value." (RFC 7644 section 3.4.2.1)
   */
  readonly unknownAttributes?: 'reject' | 'absent';
}

type Compare = Extract<Filter, { kind: 'compare' }>;
/** Finds what a path names: at the top in the resource, inside brackets in one element. */
interface Scope {
  readonly find: (path: AttributePath) => ResolvedAttribute | undefined;
  readonly unknownAttributes: 'reject' | 'absent';
  readonly inElement: boolean;
}

const ORDERING: ReadonlySet<CompareOperator> = new Set(['gt', 'ge', 'lt', 'le']);
const SUBSTRING: ReadonlySet<CompareOperator> = new Set(['co', 'sw', 'ew']);
const SUBSTRING_TYPES: ReadonlySet<AttributeType> = new Set(['string', 'reference']);
const TEXT_TYPES: ReadonlySet<AttributeType> = new Set(['string', 'reference', 'binary']);
const UNORDERED_TYPES: ReadonlySet<AttributeType> = new Set(['boolean', 'binary']);

/** Throws ScimError invalidFilter, naming the attribute, when the filter makes no sense for the resource type. */
export function checkFilter(
  resourceType: ResourceType,
  filter: Filter,
  { unknownAttributes = 'reject' }: CheckFilterOptions = {},
): CheckedFilter {
  const find = (path: AttributePath) => findAttribute(resourceType, path);
  return check(filter, { find, unknownAttributes, inElement: false });
}

/**
 * The condition between the brackets of a value path, checked against the elements of the attribute in front of them. The same rules
 * and errors as `checkFilter`.
 */
export function checkValueFilter(at: ResolvedAttribute, filter: Filter): CheckedFilter {
  return check(filter, { find: elementFinder(at), unknownAttributes: 'reject', inElement: true });
}

function check(filter: Filter, scope: Scope): CheckedFilter {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return { kind: filter.kind, filters: filter.filters.map((part) => check(part, scope)) };
    case 'not':
      return not(check(filter.filter, scope));
    case 'present': {
      const at = resolve(filter.path, scope);
      return at ? { kind: 'present', at } : { kind: 'never' };
    }
    case 'some':
      return checkElement(filter.path, filter.filter, scope);
    case 'compare':
      return checkComparison(filter, scope);
  }
}

function checkElement(path: AttributePath, filter: Filter, scope: Scope): CheckedFilter {
  const at = resolve(path, scope);
  if (!at) return { kind: 'never' };
  const { attribute, target } = at;
  const hasElements = target === attribute && (target.type === 'complex' || target.multiValued);
  if (scope.inElement || at.isExtension || !hasElements) {
    throw invalidFilter(`"${printAttributePath(path)}" has no sub-attributes that brackets could select by.`);
  }
  return { kind: 'some', at, filter: check(filter, { ...scope, find: elementFinder(at), inElement: true }) };
}

/** Inside the brackets a path is the name of a sub-attribute, and `value` the element itself where elements are simple. */
function elementFinder(parent: ResolvedAttribute): Scope['find'] {
  const { attribute, path } = parent;
  return ({ schema, name, subAttribute }) => {
    if (schema !== undefined || subAttribute !== undefined) return undefined;
    if (attribute.type !== 'complex') return name.toLowerCase() === 'value' ? parent : undefined;
    const sub = findSubAttribute(attribute, name);
    if (!sub) return undefined;
    return { ...parent, path: { ...path, subAttribute: sub.name }, subAttribute: sub, target: sub };
  };
}

function resolve(path: AttributePath, scope: Scope): ResolvedAttribute | undefined {
  const at = scope.find(path);
  if (!at) {
    if (scope.unknownAttributes === 'absent') return undefined;
    throw invalidFilter(`There is no attribute "${printAttributePath(path)}".`);
  }
  // Answers to comparisons would give away, letter by letter, what is never returned.
  if (at.target.returned === 'never' || at.attribute.returned === 'never')
    throw invalidFilter(`"${at.target.name}" cannot be used in a filter.`);
  return at;
}

function checkComparison({ operator, path, value }: Compare, scope: Scope): CheckedFilter {
  const at = resolve(path, scope);
  if (operator !== 'ne') return compareWith(at, operator, value);
  return not(compareWith(at, 'eq', value));
}

function compareWith(at: ResolvedAttribute | undefined, operator: CheckedOperator, value: FilterValue): CheckedFilter {
  // null and a missing value are one state (RFC 7643 section 2.5), so `eq null` asks for absence.
  if (value === null) {
    if (operator !== 'eq') throw invalidFilter(`"${operator}" cannot be used with null.`);
    return not(at ? { kind: 'present', at } : { kind: 'never' });
  }
  if (!at) return { kind: 'never' };
  const simple = simpleTarget(at);
  checkOperator(simple.target, operator);
  if (value === '' && TEXT_TYPES.has(simple.target.type)) {
    // An empty text is never stored, it counts as unassigned; and every text there is contains it.
    if (operator === 'eq') return not({ kind: 'present', at: simple });
    if (SUBSTRING.has(operator)) return { kind: 'present', at: simple };
  }
  const { target } = simple;
  return { kind: 'compare', operator, at: simple, value: toValue(target, value), caseExact: target.caseExact };
}

/**
 * A complex attribute is compared by its `value`, as `emails co "example.com"` in Figure 2 of RFC 7644 section 3.4.2.2 is. A singular
 * one too: Entra asks `manager eq "..."`.
 */
function simpleTarget(at: ResolvedAttribute): ResolvedAttribute {
  if (at.target.type !== 'complex') return at;
  const value = at.isExtension ? undefined : findSubAttribute(at.attribute, 'value');
  if (!value) throw invalidFilter(`"${at.target.name}" is complex; compare one of its sub-attributes.`);
  return { ...at, path: { ...at.path, subAttribute: value.name }, subAttribute: value, target: value };
}

function checkOperator({ name, type }: Attribute, operator: CheckedOperator): void {
  // "Boolean and Binary attributes SHALL cause a failed response (HTTP status code 400) with "scimType" of "invalidFilter"."
  // (RFC 7644 section 3.4.2.2, Table 3, of gt, ge, lt and le)
  const fits =
    (!SUBSTRING.has(operator) || SUBSTRING_TYPES.has(type)) && (!ORDERING.has(operator) || !UNORDERED_TYPES.has(type));
  if (!fits) throw invalidFilter(`"${operator}" cannot be used with "${name}", which is of type ${type}.`);
}

/** The value in the attribute's own type; "True" for a boolean is what Entra sends: `roles[primary eq "True"]`. */
function toValue({ name, type }: Attribute, value: Exclude<FilterValue, null>): CheckedValue {
  switch (type) {
    case 'boolean':
      if (typeof value === 'boolean') return value;
      if (typeof value === 'string' && /^(?:true|false)$/i.test(value)) return value.toLowerCase() === 'true';
      break;
    case 'integer':
    case 'decimal': {
      const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
      if (typeof number === 'number' && Number.isFinite(number)) return number;
      break;
    }
    case 'dateTime': {
      const dateTime = typeof value === 'string' ? toSortableDateTime(value) : undefined;
      if (dateTime !== undefined) return dateTime;
      break;
    }
    default:
      // A client that writes employeeNumber eq 701984 means the text.
      return String(value);
  }
  throw invalidFilter(`${JSON.stringify(value).slice(0, 60)} is no value for "${name}", which is of type ${type}.`);
}

const not = (filter: CheckedFilter): CheckedFilter => (filter.kind === 'not' ? filter.filter : { kind: 'not', filter });
