import type { StoredIncident } from '../../audit/records.reader.js';
import type { LogoutIncident } from '../../sessions/logouts.reader.js';
import type { SignInDetail } from '../../sessions/sign-in-detail.js';
import type { IncidentView } from './incident.view.js';
import { toLogoutView } from './to-logout-view.js';

/** `received`: what was kept of it; undefined: nothing, or no longer. */
export const signInIncident = (
  { decision, ...signIn }: StoredIncident,
  connectionName: string | null,
  received: SignInDetail | undefined,
): IncidentView => ({
  ...commonOf(signIn, connectionName),
  kind: 'sign-in',
  named: received?.subject?.value ?? null,
  userId: signIn.userId,
  detail: detailOf(decision),
  hints: received?.hints ?? [],
  more: `sign-in get ${signIn.organization} ${signIn.incidentCode}`,
});

export function logoutIncident(logout: LogoutIncident, connectionName: string | null): IncidentView {
  const { hint, detail, nameId } = toLogoutView(logout);
  return {
    ...commonOf(logout, connectionName),
    kind: 'logout',
    named: nameId,
    userId: null,
    detail,
    hints: hint === null ? [] : [hint],
    more: `logout get ${logout.organization} ${logout.incidentCode}`,
  };
}

type Common =
  'incidentCode' | 'organizationId' | 'organization' | 'connectionId' | 'outcome' | 'reason' | 'correlationId';

const commonOf = (record: Pick<IncidentView, Common> & { readonly at: Date }, connectionName: string | null) => ({
  incidentCode: record.incidentCode,
  at: record.at.toISOString(),
  organizationId: record.organizationId,
  organization: record.organization,
  connectionId: record.connectionId,
  connectionName,
  outcome: record.outcome,
  reason: record.reason,
  correlationId: record.correlationId,
});

/** Of a refusal. */
const detailOf = (decision: unknown): unknown =>
  typeof decision === 'object' && decision !== null && 'detail' in decision ? decision.detail : null;
