import { X509Certificate } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { systemActor, type Actor } from '../audit/actor.js';
import { AuditLog, type AuditEntry } from '../audit/audit-log.service.js';
import type { Transaction } from '../database/transaction.js';
import { UnitOfWork } from '../database/unit-of-work.service.js';
import type { Event } from '../outbox/events.js';
import { Outbox } from '../outbox/outbox.service.js';
import { Clock } from '../platform/clock.js';
import { isUuid, newId } from '../platform/ids.js';
import { makeSpKey, type FreshKey } from './make-sp-key.js';
import { LIKELIEST_FIRST, purposeOf, type KeyState, type KeyUse, type SpKey } from './sp-key.js';
import { TenantError } from './tenant-error.js';
import { Vault } from './vault.service.js';

const COLUMNS = `id, connection_id AS "connectionId", use, state, certificate, not_before AS "notBefore", not_after AS "notAfter",
  created_at AS "createdAt", activated_at AS "activatedAt", retired_at AS "retiredAt"`;

/**
 * Owns sp_keys: the keys of the service provider that each connection is, private halves sealed by the vault. A connection has at most
 * two live keys a use, so that one can follow the other without a gap. Signing keys are made when first needed; the first encryption
 * key is an operator's decision, because some IdPs encrypt as soon as they see one. Throws TenantError.
 */
@Injectable()
export class SpKeys {
  /** First signing keys being made here, by connection: whoever asks meanwhile waits for the same one. */
  private readonly making = new Map<string, Promise<void>>();

  constructor(
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
    @Inject(Vault) private readonly vault: Vault,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(AuditLog) private readonly audit: AuditLog,
    @Inject(Outbox) private readonly outbox: Outbox,
  ) {}

  /** The keys that metadata names, those to use first; a signing key is made when there is none. */
  async published(organizationId: string, connectionId: string): Promise<SpKey[]> {
    const keys = await this.live(organizationId, [connectionId]);
    if (keys.some(({ use }) => use === 'signing')) return keys;
    await this.ensureSigning(organizationId, connectionId);
    return this.live(organizationId, [connectionId]);
  }

  /** The live keys of these connections, signing keys before others, those to use first; none is made. */
  live(organizationId: string, connectionIds: readonly string[]): Promise<SpKey[]> {
    return this.unitOfWork.read.query<SpKey>(
      `SELECT ${COLUMNS} FROM sp_keys
       WHERE organization_id = $1 AND connection_id = ANY($2::uuid[]) AND state <> 'retired'
       ORDER BY use DESC, ${LIKELIEST_FIRST}`,
      [organizationId, connectionIds],
    );
  }

  /** Makes the first signing key where there is none. Not to be called within a transaction. */
  async ensureSigning(organizationId: string, connectionId: string): Promise<void> {
    const making = this.making.get(connectionId) ?? this.makeFirst(organizationId, connectionId);
    this.making.set(connectionId, making);
    await making.finally(() => this.making.delete(connectionId));
  }

  /** Newest first, retired ones included. */
  async list(organizationId: string, connectionId: string, after?: string, limit = 100): Promise<SpKey[]> {
    if (!isUuid(connectionId)) return [];
    return this.unitOfWork.read.query<SpKey>(
      `SELECT ${COLUMNS} FROM sp_keys
       WHERE organization_id = $1 AND connection_id = $2 AND ($3::uuid IS NULL OR id < $3) ORDER BY id DESC LIMIT $4`,
      [organizationId, connectionId, after ?? null, limit],
    );
  }

  /** Publishes another key; the first of its use is active at once. */
  async create(organizationId: string, connectionId: string, use: KeyUse, actor: Actor): Promise<SpKey> {
    const at = this.clock.now();
    const fresh = await makeSpKey(use, connectionId, at);
    return this.unitOfWork.run(async (tx) => {
      const live = (await this.lock(tx, organizationId, connectionId)).filter((key) => key.use === use);
      if (live.length > 1) {
        const detail = `The connection has two live ${use} keys already; activate the next one and retire the previous one first`;
        throw new TenantError('conflict', detail);
      }
      const state = live.length === 0 ? 'active' : 'next';
      return this.insert(tx, organizationId, connectionId, use, state, fresh, at, actor);
    });
  }

  /** The other live key is used from now on. The one that was stays published until it is retired, and can be activated again. */
  async activate(organizationId: string, connectionId: string, id: string, actor: Actor): Promise<SpKey> {
    return this.unitOfWork.run(async (tx) => {
      const { key, others } = await this.find(tx, organizationId, connectionId, id);
      if (key.state === 'active') return key;
      if (key.state === 'retired')
        throw new TenantError('conflict', 'A retired key does not come back; create another');
      const at = this.clock.now();
      // Back to the previous key: the one that was ahead is ahead again.
      const aside = key.state === 'previous' ? 'next' : 'previous';
      const changed: [SpKey, KeyState][] = others
        .filter(({ state }) => state === 'active')
        .map((current) => [current, aside]);
      for (const [current] of changed) await this.move(tx, organizationId, current.id, aside, at);
      await this.move(tx, organizationId, id, 'active', at);
      await this.record(tx, organizationId, at, actor, 'sp-key.activated', [...changed, [key, 'active']]);
      return { ...key, state: 'active', activatedAt: at };
    });
  }

