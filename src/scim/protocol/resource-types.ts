/** The resource types of this server (RFC 7643 section 6). */
import type { Attribute, ResourceType, Schema } from './schema/attribute.js';
import { ENTERPRISE_USER } from './schema/enterprise-user.js';
import type { Extension } from './schema/extension.js';
import { GROUP as GROUP_SCHEMA_DATA } from './schema/group.js';
import { USER as USER_SCHEMA_DATA } from './schema/user.js';

/**
 * User with the enterprise extension and any further ones. Build it once and keep it: lookup tables hang on the value's identity.
 */
export const userResourceType = (
  furtherExtensions: readonly Schema[] = [],
  required: readonly string[] = [],
): ResourceType => ({
  id: 'User',
  endpoint: '/Users',
  description: 'People',
  schema: USER_SCHEMA_DATA,
  extensions: [ENTERPRISE_USER, ...furtherExtensions],
  required,
});

export const groupResourceType = (
  extensions: readonly Schema[] = [],
  required: readonly string[] = [],
): ResourceType => ({
  id: 'Group',
  endpoint: '/Groups',
  description: 'Groups of people',
  schema: GROUP_SCHEMA_DATA,
  extensions,
  required,
});

/** The resource type as a strict connection publishes it: "password MUST NOT be supported" (IPSIE AL SCIM profile section 6.1). */
export const withoutCredentials = (resourceType: ResourceType): ResourceType => ({
  ...resourceType,
  schema: published(resourceType.schema),
  extensions: resourceType.extensions.map(published),
});

/** The group type of a connection whose groups may share their names: discovery must not promise what does not hold. */
export const withSharedNames = (group: ResourceType): ResourceType => ({
  ...group,
  schema: {
    ...group.schema,
    attributes: group.schema.attributes.map((attribute) =>
      attribute.name === 'displayName' ? { ...attribute, uniqueness: 'none' } : attribute,
    ),
  },
});

const published = (schema: Schema): Schema => ({
  ...schema,
  attributes: schema.attributes.filter((attribute: Attribute) => attribute.kept !== false),
});

export const USER = userResourceType();
export const GROUP = groupResourceType();

/** The resource types as one client sees them: its connection may have declared extensions of its own. */
export interface ResourceTypes {
  readonly User: ResourceType;
  readonly Group: ResourceType;
}

export const PLAIN_TYPES: ResourceTypes = { User: USER, Group: GROUP };

/** With the extensions that a connection declares. */
export function extendedTypes(extensions: readonly Extension[]): ResourceTypes {
  const of = (type: 'User' | 'Group') => extensions.filter(({ resourceType }) => resourceType === type);
  const schemas = (type: 'User' | 'Group') => of(type).map(({ schema }) => schema);
  const required = (type: 'User' | 'Group') => of(type).flatMap((each) => (each.required ? [each.schema.id] : []));
  return {
    User: userResourceType(schemas('User'), required('User')),
    Group: groupResourceType(schemas('Group'), required('Group')),
  };
}
