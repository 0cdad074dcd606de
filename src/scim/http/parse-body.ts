import { isUtf8 } from 'node:buffer';
import { LIMITS, nameOfLimit } from '../protocol/limits.js';
import type { JsonObject } from '../protocol/schema/attribute.js';
import { invalidSyntax } from '../protocol/scim-error.js';
import { checkJson } from './check-json.js';

/** A request body as a JSON object; undefined for an empty one. Throws ScimError invalidSyntax. */
export function parseBody(bytes: Buffer): JsonObject | undefined {
  if (bytes.length === 0) return undefined;
  if (!isUtf8(bytes)) throw invalidSyntax('The body is not valid UTF-8.');
  const { jsonDepth, jsonKeys, objectKeys } = LIMITS;
  const fault = checkJson(bytes, { maxDepth: jsonDepth, maxKeys: jsonKeys, maxObjectKeys: objectKeys });
  if (fault) throw invalidSyntax(FAULTS[fault]);
  const body = parseJson(bytes.toString('utf8'));
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw invalidSyntax('The body must be a JSON object.');
  }
  return body as JsonObject;
}

const FAULTS = {
  'too-deep': `The body is nested too deep ${nameOfLimit('jsonDepth')}.`,
  'too-many-keys': `The body has too many attributes ${nameOfLimit('jsonKeys')}.`,
  'too-many-object-keys': `An object of the body has too many attributes ${nameOfLimit('objectKeys')}.`,
};

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.startsWith('\ufeff') ? text.slice(1) : text);
  } catch (error) {
    // Where it broke helps the client; what stood there may be somebody's data.
    const position = /position \d+(?: \(line \d+ column \d+\))?/.exec(error instanceof Error ? error.message : '')?.[0];
    throw invalidSyntax(`The body is not valid JSON${position ? ` (at ${position})` : ''}.`);
  }
}
