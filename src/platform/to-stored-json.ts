/**
 * JSON for a column of type jsonb. What such a column refuses, U+0000 and halves of surrogate pairs, stands there as U+FFFD: a record of
 * what a stranger sent must not fail by what they sent.
 */
export function toStoredJson(value: unknown): string {
  // JSON.stringify escapes both, in names as well as in values; a backslash before them is an escape of its own.
  return JSON.stringify(value).replace(/\\(?:u(?:0000|d[89a-f][\da-f]{2})|.)/g, (escape) =>
    escape.length === 6 ? '\uFFFD' : escape,
  );
}
