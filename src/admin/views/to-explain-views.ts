import type { Chain, Explanation } from '../../reconciliation/explain.js';
import type { Happening } from '../../reconciliation/explain.service.js';
import type { ChainView, ExplanationView, HappeningView } from './explain.view.js';
import { toAuditEntryView, toEventView, toSignInDetailView } from './to-record-views.js';

/** Explanations and time lines as operators see them. */

export const toExplanationView = ({ memberships, role }: Explanation): ExplanationView => ({
  effectiveRole: role.effective,
  roles: role.given.map((each) => ({ role: each.role, wins: each.wins, chains: each.chains.map(toChainView) })),
  memberships: memberships.map(({ group, origins }) => ({
    groupId: group.id,
    displayName: group.displayName,
    origins: origins.map(({ origin, chains }) => ({ origin, chains: chains.map(toChainView) })),
  })),
});

const toChainView = ({ links }: Chain): ChainView => ({
  links: links.map(({ kind, from, to, ...because }) => ({ kind, from, to, because })),
});

export function toHappeningView(happening: Happening): HappeningView {
  const { id, kind } = happening;
  const at = happening.at.toISOString();
  switch (happening.kind) {
    case 'sign-in': {
      const { record } = happening;
      const by = record.connectionId === null ? 'recovery-code' : `connection ${record.connectionId}`;
      return {
        id,
        at,
        kind,
        what: record.outcome,
        by,
        correlationId: record.correlationId,
        record: toSignInDetailView(record),
      };
    }
    case 'change': {
      const { record } = happening;
      const by = record.actorId === null ? record.actorKind : `${record.actorKind} ${record.actorId}`;
      return {
        id,
        at,
        kind,
        what: record.action,
        by,
        correlationId: record.correlationId,
        record: toAuditEntryView(record),
      };
    }
    case 'event':
      return {
        id,
        at,
        kind,
        what: happening.record.type,
        by: null,
        correlationId: null,
        record: toEventView(happening.record),
      };
  }
}
