/**
 * How fast one client may go, over any number of nodes, without asking the database for each request. Pure: time is an argument.
 *
 * A bucket leaks `perSecond` requests a second and holds `burst`; a request that does not fit is refused. Each node has a bucket of its
 * own, and reports now and then what it has let in to a level that all nodes share (request_levels), which leaks as fast. The answer is
 * the shared level, and the node's bucket is filled up to it.
 *
 * Never too strict: a node's bucket holds its own requests and what was reported, so it is never fuller than one bucket of all requests
 * would be, but for the delay of a report. Whoever makes at most `perSecond` requests in any second fills one bucket to `perSecond`,
 * and delays of up to two seconds make three times that of it: less than the four seconds a burst has at least.
 * Not too lax: what is let in is reported within a quarter of a second from a bucket that is more than an eighth full, and within a
 * second from any other; over time all nodes together let in `perSecond`, and before they know of each other a burst each.
 * A node on which a client makes less than a tenth of `perSecond` says nothing, and N such nodes may let in N tenths more.
 */

export interface Limit {
  readonly perSecond: number;
  readonly burst: number;
}

const CALM_MS = 1000;
const BUSY_MS = 250;
const FAR_BELOW = 1 / 10;
/** A shared level over this many bursts is cut, so that no miscount shuts a client out for long. */
export const MOST_BURSTS = 2;

export class SharedBucket {
  private level = 0;
  private at: number;
  private unreported = 0;
  private reportedAt: number;

  /** Times are milliseconds of any one clock. */
  constructor(now: number) {
    this.at = now;
    this.reportedAt = now;
  }

  /** Lets a request in: 0. Or refuses it: the whole seconds after which one fits again. */
  take(limit: Limit, now: number): number {
    const wait = this.wait(limit, now);
    if (wait > 0) return wait;
    this.level += 1;
    this.unreported += 1;
    return 0;
  }

  /** Takes back a request that was let in and did not count after all. */
  giveBack(): void {
    this.level = Math.max(0, this.level - 1);
    this.unreported = Math.max(0, this.unreported - 1);
  }

  private wait(limit: Limit, now: number): number {
    this.leak(limit, now);
    const excess = this.level + 1 - limit.burst;
    return excess > 0 ? Math.max(1, Math.ceil(excess / limit.perSecond)) : 0;
  }

  /** What to add to the shared level now; 0: nothing. Whoever asks reports it, or it is forgotten: a report that fails is not made up for. */
  report(limit: Limit, now: number): number {
    this.leak(limit, now);
    const elapsed = now - this.reportedAt;
    if (elapsed < (this.level > limit.burst / 8 ? BUSY_MS : CALM_MS)) return 0;
    const counted = this.unreported;
    this.unreported = 0;
    this.reportedAt = now;
    if (counted * 1000 < limit.perSecond * FAR_BELOW * elapsed) return 0;
    // Of a report that is late, the last second's part: what came before has leaked.
    return counted * Math.min(1, CALM_MS / elapsed);
  }

  /** What the shared level was answered to be. */
  learn(shared: number, limit: Limit, now: number): void {
    this.leak(limit, now);
    this.level = Math.max(this.level, shared);
  }

  /** Nothing would be lost by forgetting it. */
  isEmpty(limit: Limit, now: number): boolean {
    this.leak(limit, now);
    return this.level === 0 && this.unreported === 0;
  }

  private leak({ perSecond }: Limit, now: number): void {
    // A clock that was set back leaks nothing.
    const seconds = Math.max(0, now - this.at) / 1000;
    this.level = Math.max(0, this.level - seconds * perSecond);
    this.at = now;
    if (this.reportedAt > now) this.reportedAt = now;
  }
}
