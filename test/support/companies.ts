import { countedSince, decideGuard, isOpen, type Threshold } from '../../src/reconciliation/decide-guard.js';

/** Companies that never existed, and what guards make of their days. */

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** The same numbers at every run (mulberry32). */
export function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));

/** Somebody signs in: does the assertion name groups of theirs? */
export interface SignIn {
  /** Milliseconds from the start. */
  readonly at: number;
  readonly person: number;
  readonly named: boolean;
}

export interface Days {
  readonly signIns: readonly SignIn[];
  /** An operator said that it is meant, for this time. */
  readonly announced?: { readonly from: number; readonly until: number };
}

/** What became of each sign-in: groups were taken, or were held, or nothing of the kind. */
export type Became = 'taken' | 'held' | 'passed';

/** The removal guard over the sign-ins of one connection, with the bookkeeping that the server does in SQL. Everybody begins with groups. */
export function playSignIns({ signIns, announced }: Days, threshold: Threshold): Became[] {
  const noted = new Map<number, { at: number; emptiedAt: number }>();
  const held = new Map<number, number>();
  const without = new Set<number>();
  return signIns.map(({ at, person, named }) => {
    const effect = named ? 'given' : without.has(person) ? 'nothing' : 'emptied';
    const opened = announced && at >= announced.from ? new Date(announced.until + DAY) : null;
    const now = new Date(at + DAY);
    const since = countedSince(now, opened).getTime() - DAY;
    const meant = opened ? announced!.until : -Infinity;
    let became: Became = 'passed';
    if (effect === 'emptied') {
      const recent = [...noted].filter(([who, note]) => who !== person && note.at > since);
      const waiting = [...held].filter(([who, heldAt]) => who !== person && heldAt > meant).map(([who]) => who);
      const population = new Set([...recent.map(([who]) => who), ...waiting, person]);
      const emptied = recent.filter(([, note]) => note.emptiedAt > since).map(([who]) => who);
      const counted = new Set([...emptied, ...waiting, person]);
      const counts = isOpen(opened, now)
        ? { counted: 0, population: 0 }
        : { counted: counted.size, population: population.size };
      const decision = decideGuard({ now, threshold, openUntil: opened, heldUnder: null, ...counts });
      became = decision.kind === 'hold' ? 'held' : 'taken';
    }
    const before = noted.get(person)?.emptiedAt ?? -Infinity;
    noted.set(person, { at, emptiedAt: effect === 'emptied' ? at : effect === 'nothing' ? before : -Infinity });
    if (became === 'held') held.set(person, at);
    else held.delete(person);
    if (became === 'taken') without.add(person);
    if (named) without.delete(person);
    return became;
  });
}
