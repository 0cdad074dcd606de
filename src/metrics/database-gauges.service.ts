import { Inject, Injectable } from '@nestjs/common';
import { Gauge } from 'prom-client';
import { Measurements } from '../audit/measurements.service.js';
import { UnitOfWork } from '../database/unit-of-work.service.js';
import { Clock } from '../platform/clock.js';
import { Log } from '../platform/logger.js';
import { Metrics } from '../platform/metrics.js';

/** So long what the database said is told again. */
const FRESH_MS = 5000;

/** What the database knows: the same on each node, by one statement over what was counted before and what is few. */
@Injectable()
export class DatabaseGauges {
  private readonly up: Gauge;
  private readonly people: Gauge<'organization' | 'provenance' | 'active'>;
  private readonly drift: Gauge<'organization' | 'kind'>;
  private readonly measuredAt: Gauge<'organization'>;
  private readonly heldRemovals: Gauge<'organization'>;
  private readonly heldClients: Gauge<'organization'>;
  private asked: { readonly at: number; readonly done: Promise<void> } | undefined;

  constructor(
    @Inject(Metrics) { registry }: Metrics,
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
    @Inject(Measurements) private readonly measurements: Measurements,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Log) private readonly log: Log,
  ) {
    const gauge = <Label extends string>(name: string, help: string, labelNames: readonly Label[]) =>
      new Gauge({ name: `rollcall_${name}`, help, labelNames, registers: [registry] });
    this.up = gauge('database_up', 'Whether the database answered', []);
    this.people = gauge('people', 'People as last counted, tombstones left out', [
      'organization',
      'provenance',
      'active',
    ]);
    this.drift = gauge('drift_people', 'People with drift, as last counted; one may count for several kinds', [
      'organization',
      'kind',
    ]);
    this.measuredAt = gauge('measured_timestamp_seconds', 'When people and drift were last counted', ['organization']);
    this.heldRemovals = gauge('held_removals', 'People whose removals from groups wait for an operator', [
      'organization',
    ]);
    this.heldClients = gauge('held_scim_clients', 'SCIM clients that a guard stopped', ['organization']);
  }

  /** Where the database does not answer, the gauges are empty, and `up` says so. */
  refresh(): Promise<void> {
    const now = this.clock.now().getTime();
    if (!this.asked || now - this.asked.at >= FRESH_MS) {
      const done = this.ask().catch((error: unknown) => {
        this.log.pino.warn({ err: error }, 'metrics are told without the database');
        this.clear();
        this.up.set(0);
      });
      this.asked = { at: now, done };
    }
    return this.asked.done;
  }

  private async ask(): Promise<void> {
    const all = await this.measurements.facts(this.unitOfWork.read);
    this.clear();
    this.up.set(1);
    for (const { organization, measured, heldRemovals, heldClients } of all) {
      this.heldRemovals.set({ organization }, heldRemovals);
      this.heldClients.set({ organization }, heldClients);
      if (!measured) continue;
      for (const { provenance, active, people } of measured.people) {
        this.people.set({ organization, provenance, active: String(active) }, people);
      }
      for (const [kind, people] of Object.entries(measured.drift)) this.drift.set({ organization, kind }, people);
      this.measuredAt.set({ organization }, measured.at.getTime() / 1000);
    }
  }

  private clear(): void {
    for (const each of [this.people, this.drift, this.measuredAt, this.heldRemovals, this.heldClients]) each.reset();
  }
}
