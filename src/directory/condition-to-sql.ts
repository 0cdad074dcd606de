import { isUuid } from '../platform/ids.js';
import type { Comparison, Condition, Operand } from './condition.js';
import { addressToSql } from './address-to-sql.js';
import { compareText, ORDERED, symbolOf } from './comparison-to-sql.js';
import { columnOf, jsonOf, timeOf } from './condition-columns.js';
import { managerAddressToSql, managerNameToSql } from './manager-to-sql.js';
import { nameKey } from './name-key.js';
import type { Parameters } from './parameters.js';
import { baseOf, elementsOf, expressionOf, relationOf, type Scope } from './statement-scope.js';
import { uniqueKey } from './unique-keys.js';
import { compareVersion } from './version-to-sql.js';

/**
 * Conditions as SQL for PostgreSQL 15 and later. What comes from a client travels as a parameter, never as text of
 * the statement; every part is true or false and never null, so that `not` is exact; a JSON value of an unexpected type does not
 * match and does not throw.
 */

export function conditionToSql(condition: Condition, scope: Scope, parameters: Parameters): string {
  switch (condition.kind) {
    case 'constant':
      return condition.value ? 'TRUE' : 'FALSE';
    case 'all':
    case 'any': {
      const parts = condition.conditions.map((part) => conditionToSql(part, scope, parameters));
      return `(${parts.join(condition.kind === 'all' ? ' AND ' : ' OR ')})`;
    }
    case 'not':
      return `NOT ${conditionToSql(condition.condition, scope, parameters)}`;
    case 'compare':
      return compare(condition, scope, parameters);
    case 'present':
      return present(condition.operand, scope, parameters);
    case 'some':
      return someElement(condition, scope, parameters);
    case 'unique':
      return uniqueOwner(condition, scope, parameters);
    case 'related':
      return related(condition.condition, scope, parameters);
  }
}

function compare(
  { operand, comparison, value }: Extract<Condition, { kind: 'compare' }>,
  scope: Scope,
  parameters: Parameters,
): string {
  // PostgreSQL's text holds no NUL, so nothing that is stored equals such a value.
  if (typeof value === 'string' && value.includes('\0')) return 'FALSE';
  if (operand.kind === 'json') return compareJson(operand, comparison, value, scope, parameters);
  if (operand.kind === 'address') {
    return addressToSql(operand.prefix, comparison, String(value), scope.id, parameters);
  }
  if (operand.kind === 'version') return compareVersion(operand, comparison, String(value), scope, parameters);
  if (operand.kind === 'manager-name') {
    const name = `lower(${managerNameToSql(scope.alias)})`;
    return `coalesce(${compareText(name, comparison, String(value), parameters, 'lower')}, FALSE)`;
  }
  if (operand.kind === 'manager-address') {
    const address = managerAddressToSql(scope.alias, parameters.add(operand.prefix));
    return `coalesce(${compareText(address, comparison, String(value), parameters)}, FALSE)`;
  }
  const column = columnOf(scope.subject, operand.column);
  const expression = expressionOf(column, scope);
  switch (column.type) {
    case 'uuid':
      if (comparison === 'equal') {
        // Ids are issued in lower case and compare with case; what is no UUID must not reach the column.
        return isUuid(value) && value === value.toLowerCase() ? `${expression} = ${parameters.add(value)}` : 'FALSE';
      }
      // In their order an id compares as its text does; so the index on ids answers.
      if (comparison in ORDERED && isUuid(value) && value === value.toLowerCase()) {
        return `${expression} ${symbolOf(comparison)} ${parameters.add(value)}::uuid`;
      }
      return compareText(`${expression}::text`, comparison, String(value), parameters);
    case 'name':
      return compareText(expression, comparison, nameKey(String(value)), parameters);
    case 'text':
      return `(${expression} IS NOT NULL AND ${compareText(expression, comparison, String(value), parameters)})`;
    case 'boolean':
      return `${expression} ${symbolOf(comparison)} ${parameters.add(value)}`;
    case 'time':
      return `${expression} ${symbolOf(comparison)} ${parameters.add(value)}::timestamptz`;
  }
}

