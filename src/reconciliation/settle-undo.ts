import type { UniqueAttribute } from '../organizations/unique-attributes.js';
import type { Attributes } from '../directory/directory-types.js';
import { nameKey } from '../directory/name-key.js';
import { uniqueKeysOf } from '../directory/unique-keys.js';
import type { Draft, Undone } from './plan-undo.js';
import { partsOf } from './plan-undo.js';

/**
 * settle-undo: who gets a name back that only one may have. What is undone together may pass names on in a circle; a name that
 * somebody else has by now, or that two would get, is a conflict `taken`. Who comes back without their name does not come back.
 */

export interface Claim {
  readonly subject: Undone['subject'];
  /** `userName`, `displayName`, or as clients write an attribute that an extension declares unique. */
  readonly attribute: string;
  /** In compared form. */
  readonly key: string;
}

export interface ClaimRules {
  readonly declared: readonly UniqueAttribute[];
  /** May several groups of the connection's client have one name? */
  readonly duplicateNames: (group: { readonly provenance: unknown; readonly connectionId: unknown }) => boolean;
}

/** What of that which only one may have somebody undone would have. */
export function claimsOf({ subject, next }: Undone, { declared, duplicateNames }: ClaimRules): Claim[] {
  if (!next) return [];
  const { fields, attributes } = partsOf(subject, next);
  const attribute = subject === 'user' ? 'userName' : 'displayName';
  const free = subject === 'group' && duplicateNames(fields as { provenance: unknown; connectionId: unknown });
  const unique = uniqueKeysOf(
    attributes as Attributes,
    declared.filter((each) => each.subject === subject),
  );
  return [
    ...(free ? [] : [{ subject, attribute, key: nameKey(String(fields[attribute])) }]),
    ...unique.map((each) => ({ subject, attribute: each.attribute, key: each.key })),
  ];
}

export const claimKey = ({ subject, attribute, key }: Claim): string => `${subject} ${attribute} ${key}`;

/** `holders`: claim -> who has it now. */
export function settle(draft: Draft, rules: ClaimRules, holders: ReadonlyMap<string, string>): Draft {
  let { undone, conflicts } = draft;
  for (;;) {
    const claims = new Map(undone.map((each) => [each.id, claimsOf(each, rules)]));
    const claimants = new Map<string, number>();
    for (const claim of [...claims.values()].flat())
      claimants.set(claimKey(claim), (claimants.get(claimKey(claim)) ?? 0) + 1);
    const isTaken = (id: string, claim: Claim): boolean => {
      const holder = holders.get(claimKey(claim));
      if (holder === id) return false;
      return claimants.get(claimKey(claim))! > 1 || (holder !== undefined && !claims.has(holder));
    };
    const settled = undone.map((each) => ({
      each,
      taken: claims.get(each.id)!.filter((claim) => isTaken(each.id, claim)),
    }));
    if (settled.every(({ taken }) => taken.length === 0)) return { undone, conflicts };
    const results = settled.map(({ each, taken }) => without(each, taken, rules));
    undone = results.flatMap((result) => result.undone);
    conflicts = [...conflicts, ...results.flatMap((result) => result.conflicts)];
  }
}

function without(each: Undone, taken: readonly Claim[], { declared }: ClaimRules): Draft {
  if (taken.length === 0) return { undone: [each], conflicts: [] };
  const { subject, id, name, now, next, does } = each;
  const stays = new Set(
    taken.map(({ attribute }) => declared.find((one) => one.name === attribute)?.path[0] ?? attribute),
  );
  const changes = Object.fromEntries(Object.entries(each.changes).filter(([key]) => !stays.has(key)));
  const refused = Object.fromEntries([...stays].map((key) => [key, [now?.[key] ?? null, next![key] ?? null] as const]));
  const kept = Object.fromEntries([...stays].map((key) => [key, now?.[key] ?? null]));
  return {
    undone:
      does === 'restore' || Object.keys(changes).length === 0 ? [] : [{ ...each, next: { ...next, ...kept }, changes }],
    conflicts: [{ subject, id, name, userId: null, because: 'taken', changes: refused }],
  };
}
