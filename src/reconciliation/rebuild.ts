import type { Changes, LoggedChange, LoggedMembers } from '../audit/history.reader.js';
import type { Attributes, Group, Origin, Subject, User } from '../directory/directory-types.js';
import type { Identity } from '../directory/whole-state.reader.js';
import { sameJson } from '../platform/same-json.js';
import { GROUP_FIELDS, USER_FIELDS } from './describe-changes.js';

/**
 * rebuild: what somebody or something was at an instant, from what is there now and the log of what happened since.
 *
 * One law does it all: the value at the instant is the old value of the first change after it; what no later change speaks of is as
 * it is now. Who was created after the instant was not there; what was deleted after it was.
 * to-audit-entries writes what is read here. Entries of versions before that left things out; a state they leave in doubt says so.
 */

export interface Rebuilt<State> {
  /** undefined: was not there. */
  readonly state: State | undefined;
  /** false: an entry that does not say everything stands between then and now. */
  readonly certain: boolean;
}

export type PastUser = Pick<User, (typeof USER_FIELDS)[number] | 'attributes'> & {
  /** Of a tombstone: since when. */
  readonly deletedAt: string | null;
};
export type PastGroup = Pick<Group, (typeof GROUP_FIELDS)[number] | 'attributes'>;
/** Whether somebody was in a group, and why. */
export interface PastMembership {
  readonly groupId: string;
  readonly userId: string;
  readonly origins: readonly Origin[];
}

/** Actions that change a person's own row, and those of them that bring the row. */
export const USER_ACTIONS = [
  'user.created',
  'user.updated',
  'user.adopted',
  'user.deactivated',
  'user.reactivated',
  'user.deleted',
  'user.restored',
] as const;
export const GROUP_ACTIONS = [
  'group.created',
  'group.updated',
  'group.adopted',
  'group.deleted',
  'group.restored',
] as const;
export const LINK_ACTIONS = ['user.linked', 'user.unlinked'] as const;

const TURNS: readonly string[] = ['group.created', 'group.deleted', 'group.restored'];

/** Named beside the changes for those who only read; the row keeps them. */
export const REMARKS: Readonly<Record<string, readonly string[]>> = { 'user.deleted': ['userName', 'externalId'] };

/** `later`: what happened since the instant, the first first. */
export function rebuildUser(present: User | undefined, later: readonly LoggedChange[]): Rebuilt<PastUser> {
  const old = firstOldValues(later);
  const certain = later.every(({ action, changes }) => action !== 'user.deleted' || 'deletedAt' in changes);
  if (!present || later.some(({ action }) => action === 'user.created')) return { state: undefined, certain };
  const now = { ...pick(present, USER_FIELDS), deletedAt: present.deletedAt?.toISOString() ?? null };
  return { state: restore(now, present.attributes, old) as unknown as PastUser, certain };
}

export function rebuildGroup(present: Group | undefined, later: readonly LoggedChange[]): Rebuilt<PastGroup> {
  // A group comes and goes: the first of that after the instant says whether it was there.
  const turn = later.find(({ action }) => TURNS.includes(action));
  const ends = turn?.action === 'group.deleted';
  const certain = !ends || 'provenance' in turn.changes;
  if (turn ? !ends : !present) return { state: undefined, certain };
  const nothing = Object.fromEntries(GROUP_FIELDS.map((field) => [field, null]));
  const now = present ? pick(present, GROUP_FIELDS) : nothing;
  return { state: restore(now, present?.attributes ?? {}, firstOldValues(later)) as unknown as PastGroup, certain };
}

/** `later`: of one person, or of one group; `userId`: of whom, where the entries do not name them. */
export function rebuildMemberships(
  present: readonly PastMembership[],
  later: readonly LoggedMembers[],
  userId?: string,
): { readonly memberships: PastMembership[]; readonly certain: boolean } {
  const memberships = new Map(present.map((each) => [`${each.groupId} ${each.userId}`, each]));
  const seen = new Set<string>();
  let certain = true;
  for (const { targetId: groupId, action, changes } of later) {
    const before = originsBefore(action, changes);
    for (const member of userId === undefined ? ((changes['members']?.[1] ?? []) as string[]) : [userId]) {
      const key = `${groupId} ${member}`;
      if (seen.has(key)) continue;
      seen.add(key);
      if (before === undefined) certain = false;
      else if (before.length === 0) memberships.delete(key);
      else memberships.set(key, { groupId, userId: member, origins: before });
    }
  }
  const order = ({ groupId, userId: id }: PastMembership) => `${groupId} ${id}`;
  return { memberships: [...memberships.values()].sort((a, b) => (order(a) < order(b) ? -1 : 1)), certain };
}

export function rebuildIdentities(present: readonly Identity[], later: readonly LoggedChange[]): Identity[] {
  let found = [...present];
  for (const { action, changes } of [...later].reverse()) {
    const side = action === 'user.linked' ? 1 : 0;
    const link = { connectionId: changes['connectionId']![side], subject: changes['subject']![side] };
    found = found.filter((each) => !sameJson(each, link));
    if (action === 'user.unlinked') found.push(link as { connectionId: string; subject: Subject });
  }
  return found;
}

/** The reasons before an entry; undefined: it does not say. */
function originsBefore(action: string, changes: Changes): readonly Origin[] | undefined {
  if (changes['origins']) return changes['origins'][0] as readonly Origin[];
  return action === 'group.members-added' ? [] : undefined;
}

function firstOldValues(later: readonly LoggedChange[]): Map<string, unknown> {
  const old = new Map<string, unknown>();
  for (const { action, changes } of later) {
    for (const [name, [before]] of Object.entries(changes)) {
      if (!old.has(name) && !REMARKS[action]?.includes(name)) old.set(name, before);
    }
  }
  return old;
}

function restore(fields: Record<string, unknown>, attributes: Attributes, old: ReadonlyMap<string, unknown>) {
  const own = Object.fromEntries(
    Object.keys(fields).map((name) => [name, old.has(name) ? old.get(name) : fields[name]]),
  );
  const others = [...old].filter(([name]) => !(name in fields));
  const merged = { ...attributes, ...Object.fromEntries(others) };
  // An attribute that was not there is told as null; one that is there never is.
  const present = Object.entries(merged).filter(([, value]) => value !== null);
  return { ...own, attributes: Object.fromEntries(present) };
}

const pick = <T extends object>(from: T, names: readonly (keyof T & string)[]): Record<string, unknown> =>
  Object.fromEntries(names.map((name) => [name, from[name]]));
