/** People, groups and memberships as the rooms above see them. Columns and SQL stop in the readers and the writer. */

export type UserProvenance = 'manual' | 'jit' | 'scim';
export type GroupProvenance = 'manual' | 'scim';
export type LoginPolicy = 'authoritative' | 'own' | 'additive' | 'ignore';

/** Why somebody is in a group. */
export type Origin = 'manual' | 'scim' | 'default' | `jit:${string}`;

export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue };
/**
 * A person's attributes in the shape of the SCIM User document: canonical spelling, without schemas, id, meta, groups, userName,
 * externalId and active; extension attributes under their URN.
 */
export type Attributes = { [key: string]: JsonValue };

export interface User {
  readonly id: string;
  readonly connectionId: string | null;
  readonly provenance: UserProvenance;
  readonly active: boolean;
  readonly userName: string;
  readonly externalId: string | null;
  readonly attributes: Attributes;
  /** The role without any group; see effectiveRole in the reader. */
  readonly role: string;
  readonly breakGlass: boolean;
  readonly scimLinkApproved: boolean;
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** Set on tombstones. */
  readonly deletedAt: Date | null;
}

export interface Group {
  readonly id: string;
  readonly connectionId: string | null;
  readonly provenance: GroupProvenance;
  readonly loginPolicy: LoginPolicy;
  readonly protected: boolean;
  readonly isDefault: boolean;
  readonly role: string | null;
  readonly displayName: string;
  readonly externalId: string | null;
  readonly attributes: Attributes;
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** A group as seen from one of its members. */
export interface GroupRef {
  readonly id: string;
  readonly displayName: string;
}

/** A member as seen from its group. */
export interface MemberRef {
  readonly id: string;
  readonly displayName: string | null;
}

/** The subject of an assertion: the key of a returning person. */
export interface Subject {
  readonly format: string;
  readonly nameQualifier: string;
  readonly value: string;
}

/** A person with what is shown of their memberships. */
export interface UserView {
  readonly user: User;
  readonly groups: readonly GroupRef[];
  /** Whom the manager of the enterprise extension names, once there is such a user; looked up at every read, never stored. */
  readonly manager?: MemberRef | null;
}
