import { Inject, Injectable } from '@nestjs/common';
import { AuditLog } from '../audit/audit-log.service.js';
import { UnitOfWork } from '../database/unit-of-work.service.js';
import { Outbox } from '../outbox/outbox.service.js';
import { Clock } from '../platform/clock.js';
import { Sessions, type LiveSession } from '../sessions/sessions.service.js';

/** Ends the session a person is in, and says so. */
@Injectable()
export class SignOut {
  constructor(
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
    @Inject(Sessions) private readonly sessions: Sessions,
    @Inject(Outbox) private readonly outbox: Outbox,
    @Inject(AuditLog) private readonly audit: AuditLog,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** A session that somebody else ended in the meantime is not announced twice. */
  async end({ organizationId, id, userId }: LiveSession, correlationId: string): Promise<void> {
    await this.unitOfWork.run(async (tx) => {
      const at = this.clock.now();
      const sessionIds = await this.sessions.revoke(tx, organizationId, id, 'signed-out', at);
      if (sessionIds.length === 0) return;
      const reason = 'signed-out';
      await this.outbox.append(tx, organizationId, at, [
        { type: 'session.revoked', subjectId: userId, data: { sessionIds, reason } },
      ]);
      await this.audit.append(tx, organizationId, at, { kind: 'person', id: userId, correlationId }, [
        {
          action: 'session.revoked',
          targetType: 'session',
          targetId: userId,
          changes: { sessionIds: [null, sessionIds], reason: [null, reason] },
        },
      ]);
    });
  }
}
