import { Inject, Injectable } from '@nestjs/common';
import type { JSONWebKeySet } from 'jose';
import type { Actor } from '../audit/actor.js';
import { AuditLog } from '../audit/audit-log.service.js';
import type { Queryable, Transaction } from '../database/transaction.js';
import { UnitOfWork } from '../database/unit-of-work.service.js';
import { Clock } from '../platform/clock.js';
import { isUuid, newId } from '../platform/ids.js';
import { sameJson } from '../platform/same-json.js';
import { clientEntry } from './client-entry.js';
import { checkAllowedAddresses, type AllowedAddresses } from './allowed-addresses.js';
import { readClientKeys } from './client-keys.js';
import { ClientSecrets, type ClientSecret } from './client-secrets.service.js';
import { TenantError } from './tenant-error.js';

/** A provisioning client that gets access tokens by OAuth. Times are instants; null: never. */
export interface ScimClient {
  readonly id: string;
  readonly organizationId: string;
  readonly connectionId: string;
  readonly name: string;
  /** Its public keys; null: it has secrets. */
  readonly jwks: JSONWebKeySet | null;
  /** Newest first, without those that were revoked. */
  readonly secrets: readonly ClientSecret[];
  readonly allowedAddresses: AllowedAddresses;
  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
  readonly lastRefusedAt: Date | null;
  readonly lastRefusedAddress: string | null;
  readonly revokedAt: Date | null;
}

export interface WantedClient {
  readonly name: string;
  /** A JWK Set as JSON text; absent: it gets a secret. */
  readonly jwks?: string;
  /** When the secret stops working. */
  readonly secretExpiresAt?: Date | null;
  readonly allowedAddresses?: AllowedAddresses;
}

type Row = Omit<ScimClient, 'secrets'>;

const COLUMNS = `organization_id AS "organizationId", id, connection_id AS "connectionId", name, jwks,
  allowed_addresses AS "allowedAddresses", created_at AS "createdAt", last_used_at AS "lastUsedAt",
  last_refused_at AS "lastRefusedAt", last_refused_address AS "lastRefusedAddress", revoked_at AS "revokedAt"`;

/** Owns scim_clients. A client is of one connection and has either secrets or public keys. Throws TenantError. */
@Injectable()
export class ScimClientsService {
  constructor(
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(AuditLog) private readonly audit: AuditLog,
    @Inject(ClientSecrets) private readonly secrets: ClientSecrets,
  ) {}

  /** A new client; its secret, if it has one, is shown once. */
  async create(
    organizationId: string,
    connectionId: string,
    wanted: WantedClient,
    actor: Actor,
  ): Promise<{ client: ScimClient; secret: string | null }> {
    if (wanted.jwks !== undefined && wanted.secretExpiresAt) {
      throw new TenantError('invalid', 'secretExpiresAt: a client with keys has no secret');
    }
    const jwks = wanted.jwks === undefined ? null : await readClientKeys(wanted.jwks);
    const allowedAddresses = checkAllowedAddresses(wanted.allowedAddresses ?? null);
    const id = newId();
    return this.unitOfWork.run(async (tx) => {
      const at = this.clock.now();
      const count = isUuid(connectionId)
        ? await tx.execute(
            `INSERT INTO scim_clients (organization_id, id, connection_id, name, jwks, allowed_addresses, created_at)
             SELECT organization_id, $3, id, $4, $5::jsonb, $6::text[], $7 FROM connections WHERE organization_id = $1 AND id = $2`,
            [organizationId, connectionId, id, wanted.name, jwks && JSON.stringify(jwks), allowedAddresses, at],
          )
        : 0;
      if (count === 0) throw new TenantError('not-found', `No connection ${connectionId}`);
      const changes = { name: [null, wanted.name], connectionId: [null, connectionId] } as const;
      const more = { jwks: [null, jwks], allowedAddresses: [null, allowedAddresses] } as const;
      await this.audit.append(tx, organizationId, at, actor, [
        clientEntry('scim-client.created', id, { ...changes, ...more }),
      ]);
      const expiresAt = wanted.secretExpiresAt ?? null;
      const secret = jwks ? null : await this.secrets.add(tx, organizationId, id, expiresAt, at, actor);
      return { client: await this.find(tx, organizationId, connectionId, id), secret };
    });
  }

  /** Another secret; the newest of the old ones stays beside it, so that the client keeps working until it has the new one. */
  async rotate(
    organizationId: string,
    connectionId: string,
    id: string,
    expiresAt: Date | null,
    actor: Actor,
  ): Promise<{ client: ScimClient; secret: string }> {
    return this.unitOfWork.run(async (tx) => {
      const current = await this.lock(tx, organizationId, connectionId, id);
      if (current.jwks) throw new TenantError('conflict', 'The client has keys instead of secrets; update its keys');
      const at = this.clock.now();
      await this.secrets.makeRoom(tx, organizationId, id, at, actor);
      const secret = await this.secrets.add(tx, organizationId, id, expiresAt, at, actor);
      return { client: await this.find(tx, organizationId, connectionId, id), secret };
    });
  }

