import { randomBytes } from 'node:crypto';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { Actor } from '../audit/actor.js';
import { AuditLog } from '../audit/audit-log.service.js';
import type { Queryable } from '../database/transaction.js';
import { UnitOfWork } from '../database/unit-of-work.service.js';
import { Clock } from '../platform/clock.js';
import { newId } from '../platform/ids.js';
import { MasterKeys } from '../platform/master-keys.js';
import { KEY_BYTES, seal, unseal, UnsealError } from '../platform/sealing.js';
import { NO_ORGANIZATION } from '../platform/secrets.js';

export interface Rotation {
  /** Data keys that were wrapped anew by this call. */
  readonly rewrapped: number;
  /** The name of the key that all data keys are wrapped with now. */
  readonly keyName: string;
}

interface DataKeyRow {
  readonly id: string;
  readonly wrapped: Buffer;
  readonly master_key_name: string;
  readonly created_at: Date;
}

const COLUMNS = 'id, wrapped, master_key_name, created_at';

const BATCH = 500;
const MOST_CACHED = 10_000;
const ID_BYTES = 16;
/** No transaction is open for so long: a key of this age is committed, and stays. */
const SETTLED_MS = 60 * 60 * 1000;

/**
 * Owns data_keys: envelope encryption of secrets at rest. Every organization has data keys of its own; they are stored wrapped with a
 * master key, which is never in the database. A sealed text begins with the id of its data key. Whoever keeps a sealed text (SP keys,
 * details of sign-ins) names its `purpose`, and opens it with the same one. Turning the master key over touches data keys only.
 */
@Injectable()
export class Vault implements OnApplicationBootstrap {
  /** Data keys in the clear, by organization and id; they never change. */
  private readonly opened = new Map<string, Buffer>();
  private readonly current = new Map<string, string>();

  constructor(
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
    @Inject(MasterKeys) private readonly masterKeys: MasterKeys,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(AuditLog) private readonly audit: AuditLog,
  ) {}

  /** A server that cannot open what it has sealed does not start: people would be refused one by one instead. */
  async onApplicationBootstrap(): Promise<void> {
    const missing = await this.missing();
    if (missing.length > 0) {
      throw new Error(
        `Secrets in the database are encrypted with ${missing.join(', ')}, which is none of the configured keys ` +
          `(${this.masterKeys.names.join(', ')}): add the former key to ENCRYPTION_KEY, after the current one`,
      );
    }
  }

  async seal(db: Queryable, organizationId: string, purpose: string, text: string | Buffer): Promise<Buffer> {
    const { id, key } = await this.keyToSeal(db, organizationId);
    const sealed = seal(key, Buffer.from(text), contextOf(organizationId, purpose));
    return Buffer.concat([Buffer.from(id.replaceAll('-', ''), 'hex'), sealed]);
  }

  /** Throws UnsealError, also when it was sealed for another organization or purpose. */
  async unseal(db: Queryable, organizationId: string, purpose: string, sealed: Buffer): Promise<Buffer> {
    const digits = sealed.subarray(0, ID_BYTES).toString('hex');
    if (digits.length !== 2 * ID_BYTES) throw new UnsealError();
    const id = digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
    const key = await this.keyOf(db, organizationId, id);
    return unseal(key, sealed.subarray(ID_BYTES), contextOf(organizationId, purpose));
  }

  /** Wraps every data key with the current master key. What happens meanwhile goes on with the old one, which stays configured until then. */
  async rotate(actor: Actor): Promise<Rotation> {
    const { name } = this.masterKeys.current;
    let rewrapped = 0;
    for (let batch = BATCH; batch === BATCH; rewrapped += batch) batch = await this.rewrapBatch(name);
    if (rewrapped > 0) {
      const changes = { masterKey: [null, name], dataKeys: [null, rewrapped] } as const;
      const entry = { action: 'encryption.rotated', targetType: 'server', targetId: name, changes } as const;
      await this.unitOfWork.run((tx) => this.audit.append(tx, NO_ORGANIZATION, this.clock.now(), actor, [entry]));
    }
    return { rewrapped, keyName: name };
  }

