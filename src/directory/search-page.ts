import type { Queryable } from '../database/transaction.js';
import { EVERYTHING, type Condition, type SortKey } from './condition.js';
import { conditionToSql } from './condition-to-sql.js';
import type { Subject } from './condition-columns.js';
import { Parameters } from './parameters.js';
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
  /** `cheap`: only if no match need be counted for it. */
  readonly total: 'exact' | 'cheap' | 'none';
}

/** A place in the order of a search; it stays one when what stood there is gone. */
export interface Position {
  readonly id: string;
  /** The value sorted by as the database writes it; null: there is none. Absent in the order of creation. */
  readonly sortKey?: string | null;
}

/** `total` counts all matches; undefined when it was not asked for. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly total: number | undefined;
  /** Where the next page begins; undefined: this is the last one. */
  readonly next: Position | undefined;
}

const TABLES = { user: { table: 'users', alias: 'u' }, group: { table: 'groups', alias: 'g' } } as const;

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
  const { condition = EVERYTHING, sort, from, limit } = search;
  const { table, alias } = TABLES[subject];
  const parameters = new Parameters(organizationId);
  const scope = scopeOf(subject, alias);
  const living = subject === 'user' ? ` AND ${alias}.deleted_at IS NULL` : '';
  const found = conditionToSql(condition, scope, parameters);
  const matches = `FROM ${table} ${alias} WHERE ${alias}.organization_id = $1${living}${found === 'TRUE' ? '' : ` AND ${found}`}`;
  const counting = [...parameters.values];
  const count = async (): Promise<number | undefined> => {
    if (search.total === 'none') return undefined;
    if (found === 'TRUE') return totalOf(db, organizationId, subject);
    if (search.total === 'cheap') return undefined;
    const [row] = await db.query<{ total: number }>(`SELECT count(*)::integer AS total ${matches}`, counting);
    return row?.total ?? 0;
  };
  if (limit === 0) return { items: [], total: await count(), next: undefined };
  const place = { table, alias, matches, parameters };
  const statement = sort
    ? sortedPage(place, columns, sortKeyToSql(sort.key, scope, parameters), sort.descending, from, limit + 1)
    : pageInOrderOfCreation(place, columns, from, limit + 1);
  const rows = await db.query<Row & { sort_key?: string | null }>(statement, parameters.values);
  const items = rows.slice(0, limit);
  const next = rows.length > limit ? positionOf(items.at(-1)!, sort !== undefined) : undefined;
  const tellsTotal = next === undefined && typeof from === 'number' && (rows.length > 0 || from === 0);
  return { items, next, total: tellsTotal ? from + rows.length : await count() };
}

/** How many there are; the database keeps the sum up to date by itself. */
async function totalOf(db: Queryable, organizationId: string, subject: Subject): Promise<number> {
  const [row] = await db.query<{ total: number }>(
    `SELECT coalesce(sum(change), 0)::integer AS total FROM directory_totals WHERE organization_id = $1 AND kind = $2`,
    [organizationId, subject],
  );
  return row?.total ?? 0;
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

/** "if there's no data ... they are sorted last if ascending and first if descending" (RFC 7644 section 3.4.2.3). */
function sortedPage(
  { alias, matches, parameters }: Place,
  columns: string,
  key: SortSql,
  descending: boolean,
  from: number | Position,
  limit: number,
): string {
  const direction = descending ? 'DESC NULLS FIRST' : 'ASC NULLS LAST';
  const keyed = `SELECT ${alias}.*, ${key.expression} AS sort_key ${matches}`;
  const rest = typeof from === 'number' ? '' : ` WHERE ${after(alias, from, key, descending, parameters)}`;
  const offset = typeof from === 'number' ? ` OFFSET ${parameters.add(from)}` : '';
  return `SELECT ${columns}, ${alias}.sort_key::text AS sort_key FROM (
      SELECT * FROM (${keyed}) ${alias}${rest} ORDER BY ${alias}.sort_key ${direction}, ${alias}.id LIMIT ${parameters.add(limit)}${offset}
    ) ${alias} ORDER BY ${alias}.sort_key ${direction}, ${alias}.id`;
}

/** Everything behind a position of the order; equal ones follow each other by their ids. */
function after(
  alias: string,
  { id, sortKey = null }: Position,
  { type, nullable }: SortSql,
  descending: boolean,
  parameters: Parameters,
): string {
  const later = `${alias}.id > ${parameters.add(id)}`;
  const own = `${alias}.sort_key`;
  if (sortKey === null) return descending ? `(${own} IS NOT NULL OR ${later})` : `${own} IS NULL AND ${later}`;
  const value = `${parameters.add(sortKey)}::${type}`;
  const sign = descending ? '<' : '>';
  // The first comparison says nothing new, but an index can begin with it.
  const behind = `${own} ${sign}= ${value} AND (${own} ${sign} ${value} OR ${later})`;
  return nullable && !descending ? `(${own} IS NULL OR ${behind})` : behind;
}
