/**
 * A filter that has been resolved against a resource type: what the SQL translation and the in-memory evaluator work on. Both may
 * rely on every name being declared, every value having its attribute's type, and every operator being allowed for it.
 */
import type { CompareOperator } from './filter.js';
import type { ResolvedAttribute } from '../schema/lookup.js';

/** `ne` is gone: it has become `not (... eq ...)`, which is true of an absent attribute and of an attribute none of whose values match. */
export type CheckedOperator = Exclude<CompareOperator, 'ne'>;

/** A string for string, reference, binary and dateTime attributes (dateTime in the form of `toSortableDateTime`). Never null. */
export type CheckedValue = string | number | boolean;

export interface CheckedPresent {
  readonly kind: 'present';
  /** Outside `some`, never inside: may be a complex attribute or a whole extension, present when anything in it is. */
  readonly at: ResolvedAttribute;
}

export interface CheckedComparison {
  readonly kind: 'compare';
  readonly operator: CheckedOperator;
  /** Ends in a simple attribute. If any attribute on the way is multi-valued, one matching value is enough. */
  readonly at: ResolvedAttribute;
  readonly value: CheckedValue;
  /** Whether strings are compared as they are; false: without regard to case. Means nothing for other types. */
  readonly caseExact: boolean;
}

export type CheckedFilter =
  | { readonly kind: 'and' | 'or'; readonly filters: readonly CheckedFilter[] }
  | { readonly kind: 'not'; readonly filter: CheckedFilter }
  /** True of nothing: a comparison with an attribute the type does not have, on a query over several types. */
  | { readonly kind: 'never' }
  | CheckedPresent
  | CheckedComparison
  /**
   * One element of the complex or multi-valued attribute `at` fulfils the whole of `filter`. The leaves below carry the full path
   * (`emails.type`) but speak of that element; a leaf whose `at` has no sub-attribute is the element itself (multi-valued strings).
   */
  | { readonly kind: 'some'; readonly at: ResolvedAttribute; readonly filter: CheckedFilter };
