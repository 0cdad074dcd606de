import { Inject, Injectable } from '@nestjs/common';
import type { Actor } from '../audit/actor.js';
import { AuditLog } from '../audit/audit-log.service.js';
import type { Transaction } from '../database/transaction.js';
import { UnitOfWork } from '../database/unit-of-work.service.js';
import { Clock } from '../platform/clock.js';
import { isUuid, newId } from '../platform/ids.js';
import { sameJson } from '../platform/same-json.js';
import { mintToken } from '../platform/secrets.js';
import { checkAllowedAddresses, type AllowedAddresses } from './allowed-addresses.js';
import { TenantError } from './tenant-error.js';

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
  readonly allowedAddresses: AllowedAddresses;
  /** The last refused use from another address that was noted. */
  readonly lastRefusedAt: Date | null;
  readonly lastRefusedAddress: string | null;
}

export interface WantedToken {
  readonly name: string;
  readonly expiresAt?: Date | null;
  /** Not given: from anywhere; of a rotation, as the newest live token has it. */
  readonly allowedAddresses?: AllowedAddresses;
}

const COLUMNS = `id, connection_id AS "connectionId", name, last_four AS "lastFour", created_at AS "createdAt",
  expires_at AS "expiresAt", last_used_at AS "lastUsedAt", revoked_at AS "revokedAt", allowed_addresses AS "allowedAddresses",
  last_refused_at AS "lastRefusedAt", last_refused_address AS "lastRefusedAddress"`;

type LiveToken = Pick<ScimToken, 'id' | 'allowedAddresses'>;

/** Two, so that a client can be moved to a new token without a gap. */
const LIVE_TOKENS = 2;

/** Owns scim_tokens: bearer tokens of provisioning clients, stored as hashes. Throws TenantError. */
@Injectable()
export class ScimTokensService {
  constructor(
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(AuditLog) private readonly audit: AuditLog,
  ) {}

  /** A new token, shown once. At most two live ones a connection. */
  async create(
    organizationId: string,
    connectionId: string,
    wanted: WantedToken,
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
    wanted: WantedToken,
    actor: Actor,
  ): Promise<{ token: string; record: ScimToken }> {
    return this.unitOfWork.run(async (tx) => {
      await this.lockConnection(tx, organizationId, connectionId);
      const now = this.clock.now();
      const live = await this.live(tx, organizationId, connectionId, now);
      for (const { id } of live.slice(LIVE_TOKENS - 1)) await this.end(tx, organizationId, id, now, actor);
      const inherited = { allowedAddresses: live[0]?.allowedAddresses ?? null };
      return this.insert(tx, organizationId, connectionId, { ...inherited, ...wanted }, now, actor);
    });
  }

  /** Takes effect with the next request. */
  async revoke(organizationId: string, connectionId: string, id: string, actor: Actor): Promise<ScimToken> {
    return this.unitOfWork.run(async (tx) => {
      await this.lockConnection(tx, organizationId, connectionId);
      const current = await this.find(tx, organizationId, connectionId, id);
      if (current.revokedAt) return current;
      await this.end(tx, organizationId, id, this.clock.now(), actor);
      return this.find(tx, organizationId, connectionId, id);
    });
  }

  /** Its name and from where it may be used; the secret stays. Takes effect with the next request. */
  async update(
    organizationId: string,
    connectionId: string,
    id: string,
    wanted: Partial<Pick<WantedToken, 'name' | 'allowedAddresses'>>,
    actor: Actor,
  ): Promise<ScimToken> {
    return this.unitOfWork.run(async (tx) => {
      await this.lockConnection(tx, organizationId, connectionId);
      const current = await this.find(tx, organizationId, connectionId, id);
      const name = wanted.name ?? current.name;
      const allowedAddresses =
        wanted.allowedAddresses === undefined
          ? current.allowedAddresses
          : checkAllowedAddresses(wanted.allowedAddresses);
      const changes = changesOf(current, { ...current, name, allowedAddresses });
      if (Object.keys(changes).length === 0) return current;
      await tx.execute(
        `UPDATE scim_tokens SET name = $3, allowed_addresses = $4::text[] WHERE organization_id = $1 AND id = $2`,
        [organizationId, id, name, allowedAddresses],
      );
      const entry = { action: 'scim-token.updated', targetType: 'scim-token', targetId: id, changes } as const;
      await this.audit.append(tx, organizationId, this.clock.now(), actor, [entry]);
      return { ...current, name, allowedAddresses };
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

  private async find(tx: Transaction, organizationId: string, connectionId: string, id: string): Promise<ScimToken> {
    const [found] = isUuid(id)
      ? await tx.query<ScimToken>(
          `SELECT ${COLUMNS} FROM scim_tokens WHERE organization_id = $1 AND connection_id = $2 AND id = $3`,
          [organizationId, connectionId, id],
        )
      : [];
    if (!found) throw new TenantError('not-found', `No SCIM token ${id}`);
    return found;
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
  private live(tx: Transaction, organizationId: string, connectionId: string, now: Date): Promise<LiveToken[]> {
    return tx.query<LiveToken>(
      `SELECT id, allowed_addresses AS "allowedAddresses" FROM scim_tokens
       WHERE organization_id = $1 AND connection_id = $2 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $3)
       ORDER BY id DESC`,
      [organizationId, connectionId, now],
    );
  }

  private async insert(
    tx: Transaction,
    organizationId: string,
    connectionId: string,
    wanted: WantedToken,
    now: Date,
    actor: Actor,
  ): Promise<{ token: string; record: ScimToken }> {
    const { token, hash, lastFour } = mintToken('scim', organizationId);
    const record: ScimToken = {
      id: newId(),
      connectionId,
      name: wanted.name,
      lastFour,
      createdAt: now,
      expiresAt: wanted.expiresAt ?? null,
      lastUsedAt: null,
      revokedAt: null,
      allowedAddresses: checkAllowedAddresses(wanted.allowedAddresses ?? null),
      lastRefusedAt: null,
      lastRefusedAddress: null,
    };
    const { id, name, expiresAt, allowedAddresses } = record;
    await tx.execute(
      `INSERT INTO scim_tokens (organization_id, id, connection_id, name, token_hash, last_four, created_at, expires_at, allowed_addresses)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9::text[])`,
      [organizationId, id, connectionId, name, hash, lastFour, now, expiresAt, allowedAddresses],
    );
    const changes = changesOf(undefined, record);
    const entry = { action: 'scim-token.created', targetType: 'scim-token', targetId: id, changes } as const;
    await this.audit.append(tx, organizationId, now, actor, [entry]);
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
}

/** What an audit entry says of a token; of a new one, everything. */
function changesOf(before: ScimToken | undefined, after: ScimToken): Record<string, readonly [unknown, unknown]> {
  const fields = ['name', 'connectionId', 'expiresAt', 'allowedAddresses'] as const;
  const changed = fields.filter((field) => !before || !sameJson(before[field], after[field]));
  return Object.fromEntries(changed.map((field) => [field, [before?.[field] ?? null, after[field]] as const]));
}
