/** Elements of multi-valued attributes: sameness, the one primary, and those with nothing in them. */
import { isObject } from '../read-value.js';
import type { Json, JsonObject } from '../schema/attribute.js';

/**
 * Finds the element that is the same as another. "The same (type, value) SHOULD NOT be returned more than once" (RFC 7643 section 2.4):
 * what has a value is known by value and type, or by the value alone to a client that names no type; what has none, an address, by all
 * of it. A map and no search, because a client may send 100,000 elements to be added to as many.
 */
export class ElementIndex {
  private readonly positions = new Map<string, number>();

  constructor(elements: readonly Json[]) {
    elements.forEach((element, position) => this.add(element, position));
  }

  add(element: Json, position: number): void {
    for (const name of namesOf(element)) if (!this.positions.has(name)) this.positions.set(name, position);
  }

  /** The position of the first element that is the same. */
  find(item: Json): number | undefined {
    return this.positions.get(mostExactName(item));
  }
}

/** The elements without those that are the same as a listed one. */
export function withoutListed(elements: readonly Json[], listed: readonly Json[]): Json[] {
  const gone = new Set(listed.map(mostExactName));
  return elements.filter((element) => !namesOf(element).some((name) => gone.has(name)));
}

/** The names an element goes by, the most exact one last. Arrays of different lengths and depths are never the same text. */
function namesOf(element: Json): string[] {
  if (!isObject(element) || element['value'] === undefined) return [contentOf(element)];
  const { value, type } = element;
  const byValue = JSON.stringify([value]);
  return type === undefined ? [byValue] : [byValue, JSON.stringify([value, type])];
}

const mostExactName = (item: Json): string => namesOf(item).at(-1)!;

/** Which elements an operation has changed, and whether it put them in the place of what was there. */
export interface Changed {
  readonly at: readonly boolean[];
  readonly replaces: boolean;
}

/**
 * Elements that have become the same are one again, at the place of the first. What was changed has the last word over what was not,
 * so that the operation sent twice finds its own result; of two that were changed the later has it.
 */
export function mergeSame(elements: readonly Json[], changed?: Changed): Json[] {
  const positions = new Map<string, number>();
  const merged: { element: Json; isChanged: boolean }[] = [];
  elements.forEach((element, at) => {
    const name = mostExactName(element);
    const isChanged = changed?.at[at] ?? false;
    const first = merged[positions.get(name) ?? -1];
    if (!first) positions.set(name, merged.push({ element, isChanged }) - 1);
    else if (isObject(element)) {
      first.element = combine(first, { element, isChanged }, changed?.replaces ?? false);
      first.isChanged ||= isChanged;
    }
  });
  return merged.map(({ element }) => element);
}

interface Same {
  readonly element: Json;
  readonly isChanged: boolean;
}

function combine(first: Same, second: Same, replaces: boolean): Json {
  if (first.isChanged === second.isChanged) {
    const primary = isPrimary(first.element) || isPrimary(second.element);
    return { ...merge(first.element, second.element as JsonObject), ...(primary && { primary }) };
  }
  const [before, after] = first.isChanged ? [second, first] : [first, second];
  return replaces ? after.element : merge(before.element, after.element as JsonObject);
}

/** All of an element as a text, whatever the order of its keys. */
const contentOf = (element: Json): string =>
  JSON.stringify(isObject(element) ? Object.entries(element).sort(([a], [b]) => (a < b ? -1 : 1)) : element);

/** "... the service provider ... MUST set the primary attribute to "false" for any other values" (RFC 7644 section 3.5.2). */
export function settlePrimary(elements: readonly Json[], chosen: number): Json[] {
  return elements.map((element, position) => {
    if (position === chosen || !isObject(element) || element['primary'] !== true) return element;
    const { primary: _primary, ...rest } = element;
    return rest;
  });
}

/** Nothing but a label is left: an address of type work without an address. */
export const isHollow = (element: Json): boolean =>
  isObject(element) && Object.keys(element).every((name) => name === 'type' || name === 'primary');

export const merge = (element: Json | undefined, fields: JsonObject): JsonObject => ({
  ...(isObject(element) ? element : {}),
  ...fields,
});

export const isPrimary = (element: Json | undefined): boolean => isObject(element) && element['primary'] === true;

/** `{"value": false}`, `[{"value": "False"}]` and `[{"$ref": null, "value": "False"}]` where a plain value belongs. */
export function unwrapPlain(value: Json | undefined): Json {
  const single = Array.isArray(value) && value.length === 1 ? value[0] : value;
  if (isObject(single)) {
    const given = Object.entries(single).filter(([, item]) => item !== null);
    const [key, item] = given[0] ?? [];
    if (given.length === 1 && item !== undefined && key?.toLowerCase() === 'value') return item;
  }
  return value ?? null;
}
