import { Inject, Injectable } from '@nestjs/common';
import type { Actor } from '../audit/actor.js';
import { AuditLog } from '../audit/audit-log.service.js';
import type { Transaction } from '../database/transaction.js';
import { UnitOfWork } from '../database/unit-of-work.service.js';
import { Outbox } from '../outbox/outbox.service.js';
import { Clock } from '../platform/clock.js';
import { Fetcher, type Fetched } from '../platform/fetcher.js';
import { Log } from '../platform/logger.js';
import type { Connection, SamlSettings } from './connection.js';
import { ConnectionsService } from './connections.service.js';
import { METADATA_TYPES, refreshSeconds, type MetadataSource } from './metadata-source.js';
import { MetadataSources, type NewSource } from './metadata-sources.service.js';
import { endpointsOf } from './plan-metadata.js';
import { TenantError } from './tenant-error.js';

export type FetchedMetadata = Extract<Fetched, { kind: 'document' }>;

/** How an operator's IdP is known. */
export interface IdpOrigin {
  readonly validUntil: Date | null;
  readonly cacheDuration: number | undefined;
  /** undefined: the document was uploaded, or there is none. */
  readonly fetched:
    { readonly url: string; readonly signer: string | null; readonly document: FetchedMetadata } | undefined;
}

/** What an operator asks for, made of what is there. `origin` undefined: the IdP stays as it is, and how it is known. */
export interface WantedIdp {
  readonly saml: SamlSettings;
  readonly origin: IdpOrigin | undefined;
}

/** Which IdP a connection belongs to, as operators say it: by its metadata at an address, by a document, by hand. */
@Injectable()
export class IdpMetadataService {
  constructor(
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
    @Inject(ConnectionsService) private readonly connections: ConnectionsService,
    @Inject(MetadataSources) private readonly sources: MetadataSources,
    @Inject(Fetcher) private readonly fetcher: Fetcher,
    @Inject(AuditLog) private readonly audit: AuditLog,
    @Inject(Outbox) private readonly outbox: Outbox,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Log) private readonly log: Log,
  ) {}

  /** Throws FetchError. */
  async download(url: string): Promise<FetchedMetadata> {
    const fetched = await this.fetcher.get(url, { accept: METADATA_TYPES }).catch((error: unknown) => {
      // The operator is not told the cause.
      this.log.pino.warn({ url, err: error }, 'metadata of an IdP could not be fetched');
      throw error;
    });
    if (fetched.kind === 'document') return fetched;
    throw new Error('Told that nothing changed, without having asked');
  }

  /** By connection. */
  async sourcesOf(
    organizationId: string,
    connectionIds: readonly string[],
  ): Promise<ReadonlyMap<string, MetadataSource>> {
    const sources = await this.sources.of(this.unitOfWork.read, organizationId, connectionIds);
    return new Map(sources.map((source) => [source.connectionId, source]));
  }

  /** `toWanted` gets the connection as it is while nobody else changes them. Throws TenantError and what it throws. */
  async configure(
    organizationId: string,
    id: string,
    toWanted: (current: Connection) => WantedIdp,
    actor: Actor,
  ): Promise<Connection> {
    return this.unitOfWork.run(async (tx) => {
      const current = await this.connections.lockIn(tx, organizationId, id);
      const { saml, origin } = toWanted(current);
      const connection = await this.connections.updateIn(tx, organizationId, id, { saml }, actor);
      if (!origin) return connection;
      await this.replaceSource(tx, connection, origin, actor);
      await this.sources.setValidUntil(tx, organizationId, id, origin.validUntil);
      return { ...connection, metadataValidUntil: origin.validUntil };
    });
  }

  /** Lets browsers be sent to the addresses that waited for it. Throws TenantError. */
  async approve(organizationId: string, id: string, ssoUrl: string, actor: Actor): Promise<Connection> {
    return this.unitOfWork.run(async (tx) => {
      const { saml } = await this.connections.lockIn(tx, organizationId, id);
      const [source] = await this.sources.of(tx, organizationId, [id]);
      const held = source?.held;
      if (!saml || !held) throw new TenantError('conflict', 'No addresses wait to be approved');
      if (held.ssoUrl !== ssoUrl) {
        throw new TenantError('conflict', `What waits to be approved is ${held.ssoUrl}, not ${ssoUrl}`);
      }
      const endpoints = endpointsOf(held);
      const next = { ...saml, ...endpoints };
      const connection = await this.connections.updateIn(tx, organizationId, id, { saml: next }, actor);
      await this.sources.clearHeld(tx, organizationId, id);
      const data = { before: endpointsOf(saml), after: endpoints };
      await this.outbox.append(tx, organizationId, this.clock.now(), [
        { type: 'connection.endpoints-changed', subjectId: id, data },
      ]);
      return connection;
    });
  }

  private async replaceSource(
    tx: Transaction,
    { organizationId, id }: Connection,
    { validUntil, cacheDuration, fetched }: IdpOrigin,
    actor: Actor,
  ): Promise<void> {
    const at = this.clock.now();
    const [before] = await this.sources.of(tx, organizationId, [id]);
    if (fetched) {
      const intervalSeconds = refreshSeconds(cacheDuration, validUntil ?? undefined, at);
      const nextFetchAt = new Date(at.getTime() + intervalSeconds * 1000);
      const { url, signer, document } = fetched;
      const { etag, lastModified } = document;
      const source: NewSource = { url, signer, etag, lastModified, intervalSeconds, nextFetchAt };
      await this.sources.put(tx, organizationId, id, at, source);
    } else {
      await this.sources.remove(tx, organizationId, id);
    }
    const was = { url: before?.url ?? null, signer: before?.signer ?? null };
    const is = { url: fetched?.url ?? null, signer: fetched?.signer ?? null };
    if (was.url === is.url && was.signer === is.signer) return;
    const changes = { metadataUrl: [was.url, is.url], metadataSigner: [was.signer, is.signer] } as const;
    await this.audit.append(tx, organizationId, at, actor, [
      { action: 'connection.metadata-source-changed', targetType: 'connection', targetId: id, changes },
    ]);
  }
}