function compareJson(
  operand: Operand & { kind: 'json' },
  comparison: Comparison,
  value: string | number | boolean,
  scope: Scope,
  parameters: Parameters,
): string {
  const { json, text } = jsonOf(baseOf(scope), operand.path);
  const when = (jsonType: string, test: string) =>
    `CASE WHEN jsonb_typeof(${json}) = '${jsonType}' THEN ${test} ELSE FALSE END`;
  switch (operand.type) {
    case 'string': {
      // Both sides are lowered by the database, so that they are lowered alike.
      if (operand.caseExact) return when('string', compareText(text, comparison, String(value), parameters));
      return when('string', compareText(`lower(${text})`, comparison, String(value), parameters, 'lower'));
    }
    case 'number':
      return when('number', `(${text})::numeric ${symbolOf(comparison)} ${parameters.add(String(value))}::numeric`);
    case 'boolean':
      return when('boolean', `${json} ${symbolOf(comparison)} to_jsonb(${parameters.add(value)}::boolean)`);
    case 'dateTime': {
      const test = `(${timeOf(text)}) COLLATE "C" ${symbolOf(comparison)} ${parameters.add(value)}::text`;
      return when('string', `coalesce(${test}, FALSE)`);
    }
  }
}

/** Somewhere below is a value that says something (RFC 7644 table 3, `pr`: "a non-empty or non-null value, or ... a non-empty node"). */
const SAYS_SOMETHING = `'$.** ? (@.type() == "number" || @.type() == "boolean" || (@.type() == "string" && @ != ""))'`;

function present(operand: Operand, scope: Scope, parameters: Parameters): string {
  if (operand.kind === 'json') {
    const { json } = jsonOf(baseOf(scope), operand.path);
    return `coalesce(jsonb_path_exists(${json}, ${SAYS_SOMETHING}, '{}', true), FALSE)`;
  }
  if (operand.kind === 'address' || operand.kind === 'version') return 'TRUE';
  if (operand.kind === 'manager-name') return `coalesce(${managerNameToSql(scope.alias)}, '') <> ''`;
  if (operand.kind === 'manager-address')
    return `coalesce(${managerAddressToSql(scope.alias, parameters.add(operand.prefix))}, '') <> ''`;
  const column = columnOf(scope.subject, operand.column);
  return column.type === 'text' ? `coalesce(${expressionOf(column, scope)}, '') <> ''` : 'TRUE';
}

function someElement(
  { path, condition }: Extract<Condition, { kind: 'some' }>,
  scope: Scope,
  parameters: Parameters,
): string {
  const alias = parameters.alias();
  const test = conditionToSql(condition, { ...scope, element: `${alias}.value` }, parameters);
  const exists = `EXISTS (SELECT 1 FROM ${elementsOf(path, scope)} AS ${alias}(value) WHERE ${test})`;
  // What the index on email_keys can answer first; the elements then decide.
  const address = scope.subject === 'user' && path.join() === 'emails' ? demandedValue(condition) : undefined;
  if (address === undefined || address.includes('\0')) return exists;
  return `(${scope.alias}.email_keys @> ARRAY[${parameters.add(nameKey(address))}::text] AND ${exists})`;
}

/** The text that `value` of the element must equal for the condition to hold. */
function demandedValue(condition: Condition): string | undefined {
  if (condition.kind === 'all') {
    for (const part of condition.conditions) {
      const value = demandedValue(part);
      if (value !== undefined) return value;
    }
  }
  if (condition.kind !== 'compare' || condition.comparison !== 'equal' || condition.operand.kind !== 'json')
    return undefined;
  return condition.operand.path.join() === 'value' && typeof condition.value === 'string' ? condition.value : undefined;
}

function uniqueOwner(
  { attribute, value, caseExact }: Extract<Condition, { kind: 'unique' }>,
  scope: Scope,
  parameters: Parameters,
): string {
  if (typeof value === 'string' && value.includes('\0')) return 'FALSE';
  return `${scope.id} IN (SELECT owner_id FROM unique_values WHERE organization_id = $1 AND subject = '${scope.subject}'
    AND attribute = ${parameters.add(attribute)} AND value_key = ${parameters.add(uniqueKey(value, caseExact))})`;
}

function related(condition: Condition, scope: Scope, parameters: Parameters): string {
  const { scope: other, memberships, join, where } = relationOf(scope, parameters);
  const test = conditionToSql(condition, other, parameters);
  return `EXISTS (SELECT 1 FROM ${memberships}${asksOnlyId(condition) ? '' : join} WHERE ${where} AND ${test})`;
}

function asksOnlyId(condition: Condition): boolean {
  switch (condition.kind) {
    case 'constant':
      return true;
    case 'all':
    case 'any':
      return condition.conditions.every(asksOnlyId);
    case 'not':
      return asksOnlyId(condition.condition);
    case 'compare':
    case 'present':
      return isOfId(condition.operand);
    case 'some':
    case 'unique':
    case 'related':
      return false;
  }
}

const isOfId = (operand: Operand): boolean =>
  operand.kind === 'column' ? operand.column === 'id' : operand.kind === 'address';
