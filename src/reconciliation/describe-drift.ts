import type { Group, JsonValue, Origin, User } from '../directory/directory-types.js';
import { nameKey } from '../directory/name-key.js';
import { applyClaims } from './apply-claims.js';
import type { LoginClaims } from './changes.js';
import { describeUser, type Differences } from './describe-changes.js';
import type { MembershipPlan } from './plan-memberships.js';

/**
 * describe-drift: where an assertion disagrees with what is stored, for a person whom sign-ins do not change.
 *
 * | asserted | disagrees when |
 * |---|---|
 * | e-mail | it is neither the primary address nor one of type work; where no address is marked so, when it is no address of theirs |
 * | userName | it is another one, ignoring case; not when it is only the e-mail, standing in for a userName that was not asserted |
 * | displayName | it is another one; not when it is only given and family name joined and none is stored |
 * | givenName, familyName | it is another one |
 * | groups | a group is named whose member the person is not, or not named and SCIM or a sign-in put the person there |
 *
 * What an operator gave by hand, default groups, and groups an assertion does not speak of (overage, absent and kept) are no drift.
 */

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

export const DRIFT_KINDS = ['groups', 'unknown-groups', 'profile', 'active'] as const;
export type DriftKind = (typeof DRIFT_KINDS)[number];

type Person = Parameters<typeof describeUser>[1] & Pick<User, 'userName' | 'attributes'>;

export function driftOf(
  user: Person,
  claims: LoginClaims,
  groups: {
    readonly plan: MembershipPlan;
    readonly known: readonly {
      readonly group: Pick<Group, 'id' | 'isDefault'>;
      readonly origins: readonly Origin[] | null;
    }[];
  },
): Drift {
  const { plan, known } = groups;
  const member = new Set(known.flatMap(({ group, origins }) => (origins === null ? [] : [group.id])));
  const given = known.filter(({ group, origins }) => !group.isDefault && origins?.some(isFromIdp));
  const stored = plan.kind === 'reset' ? given.map(({ group }) => group.id) : [];
  return {
    profile: profileDrift(user, claims),
    groups: {
      assertedOnly: plan.named.filter((id) => !member.has(id)),
      storedOnly: stored.filter((id) => !plan.named.includes(id)),
      // Nobody creates groups for somebody whom sign-ins do not change.
      unknown: [...plan.unknown, ...plan.create],
    },
  };
}

const isFromIdp = (origin: Origin): boolean => origin === 'scim' || origin.startsWith('jit:');

export const kindsOf = ({ profile, groups }: Drift): DriftKind[] => [
  ...(groups.assertedOnly.length + groups.storedOnly.length > 0 ? (['groups'] as const) : []),
  ...(groups.unknown.length > 0 ? (['unknown-groups'] as const) : []),
  ...(Object.keys(profile).length > 0 ? (['profile'] as const) : []),
];

function profileDrift(user: Person, claims: LoginClaims): Differences {
  const { email, displayName, userName, ...others } = claims;
  const joined = [claims.givenName, claims.familyName].filter(Boolean).join(' ');
  const compared = {
    ...others,
    ...(email === undefined || hasAddress(user.attributes['emails'], email) ? {} : { email }),
    ...(displayName === undefined || (displayName === joined && !user.attributes['displayName'])
      ? {}
      : { displayName }),
  };
  const isOther = userName !== undefined && userName !== email && nameKey(userName) !== nameKey(user.userName);
  return describeUser(user, {
    ...user,
    userName: isOther ? userName : user.userName,
    attributes: applyClaims(user.attributes, compared),
  });
}

function hasAddress(emails: JsonValue | undefined, asserted: string): boolean {
  const entries = (Array.isArray(emails) ? emails : []).flatMap((entry) =>
    typeof entry === 'object' && entry !== null && !Array.isArray(entry) ? [entry] : [],
  );
  const marked = entries.filter(({ primary, type }) => primary === true || type === 'work');
  return (marked.length > 0 ? marked : entries).some(
    ({ value }) => typeof value === 'string' && nameKey(value) === nameKey(asserted),
  );
}
