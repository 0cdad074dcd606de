import { setImmediate } from 'node:timers/promises';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { systemActor, type Actor } from '../audit/actor.js';
import type { Transaction } from '../database/transaction.js';
import { UnitOfWork } from '../database/unit-of-work.service.js';
import { Outbox } from '../outbox/outbox.service.js';
import { Clock } from '../platform/clock.js';
import { FetchError } from '../platform/fetch-error.js';
import { Fetcher, type Fetched } from '../platform/fetcher.js';
import { newId } from '../platform/ids.js';
import { Log } from '../platform/logger.js';
import { PublicUrl } from '../platform/public-url.js';
import { Repeating } from '../platform/repeating.js';
import { sameJson } from '../platform/same-json.js';
import { narrowMetadata } from '../saml/protocol/narrow-metadata.js';
import { MetadataError } from '../saml/protocol/parse-metadata.js';
import type { Connection, SamlSettings } from './connection.js';
import { ConnectionsService } from './connections.service.js';
import { errorOf, eventsOf, toSettled, type Outcome } from './metadata-outcome.js';
import { METADATA_TYPES } from './metadata-source.js';
import { MetadataSources, type ClaimedSource } from './metadata-sources.service.js';
import { MetadataVerifier } from './metadata-verifier.js';
import { planMetadata } from './plan-metadata.js';
import { readIdpMetadata } from './read-idp-metadata.js';
import { TenantError } from './tenant-error.js';

const EVERY_MS = 60_000;
const AT_ONCE = 5;
const LEAST_BETWEEN_MS = 5 * 60_000;
const TELL_EXPIRY_MS = 14 * 24 * 3600_000;

/**
 * Keeps what is known of IdPs as new as their metadata: fetched in time, by one node, without a transaction; what it says is applied in
 * one. What cannot be fetched or read changes nothing: the last good state stays, for as long as it lets itself be believed.
 */
