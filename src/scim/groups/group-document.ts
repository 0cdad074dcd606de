import type { Group } from '../../directory/directory-types.js';
import type { ChooseMembers, GroupChange, GroupDocument, GroupEdit } from '../../reconciliation/changes.js';
import type { Collections } from '../attribute-places.js';
import { checkGroupKeys } from '../check-keys.js';
import type { PatchRules } from '../protocol/dialect.js';
import { checkChange } from '../protocol/check-change.js';
import { keepHidden } from '../protocol/hidden-values.js';
import { applyPatch } from '../protocol/patch/apply-patch.js';
import type { Operation } from '../protocol/patch/parse-patch-request.js';
import { parseAttributePath } from '../protocol/filter/attribute-path.js';
import { readResource } from '../protocol/read-resource.js';
import type { Json, JsonObject, ResourceType } from '../protocol/schema/attribute.js';
import { findAttribute } from '../protocol/schema/lookup.js';
import { memberChoice, type MemberChoice } from './choose-members.js';
import { foldMembers, type Chosen } from './fold-group-patch.js';
import { namesMembers, readGroupPatchSteps, readMembers } from './member-steps.js';

/** Bodies of requests as what the directory keeps of a group, and what they do to its members. All throw ScimError. */

/** As of users. */
export const ofAdopted =
  (type: ResourceType, document: GroupDocument) =>
  ({ attributes }: Group): GroupDocument => ({
    ...document,
    attributes: keepHidden(type, attributes, document.attributes),
  });

/** POST. */
export function readNewGroup(
  type: ResourceType,
  body: JsonObject,
): { document: GroupDocument; members: readonly string[] } {
  const { document } = readResource(type, withoutMembers(type, body));
  return { document: toGroupDocument(document), members: readMembers(type, body) ?? [] };
}

/**
 * PUT: what is not mentioned is cleared, except `externalId` (the client's own key, which partial clients leave out; `null` clears it)
 * and `members`: a client that renames a group without listing its members does not mean to empty it. `[]` does.
 */
export function readGroupReplacement(type: ResourceType, body: JsonObject): (current: Group) => GroupChange {
  const { document, cleared } = readResource(type, withoutMembers(type, body));
  const { displayName, externalId, attributes } = toGroupDocument(document);
  const replace = readMembers(type, body);
  const change = {
    displayName,
    ...(externalId !== null || cleared.has('externalId') ? { externalId } : {}),
    members: { ...(replace === undefined ? {} : { replace }), add: [], remove: [] },
  };
  return (current) => {
    const kept = keepHidden(type, current.attributes, attributes, cleared);
    checkChange(type, current.attributes, kept);
    return { ...change, attributes: kept };
  };
}

/** PATCH: the members' part is worked out beforehand, as far as it can be without asking who they are, the rest on the locked group. */
export function readGroupPatch(
  type: ResourceType,
  operations: readonly Operation[],
  rules: PatchRules,
  collections: Collections,
): GroupEdit {
  const { steps, others } = readGroupPatchSteps(type, operations);
  const choice = memberChoice(type, steps, collections);
  const named = choice ? undefined : foldMembers(steps);
  return async (current, choose) => {
    const members = named ?? foldMembers(steps, await answer(choice!, choose));
    if (others.length === 0) return { members };
    const { displayName, externalId, attributes } = current;
    const document = { ...attributes, displayName, ...(externalId === null ? {} : { externalId }) };
    return { ...toGroupDocument(applyPatch(type, document, others, rules)), members };
  };
}

async function answer({ filters, conditions, besides }: MemberChoice, choose: ChooseMembers): Promise<Chosen> {
  const found = await choose(conditions, besides);
  return new Map(filters.map((filter, index) => [filter, found[index]!]));
}

function toGroupDocument({ displayName, externalId, ...attributes }: JsonObject): GroupDocument {
  const read: GroupDocument = {
    displayName: typeof displayName === 'string' ? displayName : '',
    externalId: typeof externalId === 'string' ? externalId : null,
    attributes,
  };
  checkGroupKeys(read);
  return read;
}

/** Members are read by their own, much quicker way: there may be very many. */
function withoutMembers(type: ResourceType, body: JsonObject): JsonObject {
  const entries: [string, Json][] = Object.entries(body).filter(([key]) => {
    const path = parseAttributePath(key);
    return !path || !namesMembers(findAttribute(type, path));
  });
  return Object.fromEntries(entries);
}
