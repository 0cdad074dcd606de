/**
 * decide-guard: is this still what a company does, or has somebody's IdP lost its mind? Facts of one hour in, pass or hold out.
 *
 * | guard | counts the people ... | of | threshold |
 * |---|---|---|---|
 * | removals | from whom sign-ins of a connection would take every group | who signed in over it | more than max(5, 20 %) |
 * | deprovisioning | whom the SCIM client of a connection deactivated or deleted | active people | more than max(20, 10 %) |
 *
 * - No threshold (the guard is switched off), or an operator opened it for now: pass.
 * - Held before under a threshold that has not been raised since: hold. The guard does not let go by itself, or a client that retries
 *   would get one more threshold's worth of people every hour.
 * - One at a time, whoever is at hand included: more than the threshold allows: hold.
 */

export interface Threshold {
  /** So many are always allowed. */
  readonly atLeast: number;
  /** So many in a hundred are allowed. */
  readonly percent: number;
}

export interface GuardFacts {
  readonly now: Date;
  readonly threshold: Threshold | null;
  readonly openUntil: Date | null;
  /** The threshold it is held under; null: it is not held. */
  readonly heldUnder: Threshold | null;
  /** People hit within the hour, the one at hand included. */
  readonly counted: number;
  /** Of how many. */
  readonly population: number;
}

export type GuardDecision =
  | { readonly kind: 'pass' }
  | { readonly kind: 'hold'; readonly counted: number; readonly population: number; readonly allowed: number };

/** Over how long a guard counts. */
export const WINDOW_MS = 3_600_000;

export function decideGuard({ now, threshold, openUntil, heldUnder, counted, population }: GuardFacts): GuardDecision {
  if (threshold === null || isOpen(openUntil, now)) return { kind: 'pass' };
  const allowed = allowedBy(threshold, population);
  const stays = heldUnder !== null && !isRaised(heldUnder, threshold);
  return stays || counted > allowed ? { kind: 'hold', counted, population, allowed } : { kind: 'pass' };
}

/** How many people a threshold lets pass in an hour. */
export const allowedBy = ({ atLeast, percent }: Threshold, population: number): number =>
  Math.max(atLeast, Math.floor((population * percent) / 100));

/** The number of people from which on more than `counted` are allowed; nobody needs to be counted beyond it. */
export const populationFor = ({ percent }: Threshold, counted: number): number =>
  percent === 0 ? 0 : Math.ceil((counted * 100) / percent);

export const isOpen = (openUntil: Date | null, now: Date): boolean => openUntil !== null && openUntil > now;

/** What was before this instant an operator has let go; null: no operator ever did. */
export function meantBefore(state: {
  readonly countedFrom: Date | null;
  readonly openUntil: Date | null;
}): Date | null {
  const marks = [state.countedFrom, state.openUntil].filter((mark) => mark !== null);
  return marks.length === 0 ? null : new Date(Math.max(...marks.map((mark) => mark.getTime())));
}

/** Since when people count: an hour ago, or since an operator said that what was before was meant. */
export function countedSince(now: Date, ...marks: readonly (Date | null)[]): Date {
  const times = [now.getTime() - WINDOW_MS, ...marks.map((mark) => mark?.getTime() ?? 0)];
  return new Date(Math.max(...times));
}

const isRaised = (before: Threshold, now: Threshold): boolean =>
  now.atLeast > before.atLeast || now.percent > before.percent;
