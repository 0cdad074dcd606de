import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import { Guesses } from '../organizations/guesses.js';
import { Clock } from '../platform/clock.js';
import { Log } from '../platform/logger.js';
import { PoolBusy } from '../platform/worker-pool.js';
import { ComeAgain } from './come-again.js';

const BUSY_SECONDS = 5;
const TELL_EVERY_MS = 60_000;

/**
 * How many answers one address may send that are refused. A company behind one address signs in all at once, so that what is accepted
 * does not count; what is refused costs the same work and a record.
 */
@Injectable()
export class AnswerLimiter {
  private readonly guesses: Guesses;
  private turnedAway = 0;
  private toldAt = -Infinity;

  constructor(
    @Inject(CONFIG) { samlRefusalsAtOnce }: Config,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Log) private readonly log: Log,
  ) {
    this.guesses = new Guesses({ perSecond: 1, burst: samlRefusalsAtOnce });
  }

  /** The refusal that `judge` comes to; undefined when it accepts. Throws ComeAgain, and what `judge` throws. */
  async judge(address: string, judge: () => Promise<Error | undefined>): Promise<Error | undefined> {
    const found = await this.guesses
      .judge(
        address,
        () => this.clock.now(),
        judge,
        (refusal) => refusal === undefined,
      )
      .catch((error: unknown) => {
        throw error instanceof PoolBusy ? this.comeAgain(503, BUSY_SECONDS) : error;
      });
    if ('retryAfter' in found) throw this.comeAgain(429, found.retryAfter);
    return found.judgement;
  }

  /** One line a minute, however many there are. */
  private comeAgain(status: 429 | 503, retryAfter: number): ComeAgain {
    this.turnedAway++;
    const now = this.clock.now().getTime();
    if (now - this.toldAt >= TELL_EVERY_MS) {
      this.log.pino.warn({ turnedAway: this.turnedAway, status }, 'answers of IdPs were turned away unread');
      this.turnedAway = 0;
      this.toldAt = now;
    }
    return new ComeAgain(status, retryAfter);
  }
}
