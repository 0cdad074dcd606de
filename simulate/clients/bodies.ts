import type { Json } from '../http/transport.js';
import { CORE, ENTERPRISE, writeLeaves, type Leaf } from '../protocol/attributes.js';
import type { Change, Member, Operation } from './profile.js';

/** Shapes that several clients share. */
export const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';

export const patchBody = (operations: readonly Operation[]): Json => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
  Operations: operations,
});

/** `eq` filter, quoted as JSON (RFC 7644 section 3.4.2.2) and percent-encoded. */
export const equals = (path: string, value: string): string =>
  encodeURIComponent(`${path} eq ${JSON.stringify(value)}`);

/** The same as a form encodes it, with `+` for blanks. */
export const formEquals = (path: string, value: string): string =>
  `${path.replaceAll(' ', '+').replaceAll('"', '%22')}+eq+${encodeURIComponent(JSON.stringify(value)).replaceAll('%20', '+')}`;

/** A document of nothing but the leaves. */
export const plainUser = (leaves: readonly Leaf[]): Json =>
  writeLeaves(
    { schemas: leaves.some(({ path }) => path.startsWith(ENTERPRISE)) ? [CORE, ENTERPRISE] : [CORE] },
    leaves.filter(({ value }) => value !== undefined),
  );

/** One operation for each change, the path as it stands. */
export const replaceEach = (changes: readonly Change[]): Operation[] =>
  changes.map(({ name, path, value }) =>
    value === undefined
      ? { op: 'remove', path: path.replace(/\.value$/, '') }
      : { op: 'replace', path, value: name === 'manager' ? { value } : value },
  );

export const asValues = (members: readonly Member[]): Json[] => members.map(({ id }) => ({ value: id }));

export const addMembers = (members: readonly Member[]): Operation[] =>
  members.length === 0 ? [] : [{ op: 'add', path: 'members', value: asValues(members) }];

/** One operation for each, by a filter (RFC 7644 section 3.5.2.2). */
export const removeByFilter = (members: readonly Member[]): Operation[] =>
  members.map(({ id }) => ({ op: 'remove', path: `members[value eq "${id}"]` }));

/** The form that is not in the RFC and that most clients send. */
export const removeByValue = (members: readonly Member[]): Operation[] =>
  members.length === 0 ? [] : [{ op: 'remove', path: 'members', value: asValues(members) }];
