/**
 * What a PATCH of a group does to its members, as steps in the order of its operations, read without the members. Operations on other
 * attributes are left for applyPatch on the group's document.
 */
import type { Filter } from '../protocol/filter/filter.js';
import { isPlainText } from '../protocol/plain-text.js';
import { parsePath, parsePathKey, type PatchPath } from '../protocol/path/parse-path.js';
import type { Operation } from '../protocol/patch/parse-patch-request.js';
import type { Json, ResourceType } from '../protocol/schema/attribute.js';
import { findAttribute, type ResolvedAttribute } from '../protocol/schema/lookup.js';
import { invalidPath, invalidValue, mutability } from '../protocol/scim-error.js';

export type MemberStep =
  | { readonly kind: 'add' | 'remove' | 'replace'; readonly ids: readonly string[] }
  /** Those who fulfil the filter, which has to be asked of the directory. */
  | { readonly kind: 'remove-where'; readonly filter: Filter }
  /** What a value says of them, which must be the members they are. */
  | { readonly kind: 'keep-where'; readonly filter: Filter; readonly ids: readonly string[] };

export interface GroupPatch {
  readonly steps: readonly MemberStep[];
  /** What concerns other attributes, in order. */
  readonly others: readonly Operation[];
}

/** Throws ScimError. */
export function readGroupPatchSteps(type: ResourceType, operations: readonly Operation[]): GroupPatch {
  const steps: MemberStep[] = [];
  const others: Operation[] = [];
  for (const operation of operations) {
    const path = operation.path === undefined ? undefined : parsePath(operation.path);
    if (path && isMembers(type, path)) steps.push(...stepsAt(type, path, operation));
    else if (path) others.push(operation);
    else {
      const { members, rest } = withoutPath(type, operation);
      steps.push(...members);
      others.push(...rest);
    }
  }
  return { steps, others };
}

/** The members of a POST or PUT body: undefined when the body does not speak of them. Throws ScimError. */
export function readMembers(type: ResourceType, body: { readonly [key: string]: Json }): string[] | undefined {
  const key = Object.keys(body).find((each) => isMembersKey(type, each));
  if (key === undefined) return undefined;
  return [...new Set(idsOf(body[key] ?? null))];
}

/** Takes the members out of a value without path; what is left goes on as it was. */
function withoutPath(type: ResourceType, operation: Operation): { members: MemberStep[]; rest: Operation[] } {
  const { op, value } = operation;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { members: [], rest: [operation] };
  const members: MemberStep[] = [];
  const rest: { [key: string]: Json } = {};
  for (const [key, item] of Object.entries(value)) {
    const path = parsePathKey(key);
    if (!path || !isMembers(type, path)) rest[key] = item;
    else if (isWhole(path)) members.push(...stepsAt(type, path, { op, value: item }));
    // `members[value eq "x"].display` and the like are the server's to say, and are ignored.
  }
  return { members, rest: Object.keys(rest).length === 0 ? [] : [{ ...operation, value: rest }] };
}

function stepsAt(type: ResourceType, path: PatchPath, { op, value }: Operation): MemberStep[] {
  if (path.filter) return stepsAtElement(path, path.filter, op, value);
  if (path.attribute.subAttribute !== undefined) {
    throw invalidPath(`members.${path.attribute.subAttribute} cannot be changed; add or remove members instead`);
  }
  const ids = idsOf(listInside(type, value) ?? value ?? null);
  // Without a value the attribute is removed (RFC 7644 section 3.5.2.2); with one, Entra and others mean just the listed members,
  // and an empty list names nobody.
  return [op === 'remove' && value === undefined ? { kind: 'replace', ids: [] } : { kind: op, ids }];
}

/** `members[value eq "id"]`: remove takes these out; display and the like are the server's to say and are ignored. */
function stepsAtElement(
  { subAttribute }: PatchPath,
  filter: Filter,
  op: Operation['op'],
  value: Json | undefined,
): MemberStep[] {
  if (subAttribute !== undefined && subAttribute.toLowerCase() !== 'value') return [];
  const ids = namedBy(filter);
  if (op === 'remove') return [ids ? { kind: 'remove', ids } : { kind: 'remove-where', filter }];
  const given = givenIds(value);
  if (!ids) return [{ kind: 'keep-where', filter, ids: given }];
  if (given.some((id) => !ids.includes(id))) throw anotherMember();
  return [{ kind: 'add', ids }];
}

/** "value" is immutable (RFC 7643 section 8.7.1): a member cannot be made another one. */
export const anotherMember = () => mutability('A member cannot become another one; remove the one and add the other');

/** The ids that a member filter names: `value eq "x"`, several joined by `or`; undefined: it says something else of the members. */
function namedBy(filter: Filter): string[] | undefined {
  if (filter.kind === 'or') {
    const ids = filter.filters.map(namedBy);
    return ids.every((each) => each !== undefined) ? ids.flat() : undefined;
  }
  if (
    filter.kind === 'compare' &&
    filter.operator === 'eq' &&
    filter.path.name.toLowerCase() === 'value' &&
    (typeof filter.value === 'string' || typeof filter.value === 'number')
  ) {
    return [String(filter.value)];
  }
  return undefined;
}

/** Member values in every shape that is met: a list of objects, one object, a text, a list of texts, null for none. */
function idsOf(value: Json): string[] {
  if (value === null || value === '') return [];
  return Array.isArray(value) ? value.map(idOf) : [idOf(value)];
}

function idOf(item: Json): string {
  const id = plainId(item) ?? plainId(valueIn(item));
  if (id === undefined) throw invalidValue('Each member needs a "value", the id of a user');
  return id;
}

function plainId(item: Json | undefined): string | undefined {
  if (typeof item === 'number') return String(item);
  return typeof item === 'string' && item !== '' && isPlainText(item) ? item : undefined;
}

function valueIn(item: Json): Json | undefined {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) return undefined;
  // The usual spelling first: there may be a hundred thousand of them.
  if (Object.hasOwn(item, 'value')) return item['value'];
  const key = Object.keys(item).find((name) => name.toLowerCase() === 'value');
  return key === undefined ? undefined : item[key];
}

/** The ids in the value of an operation on members that a filter chooses; it need not have any. */
function givenIds(value: Json | undefined): string[] {
  const items = Array.isArray(value) ? value : [value ?? null];
  return items.map((item) => plainId(item) ?? plainId(valueIn(item))).filter((id) => id !== undefined);
}

/** Ping's SDK: `{"op":"remove","path":"members","value":{"members":[...]}}`. */
function listInside(type: ResourceType, value: Json | undefined): Json | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const key = Object.keys(value).find((each) => isMembersKey(type, each));
  return key === undefined ? undefined : value[key];
}

/** An extension may have an attribute of that name. */
export const namesMembers = (resolved: ResolvedAttribute | undefined): boolean =>
  resolved?.path.schema === undefined && resolved?.path.attribute === 'members';

/**
 * Everything that the schema calls members, in whatever spelling: what slipped by here would end in the group's document, where it
 * would look like members and be none.
 */
const isMembers = (type: ResourceType, { attribute }: PatchPath): boolean =>
  namesMembers(findAttribute(type, attribute));

const isWhole = ({ attribute, filter }: PatchPath): boolean => !filter && attribute.subAttribute === undefined;

function isMembersKey(type: ResourceType, key: string): boolean {
  const path = parsePathKey(key);
  return path !== undefined && isMembers(type, path) && isWhole(path);
}
