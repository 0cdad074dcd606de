import { managerToSql } from './manager-to-sql.js';
import type { Attributes, Group, GroupProvenance, LoginPolicy, User, UserProvenance } from './directory-types.js';

/** Columns of users and groups as every reader selects them, and the way from a row to the type. */

export const USER_COLUMNS = `u.id, u.connection_id, u.provenance, u.active, u.user_name, u.external_id, u.attributes, u.role,
  u.break_glass, u.scim_link_approved, u.version, u.created_at, u.updated_at, u.deleted_at`;

export const MANAGER_COLUMN = `${managerToSql('u')} AS manager`;

export interface UserRow {
  id: string;
  connection_id: string | null;
  provenance: UserProvenance;
  active: boolean;
  user_name: string;
  external_id: string | null;
  attributes: Attributes;
  role: string;
  break_glass: boolean;
  scim_link_approved: boolean;
  version: string | number;
  created_at: Date;
  updated_at: Date;
  deleted_at: Date | null;
}

export const toUser = (row: UserRow): User => ({
  id: row.id,
  connectionId: row.connection_id,
  provenance: row.provenance,
  active: row.active,
  userName: row.user_name,
  externalId: row.external_id,
  attributes: row.attributes,
  role: row.role,
  breakGlass: row.break_glass,
  scimLinkApproved: row.scim_link_approved,
  version: Number(row.version),
  createdAt: row.created_at,
  updatedAt: row.updated_at,
  deletedAt: row.deleted_at,
});

export const GROUP_COLUMNS = `g.id, g.connection_id, g.provenance, g.login_policy, g.protected, g.is_default, g.role, g.display_name,
  g.external_id, g.attributes, g.version, g.created_at, g.updated_at`;

export interface GroupRow {
  id: string;
  connection_id: string | null;
  provenance: GroupProvenance;
  login_policy: LoginPolicy;
  protected: boolean;
  is_default: boolean;
  role: string | null;
  display_name: string;
  external_id: string | null;
  attributes: Attributes;
  version: string | number;
  created_at: Date;
  updated_at: Date;
}

export const toGroup = (row: GroupRow): Group => ({
  id: row.id,
  connectionId: row.connection_id,
  provenance: row.provenance,
  loginPolicy: row.login_policy,
  protected: row.protected,
  isDefault: row.is_default,
  role: row.role,
  displayName: row.display_name,
  externalId: row.external_id,
  attributes: row.attributes,
  version: Number(row.version),
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});

/** Every e-mail value of a document in compared form, without repetition. */
export function emailKeysOf(attributes: Attributes, nameKey: (name: string) => string): string[] {
  const emails = attributes['emails'];
  if (!Array.isArray(emails)) return [];
  const keys = emails.flatMap((email) =>
    typeof email === 'object' && email !== null && !Array.isArray(email) && typeof email['value'] === 'string'
      ? [nameKey(email['value'])]
      : [],
  );
  return [...new Set(keys)];
}
