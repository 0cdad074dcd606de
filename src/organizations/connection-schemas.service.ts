import { Injectable } from '@nestjs/common';
import type { Transaction } from '../database/transaction.js';
import { isUuid, newId } from '../platform/ids.js';
import type { Extension } from '../scim/protocol/schema/extension.js';
import { storedFault } from '../scim/protocol/schema/stored-fault.js';
import { sameUrn } from '../scim/protocol/urns.js';
import type { Connection } from './connection.js';
import { declarationConflict, definitionFaults, type Neighbour } from './declaration-fault.js';
import { TenantError } from './tenant-error.js';
import { CONNECTION_COLUMNS, toConnection, type ConnectionRow } from './to-connection.js';
import { uniqueAttributesOf, type UniqueAttribute } from './unique-attributes.js';

/** A connection whose schemas are about to change, and the others of its organization; all held until the end of the transaction. */
export interface DeclarationScope {
  readonly connection: Connection;
  readonly neighbours: readonly Neighbour[];
}

/** What is unique in the organization before and after a change of the schemas. */
export interface UniquenessChange {
  readonly ended: readonly UniqueAttribute[];
  readonly begun: readonly UniqueAttribute[];
}

/** The extension schemas of connections, as stored. What people and groups hold of them is the reconciliation's to look after. */
@Injectable()
export class ConnectionSchemas {
  /**
   * Nobody writes people or groups of the organization from here to the end of the transaction: each such write holds KEY SHARE on
   * it. Throws TenantError.
   */
  async lock(tx: Transaction, organizationId: string, connectionId: string): Promise<DeclarationScope> {
    await tx.query(`SELECT 1 FROM organizations WHERE id = $1 FOR UPDATE`, [organizationId]);
    const rows = await tx.query<ConnectionRow>(
      `SELECT ${CONNECTION_COLUMNS} FROM connections c JOIN organizations o ON o.id = c.organization_id
       WHERE c.organization_id = $1 ORDER BY c.id FOR NO KEY UPDATE OF c`,
      [organizationId],
    );
    const connections = rows.map((row) => toConnection(row).connection);
    const connection = isUuid(connectionId) ? connections.find(({ id }) => id === connectionId) : undefined;
    if (!connection) throw new TenantError('not-found', `No connection ${connectionId}`);
    const others = connections.filter((other) => other !== connection);
    return { connection, neighbours: others.map(({ name, schemas }) => ({ name, extensions: schemas.extensions })) };
  }

  /** Throws TenantError when the definition is wrong or conflicts with what is declared beside it. */
  check(extension: Extension, { connection, neighbours }: DeclarationScope): void {
    const faults = definitionFaults(extension, connection.schemas.extensions);
    if (faults.length > 0) throw new TenantError('invalid', faults.join('; '));
    const conflict = declarationConflict(extension, connection.schemas.extensions, neighbours);
    if (conflict !== undefined) throw new TenantError('conflict', conflict);
  }

  /** Why a stored document does not fit the extension; undefined: it does. */
  misfit({ schema }: Extension, attributes: Readonly<Record<string, unknown>>): string | undefined {
    return storedFault(schema, (attributes[schema.id] ?? null) as Parameters<typeof storedFault>[1]);
  }

  async save(
    tx: Transaction,
    { connection, neighbours }: DeclarationScope,
    extensions: readonly Extension[],
    at: Date,
  ): Promise<UniquenessChange> {
    const { organizationId, id } = connection;
    const declared = extensions.length === 0 ? null : JSON.stringify({ revision: newId(), extensions });
    await tx.execute(
      `UPDATE connections SET declared_schemas = $3, updated_at = $4 WHERE organization_id = $1 AND id = $2`,
      [organizationId, id, declared, at],
    );
    const beside = neighbours.flatMap((neighbour) => neighbour.extensions);
    const before = uniqueAttributesOf([...connection.schemas.extensions, ...beside]);
    const after = uniqueAttributesOf([...extensions, ...beside]);
    await tx.execute(`UPDATE organizations SET unique_attributes = $2 WHERE id = $1`, [
      organizationId,
      JSON.stringify(after),
    ]);
    return { ended: without(before, after), begun: without(after, before) };
  }
}

/** The extension of that URN, in whatever case. */
export const extensionNamed = (extensions: readonly Extension[], urn: string): Extension | undefined =>
  extensions.find(({ schema }) => sameUrn(schema.id, urn));

const without = (some: readonly UniqueAttribute[], others: readonly UniqueAttribute[]): UniqueAttribute[] =>
  some.filter((each) => !others.some((other) => JSON.stringify(other) === JSON.stringify(each)));
