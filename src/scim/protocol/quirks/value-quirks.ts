/** Oddities of values that do not have the shape their attribute is declared with (RFC 7643 section 2.3). */
import { isObject } from '../read-value.js';
import type { Attribute, Json } from '../schema/attribute.js';
import { value as invalid, type Quirk } from './quirk.js';

export interface ValueSite {
  readonly attribute: Attribute;
  readonly value: Json;
  /** One element of a multi-valued attribute, or what stands where its list should. */
  readonly isElement: boolean;
  /** One of a list that was sent. */
  readonly isListed: boolean;
  /** A PATCH may add one element without a list around it. */
  readonly mayStandAlone: boolean;
}

export const VALUE_QUIRKS = [
  {
    // {"op":"Replace","path":"active","value":"False"}: Entra; {"active":"true"}: OneLogin
    name: 'boolean-as-text',
    sentence: 'Sends true and false as texts.',
    refusal: invalid('a boolean is true or false, without quotation marks (RFC 7643 section 2.3.2)'),
    seenIn: ({ attribute, value }) => attribute.type === 'boolean' && isTextBoolean(value),
  },
  {
    // {"op":"Replace","path":"displayName","value":["X"]}: Microsoft's SCIM validator
    name: 'list-for-single-value',
    sentence: 'Sends a list where an attribute has one value.',
    refusal: invalid('the attribute has one value, not a list (RFC 7643 section 2.4)'),
    seenIn: ({ attribute, value, isElement }) => !attribute.multiValued && !isElement && Array.isArray(value),
  },
  {
    // {"op":"Replace","path":"active","value":{"value":"False"}}
    name: 'object-for-single-value',
    sentence: 'Wraps plain values into an object with a "value".',
    refusal: invalid('the attribute is no complex one (RFC 7643 section 2.3)'),
    seenIn: ({ attribute, value }) => attribute.type !== 'complex' && isObject(value),
  },
  {
    // {"op":"Add","path":"urn:...:User:manager","value":"271"}: Entra
    name: 'manager-as-text',
    sentence: 'Sends the manager, or another complex attribute, as a text instead of an object.',
    refusal: invalid('a complex attribute is an object (RFC 7643 section 2.3.8)'),
    seenIn: ({ attribute, value, isElement }) =>
      attribute.type === 'complex' && !attribute.multiValued && !isElement && isText(value),
  },
  {
    // {"members":["id"]}, {"op":"Add","path":"emails[type eq \"work\"]","value":"a@b"}
    name: 'text-for-element',
    sentence: 'Sends members, e-mail addresses and the like as texts instead of objects.',
    refusal: invalid('each element is an object (RFC 7643 section 2.4)'),
    seenIn: ({ attribute, value, isElement }) => attribute.type === 'complex' && isElement && isText(value),
  },
  {
    // POST {"emails":{"value":"a@b"}}
    name: 'element-without-list',
    sentence: 'Sends one element where a list belongs.',
    refusal: invalid('the attribute is a list (RFC 7643 section 2.4)'),
    seenIn: ({ attribute, value, isElement, mayStandAlone }) =>
      attribute.multiValued && !isElement && !mayStandAlone && value !== null && !Array.isArray(value),
  },
  {
    // {"emails":[null]}
    name: 'null-element',
    sentence: 'Sends lists with empty elements, which are left out.',
    refusal: invalid('an element of a list has a value (RFC 7643 section 2.5)'),
    seenIn: ({ value, isElement, isListed }) => isElement && isListed && value === null,
  },
  {
    // {"op":"Add","path":"members","value":[{"$ref":null,"value":"id"}]}: Entra
    name: 'null-reference',
    sentence: 'Sends members with an empty "$ref".',
    seenIn: ({ value }) => isObject(value) && value['$ref'] === null,
  },
  {
    // {"name":{"middleName":""}}: Okta
    name: 'empty-text',
    sentence: 'Sends empty texts; they count as no value.',
    seenIn: ({ value }) => value === '',
  },
  {
    // {"op":"Add","path":"roles","value":[{"value":"{\"id\":\"1\",\"value\":\"Admin\"}"}]}: Entra, AppRoleAssignmentsComplex
    name: 'json-in-text',
    sentence: 'Sends roles as JSON inside of a text, as the AppRoleAssignmentsComplex of Entra ID does.',
    seenIn: ({ attribute, value }) =>
      attribute.type === 'string' && typeof value === 'string' && value.startsWith('{"'),
  },
] as const satisfies readonly Quirk<ValueSite>[];

const isText = (value: Json): boolean => typeof value === 'string' && value !== '';

const isTextBoolean = (value: Json): boolean => typeof value === 'string' && /^\s*(?:true|false)\s*$/i.test(value);
