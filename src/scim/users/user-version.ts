import { crc32 } from 'node:zlib';
import type { GroupRef } from '../../directory/directory-types.js';

/**
 * The version of a user as a reader sees it. `groups` is part of the resource but changes with the groups, not with the user: a
 * reader who asks "still the same?" must be told, a writer who says "if unchanged" means only what can be written.
 */
export const userVersion = (version: number, groups: readonly GroupRef[]): string =>
  groups.length === 0 ? String(version) : `${version}.${fingerprint(groups)}`;

const fingerprint = (groups: readonly GroupRef[]): string =>
  crc32(groups.map(({ id, displayName }) => `${id} ${displayName}`).join('\n')).toString(36);

/** An If-Match header without what concerns groups. */
export const ofWriters = (ifMatch: string): string => ifMatch.replace(/\b(\d+)\.[0-9a-z]+\b/g, '$1');