  /** Ends a secret and the access tokens that it got, at once. */
  async revokeSecret(
    organizationId: string,
    connectionId: string,
    id: string,
    secretId: string,
    actor: Actor,
  ): Promise<ScimClient> {
    return this.unitOfWork.run(async (tx) => {
      await this.lock(tx, organizationId, connectionId, id);
      await this.secrets.end(tx, organizationId, id, secretId, this.clock.now(), actor);
      return this.find(tx, organizationId, connectionId, id);
    });
  }

  /** What is not given stays. Keys are replaced as a whole; a client with secrets cannot get keys, nor the other way round. */
  async update(
    organizationId: string,
    connectionId: string,
    id: string,
    wanted: Partial<Pick<WantedClient, 'name' | 'jwks' | 'allowedAddresses'>>,
    actor: Actor,
  ): Promise<ScimClient> {
    const jwks = wanted.jwks === undefined ? undefined : await readClientKeys(wanted.jwks);
    return this.unitOfWork.run(async (tx) => {
      const current = await this.lock(tx, organizationId, connectionId, id);
      if (jwks && !current.jwks) {
        throw new TenantError('conflict', 'The client has secrets instead of keys; create another one');
      }
      const { name = current.name, allowedAddresses = current.allowedAddresses } = wanted;
      const next = { name, jwks: jwks ?? current.jwks, allowedAddresses: checkAllowedAddresses(allowedAddresses) };
      const changed = (['name', 'jwks', 'allowedAddresses'] as const).filter(
        (field) => !sameJson(current[field], next[field]),
      );
      if (changed.length > 0) {
        await tx.execute(
          `UPDATE scim_clients SET name = $3, jwks = $4::jsonb, allowed_addresses = $5::text[]
           WHERE organization_id = $1 AND id = $2`,
          [organizationId, id, next.name, next.jwks && JSON.stringify(next.jwks), next.allowedAddresses],
        );
        const changes = Object.fromEntries(changed.map((field) => [field, [current[field], next[field]] as const]));
        await this.audit.append(tx, organizationId, this.clock.now(), actor, [
          clientEntry('scim-client.updated', id, changes),
        ]);
      }
      return this.find(tx, organizationId, connectionId, id);
    });
  }

  /** Ends the client, its secrets and its access tokens: takes effect with the next request. */
  async revoke(organizationId: string, connectionId: string, id: string, actor: Actor): Promise<ScimClient> {
    return this.unitOfWork.run(async (tx) => {
      const current = await this.lock(tx, organizationId, connectionId, id, 'revoked too');
      if (!current.revokedAt) {
        const at = this.clock.now();
        await tx.execute(`UPDATE scim_clients SET revoked_at = $3 WHERE organization_id = $1 AND id = $2`, [
          organizationId,
          id,
          at,
        ]);
        await this.audit.append(tx, organizationId, at, actor, [
          clientEntry('scim-client.revoked', id, { revokedAt: [null, at] }),
        ]);
      }
      return this.find(tx, organizationId, connectionId, id);
    });
  }

  /** Newest first, revoked ones included. */
  async list(organizationId: string, connectionId: string, after?: string, limit = 100): Promise<ScimClient[]> {
    if (!isUuid(connectionId)) return [];
    const rows = await this.unitOfWork.read.query<Row>(
      `SELECT ${COLUMNS} FROM scim_clients
       WHERE organization_id = $1 AND connection_id = $2 AND ($3::uuid IS NULL OR id < $3) ORDER BY id DESC LIMIT $4`,
      [organizationId, connectionId, after ?? null, limit],
    );
    return this.withSecrets(this.unitOfWork.read, organizationId, rows);
  }

  private async find(
    db: Queryable,
    organizationId: string,
    connectionId: string,
    id: string,
    lock = '',
  ): Promise<ScimClient> {
    const rows = isUuid(id)
      ? await db.query<Row>(
          `SELECT ${COLUMNS} FROM scim_clients WHERE organization_id = $1 AND connection_id = $2 AND id = $3 ${lock}`,
          [organizationId, connectionId, id],
        )
      : [];
    const [client] = await this.withSecrets(db, organizationId, rows);
    if (!client) throw new TenantError('not-found', `No SCIM client ${id}`);
    return client;
  }

  private async lock(
    tx: Transaction,
    organizationId: string,
    connectionId: string,
    id: string,
    revoked?: 'revoked too',
  ): Promise<ScimClient> {
    const client = await this.find(tx, organizationId, connectionId, id, 'FOR NO KEY UPDATE');
    if (client.revokedAt && !revoked) throw new TenantError('conflict', 'The client has been revoked');
    return client;
  }

  private async withSecrets(db: Queryable, organizationId: string, rows: readonly Row[]): Promise<ScimClient[]> {
    const ids = rows.map(({ id }) => id);
    const secrets = ids.length > 0 ? await this.secrets.ofClients(db, organizationId, ids) : [];
    return rows.map((row) => ({ ...row, secrets: secrets.filter(({ clientId }) => clientId === row.id) }));
  }
}
