import type { MembershipDetail } from '../../directory/directory.reader.js';
import type { MemberDetail } from '../../directory/group-members.reader.js';
import type { Group, JsonValue, Subject, User } from '../../directory/directory-types.js';
import type { WaitingMember } from '../../directory/waiting-members.reader.js';
import { effectiveRole } from '../../reconciliation/roles.js';
import type { LiveSession } from '../../sessions/live-session.js';
import type { GroupView, MemberView, WaitingMemberView } from './group.view.js';
import { toSessionView } from './to-session-views.js';
import type { IdentityView, UserDetailView, UserView } from './user.view.js';

/** People and groups as operators see them. */

export const toUserView = (user: User): UserView => ({
  id: user.id,
  userName: user.userName,
  displayName: typeof user.attributes['displayName'] === 'string' ? user.attributes['displayName'] : null,
  emails: emailsOf(user.attributes['emails']),
  externalId: user.externalId,
  active: user.active,
  provenance: user.provenance,
  connectionId: user.connectionId,
  role: user.role,
  breakGlass: user.breakGlass,
  scimLinkApproved: user.scimLinkApproved,
  createdAt: user.createdAt.toISOString(),
  updatedAt: user.updatedAt.toISOString(),
});

function emailsOf(emails: JsonValue | undefined): string[] {
  const entries = (Array.isArray(emails) ? emails : []).flatMap((entry) =>
    typeof entry === 'object' && entry !== null && !Array.isArray(entry) && typeof entry['value'] === 'string'
      ? [{ value: entry['value'], primary: entry['primary'] === true }]
      : [],
  );
  return [...entries.filter(({ primary }) => primary), ...entries.filter(({ primary }) => !primary)].map(
    ({ value }) => value,
  );
}

/** What stands around a person. */
export interface Surroundings {
  /** Of the organization, the most powerful first. */
  readonly roles: readonly string[];
  readonly memberships: readonly MembershipDetail[];
  readonly identities: readonly {
    readonly connectionId: string;
    readonly subject: Subject;
    readonly createdAt: Date;
  }[];
  readonly sessions: readonly LiveSession[];
}

export const toUserDetailView = (user: User, around: Surroundings): UserDetailView => ({
  ...toUserView(user),
  effectiveRole: effectiveRole(
    around.roles,
    user.role,
    around.memberships.map(({ group }) => group.role),
  ),
  attributes: user.attributes,
  memberships: around.memberships.map(({ group, origins }) => ({
    groupId: group.id,
    displayName: group.displayName,
    origins,
    role: group.role,
  })),
  identities: around.identities.map(toIdentityView),
  sessions: around.sessions.map(toSessionView),
});

const toIdentityView = ({ connectionId, subject, createdAt }: Surroundings['identities'][number]): IdentityView => ({
  connectionId,
  format: subject.format,
  nameQualifier: subject.nameQualifier,
  nameId: subject.value,
  createdAt: createdAt.toISOString(),
});

export const toGroupView = (group: Group): GroupView => ({
  id: group.id,
  displayName: group.displayName,
  externalId: group.externalId,
  provenance: group.provenance,
  connectionId: group.connectionId,
  loginPolicy: group.loginPolicy,
  protected: group.protected,
  isDefault: group.isDefault,
  role: group.role,
  createdAt: group.createdAt.toISOString(),
  updatedAt: group.updatedAt.toISOString(),
});

export const toMemberView = ({ id, userName, displayName, origins }: MemberDetail): MemberView => ({
  id,
  userName,
  displayName,
  origins,
});

export const toWaitingMemberView = ({ value, connectionId, at }: WaitingMember): WaitingMemberView => ({
  value,
  connectionId,
  since: at.toISOString(),
});
