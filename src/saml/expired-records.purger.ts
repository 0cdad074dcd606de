import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { SignInRecords } from '../audit/sign-in-records.service.js';
import { CONFIG, type Config } from '../config/config.js';
import { UnitOfWork } from '../database/unit-of-work.service.js';
import { Clock } from '../platform/clock.js';
import { Log } from '../platform/logger.js';
import { Repeating } from '../platform/repeating.js';
import { LoginRequests } from '../sessions/login-requests.service.js';
import { RecoveryAttempts } from '../sessions/recovery-attempts.service.js';
import { LogoutRequests } from '../sessions/logout-requests.service.js';
import { Logouts } from '../sessions/logouts.service.js';
import { Sessions } from '../sessions/sessions.service.js';
import { SignInDetails } from '../sessions/sign-in-details.service.js';
import { TestSignIns } from '../sessions/test-sign-ins.service.js';
import { UsedAssertions } from '../sessions/used-assertions.service.js';

const EVERY_MS = 5 * 60_000;
/** What stays at any age is looked at each time. */
const RECORDS_EVERY_MS = 60 * 60_000;
const DAY_MS = 24 * 60 * 60_000;

/**
 * Deletes login requests and used assertions that no answer can name any more, old sessions, old details of sign-ins and old records.
 * Expiry is checked where they are used; this saves room.
 */
@Injectable()
export class ExpiredRecordsPurger implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly repeating: Repeating;
  private readonly repeatingRecords: Repeating;

  constructor(
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
    @Inject(LoginRequests) private readonly requests: LoginRequests,
    @Inject(UsedAssertions) private readonly assertions: UsedAssertions,
    @Inject(LogoutRequests) private readonly logoutRequests: LogoutRequests,
    @Inject(Sessions) private readonly sessions: Sessions,
    @Inject(RecoveryAttempts) private readonly recoveryAttempts: RecoveryAttempts,
    @Inject(SignInDetails) private readonly details: SignInDetails,
    @Inject(TestSignIns) private readonly tests: TestSignIns,
    @Inject(SignInRecords) private readonly records: SignInRecords,
    @Inject(Logouts) private readonly logouts: Logouts,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Log) log: Log,
  ) {
    this.repeating = new Repeating(
      EVERY_MS,
      () => this.purge(),
      (error) => log.pino.warn({ err: error }, 'expired login requests were not deleted'),
    );
    this.repeatingRecords = new Repeating(
      RECORDS_EVERY_MS,
      () => this.purgeRecords(),
      (error) => log.pino.warn({ err: error }, 'old records of sign-ins were not deleted'),
    );
  }

  onApplicationBootstrap(): void {
    this.repeating.start();
    this.repeatingRecords.start();
  }

  /** One statement a table; several nodes at it do no harm. */
  async purge(): Promise<void> {
    const now = this.clock.now();
    await this.requests.purge(this.unitOfWork.read, now);
    await this.assertions.purge(this.unitOfWork.read, now);
    await this.logoutRequests.purge(this.unitOfWork.read, now);
    await this.sessions.purge(this.unitOfWork.read, now);
    await this.recoveryAttempts.purge(this.unitOfWork.read, now);
    await this.details.purge(this.unitOfWork.read, now);
    await this.tests.purge(this.unitOfWork.read, now);
  }

  /** Details are gone long before their records. */
  async purgeRecords(): Promise<void> {
    const now = this.clock.now();
    const before = new Date(now.getTime() - this.config.signInRetentionDays * DAY_MS);
    await this.records.purge(this.unitOfWork.read, before);
    await this.logouts.purge(this.unitOfWork.read, before, now);
  }

  async onModuleDestroy(): Promise<void> {
    await this.repeating.stop();
    await this.repeatingRecords.stop();
  }
}
