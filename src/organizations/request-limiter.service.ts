import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import { UnitOfWork } from '../database/unit-of-work.service.js';
import { Clock } from '../platform/clock.js';
import { Log } from '../platform/logger.js';
import { Repeating } from '../platform/repeating.js';
import { MOST_BURSTS, SharedBucket, type Limit } from './shared-bucket.js';

/** A connection as far as its limit goes. */
export interface LimitedConnection {
  readonly organizationId: string;
  readonly id: string;
  /** null: as the settings say. */
  readonly requestsPerSecond: number | null;
}

interface Tracked {
  readonly organizationId: string;
  readonly connectionId: string;
  readonly bucket: SharedBucket;
  limit: Limit;
  refused: number;
  toldAt: number;
}

const EVERY_MS = 250;
const TELL_EVERY_MS = 60_000;

/**
 * Owns request_levels: how many requests the provisioning clients of each connection make, over all nodes. A request is decided in
 * memory; what this node has let in is reported beside the requests, all connections in one statement. While the database does not
 * answer, each node limits by itself.
 */
@Injectable()
export class RequestLimiter implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly tracked = new Map<string, Tracked>();
  private readonly reports: Repeating;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Log) private readonly log: Log,
  ) {
    // A report that takes long is not overtaken: what comes meanwhile is in the next one.
    this.reports = new Repeating(
      EVERY_MS,
      () => this.report(),
      // The limiter must not be what breaks.
      (error) => this.log.pino.warn({ err: error }, 'request rates were not shared with the other nodes'),
    );
  }

  onApplicationBootstrap(): void {
    this.reports.start();
  }

  /** Counts a request of the connection: 0, or the whole seconds after which the client may come again. */
  take(connection: LimitedConnection): number {
    const now = this.clock.now().getTime();
    const perSecond = connection.requestsPerSecond ?? this.config.scimRequestsPerSecond;
    const limit = { perSecond, burst: perSecond * this.config.scimBurstSeconds };
    let tracked = this.tracked.get(connection.id);
    if (!tracked) {
      const { organizationId, id: connectionId } = connection;
      const bucket = new SharedBucket(now);
      tracked = { organizationId, connectionId, bucket, limit, refused: 0, toldAt: -Infinity };
      this.tracked.set(connectionId, tracked);
    }
    tracked.limit = limit;
    const wait = tracked.bucket.take(limit, now);
    if (wait > 0) tracked.refused++;
    return wait;
  }

  private async report(): Promise<void> {
    const now = this.clock.now().getTime();
    const due: { tracked: Tracked; amount: number }[] = [];
    for (const [id, tracked] of this.tracked) {
      this.tell(tracked, now);
      const amount = tracked.bucket.report(tracked.limit, now);
      if (amount > 0) due.push({ tracked, amount });
      else if (tracked.refused === 0 && tracked.bucket.isEmpty(tracked.limit, now)) this.tracked.delete(id);
    }
    if (due.length === 0) return;
    const levels = await this.add(due);
    const answered = this.clock.now().getTime();
    for (const { connection_id, level } of levels) {
      const tracked = this.tracked.get(connection_id);
      tracked?.bucket.learn(level, tracked.limit, answered);
    }
  }

  /** In the order of the keys, so that nodes that report the same connections wait for each other and never in a circle. */
  private add(
    due: readonly { tracked: Tracked; amount: number }[],
  ): Promise<{ connection_id: string; level: number }[]> {
    return this.unitOfWork.read.query(
      `INSERT INTO request_levels AS r (organization_id, connection_id, level, per_second, burst, updated_at)
       SELECT n.organization_id, n.connection_id, n.amount, n.per_second, n.burst, clock_timestamp()
       FROM unnest($1::uuid[], $2::uuid[], $3::float8[], $4::float8[], $5::float8[])
         AS n(organization_id, connection_id, amount, per_second, burst)
       ORDER BY n.organization_id, n.connection_id
       ON CONFLICT (organization_id, connection_id) DO UPDATE
       SET level = least(
             $6::float8 * excluded.burst,
             greatest(0, r.level - excluded.per_second
               * greatest(0, extract(epoch FROM clock_timestamp() - r.updated_at)::float8)) + excluded.level),
         per_second = excluded.per_second, burst = excluded.burst, updated_at = clock_timestamp()
       RETURNING connection_id, level`,
      [
        due.map(({ tracked }) => tracked.organizationId),
        due.map(({ tracked }) => tracked.connectionId),
        due.map(({ amount }) => amount),
        due.map(({ tracked }) => tracked.limit.perSecond),
        due.map(({ tracked }) => tracked.limit.burst),
        MOST_BURSTS,
      ],
    );
  }

  /** One line a minute and connection, however many were refused. */
  private tell(tracked: Tracked, now: number): void {
    if (tracked.refused === 0 || now - tracked.toldAt < TELL_EVERY_MS) return;
    const { organizationId, connectionId, refused, limit } = tracked;
    this.log.pino.warn(
      { organizationId, connectionId, refused, requestsPerSecond: limit.perSecond },
      'SCIM requests over the limit of their connection were refused',
    );
    tracked.refused = 0;
    tracked.toldAt = now;
  }

  onModuleDestroy(): Promise<void> {
    return this.reports.stop();
  }
}
