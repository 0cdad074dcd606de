import { Inject, Injectable } from '@nestjs/common';
import type { Actor } from '../audit/actor.js';
import { AuditLog } from '../audit/audit-log.service.js';
import type { Queryable, Transaction } from '../database/transaction.js';
import { UnitOfWork } from '../database/unit-of-work.service.js';
import { Outbox } from '../outbox/outbox.service.js';
import { Clock } from '../platform/clock.js';
import { isUuid, newId } from '../platform/ids.js';
import { Log } from '../platform/logger.js';
import { sameJson } from '../platform/same-json.js';
import { faultOf, provisioningShapeFault } from './connection-fault.js';
import {
  DEFAULT_PROVISIONING,
  NO_SCHEMAS,
  type AttributeMapping,
  type Connection,
  type ProvisioningSettings,
  type SamlSettings,
} from './connection.js';
import { IDP_PRESETS, type PresetName } from './idp-presets/presets.js';
import { TenantError } from './tenant-error.js';
import { CONNECTION_COLUMNS, toConnection, type ConnectionRow } from './to-connection.js';

export interface ConnectionSettings {
  readonly name?: string;
  readonly jit?: boolean;
  readonly scim?: boolean;
  readonly provisioning?: Partial<ProvisioningSettings>;
  readonly saml?: SamlSettings | null;
  /** Of a new connection: the defaults of this product. */
  readonly preset?: PresetName;
  readonly attributeMapping?: AttributeMapping;
}

const FROM = `FROM connections c JOIN organizations o ON o.id = c.organization_id`;

/**
 * Owns connections. A stored connection whose settings cannot be used disables itself when it is read, with the reason, an event and
 * an audit entry; the server and every other connection go on. Throws TenantError.
 */
@Injectable()
export class ConnectionsService {
  constructor(
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(AuditLog) private readonly audit: AuditLog,
    @Inject(Outbox) private readonly outbox: Outbox,
    @Inject(Log) private readonly log: Log,
  ) {}

  async create(
    organizationId: string,
    settings: ConnectionSettings & { readonly name: string },
    actor: Actor,
  ): Promise<Connection> {
    const id = newId();
    return this.unitOfWork.run(async (tx) => {
      const [organization] = await tx.query<{ roles: string[] }>(
        `SELECT roles FROM organizations WHERE id = $1 FOR SHARE`,
        [organizationId],
      );
      if (!organization) throw new TenantError('not-found', `No organization ${organizationId}`);
      const fresh: Connection = {
        organizationId,
        id,
        name: settings.name,
        enabled: true,
        disabledReason: null,
        jit: true,
        scim: false,
        provisioning: { ...DEFAULT_PROVISIONING, defaultRole: organization.roles.at(-1)! },
        preset: settings.preset ?? null,
        saml: null,
        metadataValidUntil: null,
        attributeMapping: settings.preset ? IDP_PRESETS[settings.preset].attributeMapping : {},
        schemas: NO_SCHEMAS,
        organizationRoles: organization.roles,
      };
      const connection = merge(fresh, settings);
      await this.check(tx, connection);
      const at = this.clock.now();
      await tx.execute(
        `INSERT INTO connections (organization_id, id, name, enabled, jit, scim, provisioning, saml, attribute_mapping, created_at, updated_at, preset)
         VALUES ($1, $2, $3, true, $4, $5, $6, $7, $8, $9, $9, $10)`,
        [organizationId, id, ...settingValues(connection), at, connection.preset],
      );
      await this.record(tx, connection, at, actor, 'connection.created', differences(undefined, connection));
      return connection;
    });
  }

  async get(organizationId: string, id: string): Promise<Connection | undefined> {
    if (!isUuid(id)) return undefined;
    const [row] = await this.unitOfWork.read.query<ConnectionRow>(
      `SELECT ${CONNECTION_COLUMNS} ${FROM} WHERE c.organization_id = $1 AND c.id = $2`,
      [organizationId, id],
    );
    return row && this.usable(row);
  }

  /** The entry of an IdP's answer, whose address names only the connection. */
  async findById(id: string): Promise<Connection | undefined> {
    if (!isUuid(id)) return undefined;
    const [row] = await this.unitOfWork.read.query<ConnectionRow>(
      `SELECT ${CONNECTION_COLUMNS} ${FROM} WHERE c.id = $1`,
      [id],
    );
    return row && this.usable(row);
  }

