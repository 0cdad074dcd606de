/**
 * How many attempts are too many. Pure: time is an argument. Attempts fill a level that leaks `perSecond`; one that would lift it over
 * `burst` is refused and not counted.
 */
export interface AttemptLimit {
  readonly burst: number;
  readonly perSecond: number;
}

export interface AttemptLevel {
  readonly level: number;
  readonly at: Date;
  /** When somebody was last told that it is too much. */
  readonly toldAt: Date | null;
}

export interface CountedAttempt extends AttemptLevel {
  /** 0, or the whole seconds after which one fits again. */
  readonly retryAfter: number;
  /** It is time to tell somebody. */
  readonly tell: boolean;
}

/** Somebody is told once an hour, however long it goes on. */
const TELL_EVERY_MS = 3600 * 1000;

export function countAttempt(before: AttemptLevel, limit: AttemptLimit, now: Date): CountedAttempt {
  const seconds = Math.max(0, now.getTime() - before.at.getTime()) / 1000;
  const level = Math.max(0, before.level - seconds * limit.perSecond);
  const excess = level + 1 - limit.burst;
  if (excess <= 0) return { level: level + 1, at: now, toldAt: before.toldAt, retryAfter: 0, tell: false };
  const tell = before.toldAt === null || now.getTime() - before.toldAt.getTime() >= TELL_EVERY_MS;
  const retryAfter = Math.max(1, Math.ceil(excess / limit.perSecond));
  return { level: before.level, at: before.at, toldAt: tell ? now : before.toldAt, retryAfter, tell };
}
