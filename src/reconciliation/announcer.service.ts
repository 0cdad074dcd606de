import { Inject, Injectable } from '@nestjs/common';
import type { Actor } from '../audit/actor.js';
import { AuditLog, type AuditEntry } from '../audit/audit-log.service.js';
import type { Transaction } from '../database/transaction.js';
import { Trail } from '../directory/trail.service.js';
import type { Event } from '../outbox/events.js';
import { Outbox } from '../outbox/outbox.service.js';
import { toAuditEntries } from './to-audit-entries.js';

/** Who changes what, where and when: the frame of one reconciliation. */
export interface Change {
  readonly organizationId: string;
  readonly at: Date;
  readonly actor: Actor;
}

/** Says what a transaction did, in the transaction: each event with its audit entries (rule R5), and what the trail knows besides. */
@Injectable()
export class Announcer {
  constructor(
    @Inject(Outbox) private readonly outbox: Outbox,
    @Inject(AuditLog) private readonly audit: AuditLog,
    @Inject(Trail) private readonly trail: Trail,
  ) {}

  async announce(
    tx: Transaction,
    { organizationId, at, actor }: Change,
    events: readonly Event[],
    unannounced: readonly AuditEntry[] = [],
  ): Promise<void> {
    await this.outbox.append(tx, organizationId, at, events);
    const entries = toAuditEntries(events, this.trail.take(tx), unannounced);
    await this.audit.append(tx, organizationId, at, actor, entries);
  }
}
