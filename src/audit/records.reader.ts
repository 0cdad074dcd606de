import { Injectable } from '@nestjs/common';
import type { Queryable } from '../database/transaction.js';
import { isUuid } from '../platform/ids.js';
import type { SignInRecord } from './sign-in-records.service.js';

export type StoredSignIn = SignInRecord & { readonly id: string };

/** A sign-in, with whose it was. */
export type StoredIncident = StoredSignIn & { readonly organizationId: string; readonly organization: string };

export interface StoredAuditEntry {
  readonly id: string;
  readonly at: Date;
  readonly actorKind: string;
  readonly actorId: string | null;
  readonly action: string;
  readonly targetType: string;
  readonly targetId: string;
  readonly changes: object;
  readonly correlationId: string;
}

/** Newest first; `after`: the id of the last one seen. */
export interface NewestFirst {
  readonly after?: string | undefined;
  readonly limit: number;
}

const SIGN_IN_COLUMNS = `id, connection_id AS "connectionId", incident_code AS "incidentCode", at, outcome, reason,
  matched_by AS "matchedBy", user_id AS "userId", session_id AS "sessionId", correlation_id AS "correlationId"`;

/** Reads what operators look up: sign-in records and audit entries. Every list is a page. */
@Injectable()
export class RecordsReader {
  /** Without claims and decision, which are read one at a time. */
  async signIns(
    db: Queryable,
    organizationId: string,
    wanted: NewestFirst & {
      readonly connectionId?: string | undefined;
      readonly userId?: string | undefined;
      readonly outcome?: string | undefined;
    },
  ): Promise<Omit<StoredSignIn, 'claims' | 'decision'>[]> {
    return db.query<Omit<StoredSignIn, 'claims' | 'decision'>>(
      `SELECT ${SIGN_IN_COLUMNS} FROM sign_ins
       WHERE organization_id = $1 AND ($2::uuid IS NULL OR id < $2) AND ($3::uuid IS NULL OR connection_id = $3)
         AND ($4::uuid IS NULL OR user_id = $4) AND ($5::text IS NULL OR outcome = $5)
       ORDER BY id DESC LIMIT $6`,
      [
        organizationId,
        wanted.after ?? null,
        wanted.connectionId ?? null,
        wanted.userId ?? null,
        wanted.outcome ?? null,
        wanted.limit,
      ],
    );
  }

  /** By its id, or by the incident code that a refused person reads out, in any case. */
  async signIn(db: Queryable, organizationId: string, idOrCode: string): Promise<StoredSignIn | undefined> {
    const [row] = await db.query<StoredSignIn>(
      `SELECT ${SIGN_IN_COLUMNS}, claims, decision FROM sign_ins
       WHERE organization_id = $1 AND ${isUuid(idOrCode) ? 'id = $2::uuid' : 'incident_code = upper($2)'}`,
      [organizationId, idOrCode],
    );
    return row;
  }

  /** By the incident code alone, over all organizations: 50 random bits name one sign-in, and if ever two, the newer one. */
  async incident(db: Queryable, code: string): Promise<StoredIncident | undefined> {
    const [row] = await db.query<StoredIncident>(
      `SELECT s.*, s.organization_id AS "organizationId", o.slug AS organization
       FROM (SELECT ${SIGN_IN_COLUMNS}, claims, decision, organization_id FROM sign_ins WHERE incident_code = $1) s
       JOIN organizations o ON o.id = s.organization_id ORDER BY s.id DESC LIMIT 1`,
      [code],
    );
    return row;
  }

  /** One person's, whole, at these instants. */
  async signInsAt(
    db: Queryable,
    organizationId: string,
    userId: string,
    at: readonly string[],
  ): Promise<StoredSignIn[]> {
    return db.query<StoredSignIn>(
      `SELECT ${SIGN_IN_COLUMNS}, claims, decision FROM sign_ins
       WHERE organization_id = $1 AND user_id = $2 AND at = ANY($3::timestamptz[]) ORDER BY id`,
      [organizationId, userId, at],
    );
  }

  /** A connection's, whole, newest first. */
  async signInsOfConnection(
    db: Queryable,
    organizationId: string,
    connectionId: string,
    { after, limit }: NewestFirst,
  ): Promise<StoredSignIn[]> {
    return db.query<StoredSignIn>(
      `SELECT ${SIGN_IN_COLUMNS}, claims, decision FROM sign_ins
       WHERE organization_id = $1 AND connection_id = $2 AND ($3::uuid IS NULL OR id < $3) ORDER BY id DESC LIMIT $4`,
      [organizationId, connectionId, after ?? null, limit],
    );
  }

  /** One person's, whole, newest first. */
  async signInsOf(
    db: Queryable,
    organizationId: string,
    userId: string,
    { after, limit }: NewestFirst,
  ): Promise<StoredSignIn[]> {
    return db.query<StoredSignIn>(
      `SELECT ${SIGN_IN_COLUMNS}, claims, decision FROM sign_ins
       WHERE organization_id = $1 AND user_id = $2 AND ($3::uuid IS NULL OR id < $3) ORDER BY id DESC LIMIT $4`,
      [organizationId, userId, after ?? null, limit],
    );
  }

  /** What was done to one person: entries about them, and about groups that name them as a member; without the other members. */
  async entriesAbout(
    db: Queryable,
    organizationId: string,
    userId: string,
    { after, limit }: NewestFirst,
  ): Promise<StoredAuditEntry[]> {
    const own = `organization_id = $1 AND ($3::uuid IS NULL OR id < $3)`;
    return db.query<StoredAuditEntry>(
      `SELECT id, at, actor_kind AS "actorKind", actor_id AS "actorId", action, target_type AS "targetType",
         target_id AS "targetId", changes - 'members' AS changes, correlation_id AS "correlationId"
       FROM (
         (SELECT * FROM audit_entries WHERE ${own} AND target_id = $2::text ORDER BY id DESC LIMIT $5)
         UNION ALL
         (SELECT * FROM audit_entries WHERE ${own} AND changes ? 'members' AND changes -> 'members' @> $4::jsonb
          ORDER BY id DESC LIMIT $5)
       ) AS about ORDER BY id DESC LIMIT $5`,
      [organizationId, userId, after ?? null, JSON.stringify([[userId]]), limit],
    );
  }

  async auditEntries(
    db: Queryable,
    organizationId: string,
    {
      after,
      limit,
      targetId,
      actorId,
    }: NewestFirst & { readonly targetId?: string | undefined; readonly actorId?: string | undefined },
  ): Promise<StoredAuditEntry[]> {
    return db.query<StoredAuditEntry>(
      `SELECT id, at, actor_kind AS "actorKind", actor_id AS "actorId", action, target_type AS "targetType",
         target_id AS "targetId", changes, correlation_id AS "correlationId"
       FROM audit_entries
       WHERE organization_id = $1 AND ($2::uuid IS NULL OR id < $2) AND ($3::text IS NULL OR target_id = $3)
         AND ($5::text IS NULL OR actor_id = $5)
       ORDER BY id DESC LIMIT $4`,
      [organizationId, after ?? null, targetId ?? null, limit, actorId ?? null],
    );
  }
}
