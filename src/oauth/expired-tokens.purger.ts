import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { UnitOfWork } from '../database/unit-of-work.service.js';
import { AccessTokens } from '../organizations/access-tokens.service.js';
import { Clock } from '../platform/clock.js';
import { Log } from '../platform/logger.js';
import { Repeating } from '../platform/repeating.js';

const EVERY_MS = 10 * 60_000;

/** Deletes access tokens and used assertions that have expired. Expiry is checked where they are used; this saves room. */
@Injectable()
export class ExpiredTokensPurger implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly repeating: Repeating;

  constructor(
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
    @Inject(AccessTokens) private readonly tokens: AccessTokens,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Log) log: Log,
  ) {
    this.repeating = new Repeating(
      EVERY_MS,
      () => this.purge(),
      (error) => log.pino.warn({ err: error }, 'expired access tokens were not deleted'),
    );
  }

  onApplicationBootstrap(): void {
    this.repeating.start();
  }

  /** One statement a table; several nodes at it do no harm. */
  purge(): Promise<void> {
    return this.tokens.purge(this.unitOfWork.read, this.clock.now());
  }

  onModuleDestroy(): Promise<void> {
    return this.repeating.stop();
  }
}
