import { Inject, Injectable } from '@nestjs/common';
import type { Actor } from '../audit/actor.js';
import type { AuditEntry } from '../audit/audit-log.service.js';
import type { Queryable } from '../database/transaction.js';
import { UnitOfWork } from '../database/unit-of-work.service.js';
import { GuardsReader, type Count, type GuardName, type GuardState } from '../directory/guards.reader.js';
import { GuardsWriter } from '../directory/guards.writer.js';
import { HeldRemovalsReader } from '../directory/held-removals.reader.js';
import type { Connection } from '../organizations/connection.js';
import { Clock } from '../platform/clock.js';
import { Announcer } from './announcer.service.js';
import { allowedBy, countedSince, isOpen, meantBefore, type Threshold } from './decide-guard.js';

/** A guard as an operator sees it. */
export interface GuardReport extends Count {
  readonly guard: GuardName;
  readonly threshold: Threshold | null;
  readonly allowed: number | null;
  readonly heldSince: Date | null;
  readonly openUntil: Date | null;
  readonly countedSince: Date;
  /** People whose removals wait for a decision. */
  readonly heldPeople: number;
}

const EVERYBODY = 2_000_000_000;

/** What operators ask of the guards, and how they let go. */
@Injectable()
export class GuardsReconciler {
  constructor(
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(GuardsReader) private readonly reader: GuardsReader,
    @Inject(GuardsWriter) private readonly writer: GuardsWriter,
    @Inject(HeldRemovalsReader) private readonly held: HeldRemovalsReader,
    @Inject(Announcer) private readonly announcer: Announcer,
  ) {}

  async report(connection: Connection, guard: GuardName): Promise<GuardReport> {
    const db = this.unitOfWork.read;
    const now = this.clock.now();
    const state = await this.reader.state(db, connection.organizationId, connection.id, guard);
    const { counted, population } = await this.count(db, connection, guard, state, now);
    const threshold = thresholdOf(connection, guard);
    return {
      guard,
      threshold,
      counted,
      population,
      allowed: threshold && allowedBy(threshold, population),
      heldSince: state.heldSince,
      openUntil: isOpen(state.openUntil, now) ? state.openUntil : null,
      countedSince: countedSince(now, state.countedFrom),
      heldPeople: guard === 'removals' ? await this.held.count(db, connection.organizationId, connection.id) : 0,
    };
  }

  /** What was until now was meant: the guard counts anew; with `minutes`, it lets everything pass for so long before it does. */
  async resume(
    connection: Connection,
    guard: GuardName,
    minutes: number | undefined,
    actor: Actor,
  ): Promise<GuardReport> {
    const { organizationId, id } = connection;
    const at = this.clock.now();
    await this.unitOfWork.run(async (tx) => {
      const before = await this.writer.lock(tx, organizationId, id, guard);
      const openUntil = minutes === undefined ? null : new Date(at.getTime() + minutes * 60_000);
      await this.writer.save(tx, organizationId, id, guard, {
        countedFrom: at,
        openUntil,
        heldSince: null,
        heldThreshold: null,
      });
      const entry: AuditEntry = {
        action: 'guard.resumed',
        targetType: 'connection',
        targetId: id,
        changes: {
          guard: [null, guard],
          heldSince: [before.heldSince, null],
          openUntil: [before.openUntil, openUntil],
        },
      };
      await this.announcer.announce(tx, { organizationId, at, actor }, [], [entry]);
    });
    return this.report(connection, guard);
  }

  private async count(
    db: Queryable,
    { organizationId, id }: Connection,
    guard: GuardName,
    state: GuardState,
    now: Date,
  ): Promise<Count> {
    const { countedFrom, openUntil } = state;
    const since = countedSince(now, countedFrom, openUntil);
    if (guard === 'removals') {
      return this.reader.resets(db, organizationId, id, since, meantBefore(state));
    }
    const counted = await this.reader.ends(db, organizationId, id, since);
    return { counted, population: counted + (await this.reader.activePeople(db, organizationId, EVERYBODY)) };
  }
}

const thresholdOf = ({ provisioning }: Connection, guard: GuardName): Threshold | null =>
  guard === 'removals' ? provisioning.removalGuard : provisioning.deprovisioningGuard;
