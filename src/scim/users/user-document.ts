import type { UserDocument } from '../../reconciliation/changes.js';
import { checkUserKeys } from '../check-keys.js';
import type { Addresses } from '../http/addresses.js';
import type { PatchRules } from '../protocol/dialect.js';
import { checkChange } from '../protocol/check-change.js';
import { keepHidden } from '../protocol/hidden-values.js';
import { applyPatch } from '../protocol/patch/apply-patch.js';
import type { Operation } from '../protocol/patch/parse-patch-request.js';
import { readResource } from '../protocol/read-resource.js';
import type { Json, JsonObject, ResourceType } from '../protocol/schema/attribute.js';
import { ENTERPRISE_USER_SCHEMA } from '../protocol/urns.js';

/** Bodies of requests as what the directory keeps of a user. All throw ScimError. */

type CurrentUser = UserDocument & { readonly active: boolean };

/** What a POST says, of somebody who is there already: they keep the extension values that its client does not know. */
export const ofAdopted =
  (type: ResourceType, document: UserDocument) =>
  ({ attributes }: CurrentUser): UserDocument => ({
    ...document,
    attributes: keepHidden(type, attributes, document.attributes),
  });

/** POST. */
export function readNewUser(type: ResourceType, body: JsonObject, addresses: Addresses): UserDocument {
  return toUserDocument(readResource(type, body).document, addresses);
}

/**
 * PUT: what is not mentioned is cleared, with two exceptions. A missing `active` must neither lock somebody out nor let somebody in
 * again, and `externalId` is the client's own key, which partial clients leave out; `null` clears it.
 */
export function readReplacement(
  type: ResourceType,
  body: JsonObject,
  addresses: Addresses,
): (current: CurrentUser) => UserDocument {
  const { document, cleared } = readResource(type, body);
  const next = toUserDocument(document, addresses);
  const keepsExternalId = next.externalId === null && !cleared.has('externalId');
  return (current) => {
    const attributes = keepHidden(type, current.attributes, next.attributes, cleared);
    checkChange(type, current.attributes, attributes);
    return { ...next, attributes, ...(keepsExternalId ? { externalId: current.externalId } : {}) };
  };
}

/** PATCH. */
export function applyUserPatch(
  type: ResourceType,
  current: CurrentUser,
  operations: readonly Operation[],
  addresses: Addresses,
  rules: PatchRules,
): UserDocument {
  const { userName, externalId, active, attributes } = current;
  const document: JsonObject = { ...attributes, userName, active, ...(externalId === null ? {} : { externalId }) };
  return toUserDocument(applyPatch(type, document, operations, rules), addresses);
}

function toUserDocument(document: JsonObject, addresses: Addresses): UserDocument {
  const { userName, externalId, active, ...attributes } = document;
  const read: UserDocument = {
    userName: text(userName) ?? '',
    externalId: text(externalId) ?? null,
    active: typeof active === 'boolean' ? active : undefined,
    attributes: withoutManagerAddress(attributes, addresses),
  };
  checkUserKeys(read);
  return read;
}

/** A client that sends back what it read sends the address that to-scim-user added: it is no news, and is not kept. */
function withoutManagerAddress(attributes: JsonObject, addresses: Addresses): JsonObject {
  const enterprise = attributes[ENTERPRISE_USER_SCHEMA];
  const manager = isObject(enterprise) ? enterprise['manager'] : undefined;
  if (!isObject(manager) || manager['$ref'] === undefined) return attributes;
  if (typeof manager['$ref'] !== 'string' || !manager['$ref'].startsWith(addresses.users)) return attributes;
  const { $ref: _made, ...given } = manager;
  return { ...attributes, [ENTERPRISE_USER_SCHEMA]: { ...(enterprise as JsonObject), manager: given } };
}

const text = (value: Json | undefined): string | undefined => (typeof value === 'string' ? value : undefined);

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
