/** Oddities of a PATCH message; see observe-quirks. */
import { printAttributePath } from '../filter/attribute-path.js';
import { parsePath, type PatchPath } from '../path/parse-path.js';
import { isObject } from '../read-value.js';
import type { Json, JsonObject, ResourceType } from '../schema/attribute.js';
import { findAttribute, type ResolvedAttribute } from '../schema/lookup.js';
import { ScimError } from '../scim-error.js';
import { schemasIn, valueOf } from './message-keys.js';
import { observeValueFilter } from './observe-filter.js';
import { observeAttributes, observeElement, observeTarget } from './observe-resource.js';
import { MESSAGE_QUIRKS, OPERATION_QUIRKS, type OperationSite } from './patch-quirks.js';
import { NAME_QUIRKS } from './resource-quirks.js';
import type { Sightings } from './sightings.js';

export function observePatch(resourceType: ResourceType, body: JsonObject, sightings: Sightings): void {
  const list = valueOf(body, 'operations');
  const operations = Array.isArray(list) ? list : undefined;
  sightings.look(MESSAGE_QUIRKS, { body, schemas: schemasIn(body), operations }, 'the message');
  operations?.forEach((operation, index) => {
    if (isObject(operation)) observeOperation(resourceType, operation, sightings, `Operations[${index}]`);
  });
}

function observeOperation(
  resourceType: ResourceType,
  operation: JsonObject,
  sightings: Sightings,
  where: string,
): void {
  const op = valueOf(operation, 'op');
  const verb = typeof op === 'string' ? op.toLowerCase() : '';
  const given = valueOf(operation, 'path');
  const path = typeof given === 'string' && given.trim() !== '' ? given : undefined;
  const value = valueOf(operation, 'value');
  const parsed = path === undefined ? undefined : tryParse(path);
  const target = parsed && resolve(resourceType, parsed);
  const site: OperationSite = { op, verb, path, value, target, filter: filterOf(parsed) };
  sightings.look(OPERATION_QUIRKS, site, where);
  if (path === undefined) {
    if (isObject(value)) observeAttributes(resourceType, value, sightings, true);
  } else if (parsed) {
    const name = printAttributePath(parsed.attribute) + (parsed.subAttribute ? `.${parsed.subAttribute}` : '');
    sightings.look(NAME_QUIRKS, { name, isPath: true, resolved: target }, where);
    if (target) observeLocated(resourceType, target, parsed, site, sightings, where);
  }
}

function observeLocated(
  resourceType: ResourceType,
  target: ResolvedAttribute,
  { filter, subAttribute }: PatchPath,
  { verb, value }: OperationSite,
  sightings: Sightings,
  where: string,
): void {
  if (filter) observeValueFilter(target, filter, sightings, where);
  if (value === undefined || verb === 'remove') return;
  if (filter && subAttribute === undefined) observeElement(target.attribute, unwrapped(value), sightings, where, false);
  else observeTarget(resourceType, target, value, sightings, where, verb === 'add');
}

const unwrapped = (value: Json): Json => (Array.isArray(value) && value.length === 1 ? value[0]! : value);

const filterOf = (path: PatchPath | undefined): OperationSite['filter'] =>
  !path?.filter ? 'none' : path.subAttribute === undefined ? 'alone' : 'with-sub-attribute';

const resolve = (resourceType: ResourceType, { attribute, subAttribute }: PatchPath): ResolvedAttribute | undefined =>
  findAttribute(resourceType, subAttribute === undefined ? attribute : { ...attribute, subAttribute });

function tryParse(path: string): PatchPath | undefined {
  try {
    return parsePath(path);
  } catch (error) {
    if (error instanceof ScimError) return undefined;
    throw error;
  }
}
