import { Attempts, networkOf } from './attempts.js';
import type { Limit } from './shared-bucket.js';

/** Failed attempts of one address to prove who it is: a burst, and then one a second. */
const FAILURES = { perSecond: 1, burst: 50 };

/**
 * Judges credentials of addresses that may be guessing. An attempt counts as failed while it is judged, or many at once would all pass;
 * one that does not fit waits for those under way, since they may turn out to be none: clients that come all at once are no guessers.
 */
export class Guesses {
  private readonly failures: Attempts;
  private readonly underWay = new Map<string, Set<Promise<void>>>();

  constructor(limit: Limit = FAILURES) {
    this.failures = new Attempts(limit);
  }

  /** The judgement; or, without judging, the whole seconds after which the address may try again. */
  async judge<Judgement>(
    address: string,
    now: () => Date,
    work: () => Promise<Judgement>,
    proves: (judgement: Judgement) => boolean,
  ): Promise<{ readonly judgement: Judgement } | { readonly retryAfter: number }> {
    const network = networkOf(address);
    for (;;) {
      const retryAfter = this.failures.take(address, now().getTime());
      if (retryAfter === 0) break;
      const [other] = this.underWay.get(network) ?? [];
      if (!other) return { retryAfter };
      await other;
    }
    const judging = work();
    const giveBack = () => this.failures.giveBack(address, now().getTime());
    // A fault of ours is nobody's guess.
    const judged = judging.then((judgement) => (proves(judgement) ? giveBack() : undefined), giveBack);
    this.keep(network, judged);
    await judged;
    return { judgement: await judging };
  }

  private keep(network: string, judged: Promise<void>): void {
    const others = this.underWay.get(network) ?? new Set();
    this.underWay.set(network, others.add(judged));
    void judged.finally(() => {
      others.delete(judged);
      if (others.size === 0 && this.underWay.get(network) === others) this.underWay.delete(network);
    });
  }
}
