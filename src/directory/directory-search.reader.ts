import { Injectable } from '@nestjs/common';
import type { Queryable } from '../database/transaction.js';
import { EVERYTHING, type Condition, type SortKey } from './condition.js';
import { conditionToSql, scopeOf, sortKeyToSql } from './condition-to-sql.js';
import { Parameters } from './parameters.js';
import type { Subject } from './condition-columns.js';
import type { Group, GroupRef, MemberRef, UserView } from './directory-types.js';
import { GROUP_COLUMNS, toGroup, toUser, USER_COLUMNS, type GroupRow, type UserRow } from './rows.js';

export interface Search {
  readonly condition?: Condition;
  /** Without it in the order of creation, which is the order of ids. */
  readonly sort?: { readonly key: SortKey; readonly descending: boolean };
  readonly offset: number;
  /** 0 asks for the total alone. */
  readonly limit: number;
  readonly withTotal: boolean;
}

/** `total` counts all matches; undefined when it was not asked for. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly total: number | undefined;
}

const GROUPS_OF_USER = `(SELECT coalesce(jsonb_agg(jsonb_build_object('id', g.id, 'displayName', g.display_name) ORDER BY g.id), '[]'::jsonb)
  FROM memberships m JOIN groups g ON g.organization_id = m.organization_id AND g.id = m.group_id
  WHERE m.organization_id = $1 AND m.user_id = u.id)`;

/** Finds people and groups by conditions, a page at a time; a constant number of statements whatever the size of the page. */
@Injectable()
export class DirectorySearchReader {
  /** Living users; `groups` stays empty unless `withGroups`. */
  async searchUsers(
    db: Queryable,
    organizationId: string,
    search: Search & { readonly withGroups: boolean },
  ): Promise<Page<UserView>> {
    const columns = search.withGroups ? `${USER_COLUMNS}, ${GROUPS_OF_USER} AS groups` : USER_COLUMNS;
    const { rows, total } = await pageOf<UserRow & { groups?: GroupRef[] }>(
      db,
      organizationId,
      'user',
      search,
      columns,
    );
    return { items: rows.map((row) => ({ user: toUser(row), groups: row.groups ?? [] })), total };
  }

  async searchGroups(db: Queryable, organizationId: string, search: Search): Promise<Page<Group>> {
    const { rows, total } = await pageOf<GroupRow>(db, organizationId, 'group', search, GROUP_COLUMNS);
    return { items: rows.map(toGroup), total };
  }

  /** The members of several groups at once, in the order of their ids. */
  async membersOf(
    db: Queryable,
    organizationId: string,
    groupIds: readonly string[],
  ): Promise<ReadonlyMap<string, readonly MemberRef[]>> {
    if (groupIds.length === 0) return new Map();
    const rows = await db.query<MembersRow & { id: string }>(
      `SELECT asked.id, found.* FROM unnest($2::uuid[]) AS asked(id) CROSS JOIN LATERAL (${membersOfAsked('TRUE')}) found`,
      [organizationId, groupIds],
    );
    return new Map(rows.map((row) => [row.id, toMembers(row)]));
  }

  /** The members of a group, unless there are more than `most`: then undefined, and no member was read. */
  async membersUpTo(
    db: Queryable,
    organizationId: string,
    groupId: string,
    most: number,
  ): Promise<readonly MemberRef[] | undefined> {
    const [row] = await db.query<MembersRow & { few: boolean }>(
      `SELECT asked.few, found.* FROM (
         SELECT $2::uuid AS id, count(*) <= $3::integer AS few FROM (
           SELECT 1 FROM memberships WHERE organization_id = $1 AND group_id = $2 LIMIT $3::integer + 1) counted
       ) asked CROSS JOIN LATERAL (${membersOfAsked('asked.few')}) found`,
      [organizationId, groupId, most],
    );
    return row?.few ? toMembers(row) : undefined;
  }
}

