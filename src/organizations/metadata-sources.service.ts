import { Inject, Injectable } from '@nestjs/common';
import type { Queryable, Transaction } from '../database/transaction.js';
import { UnitOfWork } from '../database/unit-of-work.service.js';
import { newId } from '../platform/ids.js';
import type { MetadataSource } from './metadata-source.js';

/** What an operator sets. */
export interface NewSource {
  readonly url: string;
  readonly signer: string | null;
  readonly etag: string | null;
  readonly lastModified: string | null;
  readonly intervalSeconds: number;
  readonly nextFetchAt: Date;
}

/** A source that one node works on. */
export interface ClaimedSource extends MetadataSource {
  readonly claim: string;
}

/** What came of a fetch. */
export type SettledSource = Pick<
  MetadataSource,
  | 'etag'
  | 'lastModified'
  | 'lastSucceededAt'
  | 'lastError'
  | 'failures'
  | 'toldFailingAt'
  | 'intervalSeconds'
  | 'nextFetchAt'
  | 'leaving'
  | 'held'
>;

/** Connections whose metadata ends before $1 and is not being renewed, and of which nobody was told. */
const EXPIRING = `c.enabled AND c.metadata_valid_until < $1 AND c.metadata_expiry_told IS DISTINCT FROM c.metadata_valid_until
  AND NOT EXISTS (SELECT 1 FROM metadata_sources m WHERE m.organization_id = c.organization_id AND m.connection_id = c.id AND m.failures = 0)`;

const COLUMNS = `organization_id AS "organizationId", connection_id AS "connectionId", url, signer, etag, last_modified AS "lastModified",
  last_fetched_at AS "lastFetchedAt", last_succeeded_at AS "lastSucceededAt", last_error AS "lastError", failures,
  told_failing_at AS "toldFailingAt", interval_seconds AS "intervalSeconds", next_fetch_at AS "nextFetchAt", leaving, held`;

/** A fetch takes ten seconds at most. Whoever claimed and died is followed after this. */
const LEASE_MS = 60_000;

/** Owns metadata_sources. A source is worked on by one node at a time, which holds its claim; whoever replaces it ends the claim. */
@Injectable()
export class MetadataSources {
  constructor(@Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork) {}

  async of(db: Queryable, organizationId: string, connectionIds: readonly string[]): Promise<MetadataSource[]> {
    return db.query<MetadataSource>(
      `SELECT ${COLUMNS} FROM metadata_sources WHERE organization_id = $1 AND connection_id = ANY($2::uuid[])`,
      [organizationId, connectionIds],
    );
  }

  /** Those whose time has come, of connections that are in use, the longest waiting first. */
  async claimDue(now: Date, limit: number): Promise<ClaimedSource[]> {
    return this.claim(
      `SELECT m.organization_id, m.connection_id FROM metadata_sources m
         JOIN connections c ON c.organization_id = m.organization_id AND c.id = m.connection_id
       WHERE c.enabled AND m.next_fetch_at <= $3 AND (m.claimed_until IS NULL OR m.claimed_until < $3)
       ORDER BY m.next_fetch_at LIMIT $4 FOR UPDATE OF m SKIP LOCKED`,
      now,
      [limit],
    );
  }

  /** undefined: there is none, another node is at it, or it was fetched after `before`. */
  async claimOne(
    organizationId: string,
    connectionId: string,
    now: Date,
    before: Date | null = null,
  ): Promise<ClaimedSource | undefined> {
    const [claimed] = await this.claim(
      `SELECT organization_id, connection_id FROM metadata_sources
       WHERE (claimed_until IS NULL OR claimed_until < $3) AND organization_id = $4 AND connection_id = $5 AND ($6::timestamptz IS NULL OR last_fetched_at <= $6)
       FOR UPDATE SKIP LOCKED`,
      now,
      [organizationId, connectionId, before],
    );
    return claimed;
  }

  private async claim(which: string, now: Date, parameters: readonly unknown[]): Promise<ClaimedSource[]> {
    const claim = newId();
    const until = new Date(now.getTime() + LEASE_MS);
    const sources = await this.unitOfWork.read.query<MetadataSource>(
      `UPDATE metadata_sources SET claim = $1, claimed_until = $2
       WHERE (organization_id, connection_id) IN (${which}) RETURNING ${COLUMNS}`,
      [claim, until, now, ...parameters],
    );
    return sources.map((source) => ({ ...source, claim }));
  }

