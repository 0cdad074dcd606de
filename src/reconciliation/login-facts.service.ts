import { Inject, Injectable } from '@nestjs/common';
import type { Snapshot, Transaction } from '../database/transaction.js';
import type { User } from '../directory/directory-types.js';
import { nameKey } from '../directory/name-key.js';
import { SignInReader, type Candidate, type SignInFacts, type SignInKeys } from '../directory/sign-in.reader.js';
import { requiresScim, type Connection } from '../organizations/connection.js';
import type { LoginClaims } from './changes.js';
import type { LoginFacts } from './decide-login.js';
import { groupNamesOf } from './membership-reset.service.js';

export interface GatheredFacts {
  readonly facts: LoginFacts;
  /** The matched user; locked, unless the facts are gathered on a snapshot. */
  readonly user: User | undefined;
  /** The asserted userName is another living user's. */
  readonly userNameTaken: boolean;
  /** The groups of the matched user and those that the assertion could name. */
  readonly groups: SignInFacts['groups'];
  readonly sessionLimits: SignInFacts['sessionLimits'];
}

/** Collects what decide-login judges, with the matched user locked; on a snapshot, which is one moment anyway, without the lock. */
@Injectable()
export class LoginFactsService {
  constructor(@Inject(SignInReader) private readonly reader: SignInReader) {}

  /** Finds and locks, then looks: before the lock came, the match may have been deleted, or linked to another subject. */
  async gather(db: Transaction | Snapshot, connection: Connection, claims: LoginClaims): Promise<GatheredFacts> {
    const { organizationId } = connection;
    const keys = keysOf(connection, claims);
    const named = groupNamesOf(connection, claims.groups);
    for (;;) {
      const user = await this.reader.person(db, organizationId, keys);
      const found = await this.reader.facts(db, organizationId, keys, user?.id, named);
      const match = chooseMatch(found.candidates, user);
      if (match) return toGathered(connection, claims, keys, found, match, match.kind === 'user' ? user : undefined);
    }
  }
}

const keysOf = ({ id }: Connection, { subject, externalId, userName, email }: LoginClaims): SignInKeys => ({
  connectionId: id,
  subject,
  externalIds: [subject.value, ...(externalId === undefined ? [] : [externalId])],
  userNameKey: userName === undefined ? undefined : nameKey(userName),
  emailKey: email === undefined ? undefined : nameKey(email),
  domain: domainOf(email ?? userName),
});

function domainOf(address: string | undefined): string | undefined {
  const at = address?.lastIndexOf('@') ?? -1;
  if (address === undefined || at < 1 || at === address.length - 1) return undefined;
  return address.slice(at + 1).toLowerCase();
}

/**
 * The living user of the best key; without any, the tombstone of the best key (design section 2: first hit wins). undefined: the one who
 * is locked is not the one who is meant.
 */
function chooseMatch(candidates: readonly Candidate[], locked: User | undefined): LoginFacts['match'] | undefined {
  const [best] = candidates.filter(({ living }) => living);
  if (best) {
    const userIds = [...new Set(candidates.filter(({ by, living }) => living && by === best.by).map(({ id }) => id))];
    if (userIds.length > 1) return { kind: 'ambiguous', by: best.by, userIds };
    const { by, linkedElsewhere } = best;
    return locked?.id === best.id ? { kind: 'user', by, user: locked, linkedElsewhere } : undefined;
  }
  const [buried] = candidates;
  if (locked) return undefined;
  return buried ? { kind: 'tombstone', by: buried.by, userId: buried.id } : { kind: 'none' };
}

function toGathered(
  connection: Connection,
  { missing }: LoginClaims,
  { domain }: SignInKeys,
  { candidates, groups, domainOwner, emailTaken, sessionLimits }: SignInFacts,
  match: LoginFacts['match'],
  user: User | undefined,
): GatheredFacts {
  const { organizationId, id, enabled, jit, provisioning } = connection;
  const { linkManualUsers, allowedDomains } = provisioning;
  return {
    user,
    userNameTaken:
      user !== undefined &&
      candidates.some(({ by, id: other, living }) => by === 'userName' && living && other !== user.id),
    groups,
    sessionLimits,
    facts: {
      connection: { id, enabled, jit, requireScim: requiresScim(connection), linkManualUsers, allowedDomains },
      missing,
      match,
      domain:
        domain === undefined
          ? undefined
          : {
              name: domain,
              verifiedHere: domainOwner === organizationId,
              verifiedElsewhere: domainOwner !== null && domainOwner !== organizationId,
            },
      emailTaken: match.kind === 'none' && emailTaken,
    },
  };
}
