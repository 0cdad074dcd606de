import { Inject, Injectable } from '@nestjs/common';
import type { Actor } from '../audit/actor.js';
import { UnitOfWork } from '../database/unit-of-work.service.js';
import { NotFoundError } from '../directory/directory-errors.js';
import { DirectoryReader } from '../directory/directory.reader.js';
import { TenantError } from '../organizations/tenant-error.js';
import { Clock } from '../platform/clock.js';
import { RecoveryCodes } from '../sessions/recovery-codes.service.js';
import { Announcer } from './announcer.service.js';
import { ProvisioningRefusal } from './provisioning-refusal.js';

export interface IssuedCodes {
  readonly userName: string;
  readonly expiresAt: Date;
  /** Shown once. */
  readonly codes: readonly string[];
}

const DAY_MS = 24 * 3600 * 1000;
export const RECOVERY_CODES_DAYS = 90;
export const MOST_RECOVERY_CODES_DAYS = 366;
export const RECOVERY_CODES_AT_ONCE = 10;

/** Gives recovery codes to break-glass people, and ends them. A person has one set at a time: new codes end the old ones. */
@Injectable()
export class RecoveryCodesReconciler {
  constructor(
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(DirectoryReader) private readonly directory: DirectoryReader,
    @Inject(RecoveryCodes) private readonly codes: RecoveryCodes,
    @Inject(Announcer) private readonly announcer: Announcer,
  ) {}

  /** Throws NotFoundError, TenantError, and ProvisioningRefusal for people who are no break-glass people. */
  async issue(
    organizationId: string,
    userId: string,
    wanted: { readonly count?: number | undefined; readonly expiresAt?: Date | undefined },
    actor: Actor,
  ): Promise<IssuedCodes> {
    return this.unitOfWork.run(async (tx) => {
      const at = this.clock.now();
      const expiresAt = wanted.expiresAt ?? new Date(at.getTime() + RECOVERY_CODES_DAYS * DAY_MS);
      const days = (expiresAt.getTime() - at.getTime()) / DAY_MS;
      if (!(days > 0 && days <= MOST_RECOVERY_CODES_DAYS)) {
        throw new TenantError('invalid', `expiresAt must be within the next ${MOST_RECOVERY_CODES_DAYS} days`);
      }
      const user = await this.directory.lockUser(tx, organizationId, userId);
      if (!user) throw new NotFoundError('user', userId);
      if (!user.breakGlass || !user.active) throw notExempt();
      const revoked = await this.codes.revokeOfUser(tx, organizationId, userId, at);
      const count = wanted.count ?? RECOVERY_CODES_AT_ONCE;
      const issued = await this.codes.issue(tx, organizationId, userId, { count, createdAt: at, expiresAt });
      const data = { codeIds: issued.map(({ id }) => id), expiresAt, revokedCodeIds: revoked };
      await this.announcer.announce(tx, { organizationId, at, actor }, [
        { type: 'user.recovery-codes-issued', subjectId: userId, data },
      ]);
      return { userName: user.userName, expiresAt, codes: issued.map(({ code }) => code) };
    });
  }

  /** How many could still be used. Throws NotFoundError. */
  async revoke(organizationId: string, userId: string, actor: Actor): Promise<number> {
    return this.unitOfWork.run(async (tx) => {
      const at = this.clock.now();
      if (!(await this.directory.lockUser(tx, organizationId, userId))) throw new NotFoundError('user', userId);
      const codeIds = await this.codes.revokeOfUser(tx, organizationId, userId, at);
      if (codeIds.length > 0) {
        await this.announcer.announce(tx, { organizationId, at, actor }, [
          { type: 'user.recovery-codes-revoked', subjectId: userId, data: { codeIds } },
        ]);
      }
      return codeIds.length;
    });
  }
}

const notExempt = () =>
  new ProvisioningRefusal(
    'not-exempt',
    'Only active break-glass people have recovery codes; set breakGlass of the user first',
  );
