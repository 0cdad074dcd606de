/** One operation on the elements that a value filter chooses: `emails[type eq "work"]`, `emails[type eq "work"].value`. */
import type { CheckedFilter } from '../filter/checked-filter.js';
import { checkValueFilter } from '../filter/check-filter.js';
import type { Filter } from '../filter/filter.js';
import { matchesElement } from '../filter/matches-filter.js';
import type { Attribute, Json, JsonObject } from '../schema/attribute.js';
import type { ResolvedAttribute } from '../schema/lookup.js';
import { isObject, readSingle, readValue } from '../read-value.js';
import { noTarget } from '../scim-error.js';
import { elementsOf, storeElements, without } from './change-attribute.js';
import { dropHollow, isPrimary, merge, settlePrimary } from './elements.js';
import type { Operation } from './parse-patch-request.js';

export function changeElements(
  holder: JsonObject,
  target: ResolvedAttribute,
  filter: Filter,
  operation: Operation,
): void {
  const { attribute, subAttribute } = target;
  const whole: ResolvedAttribute = { ...target, target: attribute, path: { ...target.path } };
  const checked = checkValueFilter(whole, filter);
  const chosen = (element: Json) => matchesElement(element, checked);
  const elements = elementsOf(holder, attribute);
  const change = changeOf(attribute, subAttribute, operation);
  if (change.kind === 'nothing') return;
  if (change.kind === 'remove')
    return storeElements(
      holder,
      attribute,
      elements.filter((element) => !chosen(element)),
    );
  if (change.kind === 'clear') {
    const reduced = elements.map((element) => (chosen(element) ? without(element, change.name) : element));
    return storeElements(
      holder,
      attribute,
      reduced.filter((element, index) => element === elements[index] || !dropHollow(element)),
    );
  }
  const created = elements.some(chosen) ? [] : [template(attribute, checked)];
  const touched = new Set<Json>();
  const next = [...elements, ...created].map((element) => {
    if (!created.includes(element as JsonObject) && !chosen(element)) return element;
    const changed = change.replaces ? merge(labels(element), change.fields) : merge(element, change.fields);
    touched.add(changed);
    return changed;
  });
  const makesPrimary =
    [...touched].some((element) => isPrimary(element)) && ('primary' in change.fields || created.length > 0);
  storeElements(holder, attribute, makesPrimary ? settlePrimary(next, (element) => touched.has(element)) : next);
}

type Change =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'remove' }
  | { readonly kind: 'clear'; readonly name: string }
  | { readonly kind: 'set'; readonly fields: JsonObject; readonly replaces: boolean };

function changeOf(attribute: Attribute, sub: Attribute | undefined, { op, value }: Operation): Change {
  if (sub) {
    const read = op === 'remove' ? undefined : readValue(sub, value ?? null, `${attribute.name}.${sub.name}`);
    if (read !== undefined) return { kind: 'set', fields: { [sub.name]: read }, replaces: false };
    return op === 'add' ? { kind: 'nothing' } : { kind: 'clear', name: sub.name };
  }
  if (op === 'remove') return { kind: 'remove' };
  const single = Array.isArray(value) && value.length === 1 ? value[0] : value;
  const read = readSingle(attribute, single ?? null);
  if (isObject(read)) return { kind: 'set', fields: read, replaces: op === 'replace' };
  return op === 'add' ? { kind: 'nothing' } : { kind: 'remove' };
}

/** What a replaced record keeps when the new one does not say otherwise: the type it was chosen by. */
const labels = (element: Json): JsonObject =>
  isObject(element) && element['type'] !== undefined ? { type: element['type'] } : {};

/**
 * The element to create when none matches. The RFC answers noTarget for replace (section 3.5.2.3); Entra relies on creation, so a
 * filter that says what the element is (equalities joined by `and`) makes one.
 */
function template(attribute: Attribute, filter: CheckedFilter): JsonObject {
  const element: JsonObject = {};
  const collect = (part: CheckedFilter): void => {
    if (part.kind === 'and') return part.filters.forEach(collect);
    const name = part.kind === 'compare' && part.operator === 'eq' ? part.at.subAttribute?.name : undefined;
    if (name === undefined || part.kind !== 'compare') {
      throw noTarget(`No value of ${attribute.name} matches the filter of the path`);
    }
    element[name] = part.value;
  };
  collect(filter);
  return element;
}
