/**
 * Which liberties a PATCH body takes. The engine understands all of them anyway (parse-patch-request, apply-patch, read-value); these
 * names only tell an operator what kind of client a connection has: "this is Entra without the compliance flag".
 */
import { isObject } from '../read-value.js';
import type { Json, JsonObject } from '../schema/attribute.js';

export type Quirk =
  | 'capitalised-op'
  | 'boolean-as-text'
  | 'members-removed-by-value'
  | 'value-without-path'
  | 'dotted-key'
  | 'urn-key'
  | 'list-for-single-value'
  | 'manager-as-text'
  | 'filter-on-text-boolean'
  | 'no-operations';

/** Never throws; what it does not understand is for others to refuse. */
export function observeQuirks(body: JsonObject): ReadonlySet<Quirk> {
  const seen = new Set<Quirk>();
  const operations = body['Operations'] ?? body['operations'];
  if (!Array.isArray(operations)) return seen;
  if (operations.length === 0) seen.add('no-operations');
  for (const operation of operations) if (isObject(operation)) observe(operation, seen);
  return seen;
}

function observe({ op, path, value }: JsonObject, seen: Set<Quirk>): void {
  // {"op":"Add", ...}: Entra
  if (typeof op === 'string' && op !== op.toLowerCase()) seen.add('capitalised-op');
  const verb = typeof op === 'string' ? op.toLowerCase() : '';
  if (typeof path === 'string') observeLocated(verb, path, value, seen);
  else observePathless(value, seen);
}

function observeLocated(verb: string, path: string, value: Json | undefined, seen: Set<Quirk>): void {
  // {"op":"Replace","path":"active","value":"False"}: Entra
  if (isTextBoolean(value)) seen.add('boolean-as-text');
  // {"op":"Remove","path":"members","value":[{"value":"id"}]}: Entra, JumpCloud, authentik
  if (verb === 'remove' && value !== undefined && path.toLowerCase() === 'members')
    seen.add('members-removed-by-value');
  // {"op":"Add","path":"urn:...:User:manager","value":"271"}: Entra
  if (/(^|:)manager$/i.test(path) && typeof value === 'string') seen.add('manager-as-text');
  // roles[primary eq "True"].value: Entra
  if (/\[\s*primary\s+eq\s+"(true|false)"/i.test(path)) seen.add('filter-on-text-boolean');
  // {"op":"Replace","path":"displayName","value":["X"]}: the SCIM validator
  if (Array.isArray(value) && value.length === 1 && !isObject(value[0])) seen.add('list-for-single-value');
}

function observePathless(value: Json | undefined, seen: Set<Quirk>): void {
  if (!isObject(value)) return;
  // {"op":"replace","value":{"active":false}}: Okta, SailPoint
  seen.add('value-without-path');
  for (const [key, item] of Object.entries(value)) {
    // {"name.givenName":"x"} and {"urn:...:User:department":"x"}: Entra with the compliance flag
    // No regular expressions here: a key may be as long as the body, and nobody has looked at it yet.
    if (key.includes(':')) {
      if (/^urn:/i.test(key) && !isObject(item)) seen.add('urn-key');
    } else if (key.includes('.')) seen.add('dotted-key');
    if (isTextBoolean(item)) seen.add('boolean-as-text');
  }
}

const isTextBoolean = (value: Json | undefined): boolean => typeof value === 'string' && /^(true|false)$/i.test(value);
