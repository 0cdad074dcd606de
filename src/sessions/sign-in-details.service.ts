import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { Queryable } from '../database/transaction.js';
import { UnitOfWork } from '../database/unit-of-work.service.js';
import { Vault } from '../organizations/vault.service.js';
import { Log } from '../platform/logger.js';
import type { SignInDetail } from './sign-in-detail.js';

export interface KeptDetail {
  readonly organizationId: string;
  readonly connectionId: string;
  readonly signInId: string;
  readonly at: Date;
  /** Made when it is written, not while the sign-in is answered. */
  readonly detail: () => SignInDetail;
}

/** Of the sign-ins of a connection, so many keep their details, and no longer than so. */
export const DETAILS_KEPT = 50;
export const DETAIL_DAYS = 7;
const DAY_MS = 24 * 60 * 60 * 1000;

/** Each holds a document of up to 192 kB. */
const MOST_WAITING = 100;
/** In a busy minute the sign-ins of so long go with one statement. */
const PAUSE_MS = 200;
const PURPOSE = 'sign-in detail';

/**
 * Owns sign_in_details: what was received and checked at the last sign-ins of each connection, encrypted. Written beside the requests:
 * no sign-in waits for it or fails with it. What arrives within a moment, or while one statement runs, goes with the next, so that there
 * is never more than one at a time; of many at once the last ones of each connection are kept.
 */
@Injectable()
export class SignInDetails implements OnModuleDestroy {
  private waiting: KeptDetail[] = [];
  private writing: Promise<void> | undefined;
  private hurry: () => void = () => undefined;

  constructor(
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
    @Inject(Vault) private readonly vault: Vault,
    @Inject(Log) private readonly log: Log,
  ) {}

  /** Returns at once. */
  keep(detail: KeptDetail): void {
    this.waiting.push(detail);
    if (this.waiting.length > MOST_WAITING) this.waiting.shift();
    this.writing ??= this.drain();
    if (this.waiting.length > MOST_WAITING / 2) this.hurry();
  }

  /** Resolves when what was kept until now is written. */
  async settled(): Promise<void> {
    while (this.writing) {
      this.hurry();
      await this.writing;
    }
  }

  /** undefined: none was kept, or no longer. */
  async of(
    db: Queryable,
    organizationId: string,
    signIn: { readonly id: string; readonly connectionId: string | null },
    now: Date,
  ): Promise<SignInDetail | undefined> {
    if (signIn.connectionId === null) return undefined;
    const found = await this.ofAll(db, organizationId, signIn.connectionId, now);
    return found.get(signIn.id);
  }

  /** Those of the last sign-ins of a connection, by the id of the sign-in, newest first. */
  async ofAll(
    db: Queryable,
    organizationId: string,
    connectionId: string,
    now: Date,
  ): Promise<ReadonlyMap<string, SignInDetail>> {
    const rows = await db.query<{ id: string; detail: Buffer }>(
      `SELECT sign_in_id AS id, detail FROM sign_in_details
       WHERE organization_id = $1 AND connection_id = $2 AND at > $3 ORDER BY sign_in_id DESC LIMIT $4`,
      [organizationId, connectionId, oldest(now), DETAILS_KEPT],
    );
    const details = new Map<string, SignInDetail>();
    for (const { id, detail } of rows) {
      const text = await this.vault.unseal(db, organizationId, PURPOSE, detail);
      details.set(id, JSON.parse(text.toString('utf8')) as SignInDetail);
    }
    return details;
  }

  /** Deletes what is too old or too much, over all organizations. */
  async purge(db: Queryable, now: Date): Promise<void> {
    await db.execute(`DELETE FROM sign_in_details WHERE at <= $1`, [oldest(now)]);
    await db.execute(
      `DELETE FROM sign_in_details d USING (
         SELECT organization_id, connection_id, sign_in_id,
           row_number() OVER (PARTITION BY organization_id, connection_id ORDER BY sign_in_id DESC) AS place
         FROM sign_in_details
       ) AS ranked
       WHERE ranked.place > $1 AND d.organization_id = ranked.organization_id AND d.connection_id = ranked.connection_id
         AND d.sign_in_id = ranked.sign_in_id`,
      [DETAILS_KEPT],
    );
  }

  async onModuleDestroy(): Promise<void> {
    await this.settled();
  }

  private async drain(): Promise<void> {
    while (this.waiting.length > 0) {
      await this.pause();
      const batch = lastOfEach(this.waiting);
      this.waiting = [];
      await this.write(batch).catch((error: unknown) => this.notKept(error, batch.length));
    }
    this.writing = undefined;
  }

  private pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, PAUSE_MS);
      this.hurry = () => {
        clearTimeout(timer);
        // Not before the answer of the request at hand is on its way.
        setImmediate(resolve);
      };
    });
  }

  private notKept(error: unknown, count: number): void {
    this.log.pino.warn({ err: error, count }, 'details of sign-ins were not kept');
  }

  private async write(batch: readonly KeptDetail[]): Promise<void> {
    const db = this.unitOfWork.read;
    const rows: { kept: KeptDetail; sealed: Buffer }[] = [];
    const errors: unknown[] = [];
    for (const kept of batch) {
      try {
        const text = JSON.stringify(kept.detail());
        rows.push({ kept, sealed: await this.vault.seal(db, kept.organizationId, PURPOSE, text) });
      } catch (error) {
        errors.push(error);
      }
      await turn();
    }
    if (errors.length > 0) this.notKept(errors[0], errors.length);
    if (rows.length === 0) return;
    // What the statement inserts it does not see: one place less is left to the rows before.
    await db.execute(
      `WITH given AS (
         SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::timestamptz[], $5::bytea[])
           AS g(organization_id, connection_id, sign_in_id, at, detail)
       ), kept AS (
         INSERT INTO sign_in_details (organization_id, connection_id, sign_in_id, at, detail) SELECT * FROM given
       )
       DELETE FROM sign_in_details d
       USING (SELECT organization_id, connection_id, count(*) AS count FROM given GROUP BY 1, 2) AS now
       WHERE d.organization_id = now.organization_id AND d.connection_id = now.connection_id
         AND d.sign_in_id IN (
           SELECT e.sign_in_id FROM sign_in_details e
           WHERE e.organization_id = now.organization_id AND e.connection_id = now.connection_id
           ORDER BY e.sign_in_id DESC OFFSET greatest($6 - now.count, 0)
         )`,
      [
        rows.map(({ kept }) => kept.organizationId),
        rows.map(({ kept }) => kept.connectionId),
        rows.map(({ kept }) => kept.signInId),
        rows.map(({ kept }) => kept.at),
        rows.map(({ sealed }) => sealed),
        DETAILS_KEPT,
      ],
    );
  }
}

/** Requests are answered in between: reading a document takes its time. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

const oldest = (now: Date): Date => new Date(now.getTime() - DETAIL_DAYS * DAY_MS);

/** The last ones of each connection, in order. */
function lastOfEach(details: readonly KeptDetail[]): KeptDetail[] {
  const counts = new Map<string, number>();
  const kept = details.toReversed().filter(({ connectionId }) => {
    const count = (counts.get(connectionId) ?? 0) + 1;
    counts.set(connectionId, count);
    return count <= DETAILS_KEPT;
  });
  return kept.toReversed();
}
