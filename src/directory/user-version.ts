import { createHash } from 'node:crypto';
import type { GroupRef, MemberRef } from './directory-types.js';
import { managerToSql } from './manager-to-sql.js';
import type { Scope } from './statement-scope.js';

/**
 * The version of a user as a reader sees it. `groups` and the name of the manager are part of the resource but change with others, not
 * with the user: a reader who asks "still the same?" must be told, a writer who says "if unchanged" means only what can be written.
 * Written once for what is shown and once for what is searched; the two must give the same text.
 */
export function userVersion(version: number, groups: readonly GroupRef[], manager: MemberRef | null = null): string {
  const others = manager === null ? groups : [...groups, manager];
  return others.length === 0 ? String(version) : `${version}.${fingerprint(others)}`;
}

const LENGTH = 12;

const fingerprint = (others: readonly MemberRef[]): string =>
  createHash('sha256')
    .update(others.map(({ id, displayName }) => `${id} ${displayName ?? ''}`).join('\n'))
    .digest('hex')
    .slice(0, LENGTH);

/** As `userVersion` for a user; of a group what is stored. */
export function versionToSql({ subject, alias }: Scope): string {
  const version = `${alias}.version::text`;
  if (subject === 'group') return version;
  const others = `SELECT string_agg(other.id || ' ' || coalesce(other.name, ''), E'\\n' ORDER BY other.place, other.id COLLATE "C") FROM (
      SELECT 0 AS place, g.id::text, g.display_name AS name
      FROM memberships m JOIN groups g ON g.organization_id = m.organization_id AND g.id = m.group_id
      WHERE m.organization_id = ${alias}.organization_id AND m.user_id = ${alias}.id
      UNION ALL SELECT 1, manager ->> 'id', manager ->> 'displayName'
      FROM (SELECT ${managerToSql(alias)} AS manager) named WHERE manager IS NOT NULL) other`;
  return `${version} || coalesce('.' || left(encode(sha256(convert_to((${others}), 'UTF8')), 'hex'), ${LENGTH}), '')`;
}
