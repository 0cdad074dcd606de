/** One operation on the elements that a value filter chooses: `emails[type eq "work"]`, `emails[type eq "work"].value`. */
import type { PatchRules } from '../dialect.js';
import type { CheckedFilter } from '../filter/checked-filter.js';
import { checkValueFilter } from '../filter/check-filter.js';
import type { Filter } from '../filter/filter.js';
import { matchesElement } from '../filter/matches-filter.js';
import type { Attribute, Json, JsonObject } from '../schema/attribute.js';
import type { ResolvedAttribute } from '../schema/lookup.js';
import { isObject, readSingle, readValue } from '../read-value.js';
import { invalidFilter, noTarget } from '../scim-error.js';
import {
  allowed,
  elementsOf,
  refuseRemovalOfRequired,
  storeChanged,
  storeElements,
  without,
} from './change-attribute.js';
import { ElementIndex, isHollow, isPrimary, merge, settlePrimary, unwrapPlain } from './elements.js';
import type { Operation } from './parse-patch-request.js';

export function changeElements(
  holder: JsonObject,
  target: ResolvedAttribute,
  filter: Filter,
  operation: Operation,
  rules: PatchRules,
): void {
  const { attribute, subAttribute } = target;
  // Answers would give away, letter by letter, what is never returned.
  if (attribute.returned === 'never') throw invalidFilter(`"${attribute.name}" cannot be used in a filter.`);
  const checked = checkValueFilter({ ...target, target: attribute }, filter);
  const change = changeOf(attribute, subAttribute, operation);
  const elements = elementsOf(holder, attribute);
  const chosen = elements.map((element) => change.kind !== 'nothing' && matchesElement(element, checked));
  switch (change.kind) {
    case 'nothing':
      return;
    case 'remove':
      return storeElements(
        holder,
        attribute,
        elements.filter((_element, at) => !chosen[at]),
      );
    case 'clear':
      return storeChanged(
        holder,
        attribute,
        elements.flatMap((element, at) => (chosen[at] ? withoutField(attribute, element, change.name) : [element])),
      );
    case 'exchange':
      // "If the target location ... does not match ... the service provider SHALL indicate failure by returning ... "noTarget"." (3.5.2.3)
      if (!chosen.includes(true)) throw noTarget(`No value of ${attribute.name} matches the filter of the path`);
      return storeChanged(
        holder,
        attribute,
        elements.map((element, at) => (chosen[at] ? change.value : element)),
      );
    case 'set':
      if (chosen.includes(true)) return setInChosen(holder, attribute, change, chosen, checked);
      if (operation.op === 'replace') rules.took('replaced-without-match');
      if (operation.op === 'replace' && rules.dialect === 'strict') throw noMatch(attribute);
      return create(holder, attribute, change, checked);
  }
}

type Change =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'remove' }
  | { readonly kind: 'clear'; readonly name: string }
  /** The elements are plain values: texts, numbers. */
  | { readonly kind: 'exchange'; readonly value: Json }
  | { readonly kind: 'set'; readonly fields: JsonObject; readonly replaces: boolean };

function changeOf(attribute: Attribute, sub: Attribute | undefined, { op, value }: Operation): Change {
  if (sub) {
    if (op === 'remove') refuseRemovalOfRequired(attribute, sub);
    const read = op === 'remove' ? undefined : readValue(sub, unwrapPlain(value), `${attribute.name}.${sub.name}`);
    if (read !== undefined) return { kind: 'set', fields: { [sub.name]: read }, replaces: false };
    return op === 'add' ? { kind: 'nothing' } : { kind: 'clear', name: sub.name };
  }
  if (op === 'remove') return { kind: 'remove' };
  const single = Array.isArray(value) && value.length === 1 ? value[0] : value;
  const read = readSingle(attribute, single ?? null);
  if (isObject(read)) return { kind: 'set', fields: read, replaces: op === 'replace' };
  if (read !== undefined) return { kind: 'exchange', value: read };
  return op === 'add' ? { kind: 'nothing' } : { kind: 'remove' };
}

