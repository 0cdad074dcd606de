import type { Group } from '../../directory/directory-types.js';
import type { GroupChange, GroupDocument } from '../../reconciliation/changes.js';
import { applyPatch } from '../protocol/patch/apply-patch.js';
import type { Operation } from '../protocol/patch/parse-patch-request.js';
import { parseAttributePath } from '../protocol/filter/attribute-path.js';
import { readResource } from '../protocol/read-resource.js';
import { GROUP } from '../protocol/resource-types.js';
import type { Json, JsonObject } from '../protocol/schema/attribute.js';
import { findAttribute } from '../protocol/schema/lookup.js';
import { foldGroupPatch, readMembers } from './fold-group-patch.js';

/** Bodies of requests as what the directory keeps of a group, and what they do to its members. All throw ScimError. */

/** POST. */
export function readNewGroup(body: JsonObject): { document: GroupDocument; members: readonly string[] } {
  const { document } = readResource(GROUP, withoutMembers(body));
  return { document: toGroupDocument(document), members: readMembers(body) ?? [] };
}

/**
 * PUT: what is not mentioned is cleared, except `externalId` (the client's own key, which partial clients leave out; `null` clears it)
 * and `members`: a client that renames a group without listing its members does not mean to empty it. `[]` does.
 */
export function readGroupReplacement(body: JsonObject): GroupChange {
  const { document, cleared } = readResource(GROUP, withoutMembers(body));
  const { displayName, externalId, attributes } = toGroupDocument(document);
  const replace = readMembers(body);
  return {
    displayName,
    ...(externalId !== null || cleared.has('externalId') ? { externalId } : {}),
    attributes,
    members: { ...(replace === undefined ? {} : { replace }), add: [], remove: [] },
  };
}

/** PATCH: the members' part is worked out beforehand, the rest on the locked group. */
export function readGroupPatch(operations: readonly Operation[]): (current: Group) => GroupChange {
  const { members, others } = foldGroupPatch(operations);
  if (others.length === 0) return () => ({ members });
  return ({ displayName, externalId, attributes }) => {
    const document = { ...attributes, displayName, ...(externalId === null ? {} : { externalId }) };
    return { ...toGroupDocument(applyPatch(GROUP, document, others)), members };
  };
}

function toGroupDocument({ displayName, externalId, ...attributes }: JsonObject): GroupDocument {
  return {
    displayName: typeof displayName === 'string' ? displayName : '',
    externalId: typeof externalId === 'string' ? externalId : null,
    attributes: attributes,
  };
}

/** Members are read by their own, much quicker way: there may be very many. */
function withoutMembers(body: JsonObject): JsonObject {
  const entries: [string, Json][] = Object.entries(body).filter(([key]) => {
    const path = parseAttributePath(key);
    return !path || findAttribute(GROUP, path)?.path.attribute !== 'members';
  });
  return Object.fromEntries(entries);
}
