import { Inject, Injectable } from '@nestjs/common';
import type { Actor } from '../audit/actor.js';
import { AuditLog } from '../audit/audit-log.service.js';
import { UnitOfWork } from '../database/unit-of-work.service.js';
import { Clock } from '../platform/clock.js';
import { isUuid, newId } from '../platform/ids.js';
import { Log } from '../platform/logger.js';
import { mintToken, NO_ORGANIZATION, parseToken } from '../platform/secrets.js';
import { TenantError } from './tenant-error.js';

/** A token as it is listed: never the secret. Times are instants; null: never. */
export interface AdminToken {
  readonly id: string;
  readonly name: string;
  readonly lastFour: string;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly lastUsedAt: Date | null;
  readonly revokedAt: Date | null;
}

const COLUMNS = `id, name, last_four AS "lastFour", created_at AS "createdAt", expires_at AS "expiresAt",
  last_used_at AS "lastUsedAt", revoked_at AS "revokedAt"`;

const LAST_USED_RESOLUTION_MS = 60_000;

/**
 * Owns admin_tokens: operators' bearer tokens for the whole server, stored as hashes. They belong to no organization: their audit
 * entries stand under NO_ORGANIZATION. Throws TenantError.
 */
@Injectable()
export class AdminTokensService {
  constructor(
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(AuditLog) private readonly audit: AuditLog,
    @Inject(Log) private readonly log: Log,
  ) {}

  /** The id of a live token; undefined for anything else. */
  async authenticate(token: string): Promise<string | undefined> {
    const parsed = parseToken('admin', token);
    if (!parsed) return undefined;
    const now = this.clock.now();
    const [row] = await this.unitOfWork.read.query<{ id: string; last_used_at: Date | null }>(
      `SELECT id, last_used_at FROM admin_tokens
       WHERE token_hash = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)`,
      [parsed.hash, now],
    );
    if (row && now.getTime() - (row.last_used_at?.getTime() ?? 0) > LAST_USED_RESOLUTION_MS) this.noteUse(row.id, now);
    return row?.id;
  }

  /** A new token, shown once. */
  async create(name: string, expiresAt: Date | null, actor: Actor): Promise<{ token: string; record: AdminToken }> {
    const id = newId();
    const now = this.clock.now();
    const { token, hash, lastFour } = mintToken('admin');
    await this.unitOfWork.run(async (tx) => {
      await tx.execute(
        `INSERT INTO admin_tokens (id, name, token_hash, last_four, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)`,
        [id, name, hash, lastFour, now, expiresAt],
      );
      const changes = { name: [null, name], expiresAt: [null, expiresAt] } as const;
      const entry = { action: 'admin-token.created', targetType: 'admin-token', targetId: id, changes } as const;
      await this.audit.append(tx, NO_ORGANIZATION, now, actor, [entry]);
    });
    return { token, record: { id, name, lastFour, createdAt: now, expiresAt, lastUsedAt: null, revokedAt: null } };
  }

  /** Takes effect with the next request. */
  async revoke(id: string, actor: Actor): Promise<AdminToken> {
    return this.unitOfWork.run(async (tx) => {
      const [current] = isUuid(id)
        ? await tx.query<AdminToken>(`SELECT ${COLUMNS} FROM admin_tokens WHERE id = $1 FOR NO KEY UPDATE`, [id])
        : [];
      if (!current) throw new TenantError('not-found', `No admin token ${id}`);
      if (current.revokedAt) return current;
      const now = this.clock.now();
      await tx.execute(`UPDATE admin_tokens SET revoked_at = $2 WHERE id = $1`, [id, now]);
      const changes = { revokedAt: [null, now] } as const;
      const entry = { action: 'admin-token.revoked', targetType: 'admin-token', targetId: id, changes } as const;
      await this.audit.append(tx, NO_ORGANIZATION, now, actor, [entry]);
      return { ...current, revokedAt: now };
    });
  }

  /** Newest first, revoked ones included. */
  async list(after?: string, limit = 100): Promise<AdminToken[]> {
    return this.unitOfWork.read.query<AdminToken>(
      `SELECT ${COLUMNS} FROM admin_tokens WHERE $1::uuid IS NULL OR id < $1 ORDER BY id DESC LIMIT $2`,
      [after ?? null, limit],
    );
  }

  async any(): Promise<boolean> {
    return (await this.unitOfWork.read.query(`SELECT 1 FROM admin_tokens LIMIT 1`)).length > 0;
  }

  /** Beside the request, which does not wait for it and does not fail with it. */
  private noteUse(id: string, now: Date): void {
    void this.unitOfWork.read
      .execute(
        `UPDATE admin_tokens SET last_used_at = $2 WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $3)`,
        [id, now, new Date(now.getTime() - LAST_USED_RESOLUTION_MS)],
      )
      .catch((error: unknown) => this.log.pino.warn({ err: error, tokenId: id }, 'last use of a token was not noted'));
  }
}
