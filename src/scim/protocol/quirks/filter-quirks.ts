/** Oddities of filters (RFC 7644 section 3.4.2.2), in queries and between the brackets of PATCH paths. */
import type { FilterLiberty } from '../filter/lex-filter.js';
import type { AttributePath, FilterValue } from '../filter/filter.js';
import type { ResolvedAttribute } from '../schema/lookup.js';
import { filter, type Quirk } from './quirk.js';

/** The text of a filter as a whole. */
export interface FilterSite {
  readonly liberties: ReadonlySet<FilterLiberty>;
}

export const FILTER_QUIRKS = [
  {
    // emails[type eq "work"].value eq "a@b": Entra
    name: 'filter-after-brackets',
    sentence: 'Filters by a sub-attribute behind brackets, emails[type eq "work"].value eq "...".',
    refusal: filter('write emails[type eq "work" and value eq "..."] (RFC 7644 section 3.4.2.2, Figure 1)'),
    seenIn: ({ liberties }) => liberties.has('suffix'),
  },
  {
    // userType eq Employee, userType eq 'Employee', meta.created gt 2015-10-10T14:38:21-07:00: Microsoft's Postman collection
    name: 'unquoted-literal',
    sentence: 'Writes texts in filters without quotation marks.',
    refusal: filter('a text stands in quotation marks (RFC 7644 section 3.4.2.2, Figure 1)'),
    seenIn: ({ liberties }) => liberties.has('unquoted'),
  },
  {
    // not userType eq "Employee"
    name: 'not-without-parentheses',
    sentence: 'Writes "not" in filters without parentheses.',
    refusal: filter('"not" stands in front of parentheses (RFC 7644 section 3.4.2.2, Figure 1)'),
    seenIn: ({ liberties }) => liberties.has('not'),
  },
] as const satisfies readonly Quirk<FilterSite>[];

/** One attribute in a filter, with what it is compared with. */
export interface ComparisonSite {
  readonly path: AttributePath;
  readonly resolved: ResolvedAttribute | undefined;
  /** undefined: no comparison with a value. */
  readonly value: FilterValue | undefined;
}

export const COMPARISON_QUIRKS = [
  {
    // roles[primary eq "True"].value, active eq "True": Entra
    name: 'filter-on-text-boolean',
    sentence: 'Compares true and false as texts.',
    refusal: filter('a boolean is compared with true or false, without quotation marks (RFC 7644 section 3.4.2.2)'),
    seenIn: ({ resolved, value }) => resolved?.target.type === 'boolean' && typeof value === 'string',
  },
  {
    // employeeNumber eq 701984
    name: 'number-for-text',
    sentence: 'Compares texts with numbers or booleans.',
    refusal: filter('the attribute is a text and is compared with one (RFC 7644 section 3.4.2.2)'),
    seenIn: ({ resolved, value }) =>
      resolved?.target.type === 'string' && (typeof value === 'number' || typeof value === 'boolean'),
  },
  {
    // manager eq "271": Entra of old
    name: 'bare-extension-in-filter',
    sentence: 'Filters by an attribute of an extension as if it were one of the resource itself.',
    refusal: filter('attributes of an extension are named with its URN (RFC 7644 section 3.10)'),
    seenIn: ({ path, resolved }) => path.schema === undefined && resolved?.path.schema !== undefined,
  },
  {
    // emails eq "a@b": PingFederate
    name: 'complex-in-filter',
    sentence: 'Filters by a complex attribute, which means its "value".',
    seenIn: ({ resolved, value }) => resolved?.target.type === 'complex' && value !== undefined && value !== null,
  },
] as const satisfies readonly Quirk<ComparisonSite>[];
