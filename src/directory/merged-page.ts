import type { Queryable } from '../database/transaction.js';
import type { Condition, SortKey } from './condition.js';
import type { Subject } from './condition-columns.js';
import { Parameters } from './parameters.js';
import { countMatches, matchesOf, namesOf, type Total } from './search-matches.js';
import { behind, directionOf, type Position } from './search-order.js';
import { cutPage, type Page } from './search-page.js';
import { sortKeyToSql, type SortSql } from './sort-key-to-sql.js';
import { scopeOf } from './statement-scope.js';

/**
 * One page of people and groups in one order, as SQL: each kind is put in order by itself, where it has an index for it, and no further
 * than the page reaches; then the two are one list. Of equal ones people come first, both in the order of their ids.
 */

export interface MergedSearch {
  readonly conditions: Readonly<Record<Subject, Condition>>;
  /** A kind without a key has no value to sort by; one of them has a key. */
  readonly keys: Partial<Readonly<Record<Subject, SortKey>>>;
  readonly descending: boolean;
  readonly from: number | MergedPosition;
  /** 0 asks for the total alone. */
  readonly limit: number;
  readonly total: Total;
}

export interface MergedPosition extends Position {
  readonly kind: Subject;
}

export interface MergedItem {
  readonly kind: Subject;
  readonly id: string;
  /** Of a group: how many members it has, counted no further than was asked for; of a person 1. */
  readonly size: number;
}

const KINDS = ['user', 'group'] as const;

/** `mostMembers`: how far members are counted; 0 counts none. */
export async function mergedPageOf(
  db: Queryable,
  organizationId: string,
  search: MergedSearch,
  mostMembers: number,
): Promise<Page<MergedItem, MergedPosition>> {
  const count = () => countBoth(db, organizationId, search);
  if (search.limit === 0) return { items: [], total: await count(), next: undefined };
  const parameters = new Parameters(organizationId);
  const statement = mergedPage(search, mostMembers, parameters);
  const rows = await db.query<MergedItem & { sort_key: string | null }>(statement, parameters.values);
  return cutPage(rows, search, count, ({ kind, id, sort_key }) => ({ kind, id, sortKey: sort_key }));
}

async function countBoth(
  db: Queryable,
  organizationId: string,
  { conditions, total }: MergedSearch,
): Promise<number | undefined> {
  const [people, groups] = [
    await countMatches(db, organizationId, 'user', conditions.user, total),
    await countMatches(db, organizationId, 'group', conditions.group, total),
  ];
  return people === undefined || groups === undefined ? undefined : people + groups;
}

function mergedPage(search: MergedSearch, mostMembers: number, parameters: Parameters): string {
  const { from, limit } = search;
  const offset = typeof from === 'number' ? from : 0;
  const reach = parameters.add(offset + limit + 1);
  const orderIn = (alias: string) => `${alias}.sort_key ${directionOf(search.descending)}, ${alias}.place, ${alias}.id`;
  const keys = keysToSql(search, parameters);
  const parts = KINDS.map((kind) => `(${partOf(kind, keys[kind], search, reach, parameters)})`);
  const members = `(SELECT count(*)::integer FROM (
        SELECT 1 FROM memberships m WHERE m.organization_id = $1 AND m.group_id = found.id LIMIT ${mostMembers + 1}) counting)`;
  const size = `CASE found.kind WHEN 'user' THEN 1 ELSE ${mostMembers > 0 ? members : '0'} END`;
  return `SELECT found.kind, found.id, found.sort_key::text AS sort_key, ${size} AS size
    FROM (SELECT * FROM (${parts.join(' UNION ALL ')}) merged
      ORDER BY ${orderIn('merged')} LIMIT ${parameters.add(limit + 1)} OFFSET ${parameters.add(offset)}) found
    ORDER BY ${orderIn('found')}`;
}

/** The beginning of one kind, as far as the page reaches. */
function partOf(
  kind: Subject,
  key: SortSql,
  { conditions, descending, from }: MergedSearch,
  reach: string,
  parameters: Parameters,
): string {
  const { alias } = namesOf(kind);
  const place = KINDS.indexOf(kind);
  const keyed = `SELECT ${alias}.id, ${key.expression} AS sort_key ${matchesOf(kind, conditions[kind], parameters).sql}`;
  let rest = '';
  if (typeof from !== 'number') {
    const reached = KINDS.indexOf(from.kind);
    const later = place === reached ? `${alias}.id > ${parameters.add(from.id)}` : place > reached ? 'TRUE' : 'FALSE';
    rest = ` WHERE ${behind(alias, from, later, key, descending, parameters)}`;
  }
  return `SELECT '${kind}' AS kind, ${place} AS place, ${alias}.id, ${alias}.sort_key FROM (${keyed}) ${alias}${rest}
      ORDER BY ${alias}.sort_key ${directionOf(descending)}, ${alias}.id LIMIT ${reach}`;
}

/** The keys of both kinds in one type: what differs is compared as the text that clients see. */
function keysToSql({ keys }: MergedSearch, parameters: Parameters): Record<Subject, SortSql> {
  const own = (kind: Subject) => {
    const key = keys[kind];
    return key && sortKeyToSql(key, scopeOf(kind, namesOf(kind).alias), parameters);
  };
  const [user, group] = [own('user'), own('group')];
  const type = user && group && user.type !== group.type ? 'text' : (user ?? group)!.type;
  const typed = (key: SortSql | undefined): SortSql => {
    if (key?.type === type) return key;
    const expression = `(${key?.expression ?? 'NULL'})::${type}${type === 'text' ? ' COLLATE "C"' : ''}`;
    return { expression, type, nullable: key?.nullable ?? true };
  };
  return { user: typed(user), group: typed(group) };
}