  /** In the order of creation. */
  async list(organizationId: string, after?: string, limit = 1000): Promise<Connection[]> {
    const rows = await this.unitOfWork.read.query<ConnectionRow>(
      `SELECT ${CONNECTION_COLUMNS} ${FROM} WHERE c.organization_id = $1 AND ($2::uuid IS NULL OR c.id > $2) ORDER BY c.id LIMIT $3`,
      [organizationId, after ?? null, limit],
    );
    return rows.map((row) => toConnection(row).connection);
  }

  async update(organizationId: string, id: string, settings: ConnectionSettings, actor: Actor): Promise<Connection> {
    return this.unitOfWork.run((tx) => this.updateIn(tx, organizationId, id, settings, actor));
  }

  /** As part of a greater change. */
  async updateIn(
    tx: Transaction,
    organizationId: string,
    id: string,
    settings: ConnectionSettings,
    actor: Actor,
  ): Promise<Connection> {
    const { connection: current, fault } = await this.lock(tx, organizationId, id);
    const next = merge(current, settings);
    await this.check(tx, next, current);
    const changes = differences(current, next);
    // What was stored and could not be understood is written anew even when its stand-in stays.
    if (Object.keys(changes).length === 0 && !fault) return current;
    const at = this.clock.now();
    await tx.execute(
      `UPDATE connections SET name = $3, jit = $4, scim = $5, provisioning = $6, saml = $7, attribute_mapping = $8, updated_at = $9
         WHERE organization_id = $1 AND id = $2`,
      [organizationId, id, ...settingValues(next), at],
    );
    await this.record(tx, next, at, actor, 'connection.updated', changes);
    return next;
  }

  /** As it is, and nobody else changes it until the transaction ends. */
  async lockIn(tx: Transaction, organizationId: string, id: string): Promise<Connection> {
    return (await this.lock(tx, organizationId, id)).connection;
  }

  /** Refused while the settings cannot be used. */
  async enable(organizationId: string, id: string, actor: Actor): Promise<Connection> {
    return this.unitOfWork.run(async (tx) => {
      const { connection: current, fault } = await this.lock(tx, organizationId, id);
      if (fault) throw new TenantError('conflict', `The connection cannot be enabled: ${fault}`);
      if (current.enabled) return current;
      return this.setEnabled(tx, current, true, null, actor);
    });
  }

  async disable(organizationId: string, id: string, reason: string, actor: Actor): Promise<Connection> {
    return this.unitOfWork.run((tx) => this.disableIn(tx, organizationId, id, reason, actor));
  }

  /** As part of a greater change. */
  async disableIn(
    tx: Transaction,
    organizationId: string,
    id: string,
    reason: string,
    actor: Actor,
  ): Promise<Connection> {
    const { connection: current } = await this.lock(tx, organizationId, id);
    return current.enabled ? this.setEnabled(tx, current, false, reason, actor) : current;
  }

  /** As stored, or disabled here and now when its settings cannot be used. */
  async usable(row: ConnectionRow): Promise<Connection> {
    const { connection, fault } = toConnection(row);
    if (!fault || !connection.enabled) return connection;
    const { organizationId, id } = connection;
    const system: Actor = { kind: 'system', id: null, correlationId: newId() };
    return this.unitOfWork.run(async (tx) => {
      // Read again under the lock: an operator may have mended it meanwhile.
      const { connection: current, fault: stillThere } = await this.lock(tx, organizationId, id);
      if (!stillThere || !current.enabled) return current;
      this.log.pino.error({ connectionId: id, organizationId, fault: stillThere }, 'connection disabled itself');
      return this.setEnabled(tx, current, false, stillThere, system);
    });
  }

  private async setEnabled(
    tx: Transaction,
    current: Connection,
    enabled: boolean,
    reason: string | null,
    actor: Actor,
  ): Promise<Connection> {
    const at = this.clock.now();
    const { organizationId, id } = current;
    await tx.execute(
      `UPDATE connections SET enabled = $3, disabled_reason = $4, updated_at = $5 WHERE organization_id = $1 AND id = $2`,
      [organizationId, id, enabled, reason, at],
    );
    const next = { ...current, enabled, disabledReason: reason };
    const action = enabled ? 'connection.enabled' : 'connection.disabled';
    await this.outbox.append(tx, organizationId, at, [{ type: action, subjectId: id, data: { reason } }]);
    const changes = { enabled: [current.enabled, enabled], disabledReason: [current.disabledReason, reason] } as const;
    await this.record(tx, next, at, actor, action, changes);
    return next;
  }

