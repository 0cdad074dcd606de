import type { Queryable } from '../database/transaction.js';
import type { Subject } from './condition-columns.js';
import { conditionToSql } from './condition-to-sql.js';
import { EVERYTHING, type Condition } from './condition.js';
import { Parameters } from './parameters.js';
import { scopeOf } from './statement-scope.js';

/** What a search finds, whatever its order and its pages. */

/** `exact`, or `cheap`: only if no match need be counted for it. */
export type Total = 'exact' | 'cheap' | 'none';

const TABLES = { user: { table: 'users', alias: 'u' }, group: { table: 'groups', alias: 'g' } } as const;

export const namesOf = (subject: Subject) => TABLES[subject];

interface Matches {
  /** FROM and WHERE. */
  readonly sql: string;
  readonly everything: boolean;
}

export function matchesOf(subject: Subject, condition: Condition = EVERYTHING, parameters: Parameters): Matches {
  const { table, alias } = TABLES[subject];
  const living = subject === 'user' ? ` AND ${alias}.deleted_at IS NULL` : '';
  const found = conditionToSql(condition, scopeOf(subject, alias), parameters);
  const everything = found === 'TRUE';
  const and = everything ? '' : ` AND ${found}`;
  return { sql: `FROM ${table} ${alias} WHERE ${alias}.organization_id = $1${living}${and}`, everything };
}

/** How many matches there are; undefined when that was not asked for. */
export async function countMatches(
  db: Queryable,
  organizationId: string,
  subject: Subject,
  condition: Condition | undefined,
  total: Total,
): Promise<number | undefined> {
  if (total === 'none') return undefined;
  const parameters = new Parameters(organizationId);
  const matches = matchesOf(subject, condition, parameters);
  if (matches.everything) return totalOf(db, organizationId, subject);
  if (total === 'cheap') return undefined;
  const [row] = await db.query<{ total: number }>(
    `SELECT count(*)::integer AS total ${matches.sql}`,
    parameters.values,
  );
  return row?.total ?? 0;
}

/** How many there are; the database keeps the sum up to date by itself. */
async function totalOf(db: Queryable, organizationId: string, subject: Subject): Promise<number> {
  const [row] = await db.query<{ total: number }>(
    `SELECT coalesce(sum(change), 0)::integer AS total FROM directory_totals WHERE organization_id = $1 AND kind = $2`,
    [organizationId, subject],
  );
  return row?.total ?? 0;
}
