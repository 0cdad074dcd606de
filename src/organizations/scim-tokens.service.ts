import { Inject, Injectable } from '@nestjs/common';
import type { Actor } from '../audit/actor.js';
import { AuditLog } from '../audit/audit-log.service.js';
import type { Transaction } from '../database/transaction.js';
import { UnitOfWork } from '../database/unit-of-work.service.js';
import { Clock } from '../platform/clock.js';
import { isUuid, newId } from '../platform/ids.js';
import { Log } from '../platform/logger.js';
import { mintToken, parseToken } from '../platform/secrets.js';
import type { Connection } from './connection.js';
import { ConnectionsService } from './connections.service.js';
import { TenantError } from './tenant-error.js';
import { CONNECTION_COLUMNS, type ConnectionRow } from './to-connection.js';

/** A token as it is listed: never the secret. Times are instants; null: never. */
export interface ScimToken {
  readonly id: string;
  readonly connectionId: string;
  readonly name: string;
  readonly lastFour: string;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly lastUsedAt: Date | null;
  readonly revokedAt: Date | null;
}

const COLUMNS = `id, connection_id AS "connectionId", name, last_four AS "lastFour", created_at AS "createdAt",
  expires_at AS "expiresAt", last_used_at AS "lastUsedAt", revoked_at AS "revokedAt"`;

/** Two, so that a client can be moved to a new token without a gap. */
const LIVE_TOKENS = 2;
const LAST_USED_RESOLUTION_MS = 60_000;

/** Owns scim_tokens: bearer tokens of provisioning clients, stored as hashes. Throws TenantError. */
@Injectable()
export class ScimTokensService {
  constructor(
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(AuditLog) private readonly audit: AuditLog,
    @Inject(ConnectionsService) private readonly connections: ConnectionsService,
    @Inject(Log) private readonly log: Log,
  ) {}

  /** The connection a token speaks for; undefined for anything that is not a live token. One statement. */
  async authenticate(token: string): Promise<{ connection: Connection; tokenId: string } | undefined> {
    const parsed = parseToken('scim', token);
    if (!parsed) return undefined;
    const now = this.clock.now();
    const [row] = await this.unitOfWork.read.query<ConnectionRow & { token_id: string; last_used_at: Date | null }>(
      `SELECT ${CONNECTION_COLUMNS}, t.id AS token_id, t.last_used_at
       FROM scim_tokens t
       JOIN connections c ON c.organization_id = t.organization_id AND c.id = t.connection_id
       JOIN organizations o ON o.id = t.organization_id
       WHERE t.organization_id = $1 AND t.token_hash = $2 AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > $3)`,
      [parsed.organizationId, parsed.hash, now],
    );
    if (!row) return undefined;
    if (now.getTime() - (row.last_used_at?.getTime() ?? 0) > LAST_USED_RESOLUTION_MS) {
      this.noteUse(parsed.organizationId, row.token_id, now);
    }
    return { connection: await this.connections.usable(row), tokenId: row.token_id };
  }

  /** A new token, shown once. At most two live ones a connection. */
  async create(
    organizationId: string,
    connectionId: string,
    wanted: { readonly name: string; readonly expiresAt?: Date | null },
    actor: Actor,
  ): Promise<{ token: string; record: ScimToken }> {
    return this.unitOfWork.run(async (tx) => {
      await this.lockConnection(tx, organizationId, connectionId);
      const now = this.clock.now();
      if ((await this.live(tx, organizationId, connectionId, now)).length >= LIVE_TOKENS) {
        throw new TenantError('conflict', `The connection has ${LIVE_TOKENS} live tokens already; revoke one first`);
      }
      return this.insert(tx, organizationId, connectionId, wanted, now, actor);
    });
  }

  /** A new token; of the live ones only the newest stays beside it, so that the client keeps working until it has the new one. */
  async rotate(
    organizationId: string,
    connectionId: string,
    wanted: { readonly name: string; readonly expiresAt?: Date | null },
    actor: Actor,
  ): Promise<{ token: string; record: ScimToken }> {
    return this.unitOfWork.run(async (tx) => {
      await this.lockConnection(tx, organizationId, connectionId);
      const now = this.clock.now();
      const live = await this.live(tx, organizationId, connectionId, now);
      for (const { id } of live.slice(LIVE_TOKENS - 1)) await this.end(tx, organizationId, id, now, actor);
      return this.insert(tx, organizationId, connectionId, wanted, now, actor);
    });
  }

