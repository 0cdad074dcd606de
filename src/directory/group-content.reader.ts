import { Injectable } from '@nestjs/common';
import type { Queryable } from '../database/transaction.js';
import type { Group, MemberRef } from './directory-types.js';
import { GROUP_COLUMNS, toGroup, type GroupRow } from './rows.js';

/** A group with members, both of one moment. */
export interface GroupContent {
  readonly group: Group;
  readonly members: readonly MemberRef[];
}

/** The group changed between two parts of its members. */
export class GroupChangedError extends Error {
  constructor(id: string) {
    super(`Group ${id} changed while its members were read`);
    this.name = 'GroupChangedError';
  }
}

/** Reads groups with their members: few at once, many part by part; every part is one statement. */
@Injectable()
export class GroupContentReader {
  /** `members` undefined: there are more than `most`, and none was read. */
  async group(
    db: Queryable,
    organizationId: string,
    id: string,
    most: number,
  ): Promise<{ group: Group; members: readonly MemberRef[] | undefined } | undefined> {
    const [row] = await db.query<GroupRow & MembersRow & { few: boolean }>(
      `SELECT ${GROUP_COLUMNS}, counted.few, found.* FROM groups g CROSS JOIN LATERAL (
         SELECT count(*) <= $3::integer AS few FROM (
           SELECT 1 FROM memberships WHERE organization_id = $1 AND group_id = g.id LIMIT $3::integer + 1) counting
       ) counted CROSS JOIN LATERAL (${membersOf('counted.few')}) found
       WHERE g.organization_id = $1 AND g.id = $2`,
      [organizationId, id, most],
    );
    return row && { group: toGroup(row), members: row.few ? toMembers(row) : undefined };
  }

  /** In the order given; groups that are gone are left out. */
  async groups(db: Queryable, organizationId: string, ids: readonly string[]): Promise<GroupContent[]> {
    const rows = await db.query<GroupRow & MembersRow>(
      `SELECT ${GROUP_COLUMNS}, found.* FROM unnest($2::uuid[]) WITH ORDINALITY AS asked(id, place)
       JOIN groups g ON g.organization_id = $1 AND g.id = asked.id CROSS JOIN LATERAL (${membersOf('TRUE')}) found
       ORDER BY asked.place`,
      [organizationId, ids],
    );
    return rows.map((row) => ({ group: toGroup(row), members: toMembers(row) }));
  }

  /**
   * All members of a group, `size` at a time in the order of their ids; nothing when there is no such group. Where the statements do
   * not see one state of the database, throws GroupChangedError as soon as they would show two.
   */
  async *parts(db: Queryable, organizationId: string, id: string, size: number): AsyncGenerator<GroupContent> {
    let version: number | undefined;
    let after: string | null = null;
    do {
      const [row]: (GroupRow & MembersRow)[] = await db.query<GroupRow & MembersRow>(
        `SELECT ${GROUP_COLUMNS}, found.* FROM groups g CROSS JOIN LATERAL (
           ${membersOf('($3::uuid IS NULL OR m.user_id > $3)', 'LIMIT $4')}) found
         WHERE g.organization_id = $1 AND g.id = $2`,
        [organizationId, id, after, size],
      );
      if (!row && version === undefined) return;
      if (!row || (version !== undefined && Number(row.version) !== version)) throw new GroupChangedError(id);
      version = Number(row.version);
      const members: MemberRef[] = toMembers(row);
      yield { group: toGroup(row), members };
      after = members.length < size ? null : members.at(-1)!.id;
    } while (after !== null);
  }
}

/** Two JSON lists a group, which are read several times faster than a row a member. */
const membersOf = (when: string, limit = '') => `
  SELECT to_json(array_agg(member.id)) AS ids, to_json(array_agg(member.name)) AS names FROM (
    SELECT m.user_id AS id, u.attributes ->> 'displayName' AS name
    FROM memberships m JOIN users u ON u.organization_id = m.organization_id AND u.id = m.user_id
    WHERE m.organization_id = $1 AND m.group_id = g.id AND ${when} ORDER BY m.user_id ${limit}) member`;

interface MembersRow {
  readonly ids: readonly string[] | null;
  readonly names: readonly (string | null)[] | null;
}

const toMembers = ({ ids, names }: MembersRow): MemberRef[] =>
  (ids ?? []).map((id, index) => ({ id, displayName: names?.[index] ?? null }));
