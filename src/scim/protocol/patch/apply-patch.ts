/**
 * PATCH applied to a user's or group's document (RFC 7644 section 3.5.2). Documents are in the stored form: canonical spelling,
 * without schemas, id, meta and groups. Members of groups are not here but in fold-group-patch.
 */
import { TOLERANT, type PatchRules } from '../dialect.js';
import { countComparisons } from '../filter/count-comparisons.js';
import type { Json, JsonObject, ResourceType } from '../schema/attribute.js';
import { findAttribute, type ResolvedAttribute } from '../schema/lookup.js';
import { LIMITS, nameOfLimit } from '../limits.js';
import { checkChange } from '../check-change.js';
import { keepHidden } from '../hidden-values.js';
import { isObject } from '../read-value.js';
import { invalidPath, invalidValue, mutability, ScimError } from '../scim-error.js';
import { parsePath, parsePathKey, type PatchPath } from '../path/parse-path.js';
import { changeAttribute, elementsOf, leavesOut } from './change-attribute.js';
import { changeElements } from './change-elements.js';
import { isHollow } from './elements.js';
import type { Operation } from './parse-patch-request.js';

/**
 * The document after all operations, in order. Nothing of `current` is changed; where nothing differs the result is equal to it.
 * All or nothing: a ScimError of any operation leaves no trace.
 *
 * A strict dialect differs where it depends on what is there: to replace a complex attribute leaves nothing of it ("complex replace
 * replaces", interoperability profile section 6.5; RFC 7644 section 3.5.2.3 leaves unmentioned sub-attributes), and to replace what no
 * element matches has no target.
 */
export function applyPatch(
  resourceType: ResourceType,
  current: JsonObject,
  operations: readonly Operation[],
  rules: PatchRules = TOLERANT,
): JsonObject {
  const patch: Patch = { resourceType, rules, document: structuredClone(current), visits: 0 };
  for (const operation of operations) applyOperation(patch, operation);
  dropHollowElements(patch.document);
  const document = keepHidden(resourceType, current, patch.document);
  checkChange(resourceType, current, document);
  return document;
}

interface Patch {
  readonly resourceType: ResourceType;
  readonly rules: PatchRules;
  readonly document: JsonObject;
  visits: number;
}

function applyOperation(patch: Patch, operation: Operation): void {
  if (operation.path !== undefined) {
    const path = parsePath(operation.path);
    const target = resolve(patch, path);
    if (!target) throw invalidPath(`"${operation.path}" is not an attribute of ${patch.resourceType.id}`);
    if (isReadOnly(target)) throw mutability(`"${operation.path}" is read-only`);
    return applyAt(patch, target, path, operation);
  }
  if (!isObject(operation.value))
    throw invalidValue('An operation without path needs an object of attributes as value');
  applyAttributes(patch, operation, operation.value, undefined);
}

/** A value without path: each key is an attribute, or a whole path as Entra writes it ("name.givenName", "urn:...:User:department"). */
function applyAttributes(patch: Patch, { op }: Operation, attributes: JsonObject, extension: string | undefined): void {
  for (const [key, value] of Object.entries(attributes)) {
    const path = parsePathKey(extension === undefined ? key : `${extension}:${key}`);
    const target = path && resolve(patch, path);
    // Unknown and read-only keys are ignored here: Okta sends the id along, authentik the schemas.
    if (path && target && !isReadOnly(target)) applyAt(patch, target, path, { op, value });
  }
}

function applyAt(patch: Patch, target: ResolvedAttribute, path: PatchPath, operation: Operation): void {
  if (target.isExtension) return applyToExtension(patch, target.path.attribute, operation);
  // "password" is accepted and forgotten: there are no passwords here, and Okta sends a placeholder.
  if (target.attribute.kept === false) return;
  const { document, rules } = patch;
  const { schema } = target.path;
  const holder =
    schema === undefined ? document : isObject(document[schema]) ? document[schema] : (document[schema] = {});
  patch.visits += elementsOf(holder, target.attribute).length * (path.filter ? countComparisons(path.filter) : 1);
  if (patch.visits > LIMITS.patchVisits) {
    throw new ScimError(
      413,
      `Too many operations on the many values of "${target.attribute.name}"; send fewer at once ${nameOfLimit('patchVisits')}`,
    );
  }
  if (path.filter) changeElements(holder, target, path.filter, operation, rules);
  else changeAttribute(holder, target, operation, rules);
  // "... drop an extension object once its last attribute is cleared": an empty one would be announced in `schemas`.
  if (schema !== undefined && Object.keys(holder).length === 0) delete document[schema];
}

/** `urn` as path or key: the extension as a whole. Its attributes are merged, as those of a value without path. */
function applyToExtension(patch: Patch, urn: string, { op, value }: Operation): void {
  const attributes = Array.isArray(value) && value.length < 2 ? (value[0] ?? null) : value;
  if (op === 'remove' || attributes === null || attributes === '') {
    if (op !== 'add') delete patch.document[urn];
    return;
  }
  if (!isObject(attributes)) throw invalidValue(`"${urn}" needs an object of attributes as value`);
  const former = patch.document[urn];
  if (op === 'replace' && isObject(former) && leavesOut(attributes, former)) {
    patch.rules.took('complex-replaced-in-part');
    if (patch.rules.dialect === 'strict') delete patch.document[urn];
  }
  applyAttributes(patch, { op }, attributes, urn);
}

function resolve({ resourceType }: Patch, { attribute, filter, subAttribute }: PatchPath) {
  const resolved = findAttribute(resourceType, subAttribute === undefined ? attribute : { ...attribute, subAttribute });
  if (resolved && filter && !resolved.attribute.multiValued) return undefined;
  return resolved;
}

const isReadOnly = ({ attribute, target }: ResolvedAttribute): boolean =>
  attribute.mutability === 'readOnly' || target.mutability === 'readOnly';

/** Last of all, because a later operation may give a value to the element that an earlier one created. */
function dropHollowElements(holder: JsonObject): void {
  for (const [key, value] of Object.entries(holder)) {
    if (isObject(value)) {
      dropHollowElements(value);
      if (Object.keys(value).length === 0) delete holder[key];
    } else if (Array.isArray(value) && value.some(isHollow)) {
      const elements: Json[] = value.filter((element) => !isHollow(element));
      if (elements.length > 0) holder[key] = elements;
      else delete holder[key];
    }
  }
}