@Injectable()
export class MetadataRefresher implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly repeating: Repeating;
  /** By connection. */
  private readonly freshening = new Map<string, Promise<void>>();

  constructor(
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
    @Inject(ConnectionsService) private readonly connections: ConnectionsService,
    @Inject(MetadataSources) private readonly sources: MetadataSources,
    @Inject(Fetcher) private readonly fetcher: Fetcher,
    @Inject(MetadataVerifier) private readonly verifier: MetadataVerifier,
    @Inject(Outbox) private readonly outbox: Outbox,
    @Inject(PublicUrl) private readonly publicUrl: PublicUrl,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Log) private readonly log: Log,
  ) {
    this.repeating = new Repeating(
      EVERY_MS,
      () => this.refreshDue(),
      (error) => log.pino.warn({ err: error }, 'metadata of IdPs was not refreshed'),
    );
  }

  onApplicationBootstrap(): void {
    this.repeating.start();
  }

  onModuleDestroy(): Promise<void> {
    return this.repeating.stop();
  }

  /** One that cannot be settled is taken up again when its lease has ended. */
  async refreshDue(): Promise<void> {
    for (;;) {
      const due = await this.sources.claimDue(this.clock.now(), AT_ONCE);
      const settled = await Promise.allSettled(due.map((source) => this.refresh(source, systemActor(newId()))));
      for (const one of settled) {
        if (one.status === 'rejected')
          this.log.pino.error({ err: one.reason as unknown }, 'metadata of an IdP was not settled');
      }
      if (due.length < AT_ONCE) break;
    }
    await this.tellExpiring();
  }

  /**
   * Metadata that nobody renews ends all sign-ins on its day: an upload, or a source that fails. Operators are told once of each day
   * that it names.
   */
  private async tellExpiring(): Promise<void> {
    const now = this.clock.now();
    const soon = new Date(now.getTime() + TELL_EXPIRY_MS);
    for (const { organizationId, id } of await this.sources.expiring(this.unitOfWork.read, soon)) {
      await this.unitOfWork.run(async (tx) => {
        const validUntil = await this.sources.noteExpiryTold(tx, organizationId, id, soon);
        if (!validUntil) return;
        const data = { validUntil: validUntil.toISOString() };
        const event = { type: 'connection.metadata-expiring', subjectId: id, data } as const;
        await this.outbox.append(tx, organizationId, now, [event]);
        this.log.pino.warn(
          { organizationId, connectionId: id, ...data },
          'metadata of an IdP expires and nobody renews it',
        );
      });
    }
  }

  /** At once, whatever its time is, and without asking whether it changed. Throws TenantError. */
  async refreshNow(organizationId: string, id: string, dropLeaving: boolean, actor: Actor): Promise<void> {
    const source = await this.sources.claimOne(organizationId, id, this.clock.now());
    if (source) return this.refresh({ ...source, etag: null, lastModified: null }, actor, dropLeaving);
    const [known] = await this.sources.of(this.unitOfWork.read, organizationId, [id]);
    throw new TenantError(
      'conflict',
      known
        ? 'The metadata is being fetched at this moment'
        : 'The connection has no metadata address; set metadataUrl',
    );
  }

  /**
   * For an answer that no certificate of the connection signed: the IdP may have begun to sign with another one since the last look. At
   * most once in five minutes, whoever asks; those who ask meanwhile wait for the same fetch.
   */
  async freshen({ organizationId, id }: Connection, correlationId: string): Promise<void> {
    const running = this.freshening.get(id) ?? this.lookAgain(organizationId, id, correlationId);
    this.freshening.set(id, running);
    await running.finally(() => this.freshening.delete(id));
  }

  private async lookAgain(organizationId: string, id: string, correlationId: string): Promise<void> {
    const now = this.clock.now();
    const before = new Date(now.getTime() - LEAST_BETWEEN_MS);
    try {
      const source = await this.sources.claimOne(organizationId, id, now, before);
      if (source) await this.refresh(source, systemActor(correlationId));
    } catch (error) {
      // The answer is refused as it would have been.
      this.log.failure(error, { correlationId, connectionId: id });
    }
  }

  private async refresh(source: ClaimedSource, actor: Actor, dropLeaving = false): Promise<void> {
    const { organizationId, connectionId } = source;
    const { saml } = (await this.connections.get(organizationId, connectionId)) ?? {};
    const outcome = await this.ask(source, saml);
    await this.unitOfWork.run(async (tx) => {
      const connection = await this.connections.lockIn(tx, organizationId, connectionId);
      const current = await this.sources.lock(tx, source);
      // An operator has said something else meanwhile.
      if (!current || !connection.saml || connection.saml.idpEntityId !== saml?.idpEntityId) return;
      await this.settle(
        tx,
        { ...connection, saml: connection.saml },
        { ...current, claim: source.claim },
        outcome,
        actor,
        dropLeaving,
      );
    });
  }

  private async ask(source: ClaimedSource, saml: SamlSettings | null | undefined): Promise<Outcome> {
    const { organizationId, connectionId, url, signer, etag, lastModified } = source;
    try {
      const fetched: Fetched = await this.fetcher.get(url, { accept: METADATA_TYPES, etag, lastModified });
      if (fetched.kind === 'not-modified') return { kind: 'same' };
      const ownOrigin = new URL(this.publicUrl.get()).origin;
      const { text } = fetched;
      const document = signer === null ? text : await this.verifier.verify(connectionId, text, signer);
      const metadata = readIdpMetadata(await narrowMetadata(document, saml?.idpEntityId, setImmediate), {
        binding: saml?.requestBinding ?? 'redirect',
        now: this.clock.now(),
        ownOrigin,
      });
      return { kind: 'found', metadata, etag: fetched.etag, lastModified: fetched.lastModified };
    } catch (error) {
      const about = { organizationId, connectionId, url, failures: source.failures + 1, err: error };
      this.log.pino.warn(about, 'metadata of an IdP could not be refreshed; what is known stays');
      return { kind: 'failed', error: toText(error) };
    }
  }

  private async settle(
    tx: Transaction,
    connection: Connection & { readonly saml: SamlSettings },
    source: ClaimedSource,
    outcome: Outcome,
    actor: Actor,
    dropLeaving: boolean,
  ): Promise<void> {
    const { organizationId, id, saml } = connection;
    const now = this.clock.now();
    const found = outcome.kind === 'found' ? outcome.metadata : undefined;
    const plan = planMetadata({ ...source, saml }, found, now, { dropLeaving });
    const validUntil = found ? (found.validUntil ?? null) : connection.metadataValidUntil;
    const error = errorOf(outcome, validUntil, now);
    if (!sameJson(plan.saml, saml)) await this.connections.updateIn(tx, organizationId, id, { saml: plan.saml }, actor);
    if (found) await this.sources.setValidUntil(tx, organizationId, id, validUntil);
    // Sources that were set up together need not be fetched together for good.
    const spread = 0.9 + Math.random() * 0.2;
    const settled = toSettled(source, plan, outcome, error, validUntil, now, spread);
    await this.sources.settle(tx, source, now, settled);
    const events = eventsOf(connection, source, plan, settled, now);
    await this.outbox.append(tx, organizationId, now, events);
    for (const { type, data } of events) this.log.pino.info({ organizationId, connectionId: id, ...data }, type);
  }
}

/** What an operator is told; the cause is in the log. */
function toText(error: unknown): string {
  if (error instanceof FetchError) return error.message;
  return error instanceof MetadataError ? error.detail : 'The metadata could not be read; the cause is in the log';
}
