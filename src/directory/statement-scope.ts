import { jsonOf, type Column, type Subject } from './condition-columns.js';
import type { Parameters } from './parameters.js';

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

export interface Relation {
  /** Of what the memberships lead to; its `id` is a column of the membership. */
  readonly scope: Scope;
  readonly memberships: string;
  /** Needed by whoever asks for more than the id. */
  readonly join: string;
  readonly where: string;
}

/** The way from a user to their groups, or from a group to its members. */
export function relationOf({ subject: from, id }: Scope, parameters: Parameters): Relation {
  const membership = parameters.alias();
  const other = parameters.alias();
  const [subject, table, own, theirs] =
    from === 'user'
      ? (['group', 'groups', 'user_id', 'group_id'] as const)
      : (['user', 'users', 'group_id', 'user_id'] as const);
  return {
    scope: { subject, alias: other, id: `${membership}.${theirs}` },
    memberships: `memberships ${membership}`,
    join: ` JOIN ${table} ${other} ON ${other}.organization_id = ${membership}.organization_id AND ${other}.id = ${membership}.${theirs}`,
    where: `${membership}.organization_id = $1 AND ${membership}.${own} = ${id}`,
  };
}
