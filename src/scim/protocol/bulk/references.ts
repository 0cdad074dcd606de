/**
 * References to resources that do not exist yet: `bulkId:` and the bulkId of the POST that makes them (RFC 7644 section 3.7.2).
 * "bulkId" is reserved and "MUST NOT be used within any unique identifier value" (RFC 7643 section 3.1), so that a text that is nothing
 * else is a reference wherever it stands: value of a member or manager, manager as a text, attribute of an extension, value of a PATCH
 * operation, literal in a filter of its path, end of an address ("../Users/bulkId:x").
 */
import type { Json, JsonObject } from '../schema/attribute.js';

const PREFIX = 'bulkId:';
/** String literals of filters that are a reference. Each character is looked at once: a backslash takes the next one with it. */
const LITERAL = /"bulkId:(?:[^"\\]|\\.)*"/gs;

/** What stands for the resource with this bulkId; undefined leaves the reference as it is. */
export type Resolve = (bulkId: string) => string | undefined;

/** The bulkIds that the value refers to. */
export function referencesIn(value: Json): ReadonlySet<string> {
  const found = new Set<string>();
  resolveReferences(value, (bulkId) => void found.add(bulkId));
  return found;
}

/** The value with its references resolved; the value itself stays as it is. */
export function resolveReferences<T extends Json>(value: T, resolve: Resolve): T;
export function resolveReferences(value: Json, resolve: Resolve): Json {
  if (typeof value === 'string') return resolveText(value, resolve);
  if (Array.isArray(value)) return value.map((each) => resolveReferences(each, resolve));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]): [string, Json] => [
      resolveLiterals(key, resolve),
      key.toLowerCase() === 'path' && typeof inner === 'string'
        ? resolveLiterals(inner, resolve)
        : resolveReferences(inner, resolve),
    ]),
  );
}

/** The bulkId that a text is a reference to. */
export function referenceOf(text: string): string | undefined {
  return text.startsWith(PREFIX) && text.length > PREFIX.length ? text.slice(PREFIX.length) : undefined;
}

/**
 * The document without what refers to `withheld`: elements of lists, attributes, and the whole of what is known by its `value` or `$ref`
 * only, a manager for example. What is left can be written at once, and the rest when the references can be resolved.
 */
export function withoutReferences(document: JsonObject, withheld: ReadonlySet<string>): JsonObject {
  return (without(document, withheld) ?? {}) as JsonObject;
}

function without(value: Json, withheld: ReadonlySet<string>): Json | undefined {
  if (typeof value === 'string') return refersTo(value, withheld) ? undefined : value;
  if (Array.isArray(value)) {
    return value.map((each) => without(each, withheld)).filter((each) => each !== undefined);
  }
  if (!isObject(value)) return value;
  const entries: [string, Json][] = [];
  for (const [key, inner] of Object.entries(value)) {
    const rest = without(inner, withheld);
    if (rest !== undefined) entries.push([key, rest]);
    else if (/^(?:value|\$ref)$/i.test(key)) return undefined;
  }
  return Object.fromEntries(entries);
}

function refersTo(text: string, withheld: ReadonlySet<string>): boolean {
  let refers = false;
  resolveText(text, (bulkId) => {
    refers ||= withheld.has(bulkId);
    return undefined;
  });
  return refers;
}

function resolveText(text: string, resolve: Resolve): string {
  const whole = referenceOf(text);
  if (whole !== undefined) return resolve(whole) ?? text;
  const slash = text.lastIndexOf(`/${PREFIX}`);
  if (slash < 0 || !/(?:^|\/)(?:Users|Groups)$/.test(text.slice(0, slash))) return text;
  const id = resolve(text.slice(slash + 1 + PREFIX.length));
  return id === undefined ? text : `${text.slice(0, slash)}/${id}`;
}

function resolveLiterals(text: string, resolve: Resolve): string {
  if (!text.includes(`"${PREFIX}`)) return text;
  return text.replace(LITERAL, (literal) => {
    const bulkId = referenceOf(textIn(literal));
    const id = bulkId === undefined ? undefined : resolve(bulkId);
    return id === undefined ? literal : JSON.stringify(id);
  });
}

/** The text that a literal of a filter means; one that cannot be read means none, and is refused with its filter. */
function textIn(literal: string): string {
  try {
    return JSON.parse(literal) as string;
  } catch {
    return '';
  }
}

const isObject = (value: Json): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
