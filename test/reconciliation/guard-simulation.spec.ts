import {
  allowedBy,
  countedSince,
  decideGuard,
  WINDOW_MS,
  type Threshold,
} from '../../src/reconciliation/decide-guard.js';
import { DAY, dice, MINUTE, playSignIns, times, type Days, type SignIn } from '../support/companies.js';

/**
 * Companies that never existed, played minute by minute against the decision: how many people a client whose IdP has lost its mind
 * takes with it before it is stopped, and whether a company that lays people off is ever stopped. guards.scenario.ts plays fewer of
 * them against the whole server.
 */

/** One company: when each of these people is to lose access, in milliseconds from the start, and when an operator announces it. */
interface Story {
  readonly population: number;
  readonly ends: readonly number[];
  readonly announced?: { readonly from: number; readonly until: number };
}

/** What became of a story, with the bookkeeping that the server does in SQL. */
function play(story: Story, threshold: Threshold): { lost: number; held: number } {
  const lost: number[] = [];
  let heldUnder: Threshold | null = null;
  let held = 0;
  let first = 0;
  for (const at of [...story.ends].sort((a, b) => a - b)) {
    const now = new Date(at + 10 * DAY);
    const opened = story.announced && at >= story.announced.from ? new Date(story.announced.until + 10 * DAY) : null;
    const since = countedSince(now, opened).getTime() - 10 * DAY;
    while (first < lost.length && lost[first]! <= since) first += 1;
    const ended = lost.length - first;
    const active = story.population - lost.length;
    const decision = decideGuard({
      now,
      threshold,
      openUntil: opened,
      heldUnder,
      counted: ended + 1,
      population: active + ended,
    });
    if (decision.kind === 'hold') {
      held += 1;
      heldUnder = threshold;
    } else lost.push(at);
  }
  return { lost: lost.length, held };
}

const DEFAULT: Threshold = { atLeast: 20, percent: 10 };

/** From 25 people to 20,000, many small ones among them. */
const sizeOf = (random: () => number): number => Math.round(25 * 800 ** random());

describe('the blast-radius guard over generated companies', () => {
  const wipes: [kind: string, make: (random: () => number) => Story][] = [
    [
      'wipe-outs: everybody, as fast as the client can',
      (random) => {
        const population = sizeOf(random);
        return { population, ends: times(population, (n) => n * (5 + random() * 500)) };
      },
    ],
    [
      'wipe-outs that try again every hour for two days',
      (random) => {
        const population = Math.min(sizeOf(random), 500);
        return { population, ends: times(48, (hour) => times(population, (n) => hour * WINDOW_MS + n * 50)).flat() };
      },
    ],
    [
      'slow bleeds: evenly through a day, faster than the threshold',
      (random) => {
        const population = sizeOf(random);
        const pace = allowedBy(DEFAULT, population) * (1.3 + random());
        return { population, ends: times(population, (n) => (n * WINDOW_MS) / pace) };
      },
    ],
    [
      'slow bleeds in bursts over the edges of hours',
      (random) => {
        const population = sizeOf(random);
        const burst = Math.ceil(allowedBy(DEFAULT, population) * 0.75);
        return { population, ends: times(population, (n) => Math.floor(n / burst) * 40 * MINUTE + (n % burst) * 100) };
      },
    ],
  ];
  it.each(wipes)('%s: 0 of 150 are missed, and none loses more than the threshold', (_kind, make) => {
    const outcomes = times(150, (seed) => {
      const story = make(dice(seed));
      return { story, ...play(story, DEFAULT) };
    });
    const missed = outcomes.filter(({ held }) => held === 0);
    expect(missed).toHaveLength(0);
    expect(outcomes.filter(({ story, lost }) => lost > allowedBy(DEFAULT, story.population))).toHaveLength(0);
  });

  const legitimate: [kind: string, make: (random: () => number) => Story][] = [
    [
      'lay-offs of up to a tenth, in one go',
      (random) => {
        const population = sizeOf(random);
        const many = Math.floor(allowedBy(DEFAULT, population) * random());
        return { population, ends: times(many, (n) => n * 100) };
      },
    ],
    [
      'lay-offs of any size that were announced',
      (random) => {
        const population = sizeOf(random);
        const from = 9 * 60 * MINUTE;
        const many = Math.floor(population * (0.1 + 0.8 * random()));
        const before = times(3, () => random() * from);
        const ends = [...before, ...times(many, (n) => from + MINUTE + (n * 100 * MINUTE) / many)];
        return { population, ends, announced: { from, until: from + 120 * MINUTE } };
      },
    ],
    [
      'lay-offs in waves, each a day after the other',
      (random) => {
        const population = sizeOf(random);
        const wave = Math.floor(allowedBy(DEFAULT, population * 0.6) * 0.9);
        return { population, ends: times(4, (day) => times(wave, () => day * DAY + random() * WINDOW_MS)).flat() };
      },
    ],
    [
      'a year of leavers and the ends of contracts',
      (random) => {
        const population = sizeOf(random);
        const yearly = times(
          Math.floor(population * 0.3),
          () => Math.floor(random() * 365) * DAY + random() * 10 * WINDOW_MS,
        );
        return { population, ends: yearly };
      },
    ],
  ];
  it.each(legitimate)('%s: 0 of 150 are held', (_kind, make) => {
    const outcomes = times(150, (seed) => play(make(dice(seed)), DEFAULT));
    expect(outcomes.filter(({ held }) => held > 0)).toHaveLength(0);
    expect(outcomes.some(({ lost }) => lost > 20)).toBe(true);
  });

  it('does not see a bleed that stays below the threshold in every hour, which is what the threshold says', () => {
    const story: Story = { population: 200, ends: times(200, (n) => (n * WINDOW_MS) / 19) };
    expect(play(story, DEFAULT)).toEqual({ lost: 200, held: 0 });
    // A lower threshold does.
    expect(play(story, { atLeast: 10, percent: 5 }).held).toBeGreaterThan(0);
  });
});

