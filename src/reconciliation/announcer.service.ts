import { Inject, Injectable } from '@nestjs/common';
import type { Actor } from '../audit/actor.js';
import { AuditLog, type AuditEntry } from '../audit/audit-log.service.js';
import type { Transaction } from '../database/transaction.js';
import type { Event } from '../outbox/events.js';
import { Outbox } from '../outbox/outbox.service.js';

/** Who changes what, where and when: the frame of one reconciliation. */
export interface Change {
  readonly organizationId: string;
  readonly at: Date;
  readonly actor: Actor;
}

/** Says what a transaction did, in the transaction: each event with its audit entry (rule R5). */
@Injectable()
export class Announcer {
  constructor(
    @Inject(Outbox) private readonly outbox: Outbox,
    @Inject(AuditLog) private readonly audit: AuditLog,
  ) {}

  async announce(
    tx: Transaction,
    { organizationId, at, actor }: Change,
    events: readonly Event[],
    unannounced: readonly AuditEntry[] = [],
  ): Promise<void> {
    await this.outbox.append(tx, organizationId, at, events);
    await this.audit.append(tx, organizationId, at, actor, [...events.map(toAuditEntry), ...unannounced]);
  }
}

/** By the first word of the type; of all others the subject is a user. */
const TARGETS: Readonly<Record<string, AuditEntry['targetType']>> = {
  group: 'group',
  session: 'session',
  provisioning: 'connection',
};

function toAuditEntry(event: Event): AuditEntry {
  const { changes, ...facts } = event.data as { changes?: AuditEntry['changes'] } & Record<string, unknown>;
  const others = Object.entries(facts).map(([name, value]) => [name, [null, value]] as const);
  return {
    action: event.type,
    targetType: TARGETS[event.type.split('.')[0]!] ?? 'user',
    targetId: event.subjectId,
    changes: { ...Object.fromEntries(others), ...changes },
  };
}
