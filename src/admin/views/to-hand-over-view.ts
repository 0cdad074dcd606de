import type { HandOver } from '../../directory/hand-overs.reader.js';
import type { HandOverUndone } from '../../reconciliation/hand-overs.reconciler.js';
import type { HandOverPlan } from '../../reconciliation/plan-hand-over.js';
import type { HandedPersonView, HandOverOutcomeView, HandOverView } from './hand-over.view.js';

/** Hand-overs as operators see them. */

const MOST_ITEMS = 1000;

export const toHandOverView = (handOver: HandOver): HandOverView => ({
  id: handOver.id,
  choice: handOver.choice,
  state: handOver.state,
  people: handOver.people,
  groupIds: handOver.groupIds,
  startedAt: handOver.startedAt.toISOString(),
  endedAt: handOver.endedAt?.toISOString() ?? null,
});

const itemsOf = (items: readonly HandedPersonView[]) => ({
  items: items.slice(0, MOST_ITEMS),
  more: items.length > MOST_ITEMS,
});

/** `handOver` undefined: nothing of the plan was done. */
export function toStartedView(plan: HandOverPlan, handOver?: HandOver): HandOverOutcomeView {
  const handed = plan.people.map(({ id, userName, changes }) => ({
    userId: id,
    userName,
    changes,
    kept: null,
    lostGroups: [],
  }));
  const kept = plan.kept.map(({ id, userName, because }) => ({
    userId: id,
    userName,
    changes: {},
    kept: because,
    lostGroups: [],
  }));
  const { choice, groups } = plan;
  const previewed: HandOverView = {
    id: null,
    choice,
    state: 'preview',
    people: plan.people.length,
    groupIds: groups.map(({ id }) => id),
    startedAt: null,
    endedAt: null,
  };
  return { ...(handOver ? toHandOverView(handOver) : previewed), ...itemsOf([...kept, ...handed]) };
}

export function toUndoneView({ handOver, restored, groups }: HandOverUndone): HandOverOutcomeView {
  const items = restored.map(({ userId, userName, fits, now, before, lostGroups }) => {
    const names = (['provenance', 'connectionId', 'active'] as const).filter((name) => now[name] !== before[name]);
    const changes = Object.fromEntries(names.map((name) => [name, [now[name], before[name]]]));
    return { userId, userName, changes: fits ? changes : {}, kept: fits ? null : 'changed-since', lostGroups };
  });
  const conflicts = items.filter(({ kept }) => kept !== null);
  const done = items.filter(({ kept }) => kept === null);
  return { ...toHandOverView(handOver), groupIds: groups, ...itemsOf([...conflicts, ...done]) };
}
