import type { GroupAtInstant, UserAtInstant } from '../../reconciliation/history.service.js';
import { effectiveRole } from '../../reconciliation/roles.js';
import type { GroupHistoryView, UserHistoryView } from './history.view.js';

/** The past as operators see it. `roles`: of the organization, the most powerful first. */

export function toUserHistoryView(at: Date, roles: readonly string[], past: UserAtInstant): UserHistoryView {
  const { state, certain, memberships, identities } = past;
  const ofGroups = memberships.map(({ group }) => group?.role ?? null);
  return {
    at: at.toISOString(),
    certain,
    user: state ? { ...state, effectiveRole: effectiveRole(roles, state.role, ofGroups) } : null,
    memberships: memberships.map(({ groupId, group, origins }) => ({
      groupId,
      displayName: group?.displayName ?? null,
      role: group?.role ?? null,
      origins,
    })),
    identities: identities.map(({ connectionId, subject }) => ({
      connectionId,
      format: subject.format,
      nameQualifier: subject.nameQualifier,
      nameId: subject.value,
    })),
  };
}

export const toGroupHistoryView = (at: Date, { state, certain, members }: GroupAtInstant): GroupHistoryView => ({
  at: at.toISOString(),
  certain,
  group: state ?? null,
  memberCount: members.length,
});
