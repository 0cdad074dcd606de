import { Inject, Injectable } from '@nestjs/common';
import { UnitOfWork } from '../database/unit-of-work.service.js';
import { Clock } from '../platform/clock.js';
import { isUuid, newId } from '../platform/ids.js';
import { Log } from '../platform/logger.js';
import { mintToken, parseToken } from '../platform/secrets.js';
import { TenantError } from './tenant-error.js';

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

/**
 * Owns admin_tokens: operators' bearer tokens for the whole server, stored as hashes. They belong to no organization, so their
 * creation and revocation go to the log instead of an organization's audit entries. Throws TenantError.
 */
@Injectable()
export class AdminTokensService {
  constructor(
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Log) private readonly log: Log,
  ) {}

  /** The id of a live token; undefined for anything else. */
  async authenticate(token: string): Promise<string | undefined> {
    const parsed = parseToken('admin', token);
    if (!parsed) return undefined;
    const [row] = await this.unitOfWork.read.query<{ id: string }>(
      `UPDATE admin_tokens SET last_used_at = $2
       WHERE token_hash = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2) RETURNING id`,
      [parsed.hash, this.clock.now()],
    );
    return row?.id;
  }

  /** A new token, shown once. */
  async create(name: string, expiresAt: Date | null, by: string): Promise<{ token: string; record: AdminToken }> {
    const id = newId();
    const now = this.clock.now();
    const { token, hash, lastFour } = mintToken('admin');
    await this.unitOfWork.read.execute(
      `INSERT INTO admin_tokens (id, name, token_hash, last_four, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)`,
      [id, name, hash, lastFour, now, expiresAt],
    );
    this.log.info({ tokenId: id, name, by }, 'admin token created');
    return { token, record: { id, name, lastFour, createdAt: now, expiresAt, lastUsedAt: null, revokedAt: null } };
  }

  async revoke(id: string, by: string): Promise<AdminToken> {
    const [row] = isUuid(id)
      ? await this.unitOfWork.read.query<AdminToken>(
          `UPDATE admin_tokens SET revoked_at = coalesce(revoked_at, $2) WHERE id = $1 RETURNING ${COLUMNS}`,
          [id, this.clock.now()],
        )
      : [];
    if (!row) throw new TenantError('not-found', `No admin token ${id}`);
    this.log.info({ tokenId: id, by }, 'admin token revoked');
    return row;
  }

  async list(): Promise<AdminToken[]> {
    return this.unitOfWork.read.query<AdminToken>(`SELECT ${COLUMNS} FROM admin_tokens ORDER BY id DESC LIMIT 200`);
  }

  async any(): Promise<boolean> {
    return (await this.unitOfWork.read.query(`SELECT 1 FROM admin_tokens LIMIT 1`)).length > 0;
  }
}
