/**
 * PATCH of a group folded into what it does to the members, without the members: a group of 50,000 is never loaded to change one.
 * Operations on other attributes are left for applyPatch on the group's document.
 */
import type { Filter } from '../protocol/filter/filter.js';
import { parsePath, parsePathKey, type PatchPath } from '../protocol/path/parse-path.js';
import type { Operation } from '../protocol/patch/parse-patch-request.js';
import type { Json, ResourceType } from '../protocol/schema/attribute.js';
import { findAttribute, type ResolvedAttribute } from '../protocol/schema/lookup.js';
import { invalidFilter, invalidPath, invalidValue, mutability } from '../protocol/scim-error.js';

export interface FoldedGroupPatch {
  readonly members: {
    /** Set exactly these, then add and remove; absent: the present members stay. */
    readonly replace?: readonly string[];
    readonly add: readonly string[];
    readonly remove: readonly string[];
  };
  /** What concerns other attributes, in order. */
  readonly others: readonly Operation[];
}

/** Members come first in the order of the operations; `add` and `remove` are disjoint. Throws ScimError. */
export function foldGroupPatch(type: ResourceType, operations: readonly Operation[]): FoldedGroupPatch {
  const fold = new Fold(type);
  const others: Operation[] = [];
  for (const operation of operations) {
    const path = operation.path === undefined ? undefined : parsePath(operation.path);
    if (path && isMembers(type, path)) fold.at(path, operation);
    else if (path) others.push(operation);
    else others.push(...fold.pathless(operation));
  }
  return { members: fold.result(), others };
}

/** The members of a POST or PUT body: undefined when the body does not speak of them. Throws ScimError. */
export function readMembers(type: ResourceType, body: { readonly [key: string]: Json }): string[] | undefined {
  const key = Object.keys(body).find((each) => isMembersKey(type, each));
  if (key === undefined) return undefined;
  return [...new Set(idsOf(body[key] ?? null))];
}

class Fold {
  private replaced: Set<string> | undefined;
  private readonly added = new Set<string>();
  private readonly removed = new Set<string>();

  constructor(private readonly type: ResourceType) {}

  at(path: PatchPath, { op, value }: Operation): void {
    if (path.filter) return this.atElement(path, path.filter, op, value);
    if (path.attribute.subAttribute !== undefined) return this.atSubAttribute(path);
    const ids = idsOf(listInside(this.type, value) ?? value ?? null);
    if (op === 'add') this.add(ids);
    else if (op === 'replace') this.replaceAll(ids);
    // Without a value the attribute is removed (RFC 7644 section 3.5.2.2); with one, Entra and others mean just the listed members,
    // and an empty list names nobody.
    else if (value === undefined) this.replaceAll([]);
    else this.remove(ids);
  }

  /** Takes the members out of a value without path; what is left goes on as it was. */
  pathless(operation: Operation): Operation[] {
    const { op, value } = operation;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return [operation];
    const rest: { [key: string]: Json } = {};
    for (const [key, item] of Object.entries(value)) {
      const path = parsePathKey(key);
      if (!path || !isMembers(this.type, path)) rest[key] = item;
      else if (isWhole(path)) this.at(path, { op, value: item });
      // `members[value eq "x"].display` and the like are the server's to say, and are ignored.
    }
    return Object.keys(rest).length === 0 ? [] : [{ ...operation, value: rest }];
  }

  result(): FoldedGroupPatch['members'] {
    if (this.replaced) return { replace: [...this.replaced], add: [], remove: [] };
    return { add: [...this.added], remove: [...this.removed] };
  }

  /** `members[value eq "id"]`: remove takes these out; display and the like are the server's to say and are ignored. */
  private atElement(path: PatchPath, filter: Filter, op: Operation['op'], value: Json | undefined): void {
    const ids = namedBy(filter);
    if (path.subAttribute !== undefined && path.subAttribute.toLowerCase() !== 'value') return;
    if (op === 'remove') return this.remove(ids);
    // "value" is immutable (RFC 7643 section 8.7.1): a member cannot be made another one.
    if (namesAnother(value, ids))
      throw mutability('A member cannot become another one; remove the one and add the other');
    this.add(ids);
  }

  private atSubAttribute({ attribute }: PatchPath): void {
    throw invalidPath(`members.${attribute.subAttribute} cannot be changed; add or remove members instead`);
  }

  private add(ids: readonly string[]): void {
    for (const id of ids) {
      if (this.replaced) this.replaced.add(id);
      else {
        this.removed.delete(id);
        this.added.add(id);
      }
    }
  }

  private remove(ids: readonly string[]): void {
    for (const id of ids) {
      if (this.replaced) this.replaced.delete(id);
      else {
        this.added.delete(id);
        this.removed.add(id);
      }
    }
  }

  private replaceAll(ids: readonly string[]): void {
    this.replaced = new Set(ids);
    this.added.clear();
    this.removed.clear();
  }
}

/** The ids that a member filter names: `value eq "x"`, several joined by `or`. Others would need the members to be loaded. */
function namedBy(filter: Filter): string[] {
  if (filter.kind === 'or') return filter.filters.flatMap(namedBy);
  if (
    filter.kind === 'compare' &&
    filter.operator === 'eq' &&
    filter.path.name.toLowerCase() === 'value' &&
    (typeof filter.value === 'string' || typeof filter.value === 'number')
  ) {
    return [String(filter.value)];
  }
  throw invalidFilter('Members can be chosen by value only: members[value eq "id"]');
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
  return typeof item === 'string' && item !== '' ? item : undefined;
}

function valueIn(item: Json): Json | undefined {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) return undefined;
  // The usual spelling first: there may be a hundred thousand of them.
  if (Object.hasOwn(item, 'value')) return item['value'];
  const key = Object.keys(item).find((name) => name.toLowerCase() === 'value');
  return key === undefined ? undefined : item[key];
}

/** Whether the value of an operation on the members with these ids carries an id that is not among them. */
function namesAnother(value: Json | undefined, ids: readonly string[]): boolean {
  const items = Array.isArray(value) ? value : [value ?? null];
  const given = items.map((item) => plainId(item) ?? plainId(valueIn(item)));
  return given.some((id) => id !== undefined && !ids.includes(id));
}

/** Ping's SDK: `{"op":"remove","path":"members","value":{"members":[...]}}`. */
function listInside(type: ResourceType, value: Json | undefined): Json | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const key = Object.keys(value).find((each) => isMembersKey(type, each));
  return key === undefined ? undefined : value[key];
}

/**
 * Everything that the schema calls members, in whatever spelling: what slipped by here would end in the group's document, where it
 * would look like members and be none.
 */
/** An extension may have an attribute of that name. */
export const namesMembers = (resolved: ResolvedAttribute | undefined): boolean =>
  resolved?.path.schema === undefined && resolved?.path.attribute === 'members';

const isMembers = (type: ResourceType, { attribute }: PatchPath): boolean =>
  namesMembers(findAttribute(type, attribute));

const isWhole = ({ attribute, filter }: PatchPath): boolean => !filter && attribute.subAttribute === undefined;

function isMembersKey(type: ResourceType, key: string): boolean {
  const path = parsePathKey(key);
  return path !== undefined && isMembers(type, path) && isWhole(path);
}
