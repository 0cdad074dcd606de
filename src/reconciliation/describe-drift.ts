import type { Group, Origin, User } from '../directory/directory-types.js';
import { applyClaims } from './apply-claims.js';
import type { LoginClaims } from './changes.js';
import { describeUser, type Differences } from './describe-changes.js';
import type { MembershipPlan } from './plan-memberships.js';

/** Where an assertion disagrees with what is stored, for a person whom sign-ins do not change. */
export interface Drift {
  /** Stored and asserted value. */
  readonly profile: Differences;
  readonly groups: {
    readonly assertedOnly: readonly string[];
    readonly storedOnly: readonly string[];
    /** Asserted values that name no group. */
    readonly unknown: readonly string[];
  };
}

export function driftOf(
  user: User,
  claims: LoginClaims,
  groups: {
    readonly plan: MembershipPlan;
    readonly known: readonly { readonly group: Group; readonly origins: readonly Origin[] | null }[];
  },
): Drift {
  const { plan, known } = groups;
  const asserted = { ...user, attributes: applyClaims(user.attributes, claims) };
  const member = new Set(known.filter(({ origins }) => origins !== null).map(({ group }) => group.id));
  const exempt = new Set(known.filter(({ group }) => group.isDefault).map(({ group }) => group.id));
  const stored = plan.kind === 'reset' ? [...member].filter((id) => !exempt.has(id)) : [];
  return {
    profile: describeUser(user, asserted),
    groups: {
      assertedOnly: plan.named.filter((id) => !member.has(id)),
      storedOnly: stored.filter((id) => !plan.named.includes(id)),
      unknown: plan.unknown,
    },
  };
}
