import { isUuid } from '../platform/ids.js';
import { compareText } from './comparison-to-sql.js';
import type { Comparison } from './condition.js';
import type { Parameters } from './parameters.js';

/** Addresses of people and groups, which are stored nowhere: compared as the text that a reader is shown. `id`: of the row at hand. */
export function addressToSql(
  prefix: string,
  comparison: Comparison,
  value: string,
  id: string,
  parameters: Parameters,
): string {
  if (comparison !== 'equal') {
    return compareText(`(${parameters.add(prefix)}::text || ${id}::text)`, comparison, value, parameters);
  }
  // So that the index on ids answers.
  const wanted = value.startsWith(prefix) ? value.slice(prefix.length) : '';
  return isUuid(wanted) && wanted === wanted.toLowerCase() ? `${id} = ${parameters.add(wanted)}` : 'FALSE';
}
