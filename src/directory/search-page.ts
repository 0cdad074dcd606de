import type { Queryable } from '../database/transaction.js';
import type { Condition, SortKey } from './condition.js';
import type { Subject } from './condition-columns.js';
import { Parameters } from './parameters.js';
import { countMatches, matchesOf, namesOf, type Total } from './search-matches.js';
import { behind, directionOf, type Position } from './search-order.js';
import { sortKeyToSql, type SortSql } from './sort-key-to-sql.js';
import { scopeOf } from './statement-scope.js';

/**
 * One page of a search as SQL. It begins after a number of matches or after a position, which costs the same wherever it lies: one row
 * more than asked for is read, so that the page knows whether it is the last, and a page that is not full tells the total.
 */

export interface Search {
  readonly condition?: Condition;
  /** Without it in the order of creation, which is the order of ids. */
  readonly sort?: { readonly key: SortKey; readonly descending: boolean };
  /** Where the page begins: after so many matches, or after the place where another page ended. */
  readonly from: number | Position;
  /** 0 asks for the total alone. */
  readonly limit: number;
  readonly total: Total;
}

/** `total` counts all matches; undefined when it was not asked for. */
export interface Page<Item, Place = Position> {
  readonly items: readonly Item[];
  readonly total: number | undefined;
  /** Where the next page begins; undefined: this is the last one. */
  readonly next: Place | undefined;
}

interface Place {
  readonly table: string;
  readonly alias: string;
  /** FROM and WHERE, without the place of the page. */
  readonly matches: string;
  readonly parameters: Parameters;
}

/** `columns` may hold subqueries on the row: they run for the rows of the page only. */
export async function pageOf<Row extends { readonly id: string }>(
  db: Queryable,
  organizationId: string,
  subject: Subject,
  search: Search,
  columns: string,
): Promise<Page<Row>> {
  const { condition, sort, from, limit } = search;
  const count = () => countMatches(db, organizationId, subject, condition, search.total);
  if (limit === 0) return { items: [], total: await count(), next: undefined };
  const { table, alias } = namesOf(subject);
  const parameters = new Parameters(organizationId);
  const place = { table, alias, matches: matchesOf(subject, condition, parameters).sql, parameters };
  const statement = sort
    ? sortedPage(
        place,
        columns,
        sortKeyToSql(sort.key, scopeOf(subject, alias), parameters),
        sort.descending,
        from,
        limit + 1,
      )
    : pageInOrderOfCreation(place, columns, from, limit + 1);
  const rows = await db.query<Row & { sort_key?: string | null }>(statement, parameters.values);
  return cutPage(rows, search, count, (row) => positionOf(row, sort !== undefined));
}

/** A page of the rows that were read, which are one more than asked for if there are so many. */
export async function cutPage<Row, At>(
  rows: readonly Row[],
  { from, limit }: { readonly from: unknown; readonly limit: number },
  count: () => Promise<number | undefined>,
  toPosition: (last: Row) => At,
): Promise<Page<Row, At>> {
  const items = rows.slice(0, limit);
  const next = rows.length > limit ? toPosition(items.at(-1)!) : undefined;
  const tellsTotal = next === undefined && typeof from === 'number' && (rows.length > 0 || from === 0);
  return { items, next, total: tellsTotal ? from + rows.length : await count() };
}

const positionOf = (row: { id: string; sort_key?: string | null }, sorted: boolean): Position =>
  sorted ? { id: row.id, sortKey: row.sort_key ?? null } : { id: row.id };

function pageInOrderOfCreation(
  { table, alias, matches, parameters }: Place,
  columns: string,
  from: number | Position,
  limit: number,
): string {
  if (typeof from !== 'number') {
    return `SELECT ${columns} ${matches} AND ${alias}.id > ${parameters.add(from.id)} ORDER BY ${alias}.id LIMIT ${parameters.add(limit)}`;
  }
  const place = `LIMIT ${parameters.add(limit)} OFFSET ${parameters.add(from)}`;
  if (from === 0) return `SELECT ${columns} ${matches} ORDER BY ${alias}.id ${place}`;
  // The ids of a later page come from an index where one can tell them, so that the rows before it are not read.
  return `SELECT ${columns} FROM (SELECT ${alias}.id ${matches} ORDER BY ${alias}.id ${place}) page
    JOIN ${table} ${alias} ON ${alias}.organization_id = $1 AND ${alias}.id = page.id ORDER BY page.id`;
}

function sortedPage(
  { alias, matches, parameters }: Place,
  columns: string,
  key: SortSql,
  descending: boolean,
  from: number | Position,
  limit: number,
): string {
  const direction = directionOf(descending);
  const keyed = `SELECT ${alias}.*, ${key.expression} AS sort_key ${matches}`;
  const rest =
    typeof from === 'number'
      ? ''
      : ` WHERE ${behind(alias, from, `${alias}.id > ${parameters.add(from.id)}`, key, descending, parameters)}`;
  const offset = typeof from === 'number' ? ` OFFSET ${parameters.add(from)}` : '';
  return `SELECT ${columns}, ${alias}.sort_key::text AS sort_key FROM (
      SELECT * FROM (${keyed}) ${alias}${rest} ORDER BY ${alias}.sort_key ${direction}, ${alias}.id LIMIT ${parameters.add(limit)}${offset}
    ) ${alias} ORDER BY ${alias}.sort_key ${direction}, ${alias}.id`;
}
