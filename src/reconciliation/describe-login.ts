import type { Group, GroupRef, Origin } from '../directory/directory-types.js';
import type { LoginClaims } from './changes.js';
import { describeUser, type Differences } from './describe-changes.js';
import type { Drift } from './describe-drift.js';
import type { LoginDecision } from './decide-login.js';
import type { LoginPlan } from './login-planner.service.js';
import { makesLink } from './makes-link.js';
import type { MembershipPlan, PlannedAddition } from './plan-memberships.js';

/**
 * Why a group is gained, lost or kept as it is.
 * - `named`: the assertion names it; `confirmed`: so it does, and the person is a member already
 * - `default`: everybody is in it
 * - `not-asserted`: the assertion does not name it, and the group's policy lets sign-ins take it
 * - `other-origins`: the sign-in is no reason for it any more, others are left
 * - `held`: the removal guard; `last-admin`: it gives the last admin their role
 * - `scim`, `ignore`, `protected`: named, but not for sign-ins to give
 */
export type Because =
  | 'named'
  | 'confirmed'
  | 'default'
  | 'not-asserted'
  | 'other-origins'
  | 'held'
  | 'last-admin'
  | 'scim'
  | 'ignore'
  | 'protected';

export interface GroupEffect extends GroupRef {
  readonly because: Because;
  /** The values that name it, and by what. */
  readonly named: PlannedAddition['because'];
}

export interface LoginPreview {
  readonly decision: LoginDecision;
  /** Would the subject be linked to somebody who is there? */
  readonly links: boolean;
  /** The person: old and new value of what would change. */
  readonly changes: Differences;
  readonly userNameTaken: boolean;
  readonly groups: {
    readonly kind: MembershipPlan['kind'] | 'untouched';
    readonly added: readonly GroupEffect[];
    readonly removed: readonly GroupEffect[];
    readonly kept: readonly GroupEffect[];
    /** Names of groups that would be made; the person joins them. */
    readonly created: readonly string[];
    readonly unknown: readonly string[];
  };
  /** Where the assertion disagrees with somebody whom sign-ins do not change. */
  readonly drift: Drift | null;
}

const NOTHING = { kind: 'untouched', added: [], removed: [], kept: [], created: [], unknown: [] } as const;

/** `plan` undefined: the sign-in is refused. `defaults`: the groups a newcomer joins whatever is asserted. */
export function describeLogin(
  decision: LoginDecision,
  plan: LoginPlan | undefined,
  defaults: readonly GroupRef[],
  claims: Pick<LoginClaims, 'passingSubject'>,
): LoginPreview {
  const links = decision.kind !== 'reject' && decision.kind !== 'create' && makesLink(decision, claims);
  const untouched = { decision, links, changes: {}, userNameTaken: false, groups: NOTHING, drift: null };
  if (plan === undefined) return untouched;
  if (plan.kind === 'leave') return { ...untouched, drift: plan.drift };
  const before = plan.kind === 'change' ? plan.user : undefined;
  const groups = describeGroups(plan);
  const joined = defaults.map((group) => ({ ...group, because: 'default' as const, named: [] }));
  return {
    ...untouched,
    changes: describeUser(before, plan.kind === 'change' ? plan.next : plan.state),
    userNameTaken: plan.kind === 'change' && plan.userNameTaken,
    groups: { ...groups, added: [...joined, ...groups.added] },
  };
}

type Doing = Exclude<LoginPlan, { kind: 'leave' }>;

function describeGroups(plan: Doing): LoginPreview['groups'] {
  const { plan: memberships, known } = plan.groups;
  const byId = new Map(known.map((entry) => [entry.group.id, entry]));
  const effect = (groupId: string, because: Because, named: PlannedAddition['because'] = []): GroupEffect[] => {
    const found = byId.get(groupId);
    return found ? [{ id: groupId, displayName: found.group.displayName, because, named }] : [];
  };
  const isMember = (groupId: string) => (byId.get(groupId)?.origins ?? null) !== null;
  const { add, remove, withheld, kind, create, unknown } = memberships;
  const added = add.filter(({ groupId }) => !isMember(groupId));
  const confirmed = add.filter(({ groupId }) => isMember(groupId));
  const removals = remove.map(({ groupId, ends }) => ({ groupId, why: whyKept(plan, byId.get(groupId)!, ends) }));
  return {
    kind,
    added: added.flatMap(({ groupId, because }) => effect(groupId, 'named', because)),
    removed: removals.flatMap(({ groupId, why }) => (why ? [] : effect(groupId, 'not-asserted'))),
    kept: [
      ...confirmed.flatMap(({ groupId, because }) => effect(groupId, 'confirmed', because)),
      ...removals.flatMap(({ groupId, why }) => (why ? effect(groupId, why) : [])),
      ...withheld.flatMap(({ groupId, why }) => effect(groupId, why)),
    ],
    created: create,
    unknown,
  };
}

/** undefined: the person leaves the group. */
function whyKept(
  plan: Doing,
  { group, origins }: { readonly group: Group; readonly origins: readonly Origin[] | null },
  ends: 'membership' | Origin,
): Because | undefined {
  if (plan.removals.kind === 'hold') return 'held';
  if (plan.kind === 'change' && plan.keep?.has(group.id)) return 'last-admin';
  return ends !== 'membership' && (origins ?? []).length > 1 ? 'other-origins' : undefined;
}
