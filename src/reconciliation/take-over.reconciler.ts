import { Inject, Injectable } from '@nestjs/common';
import type { Actor } from '../audit/actor.js';
import { UnitOfWork } from '../database/unit-of-work.service.js';
import { DirectoryReader } from '../directory/directory.reader.js';
import { DirectoryWriter } from '../directory/directory.writer.js';
import { MembershipsWriter } from '../directory/memberships.writer.js';
import { nameKey } from '../directory/name-key.js';
import { TakeOverReader, type Leftover, type ListedCandidate } from '../directory/take-over.reader.js';
import type { Connection } from '../organizations/connection.js';
import type { Event } from '../outbox/events.js';
import { Clock } from '../platform/clock.js';
import { AccessGuard } from './access-guard.service.js';
import { Announcer } from './announcer.service.js';
import { matchPerson, type ListedPerson, type PersonMatch } from './match-people.js';
import { lastAdminRefusal } from './provisioning-refusal.js';

export interface TakeOverReport {
  readonly people: readonly PersonMatch[];
  /** JIT people of the connection whom the list does not mean. */
  readonly unlisted: readonly { readonly id: string; readonly userName: string }[];
  readonly leftovers: readonly Leftover[];
}

/** Before and after a SCIM client takes over from sign-ins: whom it will find, and what sign-ins left behind (design section 5). */
@Injectable()
export class TakeOverReconciler {
  constructor(
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(TakeOverReader) private readonly reader: TakeOverReader,
    @Inject(DirectoryReader) private readonly directory: DirectoryReader,
    @Inject(DirectoryWriter) private readonly writer: DirectoryWriter,
    @Inject(MembershipsWriter) private readonly memberships: MembershipsWriter,
    @Inject(AccessGuard) private readonly guard: AccessGuard,
    @Inject(Announcer) private readonly announcer: Announcer,
  ) {}

  async match(connection: Connection, listed: readonly ListedPerson[]): Promise<TakeOverReport> {
    const { organizationId, id, provisioning } = connection;
    return this.unitOfWork.look(async (db) => {
      const keys = listed.map(({ userName, externalId, email }, index) => ({
        index,
        userNameKey: nameKey(userName),
        externalId,
        emailKey: email === null ? null : nameKey(email),
      }));
      const candidates = new Map<number, ListedCandidate[]>();
      for (const found of await this.reader.candidates(db, organizationId, id, keys)) {
        candidates.set(found.index, [...(candidates.get(found.index) ?? []), found]);
      }
      const facts = { id, takeover: provisioning.takeover };
      const people = listed.map((person, index) => matchPerson(facts, person, candidates.get(index) ?? []));
      const meant = people.flatMap(({ found }) => found.map((person) => person.id));
      return {
        people,
        unlisted: await this.reader.unlisted(db, organizationId, id, meant),
        leftovers: await this.reader.leftovers(db, organizationId, id),
      };
    });
  }

  /** Ends the memberships that only sign-ins gave to people who are under SCIM by now. Throws ProvisioningRefusal. */
  async dropLeftovers(connection: Connection, actor: Actor): Promise<readonly Leftover[]> {
    const { organizationId, id, organizationRoles } = connection;
    return this.unitOfWork.run(async (tx) => {
      const at = this.clock.now();
      const seen = (await this.reader.leftovers(tx, organizationId, id)).filter(({ handed }) => handed);
      const groupIds = [...new Set(seen.map(({ groupId }) => groupId))];
      await this.directory.lockGroups(tx, organizationId, groupIds);
      const admins = await this.guard.before(tx, organizationId, organizationRoles[0]!);
      const dropped = await this.memberships.endLeftovers(tx, organizationId, id, groupIds);
      await this.writer.touchGroups(tx, organizationId, [...dropped.keys()], at);
      if (await this.guard.lostLast(tx, organizationId, admins)) throw lastAdminRefusal();
      const events = [...dropped].map(([subjectId, members]): Event => ({
        type: 'group.members-removed',
        subjectId,
        data: { members },
      }));
      await this.announcer.announce(tx, { organizationId, at, actor }, events);
      return seen.filter(({ groupId, userId }) => dropped.get(groupId)?.includes(userId));
    });
  }
}
