import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Measurements } from '../audit/measurements.service.js';
import { CONFIG, type Config } from '../config/config.js';
import { UnitOfWork } from '../database/unit-of-work.service.js';
import { DirectoryReader } from '../directory/directory.reader.js';
import { Clock } from '../platform/clock.js';
import { newId } from '../platform/ids.js';
import { Log } from '../platform/logger.js';
import { Repeating } from '../platform/repeating.js';
import { DriftService } from './drift.service.js';

const LOOK_EVERY_MS = 60_000;

/**
 * Counts people and drift of each organization now and then, because a quarter of a million people are too many to be counted whenever
 * the metrics are read. Of several nodes one counts an organization; all of them tell what it found.
 */
@Injectable()
export class Measuring implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly repeating: Repeating;
  private stopping = false;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Measurements) private readonly measurements: Measurements,
    @Inject(DirectoryReader) private readonly directory: DirectoryReader,
    @Inject(DriftService) private readonly drift: DriftService,
    @Inject(Log) private readonly log: Log,
  ) {
    this.repeating = new Repeating(
      LOOK_EVERY_MS,
      () => this.measure(),
      (error) => log.pino.warn({ err: error }, 'people and drift were not counted'),
    );
  }

  onApplicationBootstrap(): void {
    if (this.config.measureEveryMinutes > 0) this.repeating.start();
  }

  /** Those that are due. */
  async measure(): Promise<void> {
    const now = this.clock.now();
    const since = new Date(now.getTime() - this.config.measureEveryMinutes * 60_000);
    for (const organizationId of await this.measurements.claim(this.unitOfWork.read, now, since)) {
      if (this.stopping) return;
      // What is wrong with one organization is no reason to count no other.
      await this.measureOne(organizationId).catch((error: unknown) =>
        this.log.failure(error, { organizationId, correlationId: newId() }),
      );
    }
  }

  private async measureOne(organizationId: string): Promise<void> {
    const people = await this.directory.peopleByAuthority(this.unitOfWork.read, organizationId);
    const { kinds } = await this.drift.counts(organizationId);
    await this.measurements.save(this.unitOfWork.read, organizationId, { people, drift: kinds }, this.clock.now());
  }

  onModuleDestroy(): Promise<void> {
    this.stopping = true;
    return this.repeating.stop();
  }
}
