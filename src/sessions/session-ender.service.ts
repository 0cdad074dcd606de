import { Inject, Injectable } from '@nestjs/common';
import type { Actor } from '../audit/actor.js';
import { AuditLog, type AuditEntry } from '../audit/audit-log.service.js';
import type { Transaction } from '../database/transaction.js';
import { UnitOfWork } from '../database/unit-of-work.service.js';
import type { Connection } from '../organizations/connection.js';
import { ConnectionsService } from '../organizations/connections.service.js';
import type { Event } from '../outbox/events.js';
import { Outbox } from '../outbox/outbox.service.js';
import { Clock } from '../platform/clock.js';
import { sessionsRevoked } from './session-events.js';
import { Sessions, type EndedSession, type RevocationReason, type SessionSelection } from './sessions.service.js';

/** Ends sessions and says so, in one transaction. Sessions that end with their person are the reconciliation's to announce. */
@Injectable()
export class SessionEnder {
  constructor(
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
    @Inject(Sessions) private readonly sessions: Sessions,
    @Inject(ConnectionsService) private readonly connections: ConnectionsService,
    @Inject(Outbox) private readonly outbox: Outbox,
    @Inject(AuditLog) private readonly audit: AuditLog,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** Those that were live; what somebody else ended in the meantime is not announced twice. */
  async end(
    organizationId: string,
    which: SessionSelection,
    reason: RevocationReason,
    actor: Actor,
  ): Promise<EndedSession[]> {
    return this.unitOfWork.run((tx) => this.endIn(tx, organizationId, which, reason, actor));
  }

  /** As part of a greater change. */
  async endIn(
    tx: Transaction,
    organizationId: string,
    which: SessionSelection,
    reason: RevocationReason,
    actor: Actor,
  ): Promise<EndedSession[]> {
    const at = this.clock.now();
    const ended = await this.sessions.revoke(tx, organizationId, which, reason, at);
    const events = sessionsRevoked(ended, reason);
    await this.outbox.append(tx, organizationId, at, events);
    await this.audit.append(tx, organizationId, at, actor, events.map(toAuditEntry));
    return ended;
  }

  /** Disables a connection and ends what was opened over it. A sign-in under way waits for this, and is refused. */
  async closeConnection(organizationId: string, id: string, reason: string, actor: Actor): Promise<Connection> {
    return this.unitOfWork.run(async (tx) => {
      const disabled = await this.connections.disableIn(tx, organizationId, id, reason, actor);
      await this.endIn(tx, organizationId, { connectionId: disabled.id }, 'connection', actor);
      return disabled;
    });
  }
}

const toAuditEntry = ({ type, subjectId, data }: Event): AuditEntry => ({
  action: type,
  targetType: 'session',
  targetId: subjectId,
  changes: { sessionIds: [null, data['sessionIds']], reason: [null, data['reason']] },
});
