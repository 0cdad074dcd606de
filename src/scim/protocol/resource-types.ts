/** The resource types of this server (RFC 7643 section 6). */
import type { ResourceType, Schema } from './schema/attribute.js';
import { ENTERPRISE_USER } from './schema/enterprise-user.js';
import { GROUP as GROUP_SCHEMA_DATA } from './schema/group.js';
import { USER as USER_SCHEMA_DATA } from './schema/user.js';

/**
 * User with the enterprise extension and any further ones. Build it once and keep it: lookup tables hang on the value's identity.
 */
export const userResourceType = (furtherExtensions: readonly Schema[] = []): ResourceType => ({
  id: 'User',
  endpoint: '/Users',
  description: 'People',
  schema: USER_SCHEMA_DATA,
  extensions: [ENTERPRISE_USER, ...furtherExtensions],
});

export const groupResourceType = (extensions: readonly Schema[] = []): ResourceType => ({
  id: 'Group',
  endpoint: '/Groups',
  description: 'Groups of people',
  schema: GROUP_SCHEMA_DATA,
  extensions,
});

export const USER = userResourceType();
export const GROUP = groupResourceType();

/** The resource types as one client sees them: its connection may have declared extensions of its own. */
export interface ResourceTypes {
  readonly User: ResourceType;
  readonly Group: ResourceType;
}

export const PLAIN_TYPES: ResourceTypes = { User: USER, Group: GROUP };
