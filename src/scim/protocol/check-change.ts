/** What a change of a document must not do to extensions, by whatever request: judged by what was and what would be. */
import { isMissing, isObject } from './read-value.js';
import type { Attribute, Json, JsonObject, ResourceType, Schema } from './schema/attribute.js';
import { invalidValue, mutability } from './scim-error.js';

/** Throws ScimError mutability, or invalidValue when something required would be missing. */
export function checkChange(type: ResourceType, current: JsonObject, next: JsonObject): void {
  for (const extension of type.extensions) {
    const before = objectAt(current, extension.id);
    const after = objectAt(next, extension.id);
    checkImmutable(extension.attributes, before, after, extension.id);
    // Another connection may demand less: what somebody has in part may stay so, but not be changed and stay so.
    if (after && !(before && sameValue(before, after))) checkComplete(extension, after);
    // Whoever came without it, by a sign-in for example, may still be changed in everything else.
    else if (!after && before && type.required.includes(extension.id))
      throw mutability(`"${extension.id}" is required.`);
  }
}

/** "immutable": "The attribute MAY be defined at resource creation ... The attribute SHALL NOT be updated." (RFC 7643 section 7) */
function checkImmutable(
  attributes: readonly Attribute[],
  before: JsonObject | undefined,
  after: JsonObject | undefined,
  prefix: string,
): void {
  if (!before) return;
  for (const attribute of attributes) {
    const was = before[attribute.name];
    if (was === undefined) continue;
    const is = after?.[attribute.name];
    const name = `${prefix}:${attribute.name}`;
    if (attribute.mutability === 'immutable' && !sameValue(was, is)) throw immutable(name);
    if (!attribute.multiValued && isObject(was) && isObject(is)) refuseImmutable(attribute, was, is, name);
  }
}

/** Refuses another value for an immutable sub-attribute of an object that has one. */
export function refuseImmutable(
  { subAttributes = [] }: Attribute,
  before: Json | undefined,
  after: Json | undefined,
  name: string,
): void {
  if (!isObject(before)) return;
  for (const sub of subAttributes) {
    const was = before[sub.name];
    const is = isObject(after) ? after[sub.name] : undefined;
    if (sub.mutability === 'immutable' && was !== undefined && !sameValue(was, is))
      throw immutable(`${name}.${sub.name}`);
  }
}

function checkComplete({ id, attributes }: Schema, values: JsonObject): void {
  for (const attribute of attributes) {
    const value = values[attribute.name];
    if (isMissing(attribute, value)) throw invalidValue(`"${id}:${attribute.name}" is required.`);
    for (const element of Array.isArray(value) ? value : [value]) {
      const missing = isObject(element) && attribute.subAttributes?.find((sub) => isMissing(sub, element[sub.name]));
      if (missing) throw invalidValue(`"${id}:${attribute.name}.${missing.name}" is required.`);
    }
  }
}

const immutable = (name: string) =>
  mutability(`"${name}" is immutable: it has a value, which can neither change nor go.`);

/** The order of a list's elements says nothing. */
const sameValue = (left: Json | undefined, right: Json | undefined): boolean => textOf(left) === textOf(right);

function textOf(value: Json | undefined): string {
  if (Array.isArray(value)) return JSON.stringify(value.map(textOf).sort());
  if (!isObject(value)) return JSON.stringify(value ?? null);
  return JSON.stringify(
    Object.entries(value)
      .map(([name, inner]) => [name, textOf(inner)])
      .sort(),
  );
}

const objectAt = (document: JsonObject, key: string): JsonObject | undefined => {
  const value = Object.hasOwn(document, key) ? document[key] : undefined;
  return isObject(value) ? value : undefined;
};