/** Two JSON lists a group, which are read several times faster than a row a member. */
const membersOfAsked = (when: string) => `
  SELECT to_json(array_agg(member.id)) AS ids, to_json(array_agg(member.name)) AS names FROM (
    SELECT m.user_id AS id, u.attributes ->> 'displayName' AS name
    FROM memberships m JOIN users u ON u.organization_id = m.organization_id AND u.id = m.user_id
    WHERE m.organization_id = $1 AND m.group_id = asked.id AND ${when} ORDER BY m.user_id) member`;

interface MembersRow {
  readonly ids: readonly string[] | null;
  readonly names: readonly (string | null)[] | null;
}

const toMembers = ({ ids, names }: MembersRow): MemberRef[] =>
  (ids ?? []).map((id, index) => ({ id, displayName: names?.[index] ?? null }));

const TABLES = { user: { table: 'users', alias: 'u' }, group: { table: 'groups', alias: 'g' } } as const;

/** `columns` may hold subqueries on the row: they run for the rows of the page only. */
async function pageOf<Row>(
  db: Queryable,
  organizationId: string,
  subject: Subject,
  { condition = EVERYTHING, sort, offset, limit, withTotal }: Search,
  columns: string,
): Promise<{ rows: Row[]; total: number | undefined }> {
  const { table, alias } = TABLES[subject];
  const parameters = new Parameters(organizationId);
  const scope = scopeOf(subject, alias);
  const living = subject === 'user' ? ` AND ${alias}.deleted_at IS NULL` : '';
  const found = conditionToSql(condition, scope, parameters);
  const from = `FROM ${table} ${alias} WHERE ${alias}.organization_id = $1${living}${found === 'TRUE' ? '' : ` AND ${found}`}`;
  const counting = [...parameters.values];
  const count = async () => {
    const [row] = await db.query<{ total: number }>(`SELECT count(*)::integer AS total ${from}`, counting);
    return row?.total ?? 0;
  };
  if (limit === 0) return { rows: [], total: withTotal ? await count() : undefined };
  const place = `LIMIT ${parameters.add(limit)} OFFSET ${parameters.add(offset)}`;
  const rows = await db.query<Row>(
    sort
      ? sortedPage({ alias, columns, from, place }, sortKeyToSql(sort.key, scope, parameters), sort.descending)
      : pageInOrderOfCreation({ table, alias, columns, from, place }, offset),
    parameters.values,
  );
  if (!withTotal) return { rows, total: undefined };
  // A page that is not full is the last one: its place tells the total.
  const isLast = rows.length < limit && (rows.length > 0 || offset === 0);
  return { rows, total: isLast ? offset + rows.length : await count() };
}

interface Parts {
  readonly alias: string;
  readonly columns: string;
  readonly from: string;
  readonly place: string;
}

function pageInOrderOfCreation(
  { table, alias, columns, from, place }: Parts & { table: string },
  offset: number,
): string {
  if (offset === 0) return `SELECT ${columns} ${from} ORDER BY ${alias}.id ${place}`;
  // The ids of a later page come from an index where one can tell them, so that the rows before it are not read.
  return `SELECT ${columns} FROM (SELECT ${alias}.id ${from} ORDER BY ${alias}.id ${place}) page
    JOIN ${table} ${alias} ON ${alias}.organization_id = $1 AND ${alias}.id = page.id ORDER BY page.id`;
}

/** "if there's no data ... they are sorted last if ascending and first if descending" (RFC 7644 section 3.4.2.3). */
function sortedPage({ alias, columns, from, place }: Parts, key: string, descending: boolean): string {
  const direction = descending ? 'DESC NULLS FIRST' : 'ASC NULLS LAST';
  return `SELECT ${columns} FROM (
      SELECT ${alias}.*, ${key} AS sort_key ${from} ORDER BY sort_key ${direction}, ${alias}.id ${place}
    ) ${alias} ORDER BY ${alias}.sort_key ${direction}, ${alias}.id`;
}
