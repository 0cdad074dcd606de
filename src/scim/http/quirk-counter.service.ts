import {
  Inject,
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { ClientQuirks, type QuirkCount } from '../../organizations/client-quirks.service.js';
import type { Connection } from '../../organizations/connection.js';
import { Clock } from '../../platform/clock.js';
import { Log } from '../../platform/logger.js';
import { Repeating } from '../../platform/repeating.js';
import type { QuirkName } from '../protocol/quirks/all-quirks.js';

const EVERY_MS = 10_000;
const LONGEST_USER_AGENT = 200;

/**
 * Counts in memory what clients do, and adds it to the database now and then and at the end: no request waits for it or fails with it.
 * What could not be added is added the next time.
 */
@Injectable()
export class QuirkCounter implements OnApplicationBootstrap, OnModuleDestroy, BeforeApplicationShutdown {
  private counts = new Map<string, QuirkCount>();
  private readonly flushing: Repeating;
  private running: Promise<void> = Promise.resolve();

  constructor(
    @Inject(ClientQuirks) private readonly stored: ClientQuirks,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Log) private readonly log: Log,
  ) {
    this.flushing = new Repeating(
      EVERY_MS,
      () => this.flush(),
      (error) => this.log.pino.warn({ err: error }, 'quirks of SCIM clients were not counted'),
    );
  }

  /** One request of the connection's client, with all it was seen to do. */
  count({ organizationId, id }: Connection, quirks: Iterable<QuirkName>, userAgent: string | undefined): void {
    const now = this.clock.now();
    const agent = userAgent?.slice(0, LONGEST_USER_AGENT) || null;
    for (const quirk of quirks) {
      this.put({
        organizationId,
        connectionId: id,
        quirk,
        requests: 1,
        firstSeenAt: now,
        lastSeenAt: now,
        userAgent: agent,
      });
    }
  }

  onApplicationBootstrap(): void {
    this.flushing.start();
  }

  /** One statement; resolves when what was counted before the call is stored, or was logged as not stored. */
  flush(): Promise<void> {
    this.running = this.running.then(() => this.store());
    return this.running;
  }

  onModuleDestroy(): Promise<void> {
    return this.flushing.stop();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.flush();
  }

  private async store(): Promise<void> {
    if (this.counts.size === 0) return;
    const counts = this.counts;
    this.counts = new Map();
    try {
      await this.stored.add([...counts.values()]);
    } catch (error) {
      this.log.pino.warn({ err: error }, 'quirks of SCIM clients were not stored; they are kept for the next time');
      for (const count of counts.values()) this.put(count);
    }
  }

  private put(count: QuirkCount): void {
    const key = `${count.connectionId} ${count.quirk}`;
    const known = this.counts.get(key);
    this.counts.set(key, known ? added(known, count) : count);
  }
}

function added(one: QuirkCount, other: QuirkCount): QuirkCount {
  const [earlier, later] = one.lastSeenAt <= other.lastSeenAt ? [one, other] : [other, one];
  return {
    ...later,
    requests: one.requests + other.requests,
    firstSeenAt: earlier.firstSeenAt < later.firstSeenAt ? earlier.firstSeenAt : later.firstSeenAt,
  };
}
