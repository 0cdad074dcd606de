/** Elements of multi-valued attributes: sameness, the one primary, and those with nothing in them. */
import type { Json, JsonObject } from '../schema/attribute.js';
import { isObject } from '../read-value.js';

/** "The same (type, value) SHOULD NOT be returned more than once" (RFC 7643 section 2.4); elements without a value: all of them equal. */
export function sameElement(left: Json, right: Json): boolean {
  if (!isObject(left) || !isObject(right)) return left === right;
  if (left['value'] !== undefined || right['value'] !== undefined) {
    return left['value'] === right['value'] && (right['type'] === undefined || left['type'] === right['type']);
  }
  const names = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...names].every((name) => left[name] === right[name]);
}

/** "... the service provider ... MUST set the primary attribute to "false" for any other values" (RFC 7644 section 3.5.2). */
export function settlePrimary(elements: readonly Json[], isChosen: (element: Json) => boolean): Json[] {
  return elements.map((element) => {
    if (!isObject(element) || isChosen(element) || element['primary'] !== true) return element;
    const { primary: _primary, ...rest } = element;
    return rest;
  });
}

/** Nothing but a label is left: an address of type work without an address. */
export const dropHollow = (element: Json): boolean =>
  isObject(element) && Object.keys(element).every((name) => name === 'type' || name === 'primary');

export const merge = (element: Json, fields: JsonObject): JsonObject => ({
  ...(isObject(element) ? element : {}),
  ...fields,
});

export const isPrimary = (element: Json): boolean => isObject(element) && element['primary'] === true;

/** `{"value": false}` and `[{"value": "False"}]` where a plain value belongs. */
export function unwrapPlain(value: Json | undefined): Json {
  const single = Array.isArray(value) && value.length === 1 ? value[0] : value;
  if (isObject(single) && Object.keys(single).length === 1 && single['value'] !== undefined) return single['value'];
  return value ?? null;
}
