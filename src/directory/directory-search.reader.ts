import { Injectable } from '@nestjs/common';
import type { Queryable } from '../database/transaction.js';
import type { Group, GroupRef, MemberRef, UserView } from './directory-types.js';
import { mergedPageOf, type MergedItem, type MergedPosition, type MergedSearch } from './merged-page.js';
import { pageOf, type Page, type Search } from './search-page.js';
import { GROUP_COLUMNS, MANAGER_COLUMN, toGroup, toUser, USER_COLUMNS, type GroupRow, type UserRow } from './rows.js';

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
    const columns = columnsOfView(search.withGroups);
    const { items, ...rest } = await pageOf<ViewRow>(db, organizationId, 'user', search, columns);
    return { items: items.map(toView), ...rest };
  }

  /** The living ones of these users, in the order given; `groups` as in `searchUsers`. */
  async usersById(
    db: Queryable,
    organizationId: string,
    ids: readonly string[],
    withGroups: boolean,
  ): Promise<UserView[]> {
    if (ids.length === 0) return [];
    const rows = await db.query<ViewRow>(
      `SELECT ${columnsOfView(withGroups)} FROM unnest($2::uuid[]) WITH ORDINALITY AS asked(id, place)
       JOIN users u ON u.organization_id = $1 AND u.id = asked.id AND u.deleted_at IS NULL ORDER BY asked.place`,
      [organizationId, ids],
    );
    return rows.map(toView);
  }

  async searchGroups(db: Queryable, organizationId: string, search: Search): Promise<Page<Group>> {
    const { items, ...rest } = await pageOf<GroupRow>(db, organizationId, 'group', search, GROUP_COLUMNS);
    return { items: items.map(toGroup), ...rest };
  }

  /** Those of these groups that are there, in the order given. */
  async groupsById(db: Queryable, organizationId: string, ids: readonly string[]): Promise<Group[]> {
    if (ids.length === 0) return [];
    const rows = await db.query<GroupRow>(
      `SELECT ${GROUP_COLUMNS} FROM unnest($2::uuid[]) WITH ORDINALITY AS asked(id, place)
       JOIN groups g ON g.organization_id = $1 AND g.id = asked.id ORDER BY asked.place`,
      [organizationId, ids],
    );
    return rows.map(toGroup);
  }

  /** Which people and groups, in one order; see merged-page. */
  async searchBoth(
    db: Queryable,
    organizationId: string,
    search: MergedSearch,
    mostMembers: number,
  ): Promise<Page<MergedItem, MergedPosition>> {
    return mergedPageOf(db, organizationId, search, mostMembers);
  }

  /** Which groups, and how many members each has, counted no further than `most` and one. */
  async searchGroupSizes(
    db: Queryable,
    organizationId: string,
    search: Search,
    most: number,
  ): Promise<Page<{ readonly id: string; readonly size: number }>> {
    const size = `(SELECT count(*)::integer FROM (
        SELECT 1 FROM memberships m WHERE m.organization_id = $1 AND m.group_id = g.id LIMIT ${most + 1}) counting) AS size`;
    return pageOf<{ id: string; size: number }>(db, organizationId, 'group', search, `g.id, ${size}`);
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

type ViewRow = UserRow & { groups?: GroupRef[]; manager: MemberRef | null };

const columnsOfView = (withGroups: boolean): string =>
  `${USER_COLUMNS}, ${MANAGER_COLUMN}${withGroups ? `, ${GROUPS_OF_USER} AS groups` : ''}`;

const toView = (row: ViewRow): UserView => ({ user: toUser(row), groups: row.groups ?? [], manager: row.manager });

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
