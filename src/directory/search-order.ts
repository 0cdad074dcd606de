import type { Parameters } from './parameters.js';
import type { SortSql } from './sort-key-to-sql.js';

/** A place in the order of a search; it stays one when what stood there is gone. */
export interface Position {
  readonly id: string;
  /** The value sorted by as the database writes it; null: there is none. Absent in the order of creation. */
  readonly sortKey?: string | null;
}

/** "if there's no data ... they are sorted last if ascending and first if descending" (RFC 7644 section 3.4.2.3). */
export const directionOf = (descending: boolean): string => (descending ? 'DESC NULLS FIRST' : 'ASC NULLS LAST');

/** Everything behind a position of the order. `later`: which of those with an equal `sort_key` follow, which are in the order of their ids. */
export function behind(
  alias: string,
  { sortKey = null }: Position,
  later: string,
  { type, nullable }: Pick<SortSql, 'type' | 'nullable'>,
  descending: boolean,
  parameters: Parameters,
): string {
  const own = `${alias}.sort_key`;
  if (sortKey === null) return descending ? `(${own} IS NOT NULL OR ${later})` : `${own} IS NULL AND ${later}`;
  const value = `${parameters.add(sortKey)}::${type}`;
  const sign = descending ? '<' : '>';
  // The first comparison says nothing new, but an index can begin with it.
  const test = `${own} ${sign}= ${value} AND (${own} ${sign} ${value} OR ${later})`;
  return nullable && !descending ? `(${own} IS NULL OR ${test})` : test;
}
