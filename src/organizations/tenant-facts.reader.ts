import { Injectable } from '@nestjs/common';
import type { Queryable, Transaction } from '../database/transaction.js';

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

  /**
   * How long a session of this connection lives and may rest; undefined: the connection is disabled. It is not disabled before the end
   * of the transaction: whoever disables it to end its sessions finds those that were being opened.
   */
  async holdForSession(
    tx: Transaction,
    organizationId: string,
    connectionId: string,
  ): Promise<{ lifetimeSeconds: number; idleSeconds: number | null } | undefined> {
    const [row] = await tx.query<{ lifetimeSeconds: number; idleSeconds: number | null }>(
      `SELECT o.session_lifetime_seconds AS "lifetimeSeconds", o.session_idle_seconds AS "idleSeconds"
       FROM connections c JOIN organizations o ON o.id = c.organization_id
       WHERE c.organization_id = $1 AND c.id = $2 AND c.enabled FOR SHARE OF c`,
      [organizationId, connectionId],
    );
    return row;
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

  /** The organization that has verified the domain, of all on this server. */
  async ownerOfDomain(db: Queryable, domain: string): Promise<string | undefined> {
    const [row] = await db.query<{ organization_id: string }>(
      `SELECT organization_id FROM verified_domains WHERE domain = $1`,
      [domain],
    );
    return row?.organization_id;
  }
}