/** Takes the field out, and the element with it when nothing but a label is left. */
function withoutField(attribute: Attribute, element: Json, name: string): Json[] {
  const rest = allowed(attribute, element, without(element, name));
  return isHollow(rest) ? [] : [rest];
}

type Setting = Extract<Change, { kind: 'set' }>;

function setInChosen(
  holder: JsonObject,
  attribute: Attribute,
  setting: Setting,
  chosen: readonly boolean[],
  filter: CheckedFilter,
): void {
  const elements = elementsOf(holder, attribute);
  const set = setterOf(setting, equalities(filter));
  const next = elements.map((element, at) => (chosen[at] ? allowed(attribute, element, set(element)) : element));
  // Several may have been made primary at once: the one that was already stays, else the first is.
  const isMade = (_element: Json, at: number) => chosen[at] === true && takesPrimary(next[at]);
  const stays = elements.findIndex((element, at) => isMade(element, at) && isPrimary(element));
  const primary = stays < 0 ? next.findIndex(isMade) : stays;
  const changed = { at: chosen, replaces: setting.replaces };
  storeChanged(holder, attribute, primary < 0 ? next : settlePrimary(next, primary), changed);
}

/**
 * The RFC answers noTarget for replace when no element matches (section 3.5.2.3); Entra relies on creation, so a filter that says what
 * the element is makes one. Unless it is there already: a client that repeats `emails[value eq "old"].value = "new"`, because it never
 * got the answer, finds no "old" any more.
 */
function create(holder: JsonObject, attribute: Attribute, setting: Setting, filter: CheckedFilter): void {
  const described = equalities(filter);
  // `type eq "work" and type eq "home"` describes no element, and each repetition would add one.
  if (!described || !matchesElement(described, filter)) {
    throw noMatch(attribute);
  }
  const next = [...elementsOf(holder, attribute)];
  const element = merge(described, setting.fields);
  if (next.some((present) => says(present, element))) return;
  const at = new ElementIndex(next).find(element) ?? next.length;
  next[at] = merge(setterOf(setting, described)(next[at] ?? {}), element);
  storeChanged(holder, attribute, takesPrimary(next[at]) ? settlePrimary(next, at) : next);
}

const noMatch = ({ name }: Attribute) => noTarget(`No value of ${name} matches the filter of the path`);

/** Whether the element says all that the fields say. */
const says = (element: Json, fields: JsonObject): boolean =>
  isObject(element) && Object.entries(fields).every(([name, value]) => element[name] === value);

/** A replaced record keeps, when the new one does not say otherwise, its type and what else it was chosen by. */
function setterOf({ fields, replaces }: Setting, chosenBy: JsonObject | undefined): (element: Json) => JsonObject {
  if (!replaces) return (element) => merge(element, fields);
  const kept = new Set(['type', ...Object.keys(chosenBy ?? {})]);
  return (element) => {
    const entries = isObject(element) ? Object.entries(element).filter(([name]) => kept.has(name)) : [];
    return { ...Object.fromEntries(entries), ...fields };
  };
}

/** An element that no operation has given a value yet takes nothing from the others: it may never get one and go at the end. */
const takesPrimary = (element: Json | undefined): boolean =>
  element !== undefined && isPrimary(element) && !isHollow(element);

/** Sub-attributes and their values, when the filter consists of nothing but equalities joined by `and`. */
function equalities(filter: CheckedFilter): JsonObject | undefined {
  if (filter.kind === 'and') {
    const parts = filter.filters.map(equalities);
    return parts.every((part) => part !== undefined) ? (Object.assign({}, ...parts) as JsonObject) : undefined;
  }
  const name = filter.kind === 'compare' && filter.operator === 'eq' ? filter.at.subAttribute?.name : undefined;
  return name === undefined || filter.kind !== 'compare' ? undefined : { [name]: filter.value };
}
