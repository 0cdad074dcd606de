import type { Changes, LoggedChange } from '../audit/history.reader.js';
import type { Origin } from '../directory/directory-types.js';
import { sameJson } from '../platform/same-json.js';
import { GROUP_ACTIONS, REMARKS, USER_ACTIONS } from './rebuild.js';

/**
 * net-changes: what became of everything a SCIM client touched, from the log: the value it found and the value it left. What others
 * wrote in between is what the client found; what they wrote over it is theirs, and that the client had changed it is remembered.
 * to-audit-entries writes what is read here.
 */

export interface Cell {
  readonly found: unknown;
  readonly left: unknown;
  /** Others wrote over the client: what it would have become again. */
  readonly lost?: unknown;
}

/** An entry, and whether it is the client's and to be undone. */
export type OwnedChange = LoggedChange & { readonly mine: boolean };

export interface NetChange {
  readonly id: string;
  /** Of a group, whether it is there; of a person, whether there ever was one. Absent: not touched. */
  readonly exists?: Cell;
  readonly cells: Readonly<Record<string, Cell>>;
  /** false: an entry of an older version does not say everything. */
  readonly certain: boolean;
}

/** Reasons of one person to be in one group: each was one (true) or was none. */
export interface NetMembership {
  readonly groupId: string;
  readonly userId: string;
  readonly reasons: Readonly<Partial<Record<Origin, Cell>>>;
  readonly certain: boolean;
}

export interface NetChanges {
  readonly users: ReadonlyMap<string, NetChange>;
  readonly groups: ReadonlyMap<string, NetChange>;
  readonly memberships: readonly NetMembership[];
  /** Whom the client named before they were here. */
  readonly waiting: readonly { readonly groupId: string; readonly value: string }[];
}

const MEMBER_ACTIONS = [
  'group.members-added',
  'group.members-removed',
  'group.members-claimed',
  'group.members-released',
] as const;
const WAITING = 'group.members-waiting';

/** What can be taken back. */
export const UNDOABLE: readonly string[] = [...USER_ACTIONS, ...GROUP_ACTIONS, ...MEMBER_ACTIONS, WAITING];

const EXISTENCE: Readonly<Record<string, readonly [before: boolean, after: boolean]>> = {
  'user.created': [false, true],
  'group.created': [false, true],
  'group.restored': [false, true],
  'group.deleted': [true, false],
};

/** `entries`: of the client, and of others about the same people and groups since its first one, in the order in which they were made. */
export function netChanges(entries: readonly OwnedChange[]): NetChanges {
  const users = new Map<string, NetChange>();
  const groups = new Map<string, NetChange>();
  const memberships = new Map<string, NetMembership>();
  const waiting: { groupId: string; value: string }[] = [];
  for (const entry of entries) {
    const { action, targetId, changes, mine } = entry;
    const members = (changes['members']?.[1] ?? []) as readonly string[];
    if (action === WAITING) {
      if (mine) for (const value of members) waiting.push({ groupId: targetId, value });
    } else if (includes(MEMBER_ACTIONS, action)) {
      for (const userId of members) {
        const key = `${targetId} ${userId}`;
        const net = memberships.get(key);
        if (net ?? mine) memberships.set(key, withReasons(net ?? none(targetId, userId), entry));
      }
    } else {
      const nets = includes(USER_ACTIONS, action) ? users : groups;
      const net = nets.get(targetId);
      if (net ?? mine) nets.set(targetId, withEntry(net, entry));
    }
  }
  return { users, groups, memberships: [...memberships.values()], waiting };
}

const includes = (actions: readonly string[], action: string): boolean => actions.includes(action);
const none = (groupId: string, userId: string): NetMembership => ({ groupId, userId, reasons: {}, certain: true });

/** The cell after one more change. */
function follow(cell: Cell | undefined, before: unknown, after: unknown, mine: boolean): Cell {
  if (mine) return { found: cell && sameJson(cell.left, before) ? cell.found : before, left: after };
  const lost = cell && 'lost' in cell ? cell.lost : (cell?.found ?? null);
  const wasChanged = !cell || 'lost' in cell || !sameJson(cell.found, cell.left);
  return { found: after, left: after, ...(wasChanged && { lost }) };
}

function withEntry(net: NetChange | undefined, { action, targetId, changes, mine }: OwnedChange): NetChange {
  const cells: Record<string, Cell> = { ...net?.cells };
  const made = net?.exists?.found === false;
  for (const [name, [before, after]] of Object.entries(changes)) {
    if (REMARKS[action]?.includes(name)) continue;
    // What others did is of interest where the client did something, and of all that it made.
    if (mine || made || cells[name]) cells[name] = follow(cells[name], before, after, mine);
  }
  const turn = EXISTENCE[action];
  const exists = turn && (mine || net?.exists) ? follow(net?.exists, ...turn, mine) : net?.exists;
  const certain = (net?.certain ?? true) && saysEverything(action, changes);
  return { id: targetId, ...(exists && { exists }), cells, certain };
}

function saysEverything(action: string, changes: Changes): boolean {
  if (action === 'user.deleted') return 'deletedAt' in changes;
  return action !== 'group.deleted' || 'provenance' in changes;
}

function withReasons(net: NetMembership, { changes, mine }: OwnedChange): NetMembership {
  const both = changes['origins'] as readonly [readonly Origin[], readonly Origin[]] | undefined;
  if (!both) return { ...net, certain: false };
  const [before, after] = both;
  const moved = [...new Set([...before, ...after])].filter((one) => before.includes(one) !== after.includes(one));
  const cells = moved.flatMap((one): [Origin, Cell][] =>
    mine || net.reasons[one] ? [[one, follow(net.reasons[one], before.includes(one), after.includes(one), mine)]] : [],
  );
  return { ...net, reasons: { ...net.reasons, ...Object.fromEntries(cells) } };
}
