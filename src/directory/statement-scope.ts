import { jsonOf, type Column, type Subject } from './condition-columns.js';

/** What the SQL of conditions and of sort keys is made of. */

/** Whose fields the condition speaks of at this place of the tree, and by which names the statement knows them. */
export interface Scope {
  readonly subject: Subject;
  readonly alias: string;
  readonly id: string;
  /** Inside `some`: the element. */
  readonly element?: string;
}

export const scopeOf = (subject: Subject, alias: string): Scope => ({ subject, alias, id: `${alias}.id` });

/** The elements of a list; of anything else, none. */
export function elementsOf(path: readonly string[], scope: Scope): string {
  const { json } = jsonOf(baseOf(scope), path);
  return `jsonb_array_elements(CASE jsonb_typeof(${json}) WHEN 'array' THEN ${json} ELSE '[]'::jsonb END)`;
}

export const baseOf = (scope: Scope): string => scope.element ?? `${scope.alias}.attributes`;

export const expressionOf = (column: Column, scope: Scope): string =>
  column.name === 'id' ? scope.id : `${scope.alias}.${column.name}`;
