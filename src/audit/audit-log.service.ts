import { Injectable } from '@nestjs/common';
import type { Transaction } from '../database/transaction.js';
import { newId } from '../platform/ids.js';
import type { Actor } from './actor.js';

/** Who did what to whom. `changes`: attribute or relation -> [old, new]; never a secret. */
export interface AuditEntry {
  readonly action: string;
  readonly targetType:
    | 'user'
    | 'group'
    | 'connection'
    | 'organization'
    | 'domain'
    | 'scim-token'
    | 'scim-client'
    | 'admin-token'
    | 'sp-key'
    | 'session'
    | 'server';
  readonly targetId: string;
  readonly changes: Readonly<Record<string, readonly [unknown, unknown]>>;
}

/** Owns audit_entries. Entries are appended in the transaction of the change (rule R5) and never altered. */
@Injectable()
export class AuditLog {
  async append(
    tx: Transaction,
    organizationId: string,
    at: Date,
    actor: Actor,
    entries: readonly AuditEntry[],
  ): Promise<void> {
    if (entries.length === 0) return;
    const rows = entries.map((entry) => ({ id: newId(), ...entry }));
    await tx.defer(
      `INSERT INTO audit_entries (organization_id, id, at, actor_kind, actor_id, action, target_type, target_id, changes, correlation_id)
       SELECT $1, r.id, $2, $3, $4, r.action, r."targetType", r."targetId", r.changes, $5
       FROM jsonb_to_recordset($6::jsonb) AS r(id uuid, action text, "targetType" text, "targetId" text, changes jsonb)`,
      [organizationId, at, actor.kind, actor.id, actor.correlationId, JSON.stringify(rows)],
    );
  }
}
