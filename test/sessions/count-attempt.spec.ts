import fc from 'fast-check';
import { countAttempt, type AttemptLevel } from '../../src/sessions/count-attempt.js';

const LIMIT = { burst: 5, perSecond: 1 / 60 };
const START = new Date('2026-11-24T10:00:00Z');
const after = (seconds: number) => new Date(START.getTime() + seconds * 1000);
const EMPTY: AttemptLevel = { level: 0, at: START, toldAt: null };

/** How each attempt at these seconds is answered: the seconds to wait, and whether somebody is told. */
function answers(seconds: readonly number[]): [number, boolean][] {
  let level = EMPTY;
  return seconds.map((second) => {
    const counted = countAttempt(level, LIMIT, after(second));
    level = counted;
    return [counted.retryAfter, counted.tell];
  });
}

describe('attempts', () => {
  it('are let in up to the burst; the next one fits when one has leaked', () => {
    expect(answers([0, 0, 0, 0, 0, 0, 30, 59, 60, 60])).toEqual([
      ...Array<[number, boolean]>(5).fill([0, false]),
      [60, true],
      [30, false],
      [1, false],
      [0, false],
      [60, false],
    ]);
  });

  it('that are refused do not count: hammering keeps nobody out for longer', () => {
    const hammering = Array.from({ length: 59 }, (_, second) => second);
    expect(answers([0, 0, 0, 0, 0, ...hammering, 60]).at(-1)).toEqual([0, false]);
  });

  it('are told of again after an hour', () => {
    const told = answers([0, 0, 0, 0, 0, ...Array.from({ length: 7300 / 10 }, (_, n) => n * 10)]).filter(
      ([, tell]) => tell,
    );
    expect(told).toHaveLength(3);
  });

  it('never exceed the burst and what has leaked, whatever the clock does', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 600 }), { maxLength: 60 }), (times) => {
        const latest = Math.max(0, ...times);
        const letIn = answers(times).filter(([wait]) => wait === 0).length;
        // Each time the clock is set back, the way until there leaks again.
        const walked = times.reduce((sum, time, index) => sum + Math.max(0, time - (times[index - 1] ?? 0)), 0);
        expect(letIn).toBeLessThanOrEqual(LIMIT.burst + Math.max(latest, walked) * LIMIT.perSecond + 1e-6);
      }),
    );
  });
});
