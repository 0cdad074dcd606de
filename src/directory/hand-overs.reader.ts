import { Injectable } from '@nestjs/common';
import type { Queryable, Snapshot, Transaction } from '../database/transaction.js';
import type { User } from './directory-types.js';

export type HandOverChoice = 'to-scim' | 'freeze' | 'to-jit' | 'to-manual' | 'deactivate';

export interface HandOver {
  readonly id: string;
  readonly connectionId: string;
  readonly choice: HandOverChoice;
  readonly state: 'open' | 'undone' | 'confirmed';
  readonly scimBefore: boolean;
  readonly people: number;
  readonly groupIds: readonly string[];
  readonly startedAt: Date;
  readonly endedAt: Date | null;
}

export type HandedPerson = Pick<User, 'id' | 'userName' | 'provenance' | 'connectionId' | 'active' | 'breakGlass'>;

export const HAND_OVER_COLUMNS = `id, connection_id AS "connectionId", choice, state, scim_before AS "scimBefore", people,
  group_ids AS "groupIds", started_at AS "startedAt", ended_at AS "endedAt"`;

@Injectable()
export class HandOversReader {
  /** Newest first. */
  async list(
    db: Queryable,
    organizationId: string,
    connectionId: string,
    { after, limit }: { readonly after?: string | undefined; readonly limit: number },
  ): Promise<HandOver[]> {
    return db.query<HandOver>(
      `SELECT ${HAND_OVER_COLUMNS} FROM hand_overs
       WHERE organization_id = $1 AND connection_id = $2 AND ($3::uuid IS NULL OR id < $3) ORDER BY id DESC LIMIT $4`,
      [organizationId, connectionId, after ?? null, limit],
    );
  }

  /** One, locked in a transaction. */
  async get(
    db: Transaction | Snapshot,
    organizationId: string,
    connectionId: string,
    id: string,
  ): Promise<HandOver | undefined> {
    const [row] = await db.query<HandOver>(
      `SELECT ${HAND_OVER_COLUMNS} FROM hand_overs WHERE organization_id = $1 AND connection_id = $2 AND id = $3
       ${db.inTransaction ? 'FOR UPDATE' : ''}`,
      [organizationId, connectionId, id],
    );
    return row;
  }

  async hasOpen(db: Queryable, organizationId: string, connectionId: string): Promise<boolean> {
    const rows = await db.query(
      `SELECT 1 FROM hand_overs WHERE organization_id = $1 AND connection_id = $2 AND state = 'open'`,
      [organizationId, connectionId],
    );
    return rows.length > 0;
  }

  /** The living people whose authority is this connection, locked in a transaction. */
  async people(
    db: Transaction | Snapshot,
    organizationId: string,
    connectionId: string,
    provenance: 'jit' | 'scim',
  ): Promise<HandedPerson[]> {
    return db.query<HandedPerson>(
      `SELECT id, user_name AS "userName", provenance, connection_id AS "connectionId", active, break_glass AS "breakGlass"
       FROM users WHERE organization_id = $1 AND connection_id = $2 AND provenance = $3 AND deleted_at IS NULL ORDER BY id
       ${db.inTransaction ? 'FOR NO KEY UPDATE' : ''}`,
      [organizationId, connectionId, provenance],
    );
  }

  /** The groups whose authority is the SCIM client of this connection, locked in a transaction. */
  async groups(
    db: Transaction | Snapshot,
    organizationId: string,
    connectionId: string,
  ): Promise<{ id: string; displayName: string }[]> {
    return db.query<{ id: string; displayName: string }>(
      `SELECT id, display_name AS "displayName" FROM groups
       WHERE organization_id = $1 AND connection_id = $2 AND provenance = 'scim' ORDER BY id
       ${db.inTransaction ? 'FOR NO KEY UPDATE' : ''}`,
      [organizationId, connectionId],
    );
  }
}
