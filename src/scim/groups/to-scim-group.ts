import type { Group, MemberRef } from '../../directory/directory-types.js';
import type { Addresses } from '../http/addresses.js';
import { toEtag } from '../protocol/etag.js';
import { withoutHidden } from '../protocol/hidden-values.js';
import type { JsonObject, ResourceType } from '../protocol/schema/attribute.js';

/** A group as a SCIM resource. `members` undefined: they were not loaded and are not shown; an empty group shows an empty list. */
export function toScimGroup(
  type: ResourceType,
  group: Group,
  members: readonly MemberRef[] | undefined,
  addresses: Addresses,
): JsonObject {
  const attributes = withoutHidden(type, group.attributes);
  return {
    schemas: [type.schema.id, ...type.extensions.map(({ id }) => id).filter((urn) => urn in attributes)],
    id: group.id,
    ...(group.externalId === null ? {} : { externalId: group.externalId }),
    displayName: group.displayName,
    ...attributes,
    ...(members === undefined ? {} : { members: members.map((member) => toMember(member, addresses)) }),
    meta: {
      resourceType: 'Group',
      created: group.createdAt.toISOString(),
      lastModified: group.updatedAt.toISOString(),
      location: addresses.groups + group.id,
      version: toEtag(group.version),
    },
  };
}

export const toMember = ({ id, displayName }: MemberRef, addresses: Addresses): JsonObject =>
  displayName === null
    ? { value: id, $ref: addresses.users + id, type: 'User' }
    : { value: id, $ref: addresses.users + id, display: displayName, type: 'User' };
