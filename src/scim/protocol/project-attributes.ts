/**
 * `attributes` and `excludedAttributes` (RFC 7644 sections 3.4.2.5 and 3.9): what of a resource goes into an answer. Decided by the
 * `returned` characteristic in the schema data (RFC 7643 section 7), worked out once per request and then applied to each resource.
 */
import { parseAttributePath } from './filter/attribute-path.js';
import type { Attribute, Json, JsonObject, ResourceType } from './schema/attribute.js';
import { COMMON_ATTRIBUTES } from './schema/common-attributes.js';
import { findAttribute } from './schema/lookup.js';
import type { AttributeKeys } from './written-attributes.js';

/** The names as the client wrote them; at most one of the two is there. */
export interface ProjectionRequest {
  readonly attributes?: readonly string[];
  readonly excludedAttributes?: readonly string[];
}

/** What to keep of an object: the whole value under a key, or parts of it. Keys that are missing are dropped. */
type Plan = ReadonlyMap<string, true | Plan>;
/** What a client named: a whole attribute, or parts of it. */
type Selection = Map<string, true | Selection>;

export interface Projection {
  readonly resourceType: ResourceType;
  readonly plan: Plan;
}

const defaults = new WeakMap<ResourceType, Projection>();

/**
 * Works out what an answer contains. Names that the resource type does not know are ignored. `written`: what a write named of that which
 * is returned on request; it is in the answer unless the client says what it wants or excludes it.
 */
export function toProjection(
  resourceType: ResourceType,
  request: ProjectionRequest = {},
  written: readonly AttributeKeys[] = [],
): Projection {
  if (written.length > 0 && !request.attributes) return withWritten(resourceType, request, written);
  if (!request.attributes && !request.excludedAttributes) {
    const known = defaults.get(resourceType) ?? { resourceType, plan: planResource(resourceType, undefined, false) };
    defaults.set(resourceType, known);
    return known;
  }
  const isExclusion = request.attributes === undefined;
  const selection = select(resourceType, request.attributes ?? request.excludedAttributes ?? []);
  return { resourceType, plan: planResource(resourceType, selection, isExclusion) };
}

function withWritten(
  resourceType: ResourceType,
  request: ProjectionRequest,
  written: readonly AttributeKeys[],
): Projection {
  const { plan } = toProjection(resourceType, request);
  const excluded = select(resourceType, request.excludedAttributes ?? []);
  const wanted = written.filter((keys) => !isNamed(excluded, keys));
  return { resourceType, plan: wanted.reduce((part, keys) => withPath(part, keys), plan) };
}

function isNamed(selection: Selection, [key, ...rest]: AttributeKeys): boolean {
  const part = key === undefined ? undefined : selection.get(key);
  return part === true || (part !== undefined && isNamed(part, rest));
}

function withPath(plan: Plan, [key, ...rest]: AttributeKeys): Plan {
  const part = plan.get(key!);
  if (part === true) return plan;
  return new Map([...plan, [key!, rest.length === 0 ? true : withPath(part ?? new Map<string, true>(), rest)]]);
}

/** Whether answers contain anything of an attribute (canonical name, or URN of an extension): if not, it need not be loaded. */
export const wantsAttribute = (projection: Projection, attribute: string): boolean => projection.plan.has(attribute);

/** The resource without what the projection leaves out. Attributes without a schema are left out too. The resource stays as it is. */
export function projectAttributes(resource: JsonObject, { resourceType, plan }: Projection): JsonObject {
  const projected = keep(resource, plan);
  const { schemas } = resource;
  if (Array.isArray(schemas)) {
    // "... the namespaces of the SCIM schemas that define the attributes present in the current JSON structure" (RFC 7643 section 3)
    projected.schemas = schemas.filter((urn) => {
      return urn === resourceType.schema.id || (typeof urn === 'string' && Object.hasOwn(projected, urn));
    });
  }
  return projected;
}

function select(resourceType: ResourceType, names: readonly string[]): Selection {
  const selection: Selection = new Map();
  for (const name of names) {
    const path = parseAttributePath(name);
    const resolved = path && findAttribute(resourceType, path);
    if (!resolved) continue;
    const { schema, attribute, subAttribute } = resolved.path;
    insert(
      selection,
      [schema, attribute, subAttribute].filter((key) => key !== undefined),
    );
  }
  return selection;
}

