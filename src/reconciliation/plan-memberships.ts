import type { Group, Origin } from '../directory/directory-types.js';
import { nameKey } from '../directory/name-key.js';
import type { Connection } from '../organizations/connection.js';
import type { AssertedGroups } from './changes.js';

/**
 * plan-memberships: what a sign-in does to a person's groups.
 *
 * desired = groups the assertion names; current = memberships. Over groups that are not default, not `ignore` and not under the
 * authority of a SCIM client:
 *   add    = desired - current   (a protected group only through the mapping table)
 *   remove = current - desired   authoritative: the whole membership; own: this connection's origin; additive: nothing
 *
 * | asserted | effect |
 * |---|---|
 * | unmapped | groups are not synchronised |
 * | overage  | nothing is added or removed |
 * | absent   | whenGroupsAbsent: remove = as an empty list, keep = nothing |
 * | listed   | the reset; a value names a group by exact displayName, by externalId, or through the mapping table |
 */

export type PlannedGroup = Pick<
  Group,
  'id' | 'displayName' | 'externalId' | 'provenance' | 'loginPolicy' | 'protected' | 'isDefault'
> & {
  /** A SCIM client whose connection has scim on is the authority of this group. */
  readonly underScim: boolean;
};

export interface MembershipFacts {
  readonly connectionId: string;
  readonly asserted: AssertedGroups;
  readonly whenGroupsAbsent: 'remove' | 'keep';
  readonly unknownGroups: 'ignore' | 'create';
  readonly groupMapping: readonly { readonly value: string; readonly groupId: string }[];
  /** Every group a value could name, and every group of `current`. */
  readonly groups: readonly PlannedGroup[];
  readonly current: readonly { readonly groupId: string; readonly origins: readonly Origin[] }[];
}

export interface PlannedAddition {
  readonly groupId: string;
  /** The asserted values that name the group, and how. */
  readonly because: readonly { readonly value: string; readonly by: NamedBy }[];
}

export interface PlannedRemoval {
  readonly groupId: string;
  /** The whole membership, or one reason for it. */
  readonly ends: 'membership' | Origin;
}

export type NamedBy = 'displayName' | 'externalId' | 'mapping';

export interface MembershipPlan {
  readonly kind: 'reset' | 'unmapped' | 'overage' | 'kept';
  /** Every group that a value names, whatever may be done about it. */
  readonly named: readonly string[];
  readonly add: readonly PlannedAddition[];
  readonly remove: readonly PlannedRemoval[];
  /** Names of groups to create, where the connection says so; the person joins them. */
  readonly create: readonly string[];
  /** Values that name no group. */
  readonly unknown: readonly string[];
  /** Named groups that the sign-in may not put the person into, with the reason. */
  readonly withheld: readonly { readonly groupId: string; readonly why: 'protected' | 'ignore' | 'scim' }[];
}

const NOTHING = { named: [], add: [], remove: [], create: [], unknown: [], withheld: [] } as const;

/** A group that may concern a person, with the origins of their membership; null: not a member. */
export interface KnownGroup {
  readonly group: Group;
  readonly origins: readonly Origin[] | null;
  readonly underScim: boolean;
}

/** By the settings of a connection. `known`: the person's groups, and every group that a value could name. */
export function planFor(
  { id, provisioning }: Pick<Connection, 'id' | 'provisioning'>,
  asserted: AssertedGroups,
  known: readonly KnownGroup[],
): MembershipPlan {
  return planMemberships({
    connectionId: id,
    asserted,
    whenGroupsAbsent: provisioning.whenGroupsAbsent,
    unknownGroups: provisioning.unknownGroups,
    groupMapping: provisioning.groupMapping,
    groups: known.map(({ group, underScim }) => ({ ...group, underScim })),
    current: known.flatMap(({ group, origins }) => (origins === null ? [] : [{ groupId: group.id, origins }])),
  });
}

export function planMemberships(facts: MembershipFacts): MembershipPlan {
  const { asserted } = facts;
  if (asserted.kind === 'unmapped' || asserted.kind === 'overage') return { kind: asserted.kind, ...NOTHING };
  if (asserted.kind === 'absent' && facts.whenGroupsAbsent === 'keep') return { kind: 'kept', ...NOTHING };
  return reset(facts, asserted.kind === 'listed' ? [...new Set(asserted.values)] : []);
}

