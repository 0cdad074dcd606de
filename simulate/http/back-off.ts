/** How long a client waits before it asks again. */
const FIRST = 200;
const LONGEST = 30_000;

/** Milliseconds: doubled each time. */
export const backOff = (attempt: number): number => Math.min(LONGEST, FIRST * 2 ** (attempt - 1));

/** `Retry-After` (RFC 9110 section 10.2.3) in milliseconds: seconds or a date; undefined when there is none that can be read. */
export function retryAfter(header: string | undefined, now = Date.now()): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d+$/.test(header.trim())) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