describe('the removal guard over generated companies', () => {
  const REMOVALS: Threshold = { atLeast: 5, percent: 20 };
  const people = (random: () => number): number => Math.round(25 * 20 ** random());
  /** Everybody signs in once each morning, within `minutes`; `named`: does the assertion name groups of theirs? */
  const morning = (
    day: number,
    count: number,
    random: () => number,
    minutes: number,
    named: (person: number, at: number) => boolean,
  ) =>
    times(count, (person): SignIn => {
      const at = day * DAY + random() * minutes * MINUTE;
      return { at, person, named: named(person, at) };
    });
  const inOrder = (signIns: readonly SignIn[]): SignIn[] => [...signIns].sort((a, b) => a.at - b.at);
  /** The most that may be lost: what the threshold allows of those who signed in within an hour. */
  const mostAllowed = ({ signIns }: Days): number =>
    Math.max(
      ...signIns.map(({ at }) =>
        allowedBy(REMOVALS, signIns.filter((each) => each.at > at - WINDOW_MS && each.at <= at).length),
      ),
    );

  const wipes: [kind: string, make: (random: () => number) => Days][] = [
    [
      'the IdP loses its groups overnight',
      (random) => {
        const count = people(random);
        const days = [0, 1, 2].map((day) => morning(day, count, random, 30 + random() * 90, () => day === 0));
        return { signIns: inOrder(days.flat()) };
      },
    ],
    [
      'the IdP loses its groups in the middle of the morning',
      (random) => {
        const count = people(random);
        const broken = random() * 30 * MINUTE;
        const days = [0, 1].map((day) => morning(day, count, random, 60, (_person, at) => day === 0 && at < broken));
        return { signIns: inOrder(days.flat()) };
      },
    ],
    [
      'one part of the company, from two fifths on, loses its groups',
      (random) => {
        const count = people(random);
        const part = 0.4 + 0.5 * random();
        const lost = times(count, () => random() < part);
        const days = [0, 1, 2].map((day) => morning(day, count, random, 60, (person) => day === 0 || !lost[person]!));
        return { signIns: inOrder(days.flat()) };
      },
    ],
    [
      'slow bleeds: people come through the day, faster than the threshold, and all lose them',
      (random) => {
        const count = people(random);
        const pace = 7 + random() * 20;
        return { signIns: times(count, (person) => ({ at: (person * WINDOW_MS) / pace, person, named: false })) };
      },
    ],
  ];
  it.each(wipes)('%s: 0 of 100 are missed, and none loses more than the threshold', (_kind, make) => {
    const outcomes = times(100, (seed) => {
      const days = make(dice(seed));
      const became = playSignIns(days, REMOVALS);
      return {
        held: became.includes('held'),
        taken: became.filter((each) => each === 'taken').length,
        most: mostAllowed(days),
      };
    });
    expect(outcomes.filter(({ held }) => !held)).toHaveLength(0);
    expect(outcomes.filter(({ taken, most }) => taken > most)).toHaveLength(0);
  });

  const legitimate: [kind: string, make: (random: () => number) => Days][] = [
    [
      'a reorganisation: everybody gets other groups',
      (random) => {
        const count = people(random);
        return { signIns: inOrder([0, 1].flatMap((day) => morning(day, count, random, 60, () => true))) };
      },
    ],
    [
      'a project ends, and was the only group of up to a tenth',
      (random) => {
        const count = people(random);
        const part = 0.1 * random();
        const days = [0, 1, 2].map((day) =>
          morning(day, count, random, 45, (person) => day === 0 || person >= count * part),
        );
        return { signIns: inOrder(days.flat()) };
      },
    ],
    [
      'a month of leavers, who sign in a last time without groups',
      (random) => {
        const count = people(random);
        const until = times(count, () => Math.floor(random() * 300));
        const days = times(30, (day) => morning(day, count, random, 45, (person) => day <= until[person]!));
        return { signIns: inOrder(days.flat()) };
      },
    ],
    [
      'people lose their groups in any number, and that was announced',
      (random) => {
        const count = people(random);
        const day = morning(0, count, random, 60, () => random() < 0.5);
        return { signIns: inOrder(day), announced: { from: 0, until: 2 * WINDOW_MS } };
      },
    ],
  ];
  it.each(legitimate)('%s: 0 of 100 are held', (kind, make) => {
    const outcomes = times(100, (seed) => playSignIns(make(dice(seed)), REMOVALS));
    expect(outcomes.filter((became) => became.includes('held'))).toHaveLength(0);
    expect(outcomes.some((became) => became.includes('taken'))).toBe(!kind.startsWith('a reorganisation'));
  });
});
