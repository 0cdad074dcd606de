/** Filter text -> Filter (RFC 7644 section 3.4.2.2). Knows no schema: which names exist and which values fit is for check-filter.ts. */
import { parse, type Filter as ParsedFilter } from 'scim2-parse-filter';
import type { AttributePath, Filter, FilterValue } from './filter.js';
import { lexFilter, type LexedFilter } from './lex-filter.js';
import { invalidFilter } from '../scim-error.js';

export interface ParseFilterOptions {
  /** Read unquoted words as strings: `userType eq Employee`, `meta.created gt 2015-10-10T14:38:21-07:00` (Microsoft's Postman suite). */
  readonly tolerant?: boolean;
}

/**
 * Precedence is grouping, not, and, or (RFC 7644 section 3.4.2.2). Beyond its grammar: `not` without parentheses, and
 * `emails[type eq "work"].value eq "x"`, which becomes one `some`, both conditions holding for the same element.
 * Throws ScimError invalidFilter, and nothing else, for any text.
 */
export function parseFilter(text: string, options: ParseFilterOptions = {}): Filter {
  const lexed = lexFilter(text, options.tolerant ?? false);
  let parsed: ParsedFilter;
  try {
    parsed = parse(lexed.skeleton);
  } catch {
    throw invalidFilter('The filter does not follow the grammar of RFC 7644 section 3.4.2.2.');
  }
  return toFilter(parsed, lexed);
}

function toFilter(parsed: ParsedFilter, lexed: LexedFilter): Filter {
  switch (parsed.op) {
    case 'and':
    case 'or':
      return (
        withSuffix(parsed.filters, lexed) ?? {
          kind: parsed.op,
          filters: parsed.filters.map((filter) => toFilter(filter, lexed)),
        }
      );
    case 'not':
      return { kind: 'not', filter: toFilter(parsed.filter, lexed) };
    case '[]':
      return { kind: 'some', path: pathAt(parsed.attrPath, lexed), filter: toFilter(parsed.valFilter, lexed) };
    case 'pr':
      return { kind: 'present', path: pathAt(parsed.attrPath, lexed) };
    default:
      return {
        kind: 'compare',
        operator: parsed.op,
        path: pathAt(parsed.attrPath, lexed),
        value: valueAt(parsed.compValue, lexed),
      };
  }
}

/** The library turns `p0[...].p1 eq "0"` into `p0[...] and p0.p1 eq "0"`, which no longer speaks of one element. No other path has a dot. */
function withSuffix(filters: readonly ParsedFilter[], lexed: LexedFilter): Filter | undefined {
  const [valuePath, suffix] = filters;
  if (valuePath?.op !== '[]' || !suffix || !('attrPath' in suffix) || !suffix.attrPath.includes('.')) return undefined;
  const subPath = suffix.attrPath.slice(suffix.attrPath.indexOf('.') + 1);
  if (suffix.op === '[]' || !isPlainName(pathAt(subPath, lexed))) {
    throw invalidFilter('A sub-attribute after "]" is one name, followed by an operator.');
  }
  const condition = toFilter(valuePath.valFilter, lexed);
  const last = toFilter({ ...suffix, attrPath: subPath }, lexed);
  return {
    kind: 'some',
    path: pathAt(valuePath.attrPath, lexed),
    filter: { kind: 'and', filters: condition.kind === 'and' ? [...condition.filters, last] : [condition, last] },
  };
}

const isPlainName = (path: AttributePath): boolean => path.schema === undefined && path.subAttribute === undefined;

function pathAt(placeholder: string, { paths }: LexedFilter): AttributePath {
  const path = paths[Number(placeholder.slice(1))];
  if (!path) throw invalidFilter('A sub-attribute after "]" cannot have a value path of its own.');
  return path;
}

const valueAt = (placeholder: unknown, { values }: LexedFilter): FilterValue => values[Number(placeholder)] ?? null;
