import type { Group, Origin, User } from '../directory/directory-types.js';
import type { Membership } from '../directory/whole-state.reader.js';
import { sameJson } from '../platform/same-json.js';
import { GROUP_FIELDS, USER_FIELDS, type Differences } from './describe-changes.js';
import type { Cell, NetChange, NetChanges } from './net-changes.js';

/**
 * plan-undo: what takes back what a SCIM client did. Everything is judged by itself: each attribute, each reason of each membership.
 *
 * | now it is | then |
 * |---|---|
 * | as the client left it | it becomes what the client found |
 * | what others made of it since | conflict `changed-since`: it stays; none, if it is what the client found |
 *
 * | the client | then |
 * |---|---|
 * | made somebody or something, and nobody touched it since | it is removed, with its memberships |
 * | the same, but others changed it, gave it memberships or signed in as it | conflict `in-use`: it stays with all it has |
 * | deleted somebody or something | it is restored with its memberships, under the same id |
 * | changed what others have deleted since | conflict `gone` |
 * | left no complete entry (older versions) | conflict `unlogged` |
 * | took a role that the organization has no more | conflict `unknown-role` |
 * | gave access to somebody who is a break-glass person by now | conflict `break-glass` |
 *
 * Whether a name is still free is for settle-undo to say. Reasons `default` follow from the groups and are not planned.
 */

export interface UndoFacts {
  /** All whom the client touched, tombstones too. */
  readonly users: ReadonlyMap<string, User>;
  readonly groups: ReadonlyMap<string, Group>;
  /** Of those the client touched, and all of those it made. */
  readonly memberships: readonly Membership[];
  /** Those who have signed in. */
  readonly signedIn: ReadonlySet<string>;
  /** Of the organization today. */
  readonly roles: readonly string[];
}

/** A person or a group as one row of names and values; attributes under their own names, absent ones null. */
export type Row = Readonly<Record<string, unknown>>;

export interface Undone {
  readonly subject: 'user' | 'group';
  readonly id: string;
  readonly name: string;
  readonly does: 'restore' | 'revert' | 'remove';
  /** null: a group that is to come back. */
  readonly now: Row | null;
  /** null: is to go. */
  readonly next: Row | null;
  readonly changes: Differences;
}

export interface UndoneMembership {
  readonly groupId: string;
  readonly groupName: string;
  readonly userId: string;
  readonly before: readonly Origin[];
  readonly after: readonly Origin[];
}

export interface Conflict {
  readonly subject: 'user' | 'group' | 'membership';
  /** Of the person or the group; of a membership, of the group. */
  readonly id: string;
  readonly name: string;
  /** Of a membership. */
  readonly userId: string | null;
  readonly because: 'changed-since' | 'in-use' | 'gone' | 'unlogged' | 'taken' | 'unknown-role' | 'break-glass';
  /** What it is and what it would have become. */
  readonly changes: Differences;
}

export interface Draft {
  readonly undone: readonly Undone[];
  readonly conflicts: readonly Conflict[];
}

const PERSON = [...USER_FIELDS, 'deletedAt'] as const;
const NAMES = { user: 'userName', group: 'displayName' } as const;

export const personRow = (user: User): Row => ({
  ...user.attributes,
  ...Object.fromEntries(USER_FIELDS.map((name) => [name, user[name]])),
  deletedAt: user.deletedAt?.toISOString() ?? null,
});

export const groupRow = (group: Group): Row => ({
  ...group.attributes,
  ...Object.fromEntries(GROUP_FIELDS.map((name) => [name, group[name]])),
});

/** The fields of a row and its attributes, as the directory writes them. */
export function partsOf(subject: Undone['subject'], row: Row): { fields: Row; attributes: Row } {
  const own: readonly string[] = subject === 'user' ? PERSON : GROUP_FIELDS;
  const others = Object.entries(row).filter(([name, value]) => !own.includes(name) && (value ?? null) !== null);
  return {
    fields: Object.fromEntries(own.map((name) => [name, row[name] ?? null])),
    attributes: Object.fromEntries(others),
  };
}

/** What becomes of the people and groups themselves. */
export function draftUndo(net: NetChanges, facts: UndoFacts): Draft {
  const foreign = foreignMembers(net, facts);
  const people = [...net.users.values()].map((change) => {
    const user = facts.users.get(change.id);
    const inUse = foreign.has(change.id) || facts.signedIn.has(change.id);
    return judge('user', change, user ? personRow(user) : null, inUse, facts.roles);
  });
  const groups = [...net.groups.values()].map((change) => {
    const group = facts.groups.get(change.id);
    return judge('group', change, group ? groupRow(group) : null, foreign.has(change.id), facts.roles);
  });
  const drafts = [...people, ...groups];
  return { undone: drafts.flatMap(({ undone }) => undone), conflicts: drafts.flatMap(({ conflicts }) => conflicts) };
}

