import type { MemberChange } from './changes.js';

/**
 * wait-for-members: what a value means that a SCIM client gives as a member.
 *
 * | the value is | then |
 * |---|---|
 * | the id of a living user | that user |
 * | no such id, but the externalId that this connection's client gave to one user | that user |
 * | neither, or the externalId of several | `wait`: joins when such a user arrives; `drop`: left out; `reject`: the request is refused |
 *
 * Bounded, because what never arrives would wait for ever: so many a group, so many days.
 */

export const MOST_WAITING = 1000;
/** Longer ones are nobody's key: they are left out. */
const LONGEST = 500;
export const mayWait = (value: string): boolean => value.length <= LONGEST;
const WAITS_DAYS = 30;

/** Who has waited since before this instant is forgotten. */
export const forgottenUntil = (now: Date): Date => new Date(now.getTime() - WAITS_DAYS * 86_400_000);

/** `strangers`: values that are no user's id, with the user who is known by it, or null. */
export function translateMembers(
  change: MemberChange,
  strangers: ReadonlyMap<string, string | null>,
): { change: MemberChange; waiting: string[] } {
  if (strangers.size === 0) return { change, waiting: [] };
  const known = (values: readonly string[]): string[] =>
    values.flatMap((value) => (strangers.has(value) ? (strangers.get(value) ?? []) : value));
  const wanted = [...new Set([...(change.replace ?? []), ...change.add])];
  return {
    change: {
      ...(change.replace === undefined ? {} : { replace: known(change.replace) }),
      add: known(change.add),
      remove: known(change.remove),
    },
    waiting: wanted.filter((value) => strangers.get(value) === null),
  };
}
