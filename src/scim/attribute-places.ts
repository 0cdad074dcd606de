import type { Column, Operand, ValueType } from '../directory/condition.js';
import { AROUND_VERSION } from './protocol/etag.js';
import type { Attribute, ResourceType } from './protocol/schema/attribute.js';
import type { ResolvedAttribute } from './protocol/schema/lookup.js';
import { ENTERPRISE_USER_SCHEMA } from './protocol/urns.js';

/** Where the value of an attribute is that is not in the document. */
export type Place =
  | { readonly kind: 'column'; readonly column: Column }
  /** Ids in an attribute that compares without case; they are issued in lower case. */
  | { readonly kind: 'reference' }
  | { readonly kind: 'document'; readonly key: string }
  | { readonly kind: 'text'; readonly text: string }
  /** The address of the resource at hand. */
  | { readonly kind: 'address'; readonly in: keyof Collections }
  /** `meta` as a whole: always there. */
  | { readonly kind: 'always' }
  | { readonly kind: 'version' }
  /** Of the person whom the manager names, looked up when it is shown. */
  | { readonly kind: 'manager-name' }
  | { readonly kind: 'manager-address' };

/** Where the addresses of users and groups begin. */
export interface Collections {
  readonly users: string;
  readonly groups: string;
}

const COMMON: Readonly<Record<string, Place>> = {
  id: { kind: 'column', column: 'id' },
  externalId: { kind: 'column', column: 'externalId' },
  meta: { kind: 'always' },
  'meta.created': { kind: 'column', column: 'createdAt' },
  'meta.lastModified': { kind: 'column', column: 'updatedAt' },
  'meta.version': { kind: 'version' },
};

export const PLACES: Readonly<Record<ResourceType['id'], Readonly<Record<string, Place>>>> = {
  User: {
    ...COMMON,
    'meta.resourceType': { kind: 'text', text: 'User' },
    'meta.location': { kind: 'address', in: 'users' },
    userName: { kind: 'column', column: 'userName' },
    active: { kind: 'column', column: 'active' },
    'groups.value': { kind: 'reference' },
    'groups.$ref': { kind: 'address', in: 'groups' },
    'groups.display': { kind: 'column', column: 'displayName' },
    'groups.type': { kind: 'text', text: 'direct' },
    [`${ENTERPRISE_USER_SCHEMA}.manager.$ref`]: { kind: 'manager-address' },
    [`${ENTERPRISE_USER_SCHEMA}.manager.displayName`]: { kind: 'manager-name' },
  },
  Group: {
    ...COMMON,
    'meta.resourceType': { kind: 'text', text: 'Group' },
    'meta.location': { kind: 'address', in: 'groups' },
    displayName: { kind: 'column', column: 'displayName' },
    'members.value': { kind: 'reference' },
    'members.$ref': { kind: 'address', in: 'users' },
    'members.display': { kind: 'document', key: 'displayName' },
    'members.type': { kind: 'text', text: 'User' },
  },
};

/** The attribute whose elements are rows of their own. */
const RELATED: Readonly<Record<ResourceType['id'], string>> = { User: 'groups', Group: 'members' };

/** Of the resource itself: an extension may have an attribute of that name. */
export const isRelated = ({ path }: ResolvedAttribute, { id }: ResourceType): boolean =>
  path.schema === undefined && path.attribute === RELATED[id];
export const isSchemas = ({ path }: ResolvedAttribute): boolean =>
  path.schema === undefined && path.attribute === 'schemas';

/** What one place has to compare with or to sort by, if it is a value of its own: no text that all have, no part of the document. */
export function operandOf(
  place: Exclude<Place, { kind: 'text' | 'document' | 'always' }>,
  collections: Collections,
): Operand {
  switch (place.kind) {
    case 'column':
      return place;
    case 'reference':
      return { kind: 'column', column: 'id' };
    case 'address':
      return { kind: 'address', prefix: collections[place.in] };
    case 'version':
      return { kind: 'version', ...AROUND_VERSION };
    case 'manager-name':
      return { kind: 'manager-name' };
    case 'manager-address':
      return { kind: 'manager-address', prefix: collections.users };
  }
}

export function valueTypeOf({ type }: Attribute): ValueType {
  switch (type) {
    case 'boolean':
    case 'dateTime':
      return type;
    case 'decimal':
    case 'integer':
      return 'number';
    default:
      return 'string';
  }
}

/** The keys that lead to a value in the document. */
export const keysOf = ({ path }: ResolvedAttribute): string[] => [
  ...(path.schema === undefined ? [] : [path.schema]),
  path.attribute,
  ...(path.subAttribute === undefined ? [] : [path.subAttribute]),
];

/** As in PLACES. */
export const nameOf = ({ path }: ResolvedAttribute): string =>
  [path.schema, path.attribute, path.subAttribute].filter((part) => part !== undefined).join('.');
