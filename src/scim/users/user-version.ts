import { crc32 } from 'node:zlib';
import type { GroupRef, MemberRef } from '../../directory/directory-types.js';

/**
 * The version of a user as a reader sees it. `groups` and the name of the manager are part of the resource but change with others, not
 * with the user: a reader who asks "still the same?" must be told, a writer who says "if unchanged" means only what can be written.
 */
export function userVersion(version: number, groups: readonly GroupRef[], manager: MemberRef | null = null): string {
  const others = manager === null ? groups : [...groups, manager];
  return others.length === 0 ? String(version) : `${version}.${fingerprint(others)}`;
}

const fingerprint = (others: readonly MemberRef[]): string =>
  crc32(others.map(({ id, displayName }) => `${id} ${displayName}`).join('\n')).toString(36);

/** An If-Match or If-None-Match header without what concerns groups. */
export const ofWriters = (header: string): string => header.replace(/\b(\d+)\.[0-9a-z]+\b/g, '$1');
