import { Inject, Injectable } from '@nestjs/common';
import type { Transaction } from '../database/transaction.js';
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

/** What the guard says of the removals that one sign-in plans. */
export interface RemovalJudgement {
  readonly decision: GuardDecision;
  readonly events: readonly Event[];
}

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

  /** Counts the sign-in and judges its removals. The user is locked, the groups are not yet. */
  async judge(
    tx: Transaction,
    { organizationId, at }: Change,
    connection: Connection,
    userId: string,
    asserted: AssertedGroups,
    planned: GroupFacts,
  ): Promise<RemovalJudgement> {
    const { plan } = planned;
    if (plan.kind !== 'reset') return { decision: { kind: 'pass' }, events: [] };
    const effect = effectOf(
      plan,
      planned.known.map(({ group, origins }) => ({ ...group, origins })),
    );
    const decision = await this.decide(tx, connection, userId, at, plan.remove.length > 0, effect);
    if (decision.kind === 'pass') {
      await this.held.release(tx, organizationId, connection.id, [userId]);
      return { decision, events: [] };
    }
    const groupIds = plan.remove.map(({ groupId }) => groupId);
    const everyGroup = effect === 'emptied';
    await this.held.hold(tx, organizationId, {
      connectionId: connection.id,
      userId,
      groupIds,
      everyGroup,
      asserted,
      heldAt: at,
    });
    const { counted, population, allowed } = decision;
    const data = { connectionId: connection.id, groups: groupIds, everyGroup, counted, population, allowed };
    return { decision, events: [{ type: 'groups.reset-held', subjectId: userId, data }] };
  }

  private async decide(
    tx: Transaction,
    connection: Connection,
    userId: string,
    now: Date,
    removes: boolean,
    effect: 'emptied' | 'given' | 'nothing',
  ): Promise<GuardDecision> {
    const { organizationId, id, provisioning } = connection;
    const threshold = provisioning.removalGuard;
    if (threshold === null) return { kind: 'pass' };
    // Only who would take something waits for others who would.
    const state = removes ? await this.writer.lock(tx, organizationId, id, 'removals') : undefined;
    await this.writer.noteReset(tx, organizationId, id, userId, now, effect);
    if (!state) return { kind: 'pass' };
    const { openUntil } = state;
    const meant = meantBefore(state);
    const count = await this.reader.resets(tx, organizationId, id, countedSince(now, meant), meant);
    return decideGuard({ now, threshold, openUntil, heldUnder: null, ...count });
  }
}
