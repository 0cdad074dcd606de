/** What stands under the keys of a message. */
import type { Json, JsonObject } from '../schema/attribute.js';

/** The texts in the `schemas` of a body. */
export function schemasIn(body: JsonObject): string[] {
  const list = valueOf(body, 'schemas');
  return Array.isArray(list) ? list.filter((urn) => typeof urn === 'string') : [];
}

/** The value under a key in whatever case. */
export function valueOf(object: JsonObject, name: string): Json | undefined {
  const key = Object.keys(object).find((candidate) => candidate.toLowerCase() === name);
  return key === undefined ? undefined : object[key];
}
