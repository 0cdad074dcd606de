/** Oddities of the body of a POST or PUT, and of the values anywhere in a body; see observe-quirks. */
import { parseAttributePath } from '../filter/attribute-path.js';
import { parsePathKey } from '../path/parse-path.js';
import { isObject } from '../read-value.js';
import type { Attribute, Json, JsonObject, ResourceType } from '../schema/attribute.js';
import { findAttribute, findSubAttribute, type ResolvedAttribute } from '../schema/lookup.js';
import { schemasIn } from './message-keys.js';
import { NAME_QUIRKS, RESOURCE_QUIRKS } from './resource-quirks.js';
import type { Sightings } from './sightings.js';
import { VALUE_QUIRKS } from './value-quirks.js';

export function observeResource(resourceType: ResourceType, body: JsonObject, sightings: Sightings): void {
  const extensions = Object.keys(body).filter((key) => isExtensionKey(resourceType, key) && body[key] !== null);
  sightings.look(RESOURCE_QUIRKS, { resourceType, body, schemas: schemasIn(body), extensions }, 'schemas');
  observeAttributes(resourceType, body, sightings);
}

/** Each entry of a body or of a value without path: its key, and its value if a schema has the attribute. */
export function observeAttributes(
  resourceType: ResourceType,
  object: JsonObject,
  sightings: Sightings,
  isPatch = false,
): void {
  for (const [key, value] of Object.entries(object)) {
    const resolved = isPatch ? resolvePath(resourceType, key) : resolve(resourceType, key);
    const where = shortened(key);
    sightings.look(NAME_QUIRKS, { name: key, isPath: false, resolved }, where);
    if (resolved) observeTarget(resourceType, resolved, value, sightings, where, false);
  }
}

/** The value of what a key or a path names. */
export function observeTarget(
  resourceType: ResourceType,
  resolved: ResolvedAttribute,
  value: Json,
  sightings: Sightings,
  where: string,
  mayStandAlone: boolean,
): void {
  if (!resolved.isExtension) return observeValue(resolved.target, value, sightings, where, mayStandAlone);
  const object = Array.isArray(value) && value.length === 1 ? value[0] : value;
  if (object !== value) sightings.look(VALUE_QUIRKS, site(resolved.target, value, false, false), where);
  if (!isObject(object)) return;
  for (const [key, inner] of Object.entries(object)) {
    const within = findAttribute(resourceType, { schema: resolved.path.attribute, name: key });
    // Here the name stands without its URN, and is right so.
    sightings.look(NAME_QUIRKS, { name: `:${key}`, isPath: false, resolved: within }, shortened(key));
    if (within) observeValue(within.target, inner, sightings, shortened(key), false);
  }
}

/** The value of an attribute, with all that is in it. */
export function observeValue(
  attribute: Attribute,
  value: Json,
  sightings: Sightings,
  where: string,
  mayStandAlone: boolean,
): void {
  sightings.look(VALUE_QUIRKS, site(attribute, value, false, mayStandAlone), where);
  if (!attribute.multiValued) return observeInside(attribute, value, sightings, where);
  const isListed = Array.isArray(value);
  for (const element of isListed ? value : [value]) observeElement(attribute, element, sightings, where, isListed);
}

export function observeElement(
  attribute: Attribute,
  element: Json,
  sightings: Sightings,
  where: string,
  isListed: boolean,
): void {
  sightings.look(VALUE_QUIRKS, { ...site(attribute, element, true, true), isListed }, where);
  observeInside(attribute, element, sightings, where);
}

function observeInside(attribute: Attribute, value: Json, sightings: Sightings, where: string): void {
  if (attribute.type !== 'complex' || !isObject(value)) return;
  for (const [key, inner] of Object.entries(value)) {
    const sub = findSubAttribute(attribute, key);
    if (sub) sightings.look(VALUE_QUIRKS, site(sub, inner, false, false), where);
    const resolved = sub && { path: { attribute: sub.name }, attribute: sub, target: sub, isExtension: false };
    sightings.look(NAME_QUIRKS, { name: key, isPath: false, resolved }, where);
  }
}

const site = (attribute: Attribute, value: Json, isElement: boolean, mayStandAlone: boolean) => ({
  attribute,
  value,
  isElement,
  isListed: false,
  mayStandAlone,
});

function resolve(resourceType: ResourceType, key: string): ResolvedAttribute | undefined {
  const path = parseAttributePath(key);
  return path && findAttribute(resourceType, path);
}

/** Keys of a PATCH value may be whole paths, `emails[type eq "work"].value`. */
function resolvePath(resourceType: ResourceType, key: string): ResolvedAttribute | undefined {
  const path = parsePathKey(key);
  if (!path) return undefined;
  const { attribute, subAttribute } = path;
  return findAttribute(resourceType, subAttribute === undefined ? attribute : { ...attribute, subAttribute });
}

const isExtensionKey = (resourceType: ResourceType, key: string): boolean =>
  key.slice(0, 4).toLowerCase() === 'urn:' && (resolve(resourceType, key)?.isExtension ?? false);

/** A key may be as long as the body. */
const shortened = (key: string): string => `"${key.length > 60 ? `${key.slice(0, 60)}...` : key}"`;
