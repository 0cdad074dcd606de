/** The filters by which a PATCH chooses members, as conditions that the directory answers. */
import type { Condition } from '../../directory/condition.js';
import { toCondition } from '../attribute-filter.js';
import type { Collections } from '../attribute-places.js';
import { checkValueFilter } from '../protocol/filter/check-filter.js';
import { countComparisons } from '../protocol/filter/count-comparisons.js';
import type { Filter } from '../protocol/filter/filter.js';
import { LIMITS, nameOfLimit } from '../protocol/limits.js';
import type { ResourceType } from '../protocol/schema/attribute.js';
import { findAttribute } from '../protocol/schema/lookup.js';
import { invalidFilter } from '../protocol/scim-error.js';
import type { MemberStep } from './member-steps.js';

export interface MemberChoice {
  readonly filters: readonly Filter[];
  /** Of the filters, in their order. */
  readonly conditions: readonly Condition[];
  /** Who may have become a member by the time a filter is looked at. */
  readonly besides: readonly string[];
}

/** undefined: the steps name all members that they are about. Throws ScimError invalidFilter. */
export function memberChoice(
  type: ResourceType,
  steps: readonly MemberStep[],
  collections: Collections,
): MemberChoice | undefined {
  const filters = steps.flatMap((step) => ('filter' in step ? [step.filter] : []));
  if (filters.length === 0) return undefined;
  // One statement asks them all.
  if (filters.reduce((count, filter) => count + countComparisons(filter), 0) > LIMITS.filterTerms) {
    throw invalidFilter(`The filters of members are too long together ${nameOfLimit('filterTerms')}.`);
  }
  const members = findAttribute(type, { name: 'members' })!;
  const conditions = filters.map((filter) => {
    const checked = { kind: 'some', at: members, filter: checkValueFilter(members, filter) } as const;
    const condition = toCondition(type, checked, collections);
    return condition.kind === 'related' ? condition.condition : condition;
  });
  return { filters, conditions, besides: steps.flatMap((step) => ('filter' in step ? [] : step.ids)) };
}
