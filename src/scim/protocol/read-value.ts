/**
 * A value from a client, brought to the shape its attribute is declared with (RFC 7643 section 2.3). Shapes are forgiven where they
 * leave no doubt; the values themselves are kept as they came, phone numbers and free-text locales included: clients compare what they
 * read with what they wrote.
 */
import { toSortableDateTime } from './filter/date-time.js';
import { isPlainText } from './plain-text.js';
import type { Attribute, Json, JsonObject } from './schema/attribute.js';
import { findSubAttribute } from './schema/lookup.js';
import { invalidValue } from './scim-error.js';

/**
 * The value of `attribute`, or undefined when it is unassigned: null, "", [], {} and what consists of nothing else (RFC 7643 section 2.5).
 * `name` is what messages call the attribute. Throws invalidValue; the message names the attribute and never repeats the value.
 */
export function readValue(attribute: Attribute, value: Json, name: string = attribute.name): Json | undefined {
  return attribute.multiValued ? readElements(attribute, value, name) : readSingle(attribute, unwrap(value), name);
}

/** As `readValue`, for one element of a multi-valued attribute or the value of a singular one. */
export function readSingle(attribute: Attribute, value: Json, name: string = attribute.name): Json | undefined {
  if (value === null || value === '') return undefined;
  return attribute.type === 'complex' ? readComplex(attribute, value, name) : readSimple(attribute, value, name);
}

/** Some clients send lists for singular attributes. A list of several stays a list and is then refused. */
function unwrap(value: Json): Json {
  if (!Array.isArray(value) || value.length > 1) return value;
  return value[0] ?? null;
}

function readElements(attribute: Attribute, value: Json, name: string): Json[] | undefined {
  const elements: Json[] = [];
  // The same value twice in one attribute complicates processing by clients and should not be returned (RFC 7643 section 2.4).
  const seen = new Set<string>();
  let primaries = 0;
  for (const each of Array.isArray(value) ? value : [value]) {
    const element = readSingle(attribute, each, name);
    if (element === undefined || isOnlyLabels(element)) continue;
    const text = JSON.stringify(element);
    if (seen.has(text)) continue;
    seen.add(text);
    elements.push(element);
    if (isObject(element) && element.primary === true) primaries += 1;
  }
  // "The primary attribute value "true" MUST appear no more than once." (RFC 7643 section 2.4)
  if (primaries > 1) throw invalidValue(`"${name}" has more than one primary value.`);
  return elements.length > 0 ? elements : undefined;
}

/** `type` and `primary` describe a value; without one there is nothing to describe. */
const isOnlyLabels = (element: Json): boolean =>
  isObject(element) && Object.keys(element).every((key) => key === 'type' || key === 'primary');

function readComplex(attribute: Attribute, value: Json, name: string): JsonObject | undefined {
  if (!isObject(value)) {
    // manager: "26118915", roles: ["admin"]
    const isBareValue = typeof value === 'string' && findSubAttribute(attribute, 'value') !== undefined;
    if (!isBareValue) throw invalidValue(`"${name}" is ${describe(attribute)}.`);
    return readComplex(attribute, { value }, name);
  }
  const read: JsonObject = {};
  for (const [key, inner] of Object.entries(value)) {
    const sub = findSubAttribute(attribute, key);
    if (!sub || sub.mutability === 'readOnly') continue;
    const innerValue = readValue(sub, inner, `${name}.${sub.name}`);
    if (innerValue === undefined) delete read[sub.name];
    else read[sub.name] = innerValue;
  }
  if (Object.keys(read).length === 0) return undefined;
  const missing = attribute.subAttributes?.find((sub) => isMissing(sub, read[sub.name]));
  if (missing) throw invalidValue(`"${name}.${missing.name}" is required.`);
  return read;
}

/** Whether a required attribute lacks a value; a blank text is none. What the server provides itself is never missing. */
export const isMissing = (attribute: Attribute, value: Json | undefined): boolean =>
  attribute.required &&
  attribute.mutability !== 'readOnly' &&
  (value === undefined || (typeof value === 'string' && value.trim() === ''));

function readSimple(attribute: Attribute, value: Json, name: string): Json {
  const read = READ[attribute.type as keyof typeof READ](value);
  if (read === undefined) throw invalidValue(`"${name}" is ${describe(attribute)}.`);
  return read;
}

const readText = (value: Json) => (typeof value === 'string' && isPlainText(value) ? value : undefined);
function readNumber(value: Json): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

const READ = {
  string: readText,
  reference: readText,
  // Not decoded: certificates come with line breaks, with PEM headers and without padding.
  binary: readText,
  boolean: (value: Json) => {
    if (typeof value === 'boolean') return value;
    const text = typeof value === 'string' ? value.trim().toLowerCase() : '';
    // Entra writes "True" and "False".
    return text === 'true' ? true : text === 'false' ? false : undefined;
  },
  integer: (value: Json) => {
    const number = readNumber(value);
    return Number.isSafeInteger(number) ? number : undefined;
  },
  decimal: readNumber,
  dateTime: (value: Json) => (typeof value === 'string' && toSortableDateTime(value) !== undefined ? value : undefined),
} as const;

const DESCRIPTIONS = {
  string: 'a text',
  reference: 'a URI, as a text',
  binary: 'base64, as a text',
  boolean: 'true or false',
  integer: 'an integer',
  decimal: 'a number',
  dateTime: 'a date and time such as "2011-05-13T04:42:34Z"',
  complex: 'an object',
} as const;

const describe = ({ type, multiValued }: Attribute): string =>
  multiValued ? `a list; each element is ${DESCRIPTIONS[type]}` : DESCRIPTIONS[type];

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
