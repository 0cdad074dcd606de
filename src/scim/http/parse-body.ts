import { isUtf8 } from 'node:buffer';
import type { JsonObject } from '../protocol/schema/attribute.js';
import { invalidSyntax } from '../protocol/scim-error.js';
import { checkJson } from './check-json.js';

/** More than any SCIM message has by far: members of a group count one to four keys each. */
const LIMITS = { maxDepth: 32, maxKeys: 500_000 };

/** A request body as a JSON object; undefined for an empty one. Throws ScimError invalidSyntax. */
export function parseBody(bytes: Buffer): JsonObject | undefined {
  if (bytes.length === 0) return undefined;
  if (!isUtf8(bytes)) throw invalidSyntax('The body is not valid UTF-8.');
  const fault = checkJson(bytes, LIMITS);
  if (fault === 'too-deep') throw invalidSyntax(`The body is nested deeper than ${LIMITS.maxDepth} levels.`);
  if (fault === 'too-many-keys') throw invalidSyntax(`The body has more than ${LIMITS.maxKeys} attributes.`);
  const body = parseJson(bytes.toString('utf8'));
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw invalidSyntax('The body must be a JSON object.');
  }
  return body as JsonObject;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.startsWith('\ufeff') ? text.slice(1) : text);
  } catch (error) {
    // Where it broke helps the client; what stood there may be somebody's data.
    const position = /position \d+(?: \(line \d+ column \d+\))?/.exec(error instanceof Error ? error.message : '')?.[0];
    throw invalidSyntax(`The body is not valid JSON${position ? ` (at ${position})` : ''}.`);
  }
}
