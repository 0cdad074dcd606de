import fc from 'fast-check';
import { MOST_BURSTS, SharedBucket, type Limit } from '../../src/organizations/shared-bucket.js';

/** The shared level after a report, as the statement of RequestLimiter computes it. */
const sharedLevel = (level: number, elapsedMs: number, amount: number, { perSecond, burst }: Limit): number =>
  Math.min(MOST_BURSTS * burst, Math.max(0, level - (perSecond * Math.max(0, elapsedMs)) / 1000) + amount);

/** Nodes that limit one client together, in a time of their own: the shared level is that of the statement, the database's answers are late. */

interface Node {
  readonly bucket: SharedBucket;
  nextReport: number;
  /** A report under way: when it reaches the database, when its answer comes back. */
  flying: { readonly amount: number; readonly arrives: number; readonly returns: number; answer?: number } | undefined;
}

interface Weather {
  readonly latencyMs: readonly number[];
  /** Which reports get lost. */
  readonly lost: readonly boolean[];
}

const TICK_MS = 5;
const CALM: Weather = { latencyMs: [2], lost: [false] };

/** What became of each request: [time, node] in, [time, waited seconds] out. */
function run(limit: Limit, nodes: number, requests: readonly (readonly [at: number, node: number])[], weather = CALM) {
  const all: Node[] = Array.from({ length: nodes }, (_, index) => ({
    bucket: new SharedBucket(0),
    nextReport: (index * 37) % 250,
    flying: undefined,
  }));
  let shared = { level: 0, at: 0 };
  let reports = 0;
  const outcome: (readonly [at: number, wait: number])[] = [];
  let next = 0;
  const end = (requests.at(-1)?.[0] ?? 0) + TICK_MS;
  for (let now = 0; now <= end; now += TICK_MS) {
    for (const node of all) {
      const { flying } = node;
      if (flying && flying.answer === undefined && now >= flying.arrives) {
        shared = { level: sharedLevel(shared.level, now - shared.at, flying.amount, limit), at: now };
        flying.answer = shared.level;
      }
      if (flying && now >= flying.returns) {
        if (flying.answer !== undefined) node.bucket.learn(flying.answer, limit, now);
        node.flying = undefined;
      }
      if (now >= node.nextReport && !node.flying) {
        node.nextReport = now + 250;
        const amount = node.bucket.report(limit, now);
        if (amount > 0) {
          const latency = weather.latencyMs[reports % weather.latencyMs.length]!;
          const lost = weather.lost[reports % weather.lost.length]!;
          reports++;
          const arrives = lost ? Infinity : now + latency / 2;
          node.flying = { amount, arrives, returns: now + latency };
        }
      }
    }
    for (; next < requests.length && requests[next]![0] <= now; next++) {
      const [at, node] = requests[next]!;
      outcome.push([at, all[node % nodes]!.bucket.take(limit, now)]);
    }
  }
  return { outcome, reports };
}

const limits = fc
  .record({ perSecond: fc.integer({ min: 25, max: 200 }), seconds: fc.integer({ min: 4, max: 6 }) })
  .map(({ perSecond, seconds }): Limit => ({ perSecond, burst: perSecond * seconds }));
const weathers = fc.record({
  latencyMs: fc.array(fc.integer({ min: 0, max: 700 }), { minLength: 1, maxLength: 7 }),
  lost: fc.array(fc.boolean(), { minLength: 1, maxLength: 7 }),
});
/** At most 25 requests in each second, wherever in it and at whichever node. */
const polite = fc
  .array(fc.array(fc.tuple(fc.integer({ min: 0, max: 999 }), fc.nat(15)), { maxLength: 25 }), {
    minLength: 5,
    maxLength: 25,
  })
  .map((seconds) =>
    seconds
      .flatMap((second, index) => second.map(([at, node]) => [index * 1000 + at, node] as const))
      .sort(([a], [b]) => a - b),
  );
/** `perSecond` requests every second, evenly, in turns at all nodes. */
const steady = (perSecond: number, seconds: number) =>
  Array.from({ length: perSecond * seconds }, (_, index) => [(index * 1000) / perSecond, index] as const);