  /** Takes it out of the metadata and forgets its private half. */
  async retire(organizationId: string, connectionId: string, id: string, actor: Actor): Promise<SpKey> {
    return this.unitOfWork.run(async (tx) => {
      const { key, others } = await this.find(tx, organizationId, connectionId, id);
      if (key.state === 'retired') return key;
      const needed = key.state === 'active' && (key.use === 'signing' || others.length > 0);
      if (needed) throw new TenantError('conflict', 'The active key is needed; create and activate another one first');
      const at = this.clock.now();
      await this.move(tx, organizationId, id, 'retired', at);
      await this.record(tx, organizationId, at, actor, 'sp-key.retired', [[key, 'retired']]);
      return { ...key, state: 'retired', retiredAt: at };
    });
  }

  /** Another node may make one at the same time: the connection's row says whose is the first, and the later one is thrown away. */
  private async makeFirst(organizationId: string, connectionId: string): Promise<void> {
    const at = this.clock.now();
    const fresh = await makeSpKey('signing', connectionId, at);
    await this.unitOfWork.run(async (tx) => {
      const live = await this.lock(tx, organizationId, connectionId);
      if (live.some(({ use }) => use === 'signing')) return;
      const system = systemActor(newId());
      await this.insert(tx, organizationId, connectionId, 'signing', 'active', fresh, at, system);
    });
  }

  /** The live keys of a connection, which is held until the end of the transaction. */
  private async lock(tx: Transaction, organizationId: string, connectionId: string): Promise<SpKey[]> {
    const held = isUuid(connectionId)
      ? await tx.query(`SELECT 1 FROM connections WHERE organization_id = $1 AND id = $2 FOR NO KEY UPDATE`, [
          organizationId,
          connectionId,
        ])
      : [];
    if (held.length === 0) throw new TenantError('not-found', `No connection ${connectionId}`);
    return tx.query<SpKey>(
      `SELECT ${COLUMNS} FROM sp_keys WHERE organization_id = $1 AND connection_id = $2 AND state <> 'retired'`,
      [organizationId, connectionId],
    );
  }

  /** A key, and the other live keys of its use. */
  private async find(tx: Transaction, organizationId: string, connectionId: string, id: string) {
    const live = await this.lock(tx, organizationId, connectionId);
    const [key] = isUuid(id)
      ? await tx.query<SpKey>(
          `SELECT ${COLUMNS} FROM sp_keys WHERE organization_id = $1 AND connection_id = $2 AND id = $3`,
          [organizationId, connectionId, id],
        )
      : [];
    if (!key) throw new TenantError('not-found', `No key ${id}`);
    return { key, others: live.filter((other) => other.use === key.use && other.id !== key.id) };
  }

  private async insert(
    tx: Transaction,
    organizationId: string,
    connectionId: string,
    use: KeyUse,
    state: 'active' | 'next',
    { privateKey, certificate, notBefore, notAfter }: FreshKey,
    at: Date,
    actor: Actor,
  ): Promise<SpKey> {
    const id = newId();
    const sealed = await this.vault.seal(tx, organizationId, purposeOf(id), privateKey);
    const activatedAt = state === 'active' ? at : null;
    await tx.execute(
      `INSERT INTO sp_keys (organization_id, id, connection_id, use, state, certificate, sealed_private_key, not_before, not_after,
         created_at, activated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
      [organizationId, id, connectionId, use, state, certificate, sealed, notBefore, notAfter, at, activatedAt],
    );
    const dates = { notBefore, notAfter, createdAt: at, activatedAt, retiredAt: null };
    const key: SpKey = { id, connectionId, use, state, certificate, ...dates };
    await this.record(tx, organizationId, at, actor, 'sp-key.published', [[key, state]]);
    return key;
  }

  private async move(tx: Transaction, organizationId: string, id: string, state: KeyState, at: Date): Promise<void> {
    await tx.execute(
      `UPDATE sp_keys SET state = $3, activated_at = CASE WHEN $3 = 'active' THEN $4::timestamptz ELSE activated_at END,
         retired_at = CASE WHEN $3 = 'retired' THEN $4::timestamptz END,
         sealed_private_key = CASE WHEN $3 <> 'retired' THEN sealed_private_key END
       WHERE organization_id = $1 AND id = $2`,
      [organizationId, id, state, at],
    );
  }

  /** The last one is what it is about; the others changed with it. */
  private async record(
    tx: Transaction,
    organizationId: string,
    at: Date,
    actor: Actor,
    action: Event['type'],
    changed: readonly (readonly [SpKey, KeyState])[],
  ): Promise<void> {
    const entries = changed.map(([key, state]) => toEntry(action, key, state));
    await this.audit.append(tx, organizationId, at, actor, entries);
    const [key, state] = changed.at(-1)!;
    const { connectionId, id: keyId, use, notAfter } = key;
    const data = { keyId, use, state, fingerprint: fingerprintOf(key), notAfter };
    await this.outbox.append(tx, organizationId, at, [{ type: action, subjectId: connectionId, data }]);
  }
}

const fingerprintOf = ({ certificate }: SpKey): string => new X509Certificate(certificate).fingerprint256;

function toEntry(action: string, key: SpKey, state: KeyState): AuditEntry {
  const isNew = action === 'sp-key.published';
  const { connectionId, use, notAfter } = key;
  const whole = { connectionId: [null, connectionId], use: [null, use], notAfter: [null, notAfter] } as const;
  const changes = {
    ...(isNew ? { ...whole, fingerprint: [null, fingerprintOf(key)] as const } : {}),
    state: [isNew ? null : key.state, state] as const,
  };
  return { action, targetType: 'sp-key', targetId: key.id, changes };
}
