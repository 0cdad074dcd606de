import type { User } from '../directory/directory-types.js';
import type { ListedCandidate } from '../directory/take-over.reader.js';
import { decideUserCreate, type ProvisioningConnection } from './decide-provisioning.js';

/**
 * match-people: what the first pushes of a SCIM client would find, for a list of the people it has.
 *
 * | match | found | then SCIM ... |
 * |---|---|---|
 * | exact | one person of this userName, and nothing listed points to somebody else | adopts, or says why not |
 * | differs | one person, and the identifiers named are not theirs: by e-mail alone SCIM does not find them and makes a second one | |
 * | ambiguous | several people | refuses, or takes the one of the userName |
 * | missing | nobody | creates |
 */

export interface ListedPerson {
  readonly userName: string;
  readonly externalId: string | null;
  readonly email: string | null;
}

export interface PersonMatch {
  readonly listed: ListedPerson;
  readonly match: 'exact' | 'differs' | 'ambiguous' | 'missing';
  readonly differs: readonly ('userName' | 'externalId' | 'email')[];
  readonly found: readonly { readonly id: string; readonly userName: string }[];
  /** By the very decision of POST /Users. */
  readonly scim: 'adopt' | 'create' | 'refuse' | 'present';
  readonly detail: string | null;
}

export function matchPerson(
  connection: ProvisioningConnection,
  listed: ListedPerson,
  candidates: readonly ListedCandidate[],
): PersonMatch {
  const by = (key: ListedCandidate['by']) =>
    candidates.filter((candidate) => candidate.by === key).map(({ user }) => user);
  const [byUserName] = by('userName');
  const bySubject = by('subject').find(({ id }) => id !== byUserName?.id);
  const people = [...new Map(candidates.map(({ user }) => [user.id, user])).values()];
  const found = people.map(({ id, userName }) => ({ id, userName }));
  const outcome = outcomeOf(connection, byUserName, bySubject);
  if (people.length === 0) return { listed, match: 'missing', differs: [], found, ...outcome };
  if (people.length > 1) return { listed, match: 'ambiguous', differs: [], found, ...outcome };
  const differs = differencesOf(listed, candidates);
  return { listed, match: differs.length === 0 ? 'exact' : 'differs', differs, found, ...outcome };
}

function outcomeOf(connection: ProvisioningConnection, byUserName: User | undefined, bySubject: User | undefined) {
  if (byUserName?.provenance === 'scim' && byUserName.connectionId === connection.id) {
    return { scim: 'present' as const, detail: null };
  }
  const decision = decideUserCreate(connection, { byUserName, bySubject });
  if (decision.kind === 'refuse') return { scim: 'refuse' as const, detail: decision.detail };
  return { scim: decision.kind === 'create' ? ('create' as const) : ('adopt' as const), detail: null };
}

/** An externalId that nobody signs in with says nothing: most clients send an id of their own. */
function differencesOf(listed: ListedPerson, candidates: readonly ListedCandidate[]): PersonMatch['differs'] {
  const matched = new Set(candidates.map(({ by }) => by));
  return [
    ...(matched.has('userName') ? [] : (['userName'] as const)),
    ...(matched.has('userName') || matched.has('subject') || listed.externalId === null
      ? []
      : (['externalId'] as const)),
    ...(listed.email !== null && !matched.has('email') && candidates.some(({ user }) => hasEmail(user))
      ? (['email'] as const)
      : []),
  ];
}

const hasEmail = ({ attributes }: User): boolean =>
  Array.isArray(attributes['emails']) && attributes['emails'].length > 0;
