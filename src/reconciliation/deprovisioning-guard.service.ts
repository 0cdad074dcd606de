import { Inject, Injectable } from '@nestjs/common';
import type { Actor } from '../audit/actor.js';
import type { Transaction } from '../database/transaction.js';
import { UnitOfWork } from '../database/unit-of-work.service.js';
import { GuardsReader, type GuardState } from '../directory/guards.reader.js';
import { GuardsWriter } from '../directory/guards.writer.js';
import type { Connection } from '../organizations/connection.js';
import { Clock } from '../platform/clock.js';
import { Announcer, type Change } from './announcer.service.js';
import { countedSince, decideGuard, isOpen, populationFor, type GuardDecision } from './decide-guard.js';
import { HeldRefusal } from './provisioning-refusal.js';

type Hold = Extract<GuardDecision, { kind: 'hold' }>;

/** Long enough not to be hammered by a client that obeys it, short enough that the client goes on soon after an operator has resumed. */
const RETRY_AFTER_SECONDS = 600;

/**
 * The blast-radius guard (design section 4): a SCIM client that ends the access of too many people within an hour is stopped until an
 * operator decides. Rule: decide-guard.
 */
@Injectable()
export class DeprovisioningGuard {
  constructor(
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(GuardsReader) private readonly reader: GuardsReader,
    @Inject(GuardsWriter) private readonly writer: GuardsWriter,
    @Inject(Announcer) private readonly announcer: Announcer,
  ) {}

  /** Asked before an active person loses access, with the person locked. Throws HeldRefusal. */
  async before(tx: Transaction, { organizationId, at }: Change, connection: Connection, userId: string): Promise<void> {
    if (connection.provisioning.deprovisioningGuard === null) return;
    const state = await this.writer.lock(tx, organizationId, connection.id, 'deprovisioning');
    const decision = await this.decide(tx, connection, state, at);
    if (decision.kind === 'hold') throw refusal(decision);
    if (state.heldSince !== null) {
      await this.writer.save(tx, organizationId, connection.id, 'deprovisioning', released(state));
    }
    if (isOpen(state.openUntil, at)) return;
    await this.writer.noteEnd(tx, organizationId, connection.id, userId, at, since(state, at));
  }

  /**
   * Runs a provisioning request; when the guard stops it, that is remembered after its transaction has been undone: from then on the
   * guard holds, and says so once. Throws what `work` throws.
   */
  async watch<T>(connection: Connection, actor: Actor, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof HeldRefusal) await this.remember(connection, actor);
      throw error;
    }
  }

  private async remember(connection: Connection, actor: Actor): Promise<void> {
    const { organizationId, id } = connection;
    const threshold = connection.provisioning.deprovisioningGuard;
    const at = this.clock.now();
    await this.unitOfWork.run(async (tx) => {
      const state = await this.writer.lock(tx, organizationId, id, 'deprovisioning');
      // Decided again: an operator may have resumed meanwhile.
      const decision = await this.decide(tx, connection, state, at);
      if (decision.kind !== 'hold' || state.heldSince !== null) return;
      const held = { ...state, heldSince: at, heldThreshold: threshold };
      await this.writer.save(tx, organizationId, id, 'deprovisioning', held);
      const { counted, population, allowed } = decision;
      await this.announcer.announce(tx, { organizationId, at, actor }, [
        { type: 'provisioning.held', subjectId: id, data: { counted, population, allowed, threshold } },
      ]);
    });
  }

  private async decide(tx: Transaction, connection: Connection, state: GuardState, now: Date): Promise<GuardDecision> {
    const { organizationId, id, provisioning } = connection;
    const threshold = provisioning.deprovisioningGuard;
    const { openUntil, heldThreshold: heldUnder } = state;
    const ended = await this.reader.ends(tx, organizationId, id, since(state, now));
    const counted = ended + 1;
    // The many requests that stay below the fixed number do not need to know how many people there are.
    const most = threshold === null || counted <= threshold.atLeast ? 0 : populationFor(threshold, counted) - ended;
    const active = most > 0 ? await this.reader.activePeople(tx, organizationId, most) : 0;
    return decideGuard({ now, threshold, openUntil, heldUnder, counted, population: active + ended });
  }
}

const since = (state: GuardState, now: Date): Date => countedSince(now, state.countedFrom, state.openUntil);

const released = (state: GuardState): GuardState => ({ ...state, heldSince: null, heldThreshold: null });

const refusal = ({ allowed }: Hold): HeldRefusal =>
  new HeldRefusal(
    `More people than the ${allowed} that this connection allows within an hour would lose their access, so this request is held and ` +
      'nothing was changed. If it is meant, an operator of the service resumes the guard "deprovisioning" of the connection, for one ' +
      'more such number or for a time, or raises provisioning.deprovisioningGuard; then send it again.',
    RETRY_AFTER_SECONDS,
  );
