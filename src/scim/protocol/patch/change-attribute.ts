/** One operation on an attribute or a sub-attribute named without a value filter. */
import type { PatchRules } from '../dialect.js';
import type { Attribute, Json, JsonObject } from '../schema/attribute.js';
import { findSubAttribute, type ResolvedAttribute } from '../schema/lookup.js';
import { refuseImmutable } from '../check-change.js';
import { isMissing, isObject, readSingle, readValue } from '../read-value.js';
import { invalidValue, mutability } from '../scim-error.js';
import type { Operation } from './parse-patch-request.js';
import {
  type Changed,
  ElementIndex,
  isHollow,
  isPrimary,
  merge,
  mergeSame,
  settlePrimary,
  unwrapPlain,
  withoutListed,
} from './elements.js';

/** `holder`: the document, or the extension object that has the attribute. Throws ScimError. */
export function changeAttribute(
  holder: JsonObject,
  target: ResolvedAttribute,
  operation: Operation,
  rules: PatchRules,
): void {
  const { attribute, subAttribute } = target;
  if (attribute.multiValued) {
    if (subAttribute) changeInAllElements(holder, attribute, subAttribute, operation);
    else changeElementsAsWhole(holder, attribute, operation);
  } else if (subAttribute) changeSubAttribute(holder, attribute, subAttribute, operation);
  else if (attribute.type === 'complex') changeComplex(holder, attribute, operation, rules);
  else changeSimple(holder, attribute, operation);
}

function changeSimple(holder: JsonObject, attribute: Attribute, { op, value }: Operation): void {
  if (op === 'remove') return clear(holder, attribute, true);
  const read = readValue(attribute, unwrapPlain(value));
  if (read !== undefined && !isMissing(attribute, read)) holder[attribute.name] = read;
  // To add nothing is to add nothing; to replace by nothing is to clear.
  else if (op === 'replace' || attribute.required) clear(holder, attribute, false);
}

/** "If the target location specifies a complex attribute, a set of sub-attributes SHALL be specified in the "value" parameter that replaces any existing values or adds where an attribute did not previously exist." */
function changeComplex(holder: JsonObject, attribute: Attribute, { op, value }: Operation, rules: PatchRules): void {
  if (op === 'remove') return clear(holder, attribute, true);
  const single = Array.isArray(value) && value.length <= 1 ? value[0] : value;
  if (single === undefined || single === null || single === '') {
    if (op === 'replace') clear(holder, attribute, false);
    return;
  }
  const given = isObject(single) ? single : readSingle(attribute, single, attribute.name);
  if (!isObject(given)) throw invalidValue(`${attribute.name} must be an object`);
  const former = holder[attribute.name];
  const merged = isObject(former) && !(op === 'replace' && rules.dialect === 'strict') ? { ...former } : {};
  for (const [key, item] of Object.entries(given)) {
    const sub = findSubAttribute(attribute, key);
    if (!sub || sub.mutability === 'readOnly') continue;
    const read = readValue(sub, item, `${attribute.name}.${sub.name}`);
    if (read !== undefined) merged[sub.name] = read;
    else if (op === 'replace') delete merged[sub.name];
  }
  if (op === 'replace' && isObject(former) && leavesOut(given, former)) rules.took('complex-replaced-in-part');
  if (!Object.keys(given).some((key) => key.toLowerCase() === '$ref')) forgetAddress(merged, former);
  store(holder, attribute, merged);
}

/** Whether the new value does not mention something of the former one. */
export function leavesOut(given: JsonObject, former: JsonObject): boolean {
  const mentioned = new Set(Object.keys(given).map((key) => key.toLowerCase()));
  return Object.keys(former).some((name) => !mentioned.has(name.toLowerCase()));
}

function changeSubAttribute(holder: JsonObject, attribute: Attribute, sub: Attribute, { op, value }: Operation): void {
  if (op === 'remove') refuseRemovalOfRequired(attribute, sub);
  const next = isObject(holder[attribute.name]) ? { ...(holder[attribute.name] as JsonObject) } : {};
  const read = op === 'remove' ? undefined : readValue(sub, unwrapPlain(value), `${attribute.name}.${sub.name}`);
  if (read !== undefined) next[sub.name] = read;
  else if (op !== 'add') delete next[sub.name];
  if (sub.name === 'value') forgetAddress(next, holder[attribute.name]);
  store(holder, attribute, next);
}

