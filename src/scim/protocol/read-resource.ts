/**
 * The body of a POST or PUT -> a document in canonical spelling that holds only what a client may write. A client that echoes what it
 * has read, with `id`, `meta`, `groups` and attributes of its own schemas, is as welcome as one that sends the minimum.
 */
import { parseAttributePath } from './filter/attribute-path.js';
import { isMissing, isObject, readValue } from './read-value.js';
import type { Attribute, Json, JsonObject, ResourceType } from './schema/attribute.js';
import { findAttribute, type ResolvedAttribute } from './schema/lookup.js';
import { invalidSyntax, invalidValue } from './scim-error.js';

export interface ResourceInput {
  /** Without `schemas`, `id`, `meta` and all else that is readOnly, without password, unknown attributes and unassigned ones. */
  readonly document: JsonObject;
  /**
   * Attributes the client sent without a value, by canonical name (URN ":" name in an extension, the URN for a whole extension). They
   * are as absent as those it did not mention, except where the caller keeps what is not mentioned.
   */
  readonly cleared: ReadonlySet<string>;
}

/**
 * Throws invalidSyntax when the body is no object, and invalidValue, naming the attribute, when a value does not fit its attribute, two
 * values are primary, or a required attribute is missing.
 */
export function readResource(resourceType: ResourceType, body: unknown): ResourceInput {
  if (!isObject(body)) throw invalidSyntax('The body is a JSON object.');
  const document: JsonObject = {};
  const cleared = new Set<string>();
  readEntries(resourceType, body, undefined, (resolved, value) => {
    if (resolved.isExtension) readExtension(resourceType, resolved, value, document, cleared);
    else place(resolved, value, document, cleared);
  });
  checkRequired(resourceType.schema.attributes, document);
  for (const { id, attributes } of resourceType.extensions) {
    const extension = document[id];
    if (!isObject(extension)) continue;
    if (Object.keys(extension).length === 0) delete document[id];
    else checkRequired(attributes, extension);
  }
  const lacking = resourceType.required.find((urn) => document[urn] === undefined);
  if (lacking !== undefined) throw invalidValue(`"${lacking}" is required.`);
  return { document, cleared };
}

/** Each entry whose key a schema knows: `userName`, `name.givenName`, `urn:...:User:userName`, `urn:...:enterprise:2.0:User`. */
function readEntries(
  resourceType: ResourceType,
  object: JsonObject,
  schema: string | undefined,
  read: (resolved: ResolvedAttribute, value: Json) => void,
): void {
  for (const [key, value] of Object.entries(object)) {
    const path = parseAttributePath(key);
    if (!path) continue;
    const resolved = findAttribute(resourceType, schema === undefined ? path : { schema, ...path });
    if (resolved) read(resolved, value);
  }
}

function readExtension(
  resourceType: ResourceType,
  extension: ResolvedAttribute,
  value: Json,
  document: JsonObject,
  cleared: Set<string>,
): void {
  const urn = extension.path.attribute;
  const [object] = Array.isArray(value) && value.length < 2 ? [value[0] ?? null] : [value];
  if (object === null || object === '') {
    cleared.add(urn);
    return;
  }
  if (!isObject(object)) throw invalidValue(`"${urn}" is an object.`);
  readEntries(resourceType, object, urn, (resolved, inner) => {
    if (resolved.path.schema === urn) place(resolved, inner, document, cleared);
  });
}

/** Puts the value where it belongs; a later spelling of the same attribute replaces an earlier one. */
function place(
  { path, attribute, subAttribute }: ResolvedAttribute,
  value: Json,
  document: JsonObject,
  cleared: Set<string>,
) {
  // "attributes whose mutability is "readOnly" ... SHALL be ignored" (RFC 7644 section 3.3)
  if (attribute.kept === false || attribute.mutability === 'readOnly' || subAttribute?.mutability === 'readOnly')
    return;
  const name = path.schema === undefined ? attribute.name : `${path.schema}:${attribute.name}`;
  const owner = path.schema === undefined ? document : ownerIn(document, path.schema);
  if (subAttribute) {
    const part = { [subAttribute.name]: value };
    const whole = withPart(attribute, part, owner[attribute.name]);
    assign(owner, attribute.name, readValue(attribute, whole, name));
    return;
  }
  const read = readValue(attribute, value, name);
  assign(owner, attribute.name, read);
  if (read === undefined) cleared.add(name);
  else cleared.delete(name);
}

function ownerIn(document: JsonObject, urn: string): JsonObject {
  const known = document[urn];
  if (isObject(known)) return known;
  const created: JsonObject = {};
  document[urn] = created;
  return created;
}

/** A dotted key is one sub-attribute of the singular attribute, or of the first element. */
function withPart(attribute: Attribute, part: JsonObject, known: Json | undefined): Json {
  const merge = (object: Json | undefined) => ({ ...(isObject(object) ? object : {}), ...part });
  if (!attribute.multiValued) return merge(known);
  const [first, ...others] = Array.isArray(known) ? known : [];
  return [merge(first), ...others];
}

function assign(owner: JsonObject, name: string, value: Json | undefined): void {
  if (value === undefined) delete owner[name];
  else owner[name] = value;
}

function checkRequired(attributes: readonly Attribute[], object: JsonObject): void {
  const missing = attributes.find((attribute) => isMissing(attribute, object[attribute.name]));
  if (missing) throw invalidValue(`"${missing.name}" is required.`);
}
