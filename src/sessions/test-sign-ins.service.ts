import { Inject, Injectable } from '@nestjs/common';
import { AuditLog } from '../audit/audit-log.service.js';
import type { Actor } from '../audit/actor.js';
import type { Queryable, Transaction } from '../database/transaction.js';
import { Vault } from '../organizations/vault.service.js';
import { newId } from '../platform/ids.js';
import { hashToken, randomOpaque } from '../platform/secrets.js';

export interface TestSignIn {
  readonly id: string;
  readonly connectionId: string;
  readonly createdAt: Date;
  /** Until when its address begins it. */
  readonly expiresAt: Date;
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
}

const COLUMNS = `id, connection_id AS "connectionId", created_at AS "createdAt", expires_at AS "expiresAt",
  started_at AS "startedAt", ended_at AS "endedAt"`;

const ADDRESS_MS = 15 * 60 * 1000;
const KEPT_MS = 7 * 24 * 60 * 60 * 1000;
const PURPOSE = 'test sign-in';

/**
 * Owns test_sign_ins: sign-ins of operators that change nothing. Each has an address that begins it once, within 15 minutes, and in the
 * end a result, which is encrypted and kept for 7 days. Of the address only a hash is stored.
 */
@Injectable()
export class TestSignIns {
  constructor(
    @Inject(Vault) private readonly vault: Vault,
    @Inject(AuditLog) private readonly audit: AuditLog,
  ) {}

  /** The token is for the address and exists nowhere else. */
  async create(
    tx: Transaction,
    organizationId: string,
    connectionId: string,
    now: Date,
    actor: Actor,
  ): Promise<{ id: string; token: string; expiresAt: Date }> {
    const id = newId();
    const token = randomOpaque();
    const expiresAt = new Date(now.getTime() + ADDRESS_MS);
    await tx.execute(
      `INSERT INTO test_sign_ins (organization_id, id, connection_id, token_hash, created_at, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6)`,
      [organizationId, id, connectionId, hashToken(token), now, expiresAt],
    );
    const entry = {
      action: 'connection.test-sign-in-created',
      targetType: 'connection',
      targetId: connectionId,
      changes: { testSignIn: [null, id] },
    } as const;
    await this.audit.append(tx, organizationId, now, actor, [entry]);
    return { id, token, expiresAt };
  }

  /** The one that the address begins; undefined: it does not, or does no more. */
  async find(
    db: Queryable,
    organizationId: string,
    connectionId: string,
    token: string,
    now: Date,
  ): Promise<TestSignIn | undefined> {
    const [row] = await db.query<TestSignIn>(
      `SELECT ${COLUMNS} FROM test_sign_ins
       WHERE organization_id = $1 AND connection_id = $2 AND token_hash = $3 AND started_at IS NULL AND expires_at > $4`,
      [organizationId, connectionId, hashToken(token), now],
    );
    return row;
  }

  /** Uses the address up; the id for exactly one of several callers. */
  async start(
    db: Queryable,
    organizationId: string,
    connectionId: string,
    token: string,
    now: Date,
  ): Promise<string | undefined> {
    const [row] = await db.query<{ id: string }>(
      `UPDATE test_sign_ins SET started_at = $4
       WHERE organization_id = $1 AND connection_id = $2 AND token_hash = $3 AND started_at IS NULL AND expires_at > $4
       RETURNING id`,
      [organizationId, connectionId, hashToken(token), now],
    );
    return row?.id;
  }

  async end(db: Queryable, organizationId: string, id: string, result: object, now: Date): Promise<void> {
    const sealed = await this.vault.seal(db, organizationId, PURPOSE, JSON.stringify(result));
    await db.execute(
      `UPDATE test_sign_ins SET ended_at = $3, result = $4 WHERE organization_id = $1 AND id = $2 AND ended_at IS NULL`,
      [organizationId, id, now, sealed],
    );
  }

  /** With its result, as it was given; undefined: it has none yet. */
  async get(
    db: Queryable,
    organizationId: string,
    connectionId: string,
    id: string,
  ): Promise<(TestSignIn & { readonly result: unknown }) | undefined> {
    const [row] = await db.query<TestSignIn & { sealed: Buffer | null }>(
      `SELECT ${COLUMNS}, result AS sealed FROM test_sign_ins WHERE organization_id = $1 AND connection_id = $2 AND id = $3`,
      [organizationId, connectionId, id],
    );
    if (!row) return undefined;
    const { sealed, ...test } = row;
    const text = sealed && (await this.vault.unseal(db, organizationId, PURPOSE, sealed));
    return { ...test, result: text ? JSON.parse(text.toString('utf8')) : undefined };
  }

  /** Deletes what is older than 7 days, over all organizations; the login requests of these are gone by then. */
  async purge(db: Queryable, now: Date): Promise<void> {
    await db.execute(`DELETE FROM test_sign_ins WHERE created_at <= $1`, [new Date(now.getTime() - KEPT_MS)]);
  }
}
