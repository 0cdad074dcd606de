import { Inject, Injectable } from '@nestjs/common';
import type { Actor } from '../audit/actor.js';
import { AuditLog } from '../audit/audit-log.service.js';
import type { Transaction } from '../database/transaction.js';
import { UnitOfWork } from '../database/unit-of-work.service.js';
import { ExtensionValuesReader } from '../directory/extension-values.reader.js';
import { UniqueValuesWriter, type Holder } from '../directory/unique-values.writer.js';
import {
  ConnectionSchemas,
  extensionNamed,
  type DeclarationScope,
  type UniquenessChange,
} from '../organizations/connection-schemas.service.js';
import type { DeclaredSchemas } from '../organizations/connection.js';
import { TenantError } from '../organizations/tenant-error.js';
import { Clock } from '../platform/clock.js';
import { sameJson } from '../platform/same-json.js';

type Extension = DeclaredSchemas['extensions'][number];

/**
 * Declares extension schemas: lock, check the definition, check it against everything stored, save, enter what is unique, record. All
 * in one transaction that no write of a person or group of the organization runs beside, so that nothing stored ever contradicts what is
 * declared. Throws TenantError.
 */
@Injectable()
export class SchemaReconciler {
  constructor(
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(ConnectionSchemas) private readonly schemas: ConnectionSchemas,
    @Inject(ExtensionValuesReader) private readonly values: ExtensionValuesReader,
    @Inject(UniqueValuesWriter) private readonly uniqueValues: UniqueValuesWriter,
    @Inject(AuditLog) private readonly audit: AuditLog,
  ) {}

  /** A new extension, or another definition of a known one. The same definition again: nothing happens. */
  async declare(organizationId: string, connectionId: string, wanted: Extension, actor: Actor): Promise<Extension> {
    return this.unitOfWork.run(async (tx) => {
      const scope = await this.schemas.lock(tx, organizationId, connectionId);
      const { extensions } = scope.connection.schemas;
      const known = extensionNamed(extensions, wanted.schema.id);
      const extension = known ? { ...wanted, schema: { ...wanted.schema, id: known.schema.id } } : wanted;
      this.schemas.check(extension, scope);
      if (sameJson(known, extension)) return extension;
      const holders = await this.checkStored(tx, organizationId, extension);
      const next = known ? extensions.map((each) => (each === known ? extension : each)) : [...extensions, extension];
      await this.save(tx, scope, next, { known, next: extension }, holders, actor);
      return extension;
    });
  }

  /** The values people and groups have of it stay, and nobody sees them any more. */
  async remove(organizationId: string, connectionId: string, urn: string, actor: Actor): Promise<void> {
    await this.unitOfWork.run(async (tx) => {
      const scope = await this.schemas.lock(tx, organizationId, connectionId);
      const { extensions } = scope.connection.schemas;
      const known = extensionNamed(extensions, urn);
      if (!known) throw new TenantError('not-found', `The connection has no schema ${urn}`);
      const next = extensions.filter((each) => each !== known);
      await this.save(tx, scope, next, { known, next: undefined }, [], actor);
    });
  }

  /** Everybody who has the extension. Throws when what somebody has would not fit any more, or somebody lacks what is required. */
  private async checkStored(tx: Transaction, organizationId: string, extension: Extension): Promise<Holder[]> {
    const { id } = extension.schema;
    const subject = subjectOf(extension);
    const holders = await this.values.holders(tx, organizationId, subject, id);
    const misfits = holders.flatMap((holder) => {
      const fault = this.schemas.misfit(extension, holder.attributes);
      return fault === undefined ? [] : [{ id: holder.id, fault }];
    });
    if (misfits.length > 0) {
      throw new TenantError(
        'conflict',
        `The stored values of ${misfits.length} ${subject}s do not fit: ${misfits[0]!.fault} (${listed(misfits.map((misfit) => misfit.id))})`,
      );
    }
    const lacking = extension.required ? await this.values.countWithout(tx, organizationId, subject, id) : 0;
    if (lacking > 0) {
      throw new TenantError('conflict', `It cannot be required: ${lacking} ${subject}s have nothing of "${id}"`);
    }
    return holders;
  }

  private async save(
    tx: Transaction,
    scope: DeclarationScope,
    extensions: readonly Extension[],
    { known, next }: { known: Extension | undefined; next: Extension | undefined },
    holders: readonly Holder[],
    actor: Actor,
  ): Promise<void> {
    const { organizationId, id } = scope.connection;
    const at = this.clock.now();
    const change = await this.schemas.save(tx, scope, extensions, at);
    await this.enterUnique(tx, organizationId, subjectOf((next ?? known)!), change, holders);
    const action = next ? 'connection.schema-declared' : 'connection.schema-removed';
    const changes = { [(next ?? known)!.schema.id]: [known ?? null, next ?? null] as const };
    await this.audit.append(tx, organizationId, at, actor, [
      { action, targetType: 'connection', targetId: id, changes },
    ]);
  }

  private async enterUnique(
    tx: Transaction,
    organizationId: string,
    subject: 'user' | 'group',
    { ended, begun }: UniquenessChange,
    holders: readonly Holder[],
  ): Promise<void> {
    await this.uniqueValues.forget(
      tx,
      organizationId,
      subject,
      ended.map(({ name }) => name),
    );
    const [repeated] =
      begun.length === 0 ? [] : await this.uniqueValues.enter(tx, organizationId, subject, begun, holders);
    if (!repeated) return;
    const { key, owners } = repeated;
    throw new TenantError(
      'conflict',
      `"${key.attribute}" cannot be unique: ${owners.length} ${subject}s have "${key.value.slice(0, 100)}" (${listed(owners)})`,
    );
  }
}

const subjectOf = ({ resourceType }: Extension): 'user' | 'group' => (resourceType === 'User' ? 'user' : 'group');

const MOST_LISTED = 5;
const listed = (ids: readonly string[]): string =>
  ids.slice(0, MOST_LISTED).join(', ') + (ids.length > MOST_LISTED ? ', ...' : '');
