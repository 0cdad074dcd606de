/** Whether what is stored of an extension still is what a new definition of it says. */
import { toSortableDateTime } from '../filter/date-time.js';
import type { Attribute, Json, JsonObject, Schema } from './attribute.js';

/**
 * Why the stored object of an extension does not fit the schema; undefined when it does. Attributes that the schema does not have are
 * hidden, not wrong; a sub-attribute that is gone would have to be hidden in the midst of a value, and is.
 */
export function storedFault(schema: Schema, stored: Json): string | undefined {
  if (!isObject(stored)) return `"${schema.id}" is no object`;
  return first(schema.attributes, (attribute) => attributeFault(attribute, own(stored, attribute.name)));
}

function attributeFault(attribute: Attribute, value: Json | undefined): string | undefined {
  const { name } = attribute;
  if (value === undefined) return attribute.required ? `"${name}" is required and missing` : undefined;
  if (Array.isArray(value) !== attribute.multiValued) {
    return `"${name}" is ${attribute.multiValued ? 'a single value' : 'a list'}`;
  }
  return first(Array.isArray(value) ? value : [value], (each) => valueFault(attribute, each, name));
}

function valueFault(attribute: Attribute, value: Json, name: string): string | undefined {
  const { type, subAttributes = [] } = attribute;
  if (type !== 'complex') return FITS[type](value) ? undefined : `"${name}" is not of type ${type}`;
  if (!isObject(value)) return `"${name}" is not of type complex`;
  const unknown = Object.keys(value).find((key) => !subAttributes.some((sub) => sub.name === key));
  if (unknown !== undefined) return `"${name}" has a value for "${unknown}"`;
  return first(subAttributes, (sub) => {
    const inner = own(value, sub.name);
    if (inner === undefined) return sub.required ? `"${name}.${sub.name}" is required and missing` : undefined;
    return valueFault(sub, inner, `${name}.${sub.name}`);
  });
}

const isText = (value: Json): value is string => typeof value === 'string';
const FITS: Readonly<Record<Exclude<Attribute['type'], 'complex'>, (value: Json) => boolean>> = {
  string: isText,
  reference: isText,
  binary: isText,
  dateTime: (value) => isText(value) && toSortableDateTime(value) !== undefined,
  boolean: (value) => typeof value === 'boolean',
  integer: (value) => Number.isSafeInteger(value),
  decimal: (value) => typeof value === 'number',
};

function first<T>(items: readonly T[], fault: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const found = fault(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

const own = (object: JsonObject, key: string): Json | undefined =>
  Object.hasOwn(object, key) ? object[key] : undefined;

const isObject = (value: Json): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
