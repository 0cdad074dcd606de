/**
 * PATCH of a group folded into what it does to the members, without the members: a group of 50,000 is never loaded to change one.
 * Operations on other attributes are left for applyPatch on the group's document.
 */
import type { Filter } from '../protocol/filter/filter.js';
import { parsePath, type PatchPath } from '../protocol/path/parse-path.js';
import type { Operation } from '../protocol/patch/parse-patch-request.js';
import type { Json } from '../protocol/schema/attribute.js';
import { invalidFilter, invalidPath, invalidValue } from '../protocol/scim-error.js';
import { GROUP_SCHEMA } from '../protocol/urns.js';

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
export function foldGroupPatch(operations: readonly Operation[]): FoldedGroupPatch {
  const fold = new Fold();
  const others: Operation[] = [];
  for (const operation of operations) {
    const path = operation.path === undefined ? undefined : parsePath(operation.path);
    if (path && isMembers(path)) fold.at(path, operation);
    else if (path) others.push(operation);
    else others.push(...fold.pathless(operation));
  }
  return { members: fold.result(), others };
}

/** The members of a POST or PUT body: undefined when the body does not speak of them. Throws ScimError. */
export function readMembers(body: { readonly [key: string]: Json }): string[] | undefined {
  const key = Object.keys(body).find((name) => isMembersKey(name));
  if (key === undefined) return undefined;
  return idsOf(body[key] ?? null);
}

class Fold {
  private replaced: Set<string> | undefined;
  private readonly added = new Set<string>();
  private readonly removed = new Set<string>();

  at(path: PatchPath, { op, value }: Operation): void {
    if (path.filter) return this.atElement(path, path.filter, op);
    if (path.attribute.subAttribute !== undefined) return this.atSubAttribute(path);
    if (op === 'add') this.add(idsOf(value ?? null));
    else if (op === 'replace') this.replaceAll(idsOf(value ?? null));
    // Without a value the attribute is removed (RFC 7644 section 3.5.2.2); with one, Entra and others mean just the listed members,
    // and an empty list names nobody.
    else if (value === undefined) this.replaceAll([]);
    else this.remove(idsOf(isListInside(value) ?? value));
  }

  /** Takes the members out of a value without path; what is left goes on as it was. */
  pathless(operation: Operation): Operation[] {
    const { op, value } = operation;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return [operation];
    const rest: { [key: string]: Json } = {};
    for (const [key, item] of Object.entries(value)) {
      if (isMembersKey(key)) {
        if (op === 'add') this.add(idsOf(item));
        else this.replaceAll(idsOf(item));
      } else if (!isFiltered(key)) rest[key] = item;
    }
    return Object.keys(rest).length === 0 ? [] : [{ ...operation, value: rest }];
  }

  result(): FoldedGroupPatch['members'] {
    if (this.replaced) return { replace: [...this.replaced], add: [], remove: [] };
    return { add: [...this.added], remove: [...this.removed] };
  }

  /** `members[value eq "id"]`: remove takes these out; display and the like are the server's to say and are ignored. */
  private atElement(path: PatchPath, filter: Filter, op: Operation['op']): void {
    const ids = namedBy(filter);
    if (path.subAttribute !== undefined && path.subAttribute.toLowerCase() !== 'value') return;
    if (op === 'remove') this.remove(ids);
    else this.add(ids);
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
  const items = Array.isArray(value) ? value : [value];
  return [...new Set(items.map(idOf))];
}

function idOf(item: Json): string {
  if (typeof item === 'string' && item !== '') return item;
  if (typeof item === 'number') return String(item);
  if (typeof item === 'object' && item !== null && !Array.isArray(item)) {
    const key = Object.keys(item).find((name) => name.toLowerCase() === 'value');
    const value = key === undefined ? undefined : item[key];
    if (typeof value === 'string' && value !== '') return value;
    if (typeof value === 'number') return String(value);
  }
  throw invalidValue('Each member needs a "value", the id of a user');
}

/** Ping's SDK: `{"op":"remove","path":"members","value":{"members":[...]}}`. */
function isListInside(value: Json): Json | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const key = Object.keys(value).find((name) => isMembersKey(name));
  return key === undefined ? undefined : value[key];
}

const MEMBERS_KEYS: ReadonlySet<string> = new Set(['members', `${GROUP_SCHEMA}:members`.toLowerCase()]);
const isMembersKey = (name: string): boolean => MEMBERS_KEYS.has(name.toLowerCase());
/** A key such as `members[value eq "x"].display` in a value without path: the server's to say. */
const isFiltered = (name: string): boolean => /^members\s*[[.]/i.test(name);

function isMembers({ attribute }: PatchPath): boolean {
  if (attribute.name.toLowerCase() !== 'members') return false;
  return attribute.schema === undefined || attribute.schema.toLowerCase() === GROUP_SCHEMA.toLowerCase();
}