function reset(facts: MembershipFacts, values: readonly string[]): MembershipPlan {
  const named = nameGroups(facts, values);
  const byId = new Map(facts.groups.map((group) => [group.id, group]));
  const current = new Map(facts.current.map((membership) => [membership.groupId, membership.origins]));
  const origin: Origin = `jit:${facts.connectionId}`;
  const add: PlannedAddition[] = [];
  const withheld: MembershipPlan['withheld'][number][] = [];
  for (const [groupId, because] of named.groups) {
    const group = byId.get(groupId);
    if (!group || group.isDefault) continue;
    const why = whyWithheld(group, because);
    if (why) withheld.push({ groupId, why });
    // Also where the person is a member already: the assertion is then one more reason for it.
    else if (!current.get(groupId)?.includes(origin)) add.push({ groupId, because });
  }
  const remove = facts.current.flatMap(({ groupId, origins }): PlannedRemoval[] => {
    const group = byId.get(groupId);
    if (!group || named.groups.has(groupId) || group.isDefault || group.underScim) return [];
    if (group.loginPolicy === 'authoritative') return [{ groupId, ends: 'membership' }];
    if (group.loginPolicy === 'own' && origins.includes(origin)) return [{ groupId, ends: origin }];
    return [];
  });
  const create = facts.unknownGroups === 'create' ? namesToCreate(facts.groups, named.unknown) : [];
  return {
    kind: 'reset',
    named: [...named.groups.keys()],
    add,
    remove,
    create,
    unknown: named.unknown.filter((value) => !create.includes(value)),
    withheld,
  };
}

/** A name that differs only in case is another group's, or another value's: it stays unknown. */
function namesToCreate(groups: readonly PlannedGroup[], unknown: readonly string[]): string[] {
  const taken = new Set(groups.map(({ displayName }) => nameKey(displayName)));
  return unknown.filter((value) => {
    const key = nameKey(value);
    if (taken.has(key)) return false;
    taken.add(key);
    return true;
  });
}

/**
 * What a reset does to a person as a whole: `emptied`, it takes groups and the assertion leaves none of theirs; a group that is created
 * for a value that nobody knew gives nothing in exchange. `nothing`: none before, none after.
 */
export function effectOf(
  plan: Pick<MembershipPlan, 'named' | 'add' | 'remove'>,
  known: readonly (Pick<Group, 'id' | 'isDefault'> & { readonly origins: readonly Origin[] | null })[],
): 'emptied' | 'given' | 'nothing' {
  const stays = known.some(({ id, isDefault, origins }) => origins !== null && !isDefault && plan.named.includes(id));
  if (stays || plan.add.length > 0) return 'given';
  const reasons = new Map(known.map(({ id, origins }) => [id, origins?.length ?? 0]));
  const takes = plan.remove.some(({ groupId, ends }) => ends === 'membership' || reasons.get(groupId) === 1);
  return takes ? 'emptied' : 'nothing';
}

function whyWithheld(group: PlannedGroup, because: PlannedAddition['because']) {
  if (group.underScim) return 'scim';
  if (group.loginPolicy === 'ignore') return 'ignore';
  if (group.protected && !because.some(({ by }) => by === 'mapping')) return 'protected';
  return undefined;
}

function nameGroups(facts: MembershipFacts, values: readonly string[]) {
  const byName = index(facts.groups, (group) => group.displayName);
  const byExternalId = index(facts.groups, (group) => group.externalId);
  const mapped = index(facts.groupMapping, (entry) => entry.value);
  const known = new Set(facts.groups.map(({ id }) => id));
  const groups = new Map<string, { value: string; by: NamedBy }[]>();
  const unknown: string[] = [];
  for (const value of values) {
    const hits = [
      ...(byName.get(value) ?? []).map(({ id }) => ({ id, by: 'displayName' as const })),
      ...(byExternalId.get(value) ?? []).map(({ id }) => ({ id, by: 'externalId' as const })),
      ...(mapped.get(value) ?? [])
        .filter(({ groupId }) => known.has(groupId))
        .map(({ groupId }) => ({ id: groupId, by: 'mapping' as const })),
    ];
    if (hits.length === 0) unknown.push(value);
    for (const { id, by } of hits) groups.set(id, [...(groups.get(id) ?? []), { value, by }]);
  }
  return { groups, unknown };
}

function index<T>(items: readonly T[], key: (item: T) => string | null): Map<string, T[]> {
  const found = new Map<string, T[]>();
  for (const item of items) {
    const name = key(item);
    if (name !== null) found.set(name, [...(found.get(name) ?? []), item]);
  }
  return found;
}
