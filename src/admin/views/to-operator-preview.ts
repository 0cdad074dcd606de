import type { OperatorPlan } from '../../reconciliation/operator-plan.js';
import type { OperatorPreviewView } from './operator-preview.view.js';

const MOST_ITEMS = 1000;

/** The plan of an operator's command as operators see it. */
export const toOperatorPreview = (plan: OperatorPlan): OperatorPreviewView => ({
  decision: plan.decision,
  matchedBy: plan.id === null ? null : 'id',
  id: plan.id,
  changes: plan.changes,
  added: plan.joins.slice(0, MOST_ITEMS),
  removed: plan.leaves.slice(0, MOST_ITEMS),
  kept: plan.stays.slice(0, MOST_ITEMS),
  addedCount: plan.joins.length,
  removedCount: plan.leaves.length,
});
