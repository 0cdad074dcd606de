import type { SortKey, ValueType } from './condition.js';
import { columnOf, jsonOf, literal, timeOf } from './condition-columns.js';
import { managerNameToSql } from './manager-to-sql.js';
import type { Parameters } from './parameters.js';
import { baseOf, elementsOf, expressionOf, type Scope } from './statement-scope.js';

/** What to sort by: null where there is no value, which `nullable` says can be. */
export interface SortSql {
  readonly expression: string;
  readonly type: 'uuid' | 'text' | 'boolean' | 'timestamptz' | 'numeric';
  readonly nullable: boolean;
}

export function sortKeyToSql(key: SortKey, scope: Scope, parameters: Parameters): SortSql {
  const expression = sortExpression(key, scope, parameters);
  if (key.kind === 'manager-name') return { expression, type: 'text', nullable: true };
  if (key.kind !== 'column') return { expression, type: SORT_TYPES[key.type], nullable: true };
  const { type, nullable = false } = columnOf(scope.subject, key.column);
  return { expression, type: SORT_TYPES[type], nullable };
}

const SORT_TYPES = {
  uuid: 'uuid',
  name: 'text',
  text: 'text',
  string: 'text',
  boolean: 'boolean',
  time: 'timestamptz',
  dateTime: 'timestamptz',
  number: 'numeric',
} as const;

function sortExpression(key: SortKey, scope: Scope, parameters: Parameters): string {
  if (key.kind === 'list') {
    const element = parameters.alias();
    const value = jsonSortKey(key, { ...scope, element: `${element}.value` });
    return `(SELECT ${value} FROM ${elementsOf(key.list, scope)} WITH ORDINALITY AS ${element}(value, place)
      ORDER BY coalesce(${element}.value -> 'primary' = 'true'::jsonb, false) DESC, ${element}.place LIMIT 1)`;
  }
  if (key.kind === 'json') return jsonSortKey(key, scope);
  if (key.kind === 'manager-name') return `nullif(left(lower(${managerNameToSql(scope.alias)}), 500), '') COLLATE "C"`;
  const column = columnOf(scope.subject, key.column);
  const expression = expressionOf(column, scope);
  return column.type === 'name' || column.type === 'text' ? `${expression} COLLATE "C"` : expression;
}

function jsonSortKey(operand: { path: readonly string[]; type: ValueType; caseExact: boolean }, scope: Scope): string {
  const { json, text } = jsonOf(baseOf(scope), operand.path);
  const when = (jsonType: string, value: string) => `CASE WHEN jsonb_typeof(${json}) = '${jsonType}' THEN ${value} END`;
  switch (operand.type) {
    case 'string': {
      // So much tells texts apart, and fits into a cursor.
      const start = `left(${operand.caseExact ? text : `lower(${text})`}, 500)`;
      return `nullif(${when('string', start)}, '') COLLATE "C"`;
    }
    case 'number':
      return when('number', `(${text})::numeric`);
    case 'boolean':
      return when('boolean', `${json} = ${literal('true')}::jsonb`);
    case 'dateTime':
      return `(${when('string', timeOf(text))}) COLLATE "C"`;
  }
}
