import { Injectable } from '@nestjs/common';
import type { Queryable, Transaction } from '../database/transaction.js';
import type { UniqueAttribute } from './unique-attributes.js';

/** `idleSeconds`: null: to its end. */
export interface SessionLimits {
  readonly lifetimeSeconds: number;
  readonly idleSeconds: number | null;
}

/** What decisions need to know about the organization around a person, read inside their transaction. */
@Injectable()
export class TenantFactsReader {
  /** Ordered roles. */
  async organization(db: Queryable, organizationId: string): Promise<{ roles: readonly string[] }> {
    const [row] = await db.query<{ roles: string[] }>(`SELECT roles FROM organizations WHERE id = $1`, [
      organizationId,
    ]);
    if (!row) throw new Error(`No organization ${organizationId}`);
    return row;
  }

  /** How long a session lives and may rest. */
  async sessionLimits(db: Queryable, organizationId: string): Promise<SessionLimits> {
    const [row] = await db.query<SessionLimits>(
      `SELECT session_lifetime_seconds AS "lifetimeSeconds", session_idle_seconds AS "idleSeconds" FROM organizations WHERE id = $1`,
      [organizationId],
    );
    return row!;
  }

  /**
   * The transaction fails with `disabled` when the connection is disabled at its end, and while it commits nobody disables it: whoever
   * does so to end its sessions finds those that were being opened.
   */
  async holdForSession(
    tx: Transaction,
    organizationId: string,
    connectionId: string,
    disabled: () => Error,
  ): Promise<void> {
    const sql = `SELECT 1 FROM connections WHERE organization_id = $1 AND id = $2 AND enabled FOR SHARE`;
    await tx.demand(sql, [organizationId, connectionId], disabled);
  }

  /** Makes changes that only one transaction at a time may decide (the last admin) wait for each other. */
  async serialize(tx: Transaction, organizationId: string): Promise<void> {
    await tx.query(`SELECT 1 FROM organizations WHERE id = $1 FOR NO KEY UPDATE`, [organizationId]);
  }

  /**
   * Excludes people being created: their foreign key holds KEY SHARE on the organization. Used where every member of the
   * organization is changed.
   */
  async excludeNewPeople(tx: Transaction, organizationId: string): Promise<void> {
    await tx.query(`SELECT 1 FROM organizations WHERE id = $1 FOR UPDATE`, [organizationId]);
  }

  /** Waits for users of this connection who are just arriving, and lets none arrive until the end of the transaction. */
  async excludeArrivals(tx: Transaction, organizationId: string, connectionId: string): Promise<void> {
    await tx.query(`SELECT 1 FROM connections WHERE organization_id = $1 AND id = $2 FOR UPDATE`, [
      organizationId,
      connectionId,
    ]);
  }

  /** The other side of excludeArrivals; a user that is inserted holds the same lock by its foreign key. */
  async announceArrival(tx: Transaction, organizationId: string, connectionId: string): Promise<void> {
    await tx.query(`SELECT 1 FROM connections WHERE organization_id = $1 AND id = $2 FOR KEY SHARE`, [
      organizationId,
      connectionId,
    ]);
  }

  /** Is a SCIM client the authority of this connection's resources? */
  async hasScim(db: Queryable, organizationId: string, connectionId: string | null): Promise<boolean> {
    if (connectionId === null) return false;
    const [row] = await db.query<{ scim: boolean }>(
      `SELECT scim FROM connections WHERE organization_id = $1 AND id = $2`,
      [organizationId, connectionId],
    );
    return row?.scim ?? false;
  }

  /** The ids by which clients of the connection stand in the log: of its tokens and its OAuth clients, those that ended too. */
  async clientIds(db: Queryable, organizationId: string, connectionId: string): Promise<string[]> {
    const rows = await db.query<{ id: string }>(
      `SELECT id FROM scim_tokens WHERE organization_id = $1 AND connection_id = $2
       UNION ALL SELECT id FROM scim_clients WHERE organization_id = $1 AND connection_id = $2`,
      [organizationId, connectionId],
    );
    return rows.map(({ id }) => id);
  }

  /** What extensions declare unique in the organization. */
  async uniqueAttributes(db: Queryable, organizationId: string): Promise<readonly UniqueAttribute[]> {
    const [row] = await db.query<{ declared: readonly UniqueAttribute[] }>(
      `SELECT unique_attributes AS declared FROM organizations WHERE id = $1`,
      [organizationId],
    );
    return row?.declared ?? [];
  }
}
