import { Inject, Injectable } from '@nestjs/common';
import type { Queryable, Transaction } from '../database/transaction.js';
import { newId } from '../platform/ids.js';
import { Metrics } from '../platform/metrics.js';
import { toStoredJson } from '../platform/to-stored-json.js';

/** What became of one answer of an IdP, or of one recovery code. */
export interface SignInRecord {
  /** null: somebody came with a recovery code. */
  readonly connectionId: string | null;
  /** Shown to a person who was refused; see newIncidentCode. */
  readonly incidentCode: string;
  readonly at: Date;
  readonly outcome: 'accepted' | 'rejected';
  /** Machine reason of a rejection: of the protocol checks or of decide-login. */
  readonly reason: string | null;
  readonly matchedBy: string | null;
  readonly userId: string | null;
  readonly sessionId: string | null;
  /** The claims after mapping; null when the assertion never verified. */
  readonly claims: unknown;
  /** The whole decision with its changes, or the failed check with got and wanted. */
  readonly decision: unknown;
  readonly correlationId: string;
}

/** So many rows are deleted by one statement, and by so many statements at a time: nobody waits long for what they hold. */
const BATCH = 1000;
const MOST_BATCHES = 100;

/** Owns sign_ins: every answer of an IdP leaves one row, accepted or not. */
@Injectable()
export class SignInRecords {
  constructor(@Inject(Metrics) private readonly metrics: Metrics) {}

  /** Of an answer that came to nothing, on its own; the id of the record. */
  async append(db: Queryable, organizationId: string, record: SignInRecord): Promise<string> {
    const id = newId();
    await db.execute(INSERT, valuesOf(organizationId, id, record));
    this.count(record);
    return id;
  }

  /** In the transaction of what the answer did; the id of the record. */
  async appendIn(tx: Transaction, organizationId: string, record: SignInRecord): Promise<string> {
    const id = newId();
    await tx.defer(INSERT, valuesOf(organizationId, id, record));
    tx.committed(() => this.count(record));
    return id;
  }

  /**
   * Deletes what is older, over all organizations, but what others read at any age: for drift the last assertion of each person that was
   * accepted, and the last that was refused since they have no access; for explanations what gave somebody a group or a role.
   */
  async purge(db: Queryable, before: Date): Promise<void> {
    for (let batch = 0; batch < MOST_BATCHES; batch++) {
      if ((await db.execute(PURGE, [before, BATCH])) < BATCH) return;
    }
  }

  private count({ outcome, reason }: SignInRecord): void {
    this.metrics.signedIn(outcome, reason ?? '');
  }
}

const INSERT = `
  INSERT INTO sign_ins (organization_id, id, connection_id, incident_code, at, outcome, reason, matched_by, user_id,
    session_id, claims, decision, correlation_id)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`;

const valuesOf = (organizationId: string, id: string, record: SignInRecord): unknown[] => [
  organizationId,
  id,
  record.connectionId,
  record.incidentCode,
  record.at,
  record.outcome,
  record.reason,
  record.matchedBy,
  record.userId,
  record.sessionId,
  record.claims === null ? null : toStoredJson(record.claims),
  toStoredJson(record.decision),
  record.correlationId,
];

const KIND = (alias: string) => `CASE WHEN ${alias}.outcome = 'accepted' THEN 'accepted'
  WHEN ${alias}.reason IN ('deactivated', 'deprovisioned') THEN 'no-access' END`;

const PURGE = `
  DELETE FROM sign_ins USING (
    SELECT s.organization_id, s.id FROM sign_ins s
    WHERE s.at < $1 AND (
      s.user_id IS NULL OR ${KIND('s')} IS NULL OR (
        (s.connection_id IS NULL OR EXISTS (
          SELECT 1 FROM sign_ins n
          WHERE n.organization_id = s.organization_id AND n.user_id = s.user_id AND n.id > s.id
            AND n.connection_id IS NOT NULL AND ${KIND('n')} = ${KIND('s')}))
        AND NOT EXISTS (
          SELECT 1 FROM audit_entries e
          WHERE e.organization_id = s.organization_id AND e.actor_kind = 'sign-in'
            AND e.correlation_id = s.correlation_id AND e.at = s.at AND (e.changes ? 'members' OR e.changes ? 'role'))))
    ORDER BY s.at LIMIT $2
  ) old WHERE sign_ins.organization_id = old.organization_id AND sign_ins.id = old.id`;
