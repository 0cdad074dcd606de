import { printAttributePath } from '../../../../src/scim/protocol/filter/attribute-path.js';
import type { Filter } from '../../../../src/scim/protocol/filter/filter.js';

/** A filter as text, every group in parentheses. */
export function printFilter(filter: Filter): string {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.filters.map((part) => `(${printFilter(part)})`).join(` ${filter.kind} `);
    case 'not':
      return `not (${printFilter(filter.filter)})`;
    case 'present':
      return `${printAttributePath(filter.path)} pr`;
    case 'some':
      return `${printAttributePath(filter.path)}[${printFilter(filter.filter)}]`;
    case 'compare':
      return `${printAttributePath(filter.path)} ${filter.operator} ${JSON.stringify(filter.value)}`;
  }
}