const admitted = (outcome: readonly (readonly [number, number])[], from = 0) =>
  outcome.filter(([at, wait]) => at >= from && wait === 0).length;

describe('R-204: a limit shared over nodes', () => {
  it('never refuses at 25 requests a second, whatever the nodes, the delays and the losses', () => {
    fc.assert(
      fc.property(limits, fc.integer({ min: 1, max: 16 }), polite, weathers, (limit, nodes, requests, weather) => {
        const { outcome } = run(limit, nodes, requests, weather);
        expect(outcome.filter(([, wait]) => wait > 0)).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('never refuses at exactly 25 a second under the least limit, all in one instant of each second', () => {
    const limit = { perSecond: 25, burst: 100 };
    for (const nodes of [1, 2, 5, 25]) {
      const requests = Array.from({ length: 60 }, (_, second) => second).flatMap((second) =>
        Array.from({ length: 25 }, (_, index) => [second * 1000, index] as const),
      );
      for (const latency of [2, 300, 900]) {
        const { outcome } = run(limit, nodes, requests, { latencyMs: [latency], lost: [false] });
        expect(outcome.filter(([, wait]) => wait > 0)).toEqual([]);
      }
    }
  });

  it.each([1, 2, 4, 8])('lets little more than the limit in over time on %d nodes', (nodes) => {
    const limit = { perSecond: 50, burst: 200 };
    const seconds = 60;
    const { outcome } = run(limit, nodes, steady(1000, seconds));
    const total = admitted(outcome);
    // A burst each before they know of each other; and over any time after that, the limit.
    expect(total).toBeLessThan(nodes * limit.burst + limit.perSecond * seconds * 1.1);
    const later = admitted(outcome, 20_000);
    expect(later).toBeLessThan(limit.perSecond * (seconds - 20) * 1.3);
    // And no less: nobody is starved.
    expect(later).toBeGreaterThan(limit.perSecond * (seconds - 20) * 0.7);
  });

  it('tells a client to wait whole seconds, at least one, after which a request fits', () => {
    fc.assert(
      fc.property(limits, fc.integer({ min: 1, max: 2000 }), (limit, extra) => {
        const bucket = new SharedBucket(0);
        let wait = 0;
        for (let count = 0; count < limit.burst + extra; count++) wait = bucket.take(limit, count / 100);
        if (wait === 0) return;
        expect(Number.isInteger(wait) && wait >= 1).toBe(true);
        expect(bucket.take(limit, (limit.burst + extra) / 100 + wait * 1000)).toBe(0);
      }),
    );
  });

  it('says nothing of a client far below its limit, and one thing a second of others', () => {
    const limit = { perSecond: 100, burst: 400 };
    expect(run(limit, 4, steady(30, 30)).reports).toBe(0);
    const { reports } = run(limit, 1, steady(50, 30));
    expect(reports).toBeGreaterThan(20);
    expect(reports).toBeLessThanOrEqual(31);
  });

  it('a report that is late tells of its last second only, and a clock set back stops nothing', () => {
    const limit = { perSecond: 100, burst: 400 };
    const late = new SharedBucket(0);
    for (let at = 0; at < 60_000; at += 20) late.take(limit, at);
    expect(late.report(limit, 60_000)).toBeCloseTo(50);
    const back = new SharedBucket(1_000_000);
    for (let count = 0; count < 400; count++) expect(back.take(limit, 1_000_000)).toBe(0);
    expect(back.take(limit, 500_000)).toBeGreaterThan(0);
    expect(back.take(limit, 502_000)).toBe(0);
    expect(back.report(limit, 502_000)).toBeGreaterThan(0);
  });

  it('an old miscount shuts nobody out for long', () => {
    const limit = { perSecond: 25, burst: 100 };
    const bucket = new SharedBucket(0);
    bucket.learn(sharedLevel(1e9, 0, 1e9, limit), limit, 0);
    expect(bucket.take(limit, 0)).toBeLessThanOrEqual(5);
    expect(bucket.take(limit, 5000)).toBe(0);
  });
});
