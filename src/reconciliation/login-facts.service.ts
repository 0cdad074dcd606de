import { Inject, Injectable } from '@nestjs/common';
import type { Snapshot, Transaction } from '../database/transaction.js';
import { CandidatesReader, type Candidate } from '../directory/candidates.reader.js';
import { DirectoryReader } from '../directory/directory.reader.js';
import type { User } from '../directory/directory-types.js';
import { nameKey } from '../directory/name-key.js';
import { requiresScim, type Connection } from '../organizations/connection.js';
import { TenantFactsReader } from '../organizations/tenant-facts.reader.js';
import type { LoginClaims } from './changes.js';
import type { LoginFacts } from './decide-login.js';

export interface GatheredFacts {
  readonly facts: LoginFacts;
  /** The matched user; locked, unless the facts are gathered on a snapshot. */
  readonly user: User | undefined;
  /** The asserted userName is another living user's. */
  readonly userNameTaken: boolean;
}

/** Collects what decide-login judges, with the matched user locked; on a snapshot, which is one moment anyway, without the lock. */
@Injectable()
export class LoginFactsService {
  constructor(
    @Inject(CandidatesReader) private readonly candidates: CandidatesReader,
    @Inject(DirectoryReader) private readonly directory: DirectoryReader,
    @Inject(TenantFactsReader) private readonly tenants: TenantFactsReader,
  ) {}

  async gather(db: Transaction | Snapshot, connection: Connection, claims: LoginClaims): Promise<GatheredFacts> {
    const domain = await this.domainOf(db, connection.organizationId, claims.email ?? claims.userName);
    const found = await this.lockMatch(db, connection, claims, domain?.verifiedHere ?? false);
    return {
      user: found.user,
      userNameTaken: found.userNameTaken,
      facts: {
        connection: {
          id: connection.id,
          enabled: connection.enabled,
          jit: connection.jit,
          requireScim: requiresScim(connection),
          linkManualUsers: connection.provisioning.linkManualUsers,
          allowedDomains: connection.provisioning.allowedDomains,
        },
        missing: claims.missing,
        match: found.match,
        domain,
        emailTaken: found.emailTaken,
      },
    };
  }

  /**
   * Finds, locks, and looks again: between the two the match may have been deleted, or linked to another subject. Likewise when nobody
   * matches but somebody has the e-mail: it may be this very person, whom a parallel sign-in has made since the first look.
   */
  private async lockMatch(db: Transaction | Snapshot, connection: Connection, claims: LoginClaims, byEmail: boolean) {
    const { organizationId } = connection;
    const search = () =>
      this.candidates.forSignIn(db, organizationId, {
        connectionId: connection.id,
        subject: claims.subject,
        externalIds: [claims.subject.value, ...(claims.externalId === undefined ? [] : [claims.externalId])],
        userNameKey: claims.userName === undefined ? undefined : nameKey(claims.userName),
        emailKey: byEmail && claims.email !== undefined ? nameKey(claims.email) : undefined,
      });
    const nobody = { user: undefined, userNameTaken: false };
    for (;;) {
      const before = chooseMatch(await search());
      if (before.kind === 'none') {
        const emailTaken =
          claims.email !== undefined && (await this.candidates.emailIsTaken(db, organizationId, nameKey(claims.email)));
        if (emailTaken && chooseMatch(await search()).kind !== 'none') continue;
        return { ...nobody, match: before, emailTaken };
      }
      if (before.kind !== 'user') return { ...nobody, match: before, emailTaken: false };
      const { id } = before.user;
      const user = await (db.inTransaction
        ? this.directory.lockUser(db, organizationId, id)
        : this.directory.user(db, organizationId, id));
      if (!user) continue;
      const found = await search();
      const match = chooseMatch(found);
      if (match.kind !== 'user' || match.user.id !== user.id) continue;
      const userNameTaken = found.some(
        (candidate) =>
          candidate.by === 'userName' && candidate.user.id !== user.id && candidate.user.deletedAt === null,
      );
      return { match: { ...match, user }, user, userNameTaken, emailTaken: false };
    }
  }

  private async domainOf(db: Transaction | Snapshot, organizationId: string, address: string | undefined) {
    const at = address?.lastIndexOf('@') ?? -1;
    if (address === undefined || at < 1 || at === address.length - 1) return undefined;
    const name = address.slice(at + 1).toLowerCase();
    const owner = await this.tenants.ownerOfDomain(db, name);
    return {
      name,
      verifiedHere: owner === organizationId,
      verifiedElsewhere: owner !== undefined && owner !== organizationId,
    };
  }
}

/** The living user of the best key; without any, the tombstone of the best key (design section 2: first hit wins). */
export function chooseMatch(candidates: readonly Candidate[]): LoginFacts['match'] {
  const living = candidates.filter(({ user }) => user.deletedAt === null);
  const best = living[0];
  if (best) {
    const userIds = [...new Set(living.filter(({ by }) => by === best.by).map(({ user }) => user.id))];
    if (userIds.length > 1) return { kind: 'ambiguous', by: best.by, userIds };
    return { kind: 'user', by: best.by, user: best.user, linkedElsewhere: best.linkedElsewhere };
  }
  const buried = candidates[0];
  return buried ? { kind: 'tombstone', by: buried.by, userId: buried.user.id } : { kind: 'none' };
}
