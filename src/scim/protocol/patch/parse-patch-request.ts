/** The body of a PATCH request (RFC 7644 section 3.5.2). */
import { LIMITS, nameOfLimit } from '../limits.js';
import { invalidSyntax, invalidValue, noTarget, ScimError } from '../scim-error.js';
import type { Json, JsonObject } from '../schema/attribute.js';

export interface Operation {
  readonly op: 'add' | 'remove' | 'replace';
  readonly path?: string;
  /** undefined only for `remove`. */
  readonly value?: Json;
}

const VERBS: ReadonlySet<string> = new Set(['add', 'remove', 'replace']);

/**
 * Reads the operations. Keys and verbs in any case; further keys are ignored; a missing PatchOp schema is tolerated; an empty list
 * changes nothing (the SCIM validator sends one and expects success). Throws ScimError.
 */
export function parsePatchRequest(body: JsonObject): Operation[] {
  const operations = valueOf(body, 'operations');
  if (!Array.isArray(operations)) throw invalidSyntax('A PATCH request needs "Operations", a list');
  if (operations.length > LIMITS.patchOperations) {
    throw new ScimError(413, `The PATCH request has too many operations ${nameOfLimit('patchOperations')}`);
  }
  return operations.map(parseOperation);
}

function parseOperation(operation: Json, index: number): Operation {
  const where = `Operations[${index}]`;
  if (!isObject(operation)) throw invalidSyntax(`${where} is not an object`);
  const verb = valueOf(operation, 'op');
  const op = typeof verb === 'string' ? verb.toLowerCase() : '';
  if (!isVerb(op)) throw invalidSyntax(`${where}.op must be add, remove or replace`);
  const path = valueOf(operation, 'path');
  if (path !== undefined && path !== null && typeof path !== 'string')
    throw invalidSyntax(`${where}.path must be a text`);
  const value = valueOf(operation, 'value');
  const located = typeof path === 'string' && path.trim() !== '' ? { path } : {};
  // "If "path" is unspecified, the operation fails with HTTP status code 400 and a "scimType" error code of "noTarget"." (3.5.2.2)
  if (op === 'remove' && !located.path) throw noTarget(`${where}: remove needs a path`);
  if (op !== 'remove' && value === undefined) throw invalidValue(`${where}: ${op} needs a value`);
  return { op, ...located, ...(value === undefined ? {} : { value }) };
}

const isVerb = (op: string): op is Operation['op'] => VERBS.has(op);

/** JSON keys of the messages in any case: "operations" and "Op" are met in the field. */
function valueOf(object: JsonObject, name: string): Json | undefined {
  const key = Object.keys(object).find((candidate) => candidate.toLowerCase() === name);
  return key === undefined ? undefined : object[key];
}

const isObject = (value: Json): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
