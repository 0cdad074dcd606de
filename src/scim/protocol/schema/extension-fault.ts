/** What makes an extension schema unusable. The order of the checks is that of a reader: first the name, then what is said of it. */
import { sameUrn, ENTERPRISE_USER_SCHEMA } from '../urns.js';
import type { Attribute, AttributeType } from './attribute.js';
import type { Extension } from './extension.js';
import { isCredential } from './is-credential.js';

/** Looked up and written to every resource, so not without bounds. */
const MOST = { urn: 200, name: 100, attributes: 100, subAttributes: 50, values: 200, bytes: 64 * 1024 } as const;

/** RFC 8141, less the characters that a filter or a path could not tell from its own. */
const URN = /^urn:[a-z0-9][a-z0-9-]{0,31}:[\w$.\-/]+(?::[\w$.\-/]+)*$/i;
/** What RFC 7643 and RFC 7644 reserve for themselves; extensions of other standards may be declared as they are. */
const RESERVED = /^urn:ietf:params:scim:(?!schemas:extension:)/i;
/** `ATTRNAME = ALPHA *(nameChar)`, `nameChar = "$" / "-" / "_" / DIGIT / ALPHA` (RFC 7643 section 2.1). */
const NAME = /^[a-z][\w$-]*$/i;

const UNIQUE_TYPES: ReadonlySet<AttributeType> = new Set(['string', 'reference', 'binary', 'integer', 'decimal']);

/** Every fault, each with the attribute it is about; empty: none. */
export function extensionFaults({ schema }: Extension): string[] {
  const { id, name, attributes } = schema;
  return [
    ...when(!URN.test(id), `"${id.slice(0, 100)}" is not a URN such as urn:example:params:scim:hr:1.0:User`),
    ...when(id.length > MOST.urn, `the URN is longer than ${MOST.urn} characters`),
    ...when(RESERVED.test(id) || sameUrn(id, ENTERPRISE_USER_SCHEMA), `"${id}" belongs to the standard`),
    ...when(name.trim() === '', 'it needs a name'),
    ...when(attributes.length === 0, 'it has no attributes'),
    ...when(attributes.length > MOST.attributes, `it has more than ${MOST.attributes} attributes`),
    ...when(JSON.stringify(schema).length > MOST.bytes, `it is larger than ${MOST.bytes / 1024} kB`),
    ...repeatedNames(attributes, ''),
    ...attributes.flatMap(topFaults),
  ];
}

function topFaults(attribute: Attribute): string[] {
  const { name, type, subAttributes = [] } = attribute;
  const isComplex = type === 'complex';
  return [
    ...attributeFaults(attribute, name, NAME.test(name)),
    ...when(isComplex && subAttributes.length === 0, `"${name}" is complex and needs subAttributes`),
    ...when(!isComplex && attribute.subAttributes !== undefined, `"${name}" has subAttributes and is not complex`),
    ...when(subAttributes.length > MOST.subAttributes, `"${name}" has more than ${MOST.subAttributes} subAttributes`),
    ...repeatedNames(subAttributes, `${name}.`),
    ...subAttributes.flatMap((sub) => subFaults(sub, `${name}.${sub.name}`)),
  ];
}

function subFaults(sub: Attribute, path: string): string[] {
  return [
    // "$ref" is the one name that the grammar does not allow and the standard uses (RFC 7643 section 2.4).
    ...attributeFaults(sub, path, NAME.test(sub.name) || sub.name === '$ref'),
    // "The value of a complex attribute ... MUST NOT contain sub-attributes that have sub-attributes" (RFC 7643 section 2.3.8)
    ...when(sub.type === 'complex' || sub.subAttributes !== undefined, `"${path}" is complex inside of a complex one`),
    ...when(sub.multiValued, `"${path}" is multi-valued inside of a complex attribute`),
    ...when(sub.name.toLowerCase() === 'primary' && sub.type !== 'boolean', `"${path}" must be boolean`),
  ];
}

function attributeFaults(attribute: Attribute, path: string, isName: boolean): string[] {
  const { name, type, mutability, returned, uniqueness, referenceTypes, canonicalValues } = attribute;
  const isUnique = uniqueness !== 'none';
  return [
    ...when(!isName || name in Object.prototype, `"${path.slice(0, 100)}" cannot be the name of an attribute`),
    ...when(name.length > MOST.name, `"${path.slice(0, 100)}" is longer than ${MOST.name} characters`),
    ...when(isCredential(name), `"${path}" seems to hold a credential, which no extension may`),
    ...when(
      type === 'reference' && (referenceTypes ?? []).length === 0,
      `"${path}" is a reference and needs referenceTypes`,
    ),
    ...when(type !== 'reference' && referenceTypes !== undefined, `"${path}" has referenceTypes and is no reference`),
    ...when(canonicalValues !== undefined && type !== 'string', `"${path}" has canonicalValues and is no string`),
    ...when(
      (referenceTypes?.length ?? 0) > MOST.values || (canonicalValues?.length ?? 0) > MOST.values,
      `"${path}" lists more than ${MOST.values} values`,
    ),
    ...when(
      mutability === 'readOnly' && attribute.required,
      `"${path}" is readOnly and cannot be required of a client`,
    ),
    // "writeOnly ... Attribute values SHALL NOT be returned" (RFC 7643 section 7)
    ...when(mutability === 'writeOnly' && returned !== 'never', `"${path}" is writeOnly and must be returned "never"`),
    ...when(isUnique && !UNIQUE_TYPES.has(type), `"${path}" is of type ${type} and cannot be unique`),
    // The refusal of a value that is taken would tell it.
    ...when(isUnique && returned === 'never', `"${path}" is never returned and cannot be unique`),
  ];
}

function repeatedNames(attributes: readonly Attribute[], prefix: string): string[] {
  const seen = new Set<string>();
  return attributes.flatMap(({ name }) => {
    const key = name.toLowerCase();
    const isRepeated = seen.has(key);
    seen.add(key);
    return when(isRepeated, `"${prefix}${name.slice(0, 100)}" is there twice; names ignore case`);
  });
}

const when = (is: boolean, fault: string): string[] => (is ? [fault] : []);