/** The address of a manager who is not the manager any more. */
function forgetAddress(next: JsonObject, former: Json | undefined): void {
  if (isObject(former) && next['value'] !== former['value']) delete next['$ref'];
}

function changeElementsAsWhole(holder: JsonObject, attribute: Attribute, { op, value }: Operation): void {
  if (op === 'remove' && value === undefined) return clear(holder, attribute, true);
  const current = elementsOf(holder, attribute);
  const given = (readValue(attribute, value ?? null) ?? []) as Json[];
  // With a value only the listed elements go, as clients mean it; an empty list names none.
  if (op === 'remove') return storeElements(holder, attribute, withoutListed(current, given));
  if (op === 'replace') return storeElements(holder, attribute, given);
  const next = [...current];
  const index = new ElementIndex(next);
  let primary = -1;
  for (const item of given) {
    const at = index.find(item) ?? next.length;
    if (at === next.length) index.add(item, at);
    next[at] = isObject(item) ? allowed(attribute, next[at], merge(next[at], item)) : item;
    if (isPrimary(item)) primary = at;
  }
  storeChanged(holder, attribute, primary < 0 ? next : settlePrimary(next, primary));
}

function changeInAllElements(holder: JsonObject, attribute: Attribute, sub: Attribute, { op, value }: Operation): void {
  if (op === 'remove') refuseRemovalOfRequired(attribute, sub);
  const current = elementsOf(holder, attribute);
  const read = op === 'remove' ? undefined : readValue(sub, unwrapPlain(value), `${attribute.name}.${sub.name}`);
  if (read === undefined) {
    if (op === 'add') return;
    const reduced = current.map((element) => allowed(attribute, element, without(element, sub.name)));
    return storeChanged(
      holder,
      attribute,
      reduced.filter((element) => !isHollow(element)),
    );
  }
  if (sub.name === 'primary' && read === true && current.length > 1) {
    throw invalidValue(`${attribute.name} can have one primary value; choose it with a filter`);
  }
  const targets = current.length > 0 ? current : [{}];
  storeChanged(
    holder,
    attribute,
    targets.map((element) => allowed(attribute, element, merge(element, { [sub.name]: read }))),
  );
}

export const elementsOf = (holder: JsonObject, attribute: Attribute): Json[] => {
  const value = holder[attribute.name];
  return Array.isArray(value) ? value : [];
};

/** Stores elements that were changed, and so may have become the same. */
export const storeChanged = (
  holder: JsonObject,
  attribute: Attribute,
  elements: readonly Json[],
  changed?: Changed,
): void => storeElements(holder, attribute, mergeSame(elements, changed));

export function storeElements(holder: JsonObject, attribute: Attribute, elements: readonly Json[]): void {
  if (elements.length > 0) holder[attribute.name] = [...elements];
  else clear(holder, attribute, false);
}

function store(holder: JsonObject, attribute: Attribute, value: JsonObject): void {
  if (Object.keys(value).length > 0) holder[attribute.name] = value;
  else clear(holder, attribute, false);
}

/** "If the target ... attribute ... is required ... the server SHALL return an error ... "mutability"" for remove (3.5.2.2). */
function clear(holder: JsonObject, attribute: Attribute, byRemove: boolean): void {
  if (attribute.required) {
    throw byRemove
      ? mutability(`${attribute.name} is required and cannot be removed`)
      : invalidValue(`${attribute.name} is required`);
  }
  delete holder[attribute.name];
}

/** The element as it becomes. Throws mutability where it has an immutable part that would become another. */
export function allowed<T extends Json>(attribute: Attribute, before: Json | undefined, after: T): T {
  refuseImmutable(attribute, before, after, attribute.name);
  return after;
}

export function refuseRemovalOfRequired(attribute: Attribute, sub: Attribute): void {
  if (sub.required) throw mutability(`${attribute.name}.${sub.name} is required and cannot be removed`);
}

export function without(element: Json, name: string): Json {
  if (!isObject(element)) return element;
  const { [name]: _gone, ...rest } = element;
  return rest;
}
