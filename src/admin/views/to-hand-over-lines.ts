import type { HandOverPlan } from '../../reconciliation/plan-hand-over.js';

/** A hand-over as CSV: a line for everybody it is about, and for each group. */

const FIELDS = ['provenance', 'connectionId', 'active'] as const;

export const HAND_OVER_HEADER = [
  'kind',
  'id',
  'name',
  ...FIELDS.flatMap((field) => [`${field}Before`, `${field}After`]),
  'detail',
];

export function* toHandOverLines({ people, kept, groups }: HandOverPlan): Generator<string[]> {
  const unchanged = FIELDS.flatMap(() => ['', '']);
  for (const { id, userName, because } of kept) yield ['kept', id, userName, ...unchanged, because];
  for (const { id, userName, changes } of people) {
    const values = FIELDS.flatMap((field) => (changes[field] ?? [null, null]).map(toText));
    yield ['person', id, userName, ...values, ''];
  }
  for (const { id, displayName } of groups)
    yield ['group', id, displayName, ...unchanged, 'becomes a group made by hand'];
}

const toText = (value: unknown): string =>
  typeof value === 'string' ? value : value === null ? '' : JSON.stringify(value);
