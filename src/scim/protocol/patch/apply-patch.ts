/**
 * PATCH applied to a user's or group's document (RFC 7644 section 3.5.2). Documents are in the stored form: canonical spelling,
 * without schemas, id, meta and groups. Members of groups are not here but in fold-group-patch.
 */
import type { JsonObject, ResourceType } from '../schema/attribute.js';
import { findAttribute, type ResolvedAttribute } from '../schema/lookup.js';
import { isObject } from '../read-value.js';
import { invalidPath, mutability, ScimError } from '../scim-error.js';
import { parsePath, type PatchPath } from '../path/parse-path.js';
import { changeAttribute } from './change-attribute.js';
import { changeElements } from './change-elements.js';
import type { Operation } from './parse-patch-request.js';

/**
 * The document after all operations, in order. Nothing of `current` is changed; where nothing differs the result is equal to it.
 * All or nothing: a ScimError of any operation leaves no trace.
 */
export function applyPatch(
  resourceType: ResourceType,
  current: JsonObject,
  operations: readonly Operation[],
): JsonObject {
  const document = structuredClone(current);
  for (const operation of operations) applyOperation(resourceType, document, operation);
  return document;
}

function applyOperation(resourceType: ResourceType, document: JsonObject, operation: Operation): void {
  if (operation.path !== undefined) {
    const path = parsePath(operation.path);
    const target = resolve(resourceType, path);
    if (!target) throw invalidPath(`"${operation.path}" is not an attribute of ${resourceType.id}`);
    if (isReadOnly(target)) throw mutability(`"${operation.path}" is read-only`);
    return applyAt(document, target, path, operation);
  }
  if (!isObject(operation.value)) {
    throw new ScimError(400, `An operation without path needs an object of attributes as value`, 'invalidValue');
  }
  applyAttributes(resourceType, document, operation, operation.value, undefined);
}

/** A value without path: each key is an attribute, or a whole path as Entra writes it ("name.givenName", "urn:...:User:department"). */
function applyAttributes(
  resourceType: ResourceType,
  document: JsonObject,
  { op }: Operation,
  attributes: JsonObject,
  extension: string | undefined,
): void {
  for (const [key, value] of Object.entries(attributes)) {
    const path = pathOfKey(extension === undefined ? key : `${extension}:${key}`);
    const target = path && resolve(resourceType, path);
    // Unknown and read-only keys are ignored here: Okta sends the id along, authentik the schemas.
    if (!path || !target || isReadOnly(target)) continue;
    if (target.isExtension) {
      if (isObject(value)) applyAttributes(resourceType, document, { op }, value, target.path.attribute);
      else if (value === null && op === 'replace') delete document[target.path.attribute];
    } else applyAt(document, target, path, { op, value });
  }
}

function pathOfKey(key: string): PatchPath | undefined {
  try {
    return parsePath(key);
  } catch {
    return undefined;
  }
}

function applyAt(document: JsonObject, target: ResolvedAttribute, path: PatchPath, operation: Operation): void {
  if (target.isExtension) return applyToExtension(document, target, operation);
  // "password" is accepted and forgotten: there are no passwords here, and Okta sends a placeholder.
  if (target.attribute.returned === 'never') return;
  const { schema } = target.path;
  const holder =
    schema === undefined ? document : isObject(document[schema]) ? document[schema] : (document[schema] = {});
  if (path.filter) changeElements(holder, target, path.filter, operation);
  else changeAttribute(holder, target, operation);
  // "... drop an extension object once its last attribute is cleared": an empty one would be announced in `schemas`.
  if (schema !== undefined && Object.keys(holder).length === 0) delete document[schema];
}

function applyToExtension(
  document: JsonObject,
  { path, attribute }: ResolvedAttribute,
  { op, value }: Operation,
): void {
  const urn = path.attribute;
  if (op === 'remove' || value === null) {
    if (op !== 'add') delete document[urn];
    return;
  }
  if (!isObject(value)) throw new ScimError(400, `"${urn}" needs an object of attributes as value`, 'invalidValue');
  const holder = isObject(document[urn]) ? document[urn] : {};
  for (const [key, item] of Object.entries(value)) {
    const inner = attribute.subAttributes?.find(({ name }) => name.toLowerCase() === key.toLowerCase());
    if (!inner || inner.mutability === 'readOnly') continue;
    changeAttribute(
      holder,
      { path: { attribute: inner.name }, attribute: inner, target: inner, isExtension: false },
      { op, value: item },
    );
  }
  if (Object.keys(holder).length > 0) document[urn] = holder;
  else delete document[urn];
}

function resolve(
  resourceType: ResourceType,
  { attribute, filter, subAttribute }: PatchPath,
): ResolvedAttribute | undefined {
  const resolved = findAttribute(resourceType, subAttribute === undefined ? attribute : { ...attribute, subAttribute });
  if (resolved && filter && !resolved.attribute.multiValued) return undefined;
  return resolved;
}

const isReadOnly = ({ attribute, target }: ResolvedAttribute): boolean =>
  attribute.mutability === 'readOnly' || target.mutability === 'readOnly';
