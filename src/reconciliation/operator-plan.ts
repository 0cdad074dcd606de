import type { Attributes, Group, GroupRef, LoginPolicy, Origin, User } from '../directory/directory-types.js';
import type { GroupState, UserState } from '../directory/directory.writer.js';
import type { Differences } from './describe-changes.js';
import { ProvisioningRefusal } from './provisioning-refusal.js';

/** What operators ask for, and what would come of it: the plan is what is written, and what a preview shows. */

export interface ManualUser {
  readonly userName: string;
  readonly externalId?: string | null;
  readonly attributes: Attributes;
  readonly role?: string;
}

export interface UserSettings {
  readonly breakGlass?: boolean;
  readonly scimLinkApproved?: boolean;
  readonly role?: string;
  readonly active?: boolean;
}

export interface GroupSettings {
  readonly displayName?: string;
  readonly externalId?: string | null;
  readonly protected?: boolean;
  readonly isDefault?: boolean;
  readonly role?: string | null;
  readonly loginPolicy?: LoginPolicy;
}

export type NewGroup = GroupSettings & { readonly displayName: string };

export type OperatorCommand =
  | { readonly kind: 'create-user'; readonly wanted: ManualUser }
  | { readonly kind: 'set-user'; readonly id: string; readonly wanted: UserSettings }
  | { readonly kind: 'create-group'; readonly wanted: NewGroup }
  | { readonly kind: 'set-group'; readonly id: string; readonly wanted: GroupSettings }
  | { readonly kind: 'add-members' | 'remove-members'; readonly id: string; readonly userIds: readonly string[] }
  | { readonly kind: 'delete-group'; readonly id: string };

/** A membership that begins or ends, or stays although it was asked to end, and why. */
export interface MemberEffect {
  readonly groupId: string;
  readonly displayName: string;
  /** null: somebody new. */
  readonly userId: string | null;
  readonly because: 'by-hand' | 'default' | 'asked' | 'no-longer-default' | 'group-deleted' | 'already';
}

export interface OperatorPlan {
  readonly decision: 'create' | 'update' | 'delete' | 'nothing';
  /** null: somebody or something new. */
  readonly id: string | null;
  readonly changes: Differences;
  readonly joins: readonly MemberEffect[];
  readonly leaves: readonly MemberEffect[];
  readonly stays: readonly MemberEffect[];
}

export interface NewUserPlan extends OperatorPlan {
  readonly state: UserState;
}
export interface UserPlan extends OperatorPlan {
  readonly current: User;
  readonly next: UserState;
}
export interface NewGroupPlan extends OperatorPlan {
  readonly state: GroupState;
}
export interface GroupPlan extends OperatorPlan {
  readonly current: Group;
  readonly next: GroupState;
}
export interface MembersPlan extends OperatorPlan {
  readonly userIds: readonly string[];
}

export const NOBODY = { joins: [], leaves: [], stays: [] } as const;

export const effect =
  (group: GroupRef, because: MemberEffect['because']) =>
  (userId: string | null): MemberEffect => ({ groupId: group.id, displayName: group.displayName, userId, because });

/** What is only a member for this reason leaves with it. */
export const isOnly = (origins: readonly Origin[], origin: Origin): boolean =>
  origins.length === 1 && origins[0] === origin;

export const NEW_GROUP: Omit<GroupState, 'displayName'> = {
  connectionId: null,
  provenance: 'manual',
  loginPolicy: 'authoritative',
  protected: false,
  isDefault: false,
  role: null,
  uniqueName: true,
  externalId: null,
  attributes: {},
};

/** Without the keys whose value is undefined, which would erase what they are spread over. */
export function definedOf<T extends object>(wanted: T): { [K in keyof T]-?: Exclude<T[K], undefined> } {
  const entries = Object.entries(wanted).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]-?: Exclude<T[K], undefined> };
}

export function knownRole(roles: readonly string[], role: string): string {
  if (roles.includes(role)) return role;
  throw new ProvisioningRefusal('unknown-role', `"${role}" is no role of this organization (${roles.join(', ')})`);
}

export const managedByScim = () =>
  new ProvisioningRefusal('managed-by-scim', 'A SCIM client is the authority here; change it in the IdP');

/** Protection and being everybody's group are lifted first, one by one: nobody deletes by accident what everything hangs on. */
export function refuseGroupDelete(group: Group): void {
  if (group.provenance === 'scim') throw managedByScim();
  if (group.protected)
    throw new ProvisioningRefusal('protected-group', `The group "${group.displayName}" is protected; lift that first`);
  if (group.isDefault)
    throw new ProvisioningRefusal(
      'default-group',
      `Every member of the organization is in the group "${group.displayName}"; make it no default group first`,
    );
}
