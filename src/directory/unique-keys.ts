import { createHash } from 'node:crypto';
import type { UniqueAttribute } from '../organizations/unique-attributes.js';
import type { Attributes, JsonValue } from './directory-types.js';
import { nameKey } from './name-key.js';

/** A value that nobody else may have, in compared form. */
export interface UniqueKey {
  readonly attribute: string;
  readonly key: string;
  /** As it stands in the document, for messages. */
  readonly value: string;
}

/** Longer ones would not fit into the index. */
const MOST_CHARACTERS = 256;
const DIGEST = 'sha256:';

/** The compared form of a value; equal exactly when the values are the same to the attribute. */
export function uniqueKey(value: string | number, caseExact: boolean): string {
  const text = typeof value === 'number' ? String(value) : caseExact ? value : nameKey(value);
  if (text.length <= MOST_CHARACTERS && !text.startsWith(DIGEST)) return text;
  return DIGEST + createHash('sha256').update(text).digest('hex');
}

/** What a document holds of the attributes that are unique; the same value twice in it counts once. */
export function uniqueKeysOf(attributes: Attributes, declared: readonly UniqueAttribute[]): UniqueKey[] {
  const found = new Map<string, UniqueKey>();
  for (const { name, path, caseExact } of declared) {
    for (const value of valuesAt(attributes, path)) {
      if (typeof value !== 'string' && typeof value !== 'number') continue;
      const key = uniqueKey(value, caseExact);
      found.set(`${name} ${key}`, { attribute: name, key, value: String(value) });
    }
  }
  return [...found.values()];
}

function valuesAt(value: JsonValue | undefined, [key, ...rest]: readonly string[]): JsonValue[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((each) => valuesAt(each, key === undefined ? [] : [key, ...rest]));
  if (key === undefined) return [value];
  return typeof value === 'object' && Object.hasOwn(value, key) ? valuesAt(value[key], rest) : [];
}
