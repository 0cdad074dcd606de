import type { UserDocument } from '../../reconciliation/changes.js';
import { applyPatch } from '../protocol/patch/apply-patch.js';
import type { Operation } from '../protocol/patch/parse-patch-request.js';
import { readResource } from '../protocol/read-resource.js';
import { USER } from '../protocol/resource-types.js';
import type { Json, JsonObject } from '../protocol/schema/attribute.js';

/** Bodies of requests as what the directory keeps of a user. All throw ScimError. */

type CurrentUser = UserDocument & { readonly active: boolean };

/** POST. */
export function readNewUser(body: JsonObject): UserDocument {
  return toUserDocument(readResource(USER, body).document);
}

/**
 * PUT: what is not mentioned is cleared, with two exceptions. A missing `active` must neither lock somebody out nor let somebody in
 * again, and `externalId` is the client's own key, which partial clients leave out; `null` clears it.
 */
export function readReplacement(body: JsonObject): (current: CurrentUser) => UserDocument {
  const { document, cleared } = readResource(USER, body);
  const next = toUserDocument(document);
  const keepsExternalId = next.externalId === null && !cleared.has('externalId');
  return (current) => (keepsExternalId ? { ...next, externalId: current.externalId } : next);
}

/** PATCH. */
export function applyUserPatch(current: CurrentUser, operations: readonly Operation[]): UserDocument {
  const { userName, externalId, active, attributes } = current;
  const document: JsonObject = { ...attributes, userName, active, ...(externalId === null ? {} : { externalId }) };
  return toUserDocument(applyPatch(USER, document, operations));
}

function toUserDocument({ userName, externalId, active, ...attributes }: JsonObject): UserDocument {
  return {
    userName: text(userName) ?? '',
    externalId: text(externalId) ?? null,
    active: typeof active === 'boolean' ? active : undefined,
    attributes: attributes,
  };
}

const text = (value: Json | undefined): string | undefined => (typeof value === 'string' ? value : undefined);
