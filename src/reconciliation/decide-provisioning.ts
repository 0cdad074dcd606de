import type { Group, User } from '../directory/directory-types.js';
import { ProvisioningRefusal, type RefusalReason } from './provisioning-refusal.js';

/**
 * decide-provisioning: what a SCIM request may do to somebody who is there.
 *
 * Users:
 * | # | request | existing | answer |
 * |---|---|---|---|
 * | a | create | none, or tombstones only | create |
 * | b | create | scim user with the userName | refuse uniqueness |
 * | c | create | jit user with the userName, or signing in with the externalId as NameID | adopt; takeover conflict: refuse |
 * | d | create | manual user | refuse uniqueness, unless an operator approved the link: adopt |
 * | - | create | userName and subject point to two people | refuse uniqueness |
 * | e | change | jit user | adopt, then apply; takeover conflict: refuse |
 * | f | change | manual user | refuse manual-user, unless approved: adopt, then apply |
 * | - | change, remove | scim user of another connection that has scim on | refuse other-connection |
 * | i | remove | any of the above that a change may touch | remove |
 * | j | deactivate or remove | break-glass user | refuse break-glass |
 *
 * Groups:
 * | # | request | existing | answer |
 * |---|---|---|---|
 * | k | create | manual, not protected, same displayName | adopt |
 * | l | create | scim, same displayName | refuse uniqueness, unless the connection allows several |
 * | - | create, change, remove | protected | create, remove: refuse; change: refuse for a manual one |
 * | - | change, remove | manual, not protected | adopt, then apply (connectors that find a group by name never create it) |
 * | - | change, remove | scim of another connection that has scim on | refuse other-connection |
 */

export type ProvisioningDecision =
  | { readonly kind: 'create' | 'adopt' | 'apply' }
  | { readonly kind: 'refuse'; readonly reason: RefusalReason; readonly detail: string };

/** What a decision allows. Throws the refusal it may be instead. */
export function accepted(decision: ProvisioningDecision): Exclude<ProvisioningDecision['kind'], 'refuse'> {
  if (decision.kind === 'refuse') throw new ProvisioningRefusal(decision.reason, decision.detail);
  return decision.kind;
}

export interface ProvisioningConnection {
  readonly id: string;
  readonly takeover: 'adopt' | 'conflict';
}

type ExistingUser = Pick<User, 'id' | 'provenance' | 'connectionId' | 'scimLinkApproved' | 'breakGlass' | 'userName'>;

export function decideUserCreate(
  connection: ProvisioningConnection,
  found: { readonly byUserName: ExistingUser | undefined; readonly bySubject: ExistingUser | undefined },
): ProvisioningDecision {
  const { byUserName, bySubject } = found;
  if (byUserName && bySubject) {
    return refuse(
      'uniqueness',
      `userName "${byUserName.userName}" is taken, and the externalId belongs to somebody else who signs in`,
    );
  }
  // A subject only counts for a person whom sign-ins made: others are found by their userName or not at all.
  const existing = byUserName ?? (bySubject?.provenance === 'jit' ? bySubject : undefined);
  if (!existing) return { kind: 'create' };
  if (existing.provenance === 'scim') {
    return refuse('uniqueness', `A user with userName "${existing.userName}" exists already`);
  }
  if (existing.provenance === 'manual' && !existing.scimLinkApproved) {
    return refuse(
      'uniqueness',
      `A user with userName "${existing.userName}" was made by hand; an operator of the service must approve the link first`,
    );
  }
  if (existing.provenance === 'jit' && connection.takeover === 'conflict' && !existing.scimLinkApproved) {
    return refuse(
      'uniqueness',
      `A user with userName "${existing.userName}" was made by signing in and this connection does not take such users over`,
    );
  }
  return { kind: 'adopt' };
}

export function decideUserChange(
  connection: ProvisioningConnection,
  user: ExistingUser,
  authorityHasScim: boolean,
): ProvisioningDecision {
  switch (user.provenance) {
    case 'scim':
      return ownedElsewhere(connection, user, authorityHasScim) ?? { kind: own(connection, user) ? 'apply' : 'adopt' };
    case 'jit':
      if (connection.takeover === 'adopt' || user.scimLinkApproved) return { kind: 'adopt' };
      return refuse(
        'takeover-conflict',
        'The user was made by signing in and this connection does not take over such users',
      );
    case 'manual':
      if (user.scimLinkApproved) return { kind: 'adopt' };
      return refuse('manual-user', 'The user was made by hand; an operator of the service must approve the link first');
  }
}

/** Row j, asked in addition when the change ends the person's access. */
export function refuseEndOfAccess(user: Pick<User, 'breakGlass'>): ProvisioningDecision | undefined {
  if (!user.breakGlass) return undefined;
  return refuse(
    'break-glass',
    'The user is kept for emergencies (break-glass) and can be deactivated only by an operator',
  );
}

type ExistingGroup = Pick<Group, 'id' | 'provenance' | 'connectionId' | 'protected' | 'displayName'>;

export function decideGroupCreate(
  connection: ProvisioningConnection & { readonly duplicateGroupNames: boolean },
  existing: ExistingGroup | undefined,
): ProvisioningDecision {
  if (!existing) return { kind: 'create' };
  if (existing.protected) return protectedGroup(existing);
  if (existing.provenance === 'scim') {
    if (connection.duplicateGroupNames) return { kind: 'create' };
    return refuse('uniqueness', `A group with displayName "${existing.displayName}" exists already`);
  }
  return connection.takeover === 'adopt' ? { kind: 'adopt' } : manualGroup(existing);
}

export function decideGroupChange(
  connection: ProvisioningConnection,
  group: ExistingGroup,
  authorityHasScim: boolean,
): ProvisioningDecision {
  if (group.provenance === 'scim') {
    return ownedElsewhere(connection, group, authorityHasScim) ?? { kind: own(connection, group) ? 'apply' : 'adopt' };
  }
  if (group.protected) return protectedGroup(group);
  return connection.takeover === 'adopt' ? { kind: 'adopt' } : manualGroup(group);
}

export function decideGroupRemove(
  connection: ProvisioningConnection,
  group: ExistingGroup,
  authorityHasScim: boolean,
): ProvisioningDecision {
  return group.protected ? protectedGroup(group) : decideGroupChange(connection, group, authorityHasScim);
}

const own = (connection: ProvisioningConnection, resource: { readonly connectionId: string | null }) =>
  resource.connectionId === connection.id;

function ownedElsewhere(
  connection: ProvisioningConnection,
  resource: { readonly connectionId: string | null },
  authorityHasScim: boolean,
): ProvisioningDecision | undefined {
  if (own(connection, resource) || !authorityHasScim) return undefined;
  return refuse('other-connection', 'Another connection of the organization provisions this resource');
}

const protectedGroup = (group: ExistingGroup) =>
  refuse(
    'protected-group',
    `The group "${group.displayName}" is protected; an operator of the service must lift that first`,
  );

const manualGroup = (group: ExistingGroup) =>
  refuse(
    'manual-group',
    `The group "${group.displayName}" was made by hand and this connection does not take such groups over`,
  );

const refuse = (reason: RefusalReason, detail: string): ProvisioningDecision & { kind: 'refuse' } => ({
  kind: 'refuse',
  reason,
  detail,
});