  /** Names of master keys that something is wrapped with and that are not configured. */
  private async missing(): Promise<string[]> {
    const rows = await this.unitOfWork.read.query<{ name: string }>(
      `SELECT DISTINCT master_key_name AS name FROM data_keys WHERE master_key_name <> ALL ($1::text[]) ORDER BY 1`,
      [this.masterKeys.names],
    );
    return rows.map(({ name }) => name);
  }

  private async rewrapBatch(name: string): Promise<number> {
    return this.unitOfWork.run(async (tx) => {
      const rows = await tx.query<DataKeyRow & { organization_id: string }>(
        `SELECT organization_id, ${COLUMNS} FROM data_keys WHERE master_key_name <> $1
         ORDER BY organization_id, id LIMIT $2 FOR UPDATE`,
        [name, BATCH],
      );
      const wrapped = rows.map((row) => this.wrap(row.organization_id, row.id, this.unwrap(row.organization_id, row)));
      await tx.execute(
        `UPDATE data_keys d SET wrapped = given.wrapped, master_key_name = $1
         FROM unnest($2::uuid[], $3::uuid[], $4::bytea[]) AS given(organization_id, id, wrapped)
         WHERE d.organization_id = given.organization_id AND d.id = given.id`,
        [name, rows.map((row) => row.organization_id), rows.map(({ id }) => id), wrapped],
      );
      return rows.length;
    });
  }

  /** The organization's newest data key, made when there is none. Two made at once are both good: a sealed text names its own. */
  private async keyToSeal(db: Queryable, organizationId: string): Promise<{ id: string; key: Buffer }> {
    const known = this.current.get(organizationId);
    if (known !== undefined) return { id: known, key: await this.keyOf(db, organizationId, known) };
    const [row] = await db.query<DataKeyRow>(
      `SELECT ${COLUMNS} FROM data_keys WHERE organization_id = $1 ORDER BY id DESC LIMIT 1`,
      [organizationId],
    );
    if (!row) return this.makeKey(db, organizationId);
    // A younger one may be of the transaction at hand, and go with it.
    if (this.clock.now().getTime() - row.created_at.getTime() > SETTLED_MS)
      remember(this.current, organizationId, row.id);
    return { id: row.id, key: await this.keyOf(db, organizationId, row.id) };
  }

  private async makeKey(db: Queryable, organizationId: string): Promise<{ id: string; key: Buffer }> {
    const [id, key] = [newId(), randomBytes(KEY_BYTES)];
    await db.execute(
      `INSERT INTO data_keys (organization_id, id, wrapped, master_key_name, created_at) VALUES ($1, $2, $3, $4, $5)`,
      [organizationId, id, this.wrap(organizationId, id, key), this.masterKeys.current.name, this.clock.now()],
    );
    return { id, key };
  }

  private async keyOf(db: Queryable, organizationId: string, id: string): Promise<Buffer> {
    const place = `${organizationId} ${id}`;
    const known = this.opened.get(place);
    if (known) return known;
    const [row] = await db.query<DataKeyRow>(
      `SELECT ${COLUMNS} FROM data_keys WHERE organization_id = $1 AND id = $2`,
      [organizationId, id],
    );
    if (!row) throw new UnsealError();
    const key = this.unwrap(organizationId, row);
    remember(this.opened, place, key);
    return key;
  }

  private wrap(organizationId: string, id: string, key: Buffer): Buffer {
    return seal(this.masterKeys.current.key, key, contextOf(organizationId, `data-key ${id}`));
  }

  private unwrap(organizationId: string, row: DataKeyRow): Buffer {
    const master = this.masterKeys.named(row.master_key_name);
    if (!master) {
      throw new Error(`ENCRYPTION_KEY lacks the key "${row.master_key_name}", which data keys are wrapped with`);
    }
    return unseal(master.key, row.wrapped, contextOf(organizationId, `data-key ${row.id}`));
  }
}

const contextOf = (organizationId: string, purpose: string): string => `${organizationId} ${purpose}`;

/** The oldest entry goes when there are very many: each can be read again. */
function remember<Value>(map: Map<string, Value>, key: string, value: Value): void {
  if (map.size >= MOST_CACHED) map.delete(map.keys().next().value!);
  map.set(key, value);
}
