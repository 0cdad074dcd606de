import type { SortKey, ValueType } from './condition.js';
import { columnOf, jsonOf, literal, timeOf } from './condition-columns.js';
import { managerAddressToSql, managerNameToSql } from './manager-to-sql.js';
import type { Parameters } from './parameters.js';
import { baseOf, elementsOf, expressionOf, relationOf, type Scope } from './statement-scope.js';
import { shownVersionToSql } from './version-to-sql.js';

/** What to sort by: null where there is no value, which `nullable` says can be. Texts are in the order of their code points. */
export interface SortSql {
  readonly expression: string;
  readonly type: 'uuid' | 'text' | 'boolean' | 'timestamptz' | 'numeric';
  readonly nullable: boolean;
}

export function sortKeyToSql(key: SortKey, scope: Scope, parameters: Parameters): SortSql {
  switch (key.kind) {
    case 'column':
      return ofColumn(key, scope);
    case 'json':
      return ofJson(key, scope);
    case 'list': {
      const element = parameters.alias();
      const value = ofJson(key, { ...scope, element: `${element}.value` });
      const expression = `(SELECT ${value.expression} FROM ${elementsOf(key.list, scope)} WITH ORDINALITY AS ${element}(value, place)
      ORDER BY coalesce(${element}.value -> 'primary' = 'true'::jsonb, false) DESC, ${element}.place LIMIT 1)`;
      return { ...value, expression };
    }
    case 'related': {
      const { scope: other, memberships, join, where } = relationOf(scope, parameters);
      const value = sortKeyToSql(key.key, other, parameters);
      const expression = `(SELECT ${value.expression} FROM ${memberships}${join} WHERE ${where} ORDER BY ${other.id} LIMIT 1)`;
      return { ...value, expression, nullable: true };
    }
    case 'text':
      return ofText(`${parameters.add(key.text)}::text`);
    case 'address':
      return ofText(`(${parameters.add(key.prefix)}::text || ${scope.id}::text)`);
    case 'version':
      return ofText(shownVersionToSql(key, scope, parameters));
    case 'manager-name':
      return ofShortText(`lower(${managerNameToSql(scope.alias)})`);
    case 'manager-address':
      return ofShortText(managerAddressToSql(scope.alias, parameters.add(key.prefix)));
  }
}

const ofText = (text: string): SortSql => ({ expression: `${text} COLLATE "C"`, type: 'text', nullable: false });

/** So much tells texts apart, and fits into a cursor. An empty text is no value. */
const ofShortText = (text: string): SortSql => ({ ...ofText(`nullif(left(${text}, 500), '')`), nullable: true });

const COLUMN_TYPES = { uuid: 'uuid', name: 'text', text: 'text', boolean: 'boolean', time: 'timestamptz' } as const;

function ofColumn(key: Extract<SortKey, { kind: 'column' }>, scope: Scope): SortSql {
  const column = columnOf(scope.subject, key.column);
  const type = COLUMN_TYPES[column.type];
  const expression = expressionOf(column, scope);
  const { nullable = false } = column;
  return type === 'text' ? { ...ofText(expression), nullable } : { expression, type, nullable };
}

type JsonKey = { readonly path: readonly string[]; readonly type: ValueType; readonly caseExact: boolean };

function ofJson({ path, type, caseExact }: JsonKey, scope: Scope): SortSql {
  const { json, text } = jsonOf(baseOf(scope), path);
  const when = (jsonType: string, value: string) => `CASE WHEN jsonb_typeof(${json}) = '${jsonType}' THEN ${value} END`;
  switch (type) {
    case 'string':
      return ofShortText(when('string', caseExact ? text : `lower(${text})`));
    case 'number':
      return { expression: when('number', `(${text})::numeric`), type: 'numeric', nullable: true };
    case 'boolean':
      return { expression: when('boolean', `${json} = ${literal('true')}::jsonb`), type: 'boolean', nullable: true };
    case 'dateTime':
      return { ...ofText(`(${when('string', timeOf(text))})`), nullable: true };
  }
}
