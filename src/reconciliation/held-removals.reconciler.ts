import { Inject, Injectable } from '@nestjs/common';
import type { Actor } from '../audit/actor.js';
import type { AuditEntry } from '../audit/audit-log.service.js';
import { UnitOfWork } from '../database/unit-of-work.service.js';
import { DirectoryReader } from '../directory/directory.reader.js';
import { HeldRemovalsReader, type HeldRemoval } from '../directory/held-removals.reader.js';
import { HeldRemovalsWriter } from '../directory/held-removals.writer.js';
import type { Connection } from '../organizations/connection.js';
import { Clock } from '../platform/clock.js';
import { AccessGuard } from './access-guard.service.js';
import { Announcer, type Change } from './announcer.service.js';
import type { AssertedGroups } from './changes.js';
import { MembershipReset, membershipsAfter } from './membership-reset.service.js';

/** What a decision over held removals did. */
export interface HeldOutcome {
  /** People who lost groups. */
  readonly applied: number;
  /** People of whom nothing was taken: dropped, or not true any more. */
  readonly dropped: number;
  /** People whose removals are still held. */
  readonly left: number;
}

/** So many people one request decides over; the rest is `left`. */
const MOST_PEOPLE = 500;

/**
 * What becomes of removals that the guard held. Applied, they are planned again, person by person as their sign-in would have: under
 * today's settings, and never more than what was held. Authority may have moved, policies may have changed, a hand may have added them.
 */
@Injectable()
export class HeldRemovalsReconciler {
  constructor(
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(DirectoryReader) private readonly directory: DirectoryReader,
    @Inject(HeldRemovalsReader) private readonly reader: HeldRemovalsReader,
    @Inject(HeldRemovalsWriter) private readonly writer: HeldRemovalsWriter,
    @Inject(AccessGuard) private readonly guard: AccessGuard,
    @Inject(MembershipReset) private readonly groups: MembershipReset,
    @Inject(Announcer) private readonly announcer: Announcer,
  ) {}

  async apply(connection: Connection, userIds: readonly string[] | 'everybody', actor: Actor): Promise<HeldOutcome> {
    const { organizationId, id } = connection;
    const people =
      userIds === 'everybody'
        ? await this.reader.people(this.unitOfWork.read, organizationId, id, MOST_PEOPLE)
        : [...new Set(userIds)];
    const results: ('applied' | 'dropped' | 'nothing')[] = [];
    for (const userId of people) results.push(await this.applyTo(connection, userId, actor));
    return {
      applied: results.filter((result) => result === 'applied').length,
      dropped: results.filter((result) => result === 'dropped').length,
      left: await this.reader.count(this.unitOfWork.read, organizationId, id),
    };
  }

  /** The memberships stay, until a sign-in plans their end anew. */
  async drop(connection: Connection, userIds: readonly string[] | 'everybody', actor: Actor): Promise<HeldOutcome> {
    const { organizationId, id } = connection;
    const dropped = await this.unitOfWork.run(async (tx) => {
      const released = await this.writer.release(tx, organizationId, id, userIds);
      const change = { organizationId, at: this.clock.now(), actor };
      await this.announcer.announce(tx, change, [], released.map(toDropped));
      return released.length;
    });
    return { applied: 0, dropped, left: await this.reader.count(this.unitOfWork.read, organizationId, id) };
  }

  private applyTo(connection: Connection, userId: string, actor: Actor): Promise<'applied' | 'dropped' | 'nothing'> {
    const { organizationId, id } = connection;
    return this.unitOfWork.run(async (tx) => {
      const user = await this.directory.lockUser(tx, organizationId, userId);
      const [held] = await this.writer.release(tx, organizationId, id, [userId]);
      if (!held) return 'nothing';
      const change: Change = { organizationId, at: this.clock.now(), actor };
      const governed = user?.provenance === 'jit' && user.connectionId === id;
      if (!user || !governed) {
        await this.announcer.announce(tx, change, [], [toDropped(held)]);
        return 'dropped';
      }
      const asserted = held.asserted as AssertedGroups;
      const { plan, known } = await this.groups.plan(tx, connection, userId, asserted);
      const remove = plan.remove.filter(({ groupId }) => held.groupIds.includes(groupId));
      const planned = { plan: { ...plan, remove }, known };
      const keep = await this.guard.keepLastAdmin(tx, connection, user, user.role, membershipsAfter(planned, false));
      const mayLeave = (groupId: string) => held.groupIds.includes(groupId) && !keep?.has(groupId);
      const limits = { mayLeave, removesOnly: true } as const;
      const reset = await this.groups.carryOut(tx, change, connection, userId, asserted, planned, limits);
      await this.announcer.announce(tx, change, reset.events, reset.removed.length > 0 ? [] : [toDropped(held)]);
      return reset.removed.length > 0 ? 'applied' : 'dropped';
    });
  }
}

const toDropped = ({ userId, groupIds, connectionId }: HeldRemoval): AuditEntry => ({
  action: 'held-removals.dropped',
  targetType: 'user',
  targetId: userId,
  changes: { groups: [groupIds, null], connectionId: [connectionId, null] },
});
