import { compareText } from './comparison-to-sql.js';
import type { Comparison, Operand } from './condition.js';
import type { Parameters } from './parameters.js';
import type { Scope } from './statement-scope.js';
import { versionToSql } from './user-version.js';

type Version = Extract<Operand, { kind: 'version' }>;

/** The version as the text that a reader is shown. */
export const shownVersionToSql = ({ before, after }: Version, scope: Scope, parameters: Parameters): string =>
  `(${parameters.add(before)}::text || ${versionToSql(scope)} || ${parameters.add(after)}::text)`;

export function compareVersion(
  operand: Version,
  comparison: Comparison,
  value: string,
  scope: Scope,
  parameters: Parameters,
): string {
  const test = () => compareText(shownVersionToSql(operand, scope, parameters), comparison, value, parameters);
  if (comparison !== 'equal') return test();
  const inside = value.startsWith(operand.before) ? value.slice(operand.before.length) : '';
  // The number in it is in the row, so that the groups are looked up of those few who have it.
  const number = /^\d{1,15}(?!\d)/.exec(inside)?.[0];
  return number === undefined ? 'FALSE' : `(${scope.alias}.version = ${parameters.add(number)}::bigint AND ${test()})`;
}
