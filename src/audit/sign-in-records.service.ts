import { Inject, Injectable } from '@nestjs/common';
import type { Queryable, Transaction } from '../database/transaction.js';
import { newId } from '../platform/ids.js';
import { Metrics } from '../platform/metrics.js';

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
  record.claims === null ? null : JSON.stringify(record.claims),
  JSON.stringify(record.decision),
  record.correlationId,
];
