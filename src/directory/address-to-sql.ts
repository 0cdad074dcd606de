import { isUuid } from '../platform/ids.js';
import { compareText } from './comparison-to-sql.js';
import { jsonOf } from './condition-columns.js';
import type { Comparison, Operand } from './condition.js';
import type { Parameters } from './parameters.js';

/** Addresses of people and groups, which are stored nowhere: compared as the text that a reader is shown. */

type Address = Extract<Operand, { kind: 'address' }>;

const UUID = `'^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'`;

/** `scope.id`: of the row at hand, `scope.base`: its document. */
export function addressToSql(
  { prefix, of }: Address,
  comparison: Comparison,
  value: string,
  scope: { readonly id: string; readonly base: string },
  parameters: Parameters,
): string {
  if (of) {
    const { text } = jsonOf(scope.base, of);
    const address = `(${parameters.add(prefix)}::text || lower(${text}))`;
    const test = compareText(address, comparison, value, parameters);
    return `CASE WHEN ${isAddress({ kind: 'address', prefix, of }, scope.base)} THEN ${test} ELSE FALSE END`;
  }
  if (comparison !== 'equal') {
    return compareText(`(${parameters.add(prefix)}::text || ${scope.id}::text)`, comparison, value, parameters);
  }
  // So that the index on ids answers.
  const id = value.startsWith(prefix) ? value.slice(prefix.length) : '';
  return isUuid(id) && id === id.toLowerCase() ? `${scope.id} = ${parameters.add(id)}` : 'FALSE';
}

/** Whether there is one. */
export function isAddress({ of }: Address, base: string): string {
  if (!of) return 'TRUE';
  const { json, text } = jsonOf(base, of);
  return `coalesce(jsonb_typeof(${json}) = 'string' AND ${text} ~* ${UUID}, FALSE)`;
}
