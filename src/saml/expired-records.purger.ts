import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { UnitOfWork } from '../database/unit-of-work.service.js';
import { Clock } from '../platform/clock.js';
import { Log } from '../platform/logger.js';
import { LoginRequests } from '../sessions/login-requests.service.js';
import { UsedAssertions } from '../sessions/used-assertions.service.js';

const EVERY_MS = 5 * 60_000;

/** Deletes login requests and used assertions that no answer can name any more. Expiry is checked where they are used; this saves room. */
@Injectable()
export class ExpiredRecordsPurger implements OnApplicationBootstrap, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();

  constructor(
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
    @Inject(LoginRequests) private readonly requests: LoginRequests,
    @Inject(UsedAssertions) private readonly assertions: UsedAssertions,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Log) private readonly log: Log,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.running = this.purge().catch((error: unknown) => {
        this.log.pino.warn({ err: error }, 'expired login requests were not deleted');
      });
    }, EVERY_MS).unref();
  }

  /** One statement a table; several nodes at it do no harm. */
  async purge(): Promise<void> {
    const now = this.clock.now();
    await this.requests.purge(this.unitOfWork.read, now);
    await this.assertions.purge(this.unitOfWork.read, now);
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
  }
}
