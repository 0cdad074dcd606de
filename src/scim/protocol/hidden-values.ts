/**
 * Values of extensions that a client does not see or may not write: of schemas that its connection does not declare, or does not any
 * more, and of read-only attributes. They are left out of what it reads and stay through whatever it writes.
 */
import { isObject } from './read-value.js';
import type { Attribute, Json, JsonObject, ResourceType, Schema } from './schema/attribute.js';

/** What is stored, without what no schema of the type declares. Core attributes are all declared. */
export function withoutHidden(type: ResourceType, attributes: JsonObject): JsonObject {
  const urns = Object.keys(attributes).filter(isUrn);
  if (urns.length === 0) return attributes;
  const shown = { ...attributes };
  for (const urn of urns) {
    const extension = type.extensions.find(({ id }) => id === urn);
    const values = extension && declaredOf(extension, shown[urn]);
    if (values) shown[urn] = values;
    else delete shown[urn];
  }
  return shown;
}

/**
 * `next` with what the client could not have meant to change. `cleared`: of a PUT, what it sent without a value; an immutable attribute
 * that it does not mention stays too. A PATCH mentions all that it changes.
 */
export function keepHidden(
  type: ResourceType,
  current: JsonObject,
  next: JsonObject,
  cleared?: ReadonlySet<string>,
): JsonObject {
  const kept = { ...next };
  for (const urn of Object.keys(current).filter(isUrn)) {
    const extension = type.extensions.find(({ id }) => id === urn);
    const [before, after] = [current[urn]!, next[urn]];
    if (!isObject(before)) continue;
    const values = extension
      ? keepInside(extension, before, isObject(after) ? after : {}, cleared?.has(urn) ? ALL : cleared)
      : before;
    if (Object.keys(values).length > 0) kept[urn] = values;
  }
  return kept;
}

/** Everything was sent without a value. */
const ALL = 'all';
type Cleared = ReadonlySet<string> | typeof ALL | undefined;

function keepInside({ id, attributes }: Schema, before: JsonObject, after: JsonObject, cleared: Cleared): JsonObject {
  const kept = { ...after };
  for (const [name, value] of Object.entries(before)) {
    const attribute = attributes.find((each) => each.name === name);
    const isUnsaid = cleared !== undefined && cleared !== ALL && !cleared.has(`${id}:${name}`);
    const given = kept[name];
    if (!attribute || attribute.mutability === 'readOnly') kept[name] = value;
    else if (given !== undefined) kept[name] = keepSubAttributes(attribute, value, given, cleared !== undefined);
    else if (attribute.mutability === 'immutable' && isUnsaid) kept[name] = value;
  }
  return kept;
}

/** Parts of a single value that is still there; those of a list belong to elements, which come and go as wholes. */
function keepSubAttributes(
  { subAttributes = [], multiValued }: Attribute,
  before: Json,
  after: Json,
  isReplacement: boolean,
): Json {
  if (multiValued || !isObject(before) || !isObject(after)) return after;
  const stays = ({ mutability }: Attribute) =>
    mutability === 'readOnly' || (isReplacement && mutability === 'immutable');
  const kept = { ...after };
  for (const { name } of subAttributes.filter(stays)) if (before[name] !== undefined) kept[name] ??= before[name];
  return kept;
}

function declaredOf({ attributes }: Schema, values: Json | undefined): JsonObject | undefined {
  if (!isObject(values)) return undefined;
  const names = namesOf(attributes);
  const entries = Object.entries(values).filter(([name]) => names.has(name));
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}

const tables = new WeakMap<readonly Attribute[], ReadonlySet<string>>();
function namesOf(attributes: readonly Attribute[]): ReadonlySet<string> {
  const names = tables.get(attributes) ?? new Set(attributes.map(({ name }) => name));
  tables.set(attributes, names);
  return names;
}

/** Attribute names hold no colon. */
const isUrn = (key: string): boolean => key.includes(':');
