import { Inject, Injectable } from '@nestjs/common';
import type { Actor } from '../audit/actor.js';
import { AuditLog } from '../audit/audit-log.service.js';
import type { Queryable, Transaction } from '../database/transaction.js';
import { isUuid, newId } from '../platform/ids.js';
import { mintToken } from '../platform/secrets.js';
import { clientEntry } from './client-entry.js';
import { TenantError } from './tenant-error.js';

/** A secret as it is listed: never itself. */
export interface ClientSecret {
  readonly id: string;
  readonly clientId: string;
  readonly lastFour: string;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
}

const COLUMNS = `id, client_id AS "clientId", last_four AS "lastFour", created_at AS "createdAt", expires_at AS "expiresAt"`;

/** Two, so that a client can be moved to a new secret without a gap. */
const LIVE_SECRETS = 2;

/** Owns client_secrets, stored as hashes. Every method but `ofClients` is called with the client locked. Throws TenantError. */
@Injectable()
export class ClientSecrets {
  constructor(@Inject(AuditLog) private readonly audit: AuditLog) {}

  /** The new secret, shown once. */
  async add(
    tx: Transaction,
    organizationId: string,
    clientId: string,
    expiresAt: Date | null,
    at: Date,
    actor: Actor,
  ): Promise<string> {
    const id = newId();
    const { token, hash, lastFour } = mintToken('secret', organizationId);
    await tx.execute(
      `INSERT INTO client_secrets (organization_id, id, client_id, secret_hash, last_four, created_at, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7)`,
      [organizationId, id, clientId, hash, lastFour, at, expiresAt],
    );
    const changes = { secretId: [null, id], expiresAt: [null, expiresAt] } as const;
    await this.audit.append(tx, organizationId, at, actor, [
      clientEntry('scim-client.secret-added', clientId, changes),
    ]);
    return token;
  }

  /** Ends the live ones but the newest, and those that have expired. */
  async makeRoom(tx: Transaction, organizationId: string, clientId: string, at: Date, actor: Actor): Promise<void> {
    const ended = await tx.query<{ id: string }>(
      `UPDATE client_secrets SET revoked_at = $3
       WHERE organization_id = $1 AND client_id = $2 AND revoked_at IS NULL AND id NOT IN (
         SELECT id FROM client_secrets
         WHERE organization_id = $1 AND client_id = $2 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $3)
         ORDER BY id DESC LIMIT $4
       ) RETURNING id`,
      [organizationId, clientId, at, LIVE_SECRETS - 1],
    );
    if (ended.length === 0) return;
    const changes = { revokedSecretIds: [null, ended.map(({ id }) => id)] } as const;
    await this.audit.append(tx, organizationId, at, actor, [
      clientEntry('scim-client.secret-revoked', clientId, changes),
    ]);
  }

  async end(
    tx: Transaction,
    organizationId: string,
    clientId: string,
    id: string,
    at: Date,
    actor: Actor,
  ): Promise<void> {
    const ended = isUuid(id)
      ? await tx.execute(
          `UPDATE client_secrets SET revoked_at = $4
           WHERE organization_id = $1 AND client_id = $2 AND id = $3 AND revoked_at IS NULL`,
          [organizationId, clientId, id, at],
        )
      : 0;
    if (ended === 0) throw new TenantError('not-found', `No secret ${id}`);
    const changes = { revokedSecretIds: [null, [id]] } as const;
    await this.audit.append(tx, organizationId, at, actor, [
      clientEntry('scim-client.secret-revoked', clientId, changes),
    ]);
  }

  /** Newest first, without revoked ones. */
  ofClients(db: Queryable, organizationId: string, clientIds: readonly string[]): Promise<ClientSecret[]> {
    return db.query<ClientSecret>(
      `SELECT ${COLUMNS} FROM client_secrets
       WHERE organization_id = $1 AND client_id = ANY($2::uuid[]) AND revoked_at IS NULL ORDER BY id DESC`,
      [organizationId, clientIds],
    );
  }
}
