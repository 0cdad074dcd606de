import type { HeldRemovalDetail } from '../../directory/held-removals.reader.js';
import type { GuardReport } from '../../reconciliation/guards.reconciler.js';
import type { GuardView, HeldRemovalView } from './guard.view.js';

/** Guards and what they hold as operators see them. */

export const toGuardView = (report: GuardReport): GuardView => ({
  ...report,
  heldSince: report.heldSince?.toISOString() ?? null,
  openUntil: report.openUntil?.toISOString() ?? null,
  countedSince: report.countedSince.toISOString(),
});

export const toHeldRemovalView = (held: HeldRemovalDetail): HeldRemovalView => ({
  userId: held.userId,
  userName: held.userName,
  groups: held.groups,
  everyGroup: held.everyGroup,
  heldAt: held.heldAt.toISOString(),
});
