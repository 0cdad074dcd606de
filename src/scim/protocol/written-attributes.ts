/**
 * Which attributes that are returned on request a write names: "The attribute is returned in response to any PUT, POST, or PATCH
 * operations if the attribute was specified by the client" (RFC 7643 section 7, of "request").
 */
import { parsePath, parsePathKey, type PatchPath } from './path/parse-path.js';
import type { Operation } from './patch/parse-patch-request.js';
import { isObject } from './read-value.js';
import type { JsonObject, ResourceType } from './schema/attribute.js';
import { findAttribute } from './schema/lookup.js';

/** Keys from the resource downwards. */
export type AttributeKeys = readonly string[];

/** Of a POST or PUT body. */
export function writtenInBody(type: ResourceType, body: JsonObject): AttributeKeys[] {
  const onRequest = onRequestOf(type);
  if (onRequest.length === 0) return [];
  const named = namedInObject(type, body);
  return onRequest.filter((keys) => named.some((name) => begins(keys, name)));
}

/** Of PATCH operations; malformed ones are for others to refuse. */
export function writtenInOperations(type: ResourceType, operations: readonly Operation[]): AttributeKeys[] {
  const onRequest = onRequestOf(type);
  if (onRequest.length === 0) return [];
  const named = operations.flatMap(({ path, value }) => {
    if (path === undefined) return isObject(value) ? namedInObject(type, value) : [];
    const name = keysOf(type, parsePath(path));
    return isExtension(type, name) && isObject(value) ? namedInObject(type, value, name[0]) : [name];
  });
  return onRequest.filter((keys) => named.some((name) => begins(keys, name)));
}

function namedInObject(type: ResourceType, object: JsonObject, urn?: string): AttributeKeys[] {
  return Object.entries(object).flatMap(([key, value]) => {
    const path = parsePathKey(urn === undefined ? key : `${urn}:${key}`);
    const name = path ? keysOf(type, path) : [];
    return isExtension(type, name) && isObject(value) ? namedInObject(type, value, name[0]) : [name];
  });
}

function keysOf(type: ResourceType, { attribute, subAttribute }: PatchPath): AttributeKeys {
  const path = findAttribute(type, subAttribute === undefined ? attribute : { ...attribute, subAttribute })?.path;
  return path ? [path.schema, path.attribute, path.subAttribute].filter((key) => key !== undefined) : [];
}

const isExtension = ({ extensions }: ResourceType, keys: AttributeKeys): boolean =>
  keys.length === 1 && extensions.some(({ id }) => id === keys[0]);

/** One names the other, or something inside of it; nothing is named by what is unknown. */
const begins = (keys: AttributeKeys, name: AttributeKeys): boolean =>
  name.length > 0 && keys.slice(0, name.length).every((key, index) => key === name[index]);

const tables = new WeakMap<ResourceType, readonly AttributeKeys[]>();
function onRequestOf(type: ResourceType): readonly AttributeKeys[] {
  const known = tables.get(type);
  if (known) return known;
  const found = [type.schema, ...type.extensions].flatMap(({ id, attributes }) => {
    const prefix = id === type.schema.id ? [] : [id];
    return attributes.flatMap(({ name, returned, subAttributes = [] }) => {
      if (returned === 'request') return [[...prefix, name]];
      return subAttributes.filter((sub) => sub.returned === 'request').map((sub) => [...prefix, name, sub.name]);
    });
  });
  tables.set(type, found);
  return found;
}
