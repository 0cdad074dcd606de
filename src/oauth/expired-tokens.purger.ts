import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { UnitOfWork } from '../database/unit-of-work.service.js';
import { AccessTokens } from '../organizations/access-tokens.service.js';
import { Clock } from '../platform/clock.js';
import { Log } from '../platform/logger.js';

const EVERY_MS = 10 * 60_000;

/** Deletes access tokens and used assertions that have expired. Expiry is checked where they are used; this saves room. */
@Injectable()
export class ExpiredTokensPurger implements OnApplicationBootstrap, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();

  constructor(
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
    @Inject(AccessTokens) private readonly tokens: AccessTokens,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Log) private readonly log: Log,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.running = this.purge().catch((error: unknown) => {
        this.log.pino.warn({ err: error }, 'expired access tokens were not deleted');
      });
    }, EVERY_MS).unref();
  }

  /** One statement a table; several nodes at it do no harm. */
  purge(): Promise<void> {
    return this.tokens.purge(this.unitOfWork.read, this.clock.now());
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
  }
}
