import type { GroupRef, Origin, User } from '../directory/directory-types.js';
import { nameKey } from '../directory/name-key.js';
import type { Connection } from '../organizations/connection.js';
import type { LoginClaims } from './changes.js';
import { driftOf, type Drift } from './describe-drift.js';
import { planFor, type KnownGroup } from './plan-memberships.js';

/** Many people against their assertions at once: what describe-drift says of each, from groups and memberships that were read for all. */

export interface GroupIndex {
  /** The groups of a person, and those that the values could name, as plan-memberships wants them. */
  known(userId: string, values: readonly string[], mapped: readonly string[]): KnownGroup[];
  ref(groupId: string): GroupRef;
}

/** What groups could be named by. */
export function valuesOf(claims: readonly LoginClaims[]): { nameKeys: string[]; externalIds: string[] } {
  const values = new Set(claims.flatMap(({ groups }) => (groups.kind === 'listed' ? groups.values : [])));
  return { nameKeys: [...new Set([...values].map(nameKey))], externalIds: [...values] };
}

export function indexGroups(
  groups: readonly Omit<KnownGroup, 'origins'>[],
  memberships: readonly { readonly userId: string; readonly groupId: string; readonly origins: Origin[] }[],
): GroupIndex {
  const byId = new Map(groups.map((known) => [known.group.id, known]));
  const idsByKey = gather(
    groups,
    ({ group }) => nameKey(group.displayName),
    ({ group }) => group.id,
  );
  const idsByExternalId = gather(
    groups,
    ({ group }) => group.externalId,
    ({ group }) => group.id,
  );
  const byPerson = gather(
    memberships,
    ({ userId }) => userId,
    (membership) => membership,
  );
  return {
    known: (userId, values, mapped) => {
      const origins = new Map(byPerson.get(userId)?.map((each) => [each.groupId, each.origins]));
      const named = values.flatMap((value) => [
        ...(idsByKey.get(nameKey(value)) ?? []),
        ...(idsByExternalId.get(value) ?? []),
      ]);
      return [...new Set([...origins.keys(), ...named, ...mapped])].sort().flatMap((id) => {
        const known = byId.get(id);
        return known ? [{ ...known, origins: origins.get(id) ?? null }] : [];
      });
    },
    ref: (groupId) => ({ id: groupId, displayName: byId.get(groupId)?.group.displayName ?? groupId }),
  };
}

export function compareWithAssertion(
  connection: Connection,
  user: User,
  claims: LoginClaims,
  groups: GroupIndex,
): Drift {
  const values = claims.groups.kind === 'listed' ? claims.groups.values : [];
  const mapped = connection.provisioning.groupMapping.filter(({ value }) => values.includes(value));
  const known = groups.known(
    user.id,
    values,
    mapped.map(({ groupId }) => groupId),
  );
  return driftOf(user, claims, { plan: planFor(connection, claims.groups, known), known });
}

function gather<T, U>(
  items: readonly T[],
  keyOf: (item: T) => string | null,
  toValue: (item: T) => U,
): Map<string, U[]> {
  const found = new Map<string, U[]>();
  for (const item of items) {
    const key = keyOf(item);
    if (key === null) continue;
    const list = found.get(key);
    if (list) list.push(toValue(item));
    else found.set(key, [toValue(item)]);
  }
  return found;
}