  /** The roles of the organization are held as well: a connection must not be checked against roles that are about to go. */
  private async lock(tx: Transaction, organizationId: string, id: string): Promise<ReturnType<typeof toConnection>> {
    const [row] = isUuid(id)
      ? await tx.query<ConnectionRow>(
          `SELECT ${CONNECTION_COLUMNS} ${FROM} WHERE c.organization_id = $1 AND c.id = $2 FOR NO KEY UPDATE OF c FOR SHARE OF o`,
          [organizationId, id],
        )
      : [];
    if (!row) throw new TenantError('not-found', `No connection ${id}`);
    return toConnection(row);
  }

  /** A group that was there when it was mapped may be gone by now: that must not stand in the way of other changes. */
  private async check(db: Queryable, connection: Connection, before?: Connection): Promise<void> {
    const fault = faultOf(connection);
    if (fault) throw new TenantError('invalid', fault);
    const present = new Set(before?.provisioning.groupMapping.map(({ groupId }) => groupId));
    const mapped = connection.provisioning.groupMapping.map(({ groupId }) => groupId);
    const wanted = [...new Set(mapped)].filter((groupId) => !present.has(groupId));
    const stranger = wanted.find((groupId) => !isUuid(groupId));
    const known = stranger
      ? []
      : await db.query<{ id: string }>(`SELECT id FROM groups WHERE organization_id = $1 AND id = ANY($2::uuid[])`, [
          connection.organizationId,
          wanted,
        ]);
    const missing = stranger ?? wanted.find((groupId) => !known.some(({ id }) => id === groupId.toLowerCase()));
    if (missing !== undefined) throw new TenantError('invalid', `provisioning.groupMapping: no group ${missing}`);
  }

  private async record(
    tx: Transaction,
    connection: Connection,
    at: Date,
    actor: Actor,
    action: string,
    changes: Readonly<Record<string, readonly [unknown, unknown]>>,
  ): Promise<void> {
    const entry = { action, targetType: 'connection', targetId: connection.id, changes } as const;
    await this.audit.append(tx, connection.organizationId, at, actor, [entry]);
  }
}

function merge(current: Connection, settings: ConnectionSettings): Connection {
  return {
    ...current,
    name: settings.name ?? current.name,
    jit: settings.jit ?? current.jit,
    scim: settings.scim ?? current.scim,
    provisioning: { ...current.provisioning, ...definedOf(settings.provisioning ?? {}) },
    saml: settings.saml === undefined ? current.saml : settings.saml,
    attributeMapping: settings.attributeMapping ?? current.attributeMapping,
  };
}

/** Ids in the spelling that they are compared in. */
function definedOf(settings: Partial<ProvisioningSettings>): Partial<ProvisioningSettings> {
  const given = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
  // Nobody has checked the shape yet; what is no text is left for the check to name.
  if (provisioningShapeFault({ ...DEFAULT_PROVISIONING, ...given })) return given;
  const groupMapping = settings.groupMapping?.map((entry) => ({ ...entry, groupId: entry.groupId.toLowerCase() }));
  return groupMapping ? { ...given, groupMapping } : given;
}

const settingValues = (connection: Connection): unknown[] => [
  connection.name,
  connection.jit,
  connection.scim,
  JSON.stringify(connection.provisioning),
  connection.saml === null ? null : JSON.stringify(connection.saml),
  JSON.stringify(connection.attributeMapping),
];

const FIELDS = ['name', 'preset', 'jit', 'scim', 'provisioning', 'saml', 'attributeMapping'] as const;

function differences(before: Connection | undefined, after: Connection): Record<string, readonly [unknown, unknown]> {
  const changed = FIELDS.filter((field) => !sameJson(before?.[field], after[field]));
  return Object.fromEntries(changed.map((field) => [field, [before?.[field] ?? null, after[field]] as const]));
}
