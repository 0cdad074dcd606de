/** The body of a bulk request (RFC 7644 section 3.7). */
import { invalidSyntax, invalidValue, ScimError } from '../scim-error.js';
import type { Json, JsonObject } from '../schema/attribute.js';
import { BULK_REQUEST_SCHEMA, sameUrn } from '../urns.js';
import { BULK_METHODS, type BulkOperation } from './bulk-operation.js';

export interface BulkRequest {
  readonly operations: readonly BulkOperation[];
  /** After so many errors no further operation is begun; absent: all are. */
  readonly failOnErrors?: number;
}

/**
 * Throws ScimError for what concerns the whole request. What is wrong with one operation becomes its `fault`: "The service provider MUST
 * continue performing as many changes as possible and disregard partial failures" (RFC 7644 section 3.7). Keys of messages are read in any
 * case, as in PATCH; missing `schemas` are tolerated.
 */
export function parseBulkRequest(body: JsonObject, { maxOperations }: { readonly maxOperations: number }): BulkRequest {
  checkSchemas(valueOf(body, 'schemas'));
  const operations = valueOf(body, 'operations');
  if (!Array.isArray(operations)) throw invalidSyntax('A bulk request needs "Operations", a list.');
  if (operations.length > maxOperations) {
    throw new ScimError(413, `A bulk request may have at most ${maxOperations} operations (maxOperations).`);
  }
  const parsed = operations.map(parseOperation);
  checkBulkIds(parsed);
  const failOnErrors = readFailOnErrors(valueOf(body, 'failonerrors'));
  return { operations: parsed, ...(failOnErrors === undefined ? {} : { failOnErrors }) };
}

function checkSchemas(schemas: Json | undefined): void {
  if (schemas === undefined || schemas === null) return;
  const isBulk = (urn: Json) => typeof urn === 'string' && sameUrn(urn, BULK_REQUEST_SCHEMA);
  if (!(Array.isArray(schemas) ? schemas : [schemas]).some(isBulk)) {
    throw invalidSyntax(`The "schemas" of a bulk request are ["${BULK_REQUEST_SCHEMA}"].`);
  }
}

/** 0 could mean "accept none" as well as "not set": it is refused before anything is done that was not meant. */
function readFailOnErrors(value: Json | undefined): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1) {
    throw invalidValue('"failOnErrors" is an integer of at least 1; leave it out to go on after errors.');
  }
  return value;
}

/** "bulkId ... unique within a bulk request" (RFC 7644 section 3.7). */
function checkBulkIds(operations: readonly BulkOperation[]): void {
  const seen = new Map<string, number>();
  for (const [index, { bulkId }] of operations.entries()) {
    if (bulkId === undefined) continue;
    const earlier = seen.get(bulkId);
    if (earlier !== undefined) {
      throw invalidSyntax(
        `Operations[${index}].bulkId is that of Operations[${earlier}]; it must be unique within the request.`,
      );
    }
    seen.set(bulkId, index);
  }
}

function parseOperation(operation: Json, index: number): BulkOperation {
  const where = `Operations[${index}]`;
  if (!isObject(operation)) throw invalidSyntax(`${where} is not an object.`);
  const [method, path, bulkId, version] = ['method', 'path', 'bulkid', 'version'].map((name) =>
    valueOf(operation, name),
  );
  const verb = typeof method === 'string' ? method.toUpperCase() : '';
  const data = dataOf(verb, valueOf(operation, 'data'));
  const fault = faultOf(where, verb, { path, bulkId, version, data });
  return {
    method: verb,
    path: typeof path === 'string' ? normalisePath(path) : '',
    ...(typeof bulkId === 'string' && bulkId !== '' ? { bulkId } : {}),
    ...(typeof version === 'string' ? { version } : {}),
    ...(isObject(data) && verb !== 'DELETE' ? { data } : {}),
    ...(fault ? { fault } : {}),
  };
}

type Field = Json | undefined;

function faultOf(
  where: string,
  verb: string,
  { path, bulkId, version, data }: Record<'path' | 'bulkId' | 'version' | 'data', Field>,
): ScimError | undefined {
  if (!BULK_METHODS.some((known) => known === verb)) {
    return invalidSyntax(`${where}.method must be ${BULK_METHODS.join(', ')}.`);
  }
  if (typeof path !== 'string' || path === '') return invalidSyntax(`${where}.path must be a path such as "/Users".`);
  const given = bulkId !== undefined && bulkId !== null;
  if (given ? typeof bulkId !== 'string' || bulkId === '' : verb === 'POST') {
    // "REQUIRED when "method" is "POST"" (RFC 7644 section 3.7)
    return invalidSyntax(`${where}.bulkId must be a text that is unique within the request.`);
  }
  if (version !== undefined && version !== null && typeof version !== 'string') {
    return invalidSyntax(`${where}.version must be a text.`);
  }
  // "REQUIRED in a request when "method" is "POST", "PUT", or "PATCH"" (RFC 7644 section 3.7)
  if (verb !== 'DELETE' && !isObject(data ?? null)) return invalidSyntax(`${where}.data must be an object.`);
  return undefined;
}

/** The RFC's own example of a PATCH has a list of operations as `data`, in brackets that are no JSON; without them it is meant so. */
const dataOf = (verb: string, data: Field): Field =>
  verb === 'PATCH' && Array.isArray(data) ? { Operations: data } : data;

/** Parameters of a path are as unknown to a write as those of the request itself. */
function normalisePath(path: string): string {
  const plain = path.replace(/[?#].*$/s, '').replace(/\/{2,}/g, '/');
  return `/${plain.replace(/^\//, '').replace(/\/$/, '')}`;
}

/** JSON keys of the messages in any case. */
function valueOf(object: JsonObject, name: string): Field {
  const key = Object.keys(object).find((candidate) => candidate.toLowerCase() === name);
  return key === undefined ? undefined : object[key];
}

const isObject = (value: Field): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