function judge(
  subject: Undone['subject'],
  { id, exists, cells, certain }: NetChange,
  now: Row | null,
  inUse: boolean,
  roles: readonly string[],
): Draft {
  const nothing: Draft = { undone: [], conflicts: [] };
  const name = nameOf(subject, cells, now);
  const conflict = (because: Conflict['because'], changes: Differences = {}): Draft => ({
    undone: [],
    conflicts: [{ subject, id, name, userId: null, because, changes }],
  });
  const isGone = subject === 'group' ? now === null : (now?.['deletedAt'] ?? null) !== null;
  if (exists?.found === false) {
    if (isGone) return nothing;
    const others = differencesFrom(cells, now!);
    if (inUse || Object.keys(others).length > 0) return conflict('in-use', others);
    return { undone: [{ subject, id, name, does: 'remove', now, next: null, changes: {} }], conflicts: [] };
  }
  if (!certain) return conflict('unlogged');
  const { back, clashes } = revert(cells, now);
  const comesBack = isGone && (subject === 'group' ? exists?.left === false : back['deletedAt'] === null);
  if (isGone && !comesBack) return changesAnything(cells) ? conflict('gone') : nothing;
  if (Object.keys(back).length + clashes.length === 0) return nothing;
  const next = { ...now, ...back };
  const changes = Object.fromEntries(Object.entries(back).map(([key, to]) => [key, [now?.[key] ?? null, to] as const]));
  const role = (next['role'] ?? null) as string | null;
  if ((comesBack || 'role' in back) && role !== null && !roles.includes(role)) return conflict('unknown-role', changes);
  // As SCIM may not end their access, what takes SCIM back may not.
  if (now?.['breakGlass'] === true && now['active'] === true && next['active'] === false)
    return conflict('break-glass', changes);
  return {
    undone:
      Object.keys(back).length === 0
        ? []
        : [{ subject, id, name, does: comesBack ? 'restore' : 'revert', now, next, changes }],
    conflicts: clashes.length === 0 ? [] : conflict('changed-since', Object.fromEntries(clashes)).conflicts,
  };
}

const changesAnything = (cells: NetChange['cells']): boolean =>
  Object.values(cells).some((cell) => 'lost' in cell || !sameJson(cell.found, cell.left));

/** What it is called now; of what is gone, what it was called. */
function nameOf(subject: Undone['subject'], cells: NetChange['cells'], now: Row | null): string {
  return (now?.[NAMES[subject]] ?? cells[NAMES[subject]]?.found ?? '') as string;
}

/** What others wrote to what the client made, or has no entry. */
function differencesFrom(cells: NetChange['cells'], now: Row): Differences {
  const names = [...new Set([...Object.keys(cells), ...Object.keys(now)])];
  const others = names.filter((name) => 'lost' in (cells[name] ?? {}) || !sameJson(now[name], cells[name]?.left));
  return Object.fromEntries(others.map((name) => [name, [now[name] ?? null, cells[name]?.lost ?? null]]));
}

/** What goes back to what the client found, and what cannot: name -> what it is and what it would have become. */
function revert(cells: NetChange['cells'], now: Row | null) {
  const back: Record<string, unknown> = {};
  const clashes: [name: string, change: readonly [unknown, unknown]][] = [];
  for (const [name, cell] of Object.entries(cells)) {
    const value = now?.[name] ?? null;
    const was = 'lost' in cell ? cell.lost : cell.found;
    if (sameJson(value, was) || (!('lost' in cell) && sameJson(cell.found, cell.left))) continue;
    if (!('lost' in cell) && sameJson(value, cell.left)) back[name] = was;
    else clashes.push([name, [value, was]]);
  }
  return { back, clashes };
}

/** Those the client made who are in a group, or have members, for a reason that the client did not give. */
function foreignMembers(net: NetChanges, { memberships }: UndoFacts): ReadonlySet<string> {
  const given = new Map(net.memberships.map((each) => [`${each.groupId} ${each.userId}`, each.reasons]));
  const foreign = new Set<string>();
  for (const { groupId, userId, origins } of memberships) {
    const reasons = given.get(`${groupId} ${userId}`);
    const others = origins.filter((origin) => origin !== 'default' && !isGiven(reasons?.[origin]));
    if (others.length === 0) continue;
    foreign.add(groupId);
    foreign.add(userId);
  }
  return foreign;
}

const isGiven = (cell: Cell | undefined): boolean => cell?.left === true && !('lost' in cell);