  /** Takes effect with the next request. */
  async revoke(organizationId: string, connectionId: string, id: string, actor: Actor): Promise<ScimToken> {
    return this.unitOfWork.run(async (tx) => {
      await this.lockConnection(tx, organizationId, connectionId);
      const find = () =>
        tx.query<ScimToken>(
          `SELECT ${COLUMNS} FROM scim_tokens WHERE organization_id = $1 AND connection_id = $2 AND id = $3`,
          [organizationId, connectionId, id],
        );
      const [current] = isUuid(id) ? await find() : [];
      if (!current) throw new TenantError('not-found', `No SCIM token ${id}`);
      if (current.revokedAt) return current;
      await this.end(tx, organizationId, id, this.clock.now(), actor);
      return (await find())[0]!;
    });
  }

  /** Newest first, revoked ones included. */
  async list(organizationId: string, connectionId: string, after?: string, limit = 100): Promise<ScimToken[]> {
    if (!isUuid(connectionId)) return [];
    return this.unitOfWork.read.query<ScimToken>(
      `SELECT ${COLUMNS} FROM scim_tokens
       WHERE organization_id = $1 AND connection_id = $2 AND ($3::uuid IS NULL OR id < $3) ORDER BY id DESC LIMIT $4`,
      [organizationId, connectionId, after ?? null, limit],
    );
  }

  private async lockConnection(tx: Transaction, organizationId: string, connectionId: string): Promise<void> {
    const rows = isUuid(connectionId)
      ? await tx.query(`SELECT 1 FROM connections WHERE organization_id = $1 AND id = $2 FOR NO KEY UPDATE`, [
          organizationId,
          connectionId,
        ])
      : [];
    if (rows.length === 0) throw new TenantError('not-found', `No connection ${connectionId}`);
  }

  /** Newest first. */
  private live(tx: Transaction, organizationId: string, connectionId: string, now: Date): Promise<{ id: string }[]> {
    return tx.query<{ id: string }>(
      `SELECT id FROM scim_tokens
       WHERE organization_id = $1 AND connection_id = $2 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $3)
       ORDER BY id DESC`,
      [organizationId, connectionId, now],
    );
  }

  private async insert(
    tx: Transaction,
    organizationId: string,
    connectionId: string,
    wanted: { readonly name: string; readonly expiresAt?: Date | null },
    now: Date,
    actor: Actor,
  ): Promise<{ token: string; record: ScimToken }> {
    const id = newId();
    const { token, hash, lastFour } = mintToken('scim', organizationId);
    const expiresAt = wanted.expiresAt ?? null;
    await tx.execute(
      `INSERT INTO scim_tokens (organization_id, id, connection_id, name, token_hash, last_four, created_at, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [organizationId, id, connectionId, wanted.name, hash, lastFour, now, expiresAt],
    );
    const changes = {
      name: [null, wanted.name],
      connectionId: [null, connectionId],
      expiresAt: [null, expiresAt],
    } as const;
    const entry = { action: 'scim-token.created', targetType: 'scim-token', targetId: id, changes } as const;
    await this.audit.append(tx, organizationId, now, actor, [entry]);
    const record = {
      id,
      connectionId,
      name: wanted.name,
      lastFour,
      createdAt: now,
      expiresAt,
      lastUsedAt: null,
      revokedAt: null,
    };
    return { token, record };
  }

  private async end(tx: Transaction, organizationId: string, id: string, now: Date, actor: Actor): Promise<void> {
    await tx.execute(`UPDATE scim_tokens SET revoked_at = $3 WHERE organization_id = $1 AND id = $2`, [
      organizationId,
      id,
      now,
    ]);
    const entry = {
      action: 'scim-token.revoked',
      targetType: 'scim-token',
      targetId: id,
      changes: { revokedAt: [null, now] },
    } as const;
    await this.audit.append(tx, organizationId, now, actor, [entry]);
  }

  /** Beside the request, which does not wait for it and does not fail with it. */
  private noteUse(organizationId: string, id: string, now: Date): void {
    void this.unitOfWork.read
      .execute(
        `UPDATE scim_tokens SET last_used_at = $3
         WHERE organization_id = $1 AND id = $2 AND (last_used_at IS NULL OR last_used_at < $4)`,
        [organizationId, id, now, new Date(now.getTime() - LAST_USED_RESOLUTION_MS)],
      )
      .catch((error: unknown) => this.log.pino.warn({ err: error, tokenId: id }, 'last use of a token was not noted'));
  }
}
