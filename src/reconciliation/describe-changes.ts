import type { Group, User } from '../directory/directory-types.js';
import { sameJson } from '../platform/same-json.js';

/** Old and new value of everything that differs: what events, audit entries and previews say about a change. */
export type Differences = Readonly<Record<string, readonly [unknown, unknown]>>;

export const USER_FIELDS = [
  'userName',
  'externalId',
  'active',
  'provenance',
  'connectionId',
  'role',
  'breakGlass',
  'scimLinkApproved',
] as const satisfies readonly (keyof User)[];

export const GROUP_FIELDS = [
  'displayName',
  'externalId',
  'provenance',
  'connectionId',
  'loginPolicy',
  'protected',
  'isDefault',
  'role',
] as const satisfies readonly (keyof Group)[];

type UserFields = Pick<User, (typeof USER_FIELDS)[number] | 'attributes'>;
type GroupFields = Pick<Group, (typeof GROUP_FIELDS)[number] | 'attributes'>;

/** `before` undefined: everything set is new; `after` undefined: everything is gone. Attributes are compared one by one, under their own names. */
export function describeUser(before: UserFields | undefined, after: UserFields): Differences {
  return differences(USER_FIELDS, before, after);
}

export function describeGroup(before: GroupFields | undefined, after: GroupFields | undefined): Differences {
  return differences(GROUP_FIELDS, before, after);
}

function differences<Field extends string, T extends Record<Field, unknown> & { attributes: Record<string, unknown> }>(
  fields: readonly Field[],
  before: T | undefined,
  after: T | undefined,
): Differences {
  const found: Record<string, readonly [unknown, unknown]> = {};
  for (const field of fields) note(found, field, before?.[field], after?.[field]);
  const names = new Set([...Object.keys(before?.attributes ?? {}), ...Object.keys(after?.attributes ?? {})]);
  for (const name of names) note(found, name, before?.attributes[name], after?.attributes[name]);
  return found;
}

function note(found: Record<string, readonly [unknown, unknown]>, name: string, before: unknown, after: unknown): void {
  if (!sameJson(before, after)) found[name] = [before ?? null, after ?? null];
}