function insert(selection: Selection, [key, ...rest]: string[]): void {
  if (key === undefined) return;
  const known = selection.get(key);
  if (known === true) return;
  if (rest.length === 0) {
    selection.set(key, true);
    return;
  }
  const inner = known ?? new Map<string, true | Selection>();
  selection.set(key, inner);
  insert(inner, rest);
}

function planResource(resourceType: ResourceType, selection: Selection | undefined, isExclusion: boolean): Plan {
  const own = planObject([...COMMON_ATTRIBUTES, ...resourceType.schema.attributes], selection, isExclusion);
  const plan = new Map(own.plan);
  for (const { id, attributes } of resourceType.extensions) {
    const part =
      planPart(attributes, selection?.get(id), isExclusion, selection !== undefined) ?? planAlways(attributes);
    if (part) plan.set(id, part);
  }
  return plan;
}

/** An extension that is not asked for still shows what is always returned (RFC 7643 section 7). */
function planAlways(attributes: readonly Attribute[]): Plan | undefined {
  const always = attributes.filter(({ returned }) => returned === 'always');
  return always.length > 0 ? planObject(always, undefined, true).plan : undefined;
}

/** `complete`: nothing is left out, so the value can be taken as a whole. */
function planObject(attributes: readonly Attribute[], selection: Selection | undefined, isExclusion: boolean) {
  const plan = new Map<string, true | Plan>();
  let complete = true;
  for (const attribute of attributes) {
    const part = planAttribute(attribute, selection?.get(attribute.name), isExclusion, selection !== undefined);
    if (part) plan.set(attribute.name, part);
    if (part !== true) complete = false;
  }
  return { plan, complete };
}

function planAttribute(
  attribute: Attribute,
  named: true | Selection | undefined,
  isExclusion: boolean,
  narrowed: boolean,
) {
  const { returned, subAttributes } = attribute;
  if (returned === 'never') return undefined;
  // An attribute that is always returned cannot be taken away (RFC 7644 section 3.4.2.5).
  if (returned === 'always') return subAttributes ? planPart(subAttributes, undefined, true, false) : true;
  // "request": returned only if it was asked for by name (RFC 7643 section 7).
  if (returned === 'request' && (isExclusion || named === undefined)) return undefined;
  if (subAttributes) return planPart(subAttributes, named, isExclusion, narrowed);
  const isNamed = named !== undefined;
  return !narrowed || isNamed !== isExclusion ? true : undefined;
}

/** What to keep of a complex attribute or an extension; undefined: nothing. `narrowed`: the client gave a list of names at all. */
function planPart(
  attributes: readonly Attribute[],
  named: true | Selection | undefined,
  isExclusion: boolean,
  narrowed: boolean,
): true | Plan | undefined {
  const isWhole = named === undefined ? !narrowed || isExclusion : named === true && !isExclusion;
  if (!isWhole && !(named instanceof Map)) return undefined;
  const { plan, complete } = planObject(attributes, named instanceof Map ? named : undefined, isExclusion);
  if (complete) return true;
  return plan.size > 0 ? plan : undefined;
}

function keep(object: JsonObject, plan: Plan): JsonObject {
  const kept: JsonObject = {};
  for (const [key, value] of Object.entries(object)) {
    const part = plan.get(key);
    if (part === true) kept[key] = value;
    else if (part) {
      const inner = keepPart(value, part);
      if (inner !== undefined) kept[key] = inner;
    }
  }
  return kept;
}

/** Objects of which nothing is left are left out: an attribute without a value is unassigned (RFC 7643 section 2.5). */
function keepPart(value: Json, plan: Plan): Json | undefined {
  if (Array.isArray(value)) {
    const elements = value.map((element) => keepPart(element, plan)).filter((element) => element !== undefined);
    return elements.length > 0 || value.length === 0 ? elements : undefined;
  }
  if (value === null || typeof value !== 'object') return value;
  const kept = keep(value, plan);
  return Object.keys(kept).length > 0 ? kept : undefined;
}
