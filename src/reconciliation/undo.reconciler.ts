import { Inject, Injectable } from '@nestjs/common';
import type { Actor } from '../audit/actor.js';
import { sqlState, UnitOfWork } from '../database/unit-of-work.service.js';
import type { Connection } from '../organizations/connection.js';
import type { Event } from '../outbox/events.js';
import { Clock } from '../platform/clock.js';
import { Announcer, type Change } from './announcer.service.js';
import { ProvisioningRefusal } from './provisioning-refusal.js';
import { UndoPlanner, type UndoPlan, type UndoWindow } from './undo-planner.service.js';
import { UndoWriter } from './undo-writer.service.js';

/**
 * Takes back what a SCIM client did in a window of time. What others wrote is never overwritten: where they wrote over the client, that is
 * a conflict, listed and left. One transaction; the actor is the operator, and the log tells of it like of every change.
 */
@Injectable()
export class UndoReconciler {
  constructor(
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(UndoPlanner) private readonly planner: UndoPlanner,
    @Inject(UndoWriter) private readonly writer: UndoWriter,
    @Inject(Announcer) private readonly announcer: Announcer,
  ) {}

  /** What `undo` would do. Throws the same refusals. */
  preview(connection: Connection, window: UndoWindow): Promise<UndoPlan> {
    return this.unitOfWork.look((db) => this.planner.plan(db, connection, window));
  }

  /** `expect`: the digest of the preview. Throws what the planner throws, and ProvisioningRefusal when it is another plan by now. */
  async undo(connection: Connection, window: UndoWindow, expect: string, actor: Actor): Promise<UndoPlan> {
    const { organizationId, id } = connection;
    const undone = this.unitOfWork.run(async (tx) => {
      const change: Change = { organizationId, at: this.clock.now(), actor };
      const plan = await this.planner.plan(tx, connection, window);
      if (plan.digest !== expect) throw changedMeanwhile();
      if (plan.undone.length + plan.memberships.length + plan.waiting.length === 0) return plan;
      const events = await this.writer.write(tx, change, id, plan);
      await this.announcer.announce(tx, change, [...events, summary(id, window, plan)]);
      return plan;
    });
    return undone.catch((error: unknown) => {
      // Somebody took a name between the look and the write.
      throw sqlState(error) === '23505' ? changedMeanwhile() : error;
    });
  }
}

const changedMeanwhile = () =>
  new ProvisioningRefusal('plan-changed', 'This is not what the preview showed any more; look at a new one first');

const summary = (connectionId: string, { client, from, until }: UndoWindow, plan: UndoPlan): Event => ({
  type: 'changes.undone',
  subjectId: connectionId,
  data: {
    client: client ?? null,
    from,
    until,
    users: plan.undone.filter(({ subject }) => subject === 'user').length,
    groups: plan.undone.filter(({ subject }) => subject === 'group').length,
    memberships: plan.memberships.length,
    conflicts: plan.conflicts.length,
  },
});
