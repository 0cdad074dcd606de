import type { UserView } from '../../directory/directory-types.js';
import type { Addresses } from '../http/addresses.js';
import { toEtag } from '../protocol/etag.js';
import { withoutHidden } from '../protocol/hidden-values.js';
import type { Json, JsonObject, ResourceType } from '../protocol/schema/attribute.js';
import { ENTERPRISE_USER_SCHEMA, USER_SCHEMA } from '../protocol/urns.js';
import { userVersion } from '../../directory/user-version.js';

/** A user as a SCIM resource, complete; what of it is shown is project-attributes' to say. Unassigned attributes are absent. */
export function toScimUser(type: ResourceType, { user, groups, manager }: UserView, addresses: Addresses): JsonObject {
  const location = addresses.users + user.id;
  const attributes = withoutHidden(type, user.attributes);
  const resource: JsonObject = {
    schemas: [USER_SCHEMA, ...type.extensions.map(({ id }) => id).filter((urn) => urn in attributes)],
    id: user.id,
    ...(user.externalId === null ? {} : { externalId: user.externalId }),
    userName: user.userName,
    ...attributes,
    active: user.active,
  };
  const enterprise = attributes[ENTERPRISE_USER_SCHEMA];
  if (isObject(enterprise) && isObject(enterprise['manager'])) {
    resource[ENTERPRISE_USER_SCHEMA] = {
      ...enterprise,
      manager: withPerson(enterprise['manager'], manager, addresses),
    };
  }
  if (groups.length > 0) {
    resource['groups'] = groups.map(({ id, displayName }) => ({
      value: id,
      $ref: addresses.groups + id,
      display: displayName,
      type: 'direct',
    }));
  }
  resource['meta'] = {
    resourceType: 'User',
    created: user.createdAt.toISOString(),
    lastModified: user.updatedAt.toISOString(),
    location,
    version: toEtag(userVersion(user.version, groups, manager)),
  };
  return resource;
}

/**
 * A manager is kept as the client gave it, known here or not. Once there is such a user, the address and the name are theirs; until
 * then an id gets the address it would have.
 */
function withPerson(given: JsonObject, person: UserView['manager'], addresses: Addresses): JsonObject {
  if ('$ref' in given) return given;
  if (person) {
    const known = { ...given, $ref: addresses.users + person.id };
    return person.displayName === null ? known : { ...known, displayName: person.displayName };
  }
  const $ref = addresses.ofNamedUser(given['value']);
  return $ref === undefined ? given : { ...given, $ref };
}

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
