import { Inject, Injectable } from '@nestjs/common';
import type { Snapshot, Transaction } from '../database/transaction.js';
import { GuardsReader } from '../directory/guards.reader.js';
import { GuardsWriter } from '../directory/guards.writer.js';
import { HeldRemovalsWriter } from '../directory/held-removals.writer.js';
import type { Connection } from '../organizations/connection.js';
import type { Event } from '../outbox/events.js';
import type { Change } from './announcer.service.js';
import type { AssertedGroups } from './changes.js';
import { countedSince, decideGuard, meantBefore, type GuardDecision } from './decide-guard.js';
import type { GroupFacts } from './membership-reset.service.js';
import { effectOf } from './plan-memberships.js';

/**
 * The removal guard (design section 3): when sign-ins would take every group from too many people, removals are held for an operator
 * and the sign-ins succeed. Of each person what is held is what the last sign-in would have removed. Rule: decide-guard.
 */
@Injectable()
export class RemovalGuard {
  constructor(
    @Inject(GuardsReader) private readonly reader: GuardsReader,
    @Inject(GuardsWriter) private readonly writer: GuardsWriter,
    @Inject(HeldRemovalsWriter) private readonly held: HeldRemovalsWriter,
  ) {}

  /** Judges the removals of one sign-in. In a transaction the user is locked, the groups are not yet; a snapshot locks nothing. */
  async judge(
    db: Transaction | Snapshot,
    now: Date,
    connection: Connection,
    userId: string,
    planned: GroupFacts,
  ): Promise<GuardDecision> {
    const { organizationId, id, provisioning } = connection;
    const threshold = provisioning.removalGuard;
    if (threshold === null || planned.plan.kind !== 'reset' || planned.plan.remove.length === 0)
      return { kind: 'pass' };
    // Only who would take something waits for others who would.
    const state = await (db.inTransaction
      ? this.writer.lock(db, organizationId, id, 'removals')
      : this.reader.state(db, organizationId, id, 'removals'));
    const meant = meantBefore(state);
    const atHand = { userId, at: now, effect: effectOn(planned) };
    // So many are allowed of however many people, who are counted only beyond.
    const counting = { atHand, always: threshold.atLeast };
    const count = await this.reader.resets(db, organizationId, id, countedSince(now, meant), meant, counting);
    return decideGuard({ now, threshold, openUntil: state.openUntil, heldUnder: null, ...count });
  }

  /** Remembers the sign-in and what was decided about it. */
  async note(
    tx: Transaction,
    { organizationId, at }: Change,
    connection: Connection,
    userId: string,
    asserted: AssertedGroups,
    planned: GroupFacts,
    decision: GuardDecision,
  ): Promise<Event[]> {
    const { plan } = planned;
    if (plan.kind !== 'reset') return [];
    const effect = effectOn(planned);
    if (connection.provisioning.removalGuard !== null) {
      await this.writer.noteReset(tx, organizationId, connection.id, userId, at, effect);
    }
    if (decision.kind === 'pass') {
      await this.held.forget(tx, organizationId, connection.id, userId);
      return [];
    }
    const groupIds = plan.remove.map(({ groupId }) => groupId);
    const everyGroup = effect === 'emptied';
    const held = { connectionId: connection.id, userId, groupIds, everyGroup, asserted, heldAt: at };
    await this.held.hold(tx, organizationId, held);
    const { counted, population, allowed } = decision;
    const data = { connectionId: connection.id, groups: groupIds, everyGroup, counted, population, allowed };
    return [{ type: 'groups.reset-held', subjectId: userId, data }];
  }
}

const effectOn = ({ plan, known }: GroupFacts) =>
  effectOf(
    plan,
    known.map(({ group, origins }) => ({ ...group, origins })),
  );