  /** As it is now; undefined when the claim has ended. */
  async lock(
    tx: Transaction,
    { organizationId, connectionId, claim }: ClaimedSource,
  ): Promise<MetadataSource | undefined> {
    const [source] = await tx.query<MetadataSource>(
      `SELECT ${COLUMNS} FROM metadata_sources WHERE organization_id = $1 AND connection_id = $2 AND claim = $3 FOR UPDATE`,
      [organizationId, connectionId, claim],
    );
    return source;
  }

  /** Ends the claim. */
  async settle(tx: Transaction, claimed: ClaimedSource, at: Date, settled: SettledSource): Promise<void> {
    await tx.execute(
      `UPDATE metadata_sources SET claim = NULL, claimed_until = NULL, last_fetched_at = $3, etag = $4, last_modified = $5,
         last_succeeded_at = $6, last_error = $7, failures = $8, told_failing_at = $9, interval_seconds = $10, next_fetch_at = $11,
         leaving = $12, held = $13
       WHERE organization_id = $1 AND connection_id = $2`,
      [
        claimed.organizationId,
        claimed.connectionId,
        at,
        settled.etag,
        settled.lastModified,
        settled.lastSucceededAt,
        settled.lastError,
        settled.failures,
        settled.toldFailingAt,
        settled.intervalSeconds,
        settled.nextFetchAt,
        JSON.stringify(settled.leaving),
        settled.held && JSON.stringify(settled.held),
      ],
    );
  }

  async put(tx: Transaction, organizationId: string, connectionId: string, at: Date, source: NewSource): Promise<void> {
    await this.remove(tx, organizationId, connectionId);
    await tx.execute(
      `INSERT INTO metadata_sources (organization_id, connection_id, url, signer, etag, last_modified, last_fetched_at,
         last_succeeded_at, interval_seconds, next_fetch_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8, $9)`,
      [
        organizationId,
        connectionId,
        source.url,
        source.signer,
        source.etag,
        source.lastModified,
        at,
        source.intervalSeconds,
        source.nextFetchAt,
      ],
    );
  }

  async remove(tx: Transaction, organizationId: string, connectionId: string): Promise<void> {
    await tx.execute(`DELETE FROM metadata_sources WHERE organization_id = $1 AND connection_id = $2`, [
      organizationId,
      connectionId,
    ]);
  }

  async clearHeld(tx: Transaction, organizationId: string, connectionId: string): Promise<void> {
    await tx.execute(`UPDATE metadata_sources SET held = NULL WHERE organization_id = $1 AND connection_id = $2`, [
      organizationId,
      connectionId,
    ]);
  }

  /** Part of the connection's row, and moves with every refresh: no change that anybody made. */
  async setValidUntil(
    tx: Transaction,
    organizationId: string,
    connectionId: string,
    until: Date | null,
  ): Promise<void> {
    await tx.execute(
      `UPDATE connections SET metadata_valid_until = $3
       WHERE organization_id = $1 AND id = $2 AND metadata_valid_until IS DISTINCT FROM $3`,
      [organizationId, connectionId, until],
    );
  }

  async expiring(db: Queryable, before: Date): Promise<{ organizationId: string; id: string }[]> {
    return db.query(
      `SELECT c.organization_id AS "organizationId", c.id FROM connections c WHERE ${EXPIRING} ORDER BY c.organization_id, c.id`,
      [before],
    );
  }

  /** The day it ends; undefined when another node has told of it meanwhile. */
  async noteExpiryTold(tx: Transaction, organizationId: string, id: string, before: Date): Promise<Date | undefined> {
    const [row] = await tx.query<{ validUntil: Date }>(
      `UPDATE connections c SET metadata_expiry_told = c.metadata_valid_until
       WHERE ${EXPIRING} AND c.organization_id = $2 AND c.id = $3 RETURNING c.metadata_valid_until AS "validUntil"`,
      [before, organizationId, id],
    );
    return row?.validUntil;
  }
}
