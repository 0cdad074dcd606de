import { DEFAULT_LIMIT } from './bodies/page-limits.js';

/** A page of a list. `next`: `after` of the next page; null: this is the last. */
export interface Page<View> {
  readonly items: readonly View[];
  readonly next: string | null;
}

export interface PageRequest {
  readonly after?: string | undefined;
  /** One more than the page holds: whether it comes tells whether there is a next page. */
  readonly limit: number;
}

export const toPageRequest = (query: { readonly after?: string; readonly limit?: number }): PageRequest => ({
  after: query.after?.toLowerCase(),
  limit: (query.limit ?? DEFAULT_LIMIT) + 1,
});

/** `rows`: what was read for `request`; `cursorOf`: what the next page begins after. */
export function toPage<Row, View>(
  rows: readonly Row[],
  { limit }: PageRequest,
  toView: (row: Row) => View,
  cursorOf: (row: Row) => string,
): Page<View> {
  const shown = rows.slice(0, limit - 1);
  const last = shown.at(-1);
  const more = rows.length > shown.length && last !== undefined;
  return { items: shown.map(toView), next: more ? cursorOf(last) : null };
}
