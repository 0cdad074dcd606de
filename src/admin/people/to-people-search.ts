import { all, type Column, type Condition } from '../../directory/condition.js';
import type { Attributes } from '../../directory/directory-types.js';
import type { GroupsQuery, UsersQuery } from '../bodies/page.query.js';
import type { CreateUserBody } from '../bodies/people.body.js';
import type { PageRequest } from '../to-page.js';

/** What operators look for, as conditions of the directory; and a person made by hand, as attributes. */

export const toUserCondition = (query: UsersQuery, { after }: PageRequest): Condition =>
  all(
    ...(after === undefined ? [] : [column('id', 'greater', after)]),
    ...(query.userName === undefined ? [] : [column('userName', 'startsWith', query.userName)]),
    ...(query.externalId === undefined ? [] : [column('externalId', 'startsWith', query.externalId)]),
    ...(query.email === undefined ? [] : [email(query.email)]),
  );

export const toGroupCondition = (query: GroupsQuery, { after }: PageRequest): Condition =>
  all(
    ...(after === undefined ? [] : [column('id', 'greater', after)]),
    ...(query.displayName === undefined ? [] : [column('displayName', 'startsWith', query.displayName)]),
    ...(query.externalId === undefined ? [] : [column('externalId', 'startsWith', query.externalId)]),
  );

const column = (name: Column, comparison: 'greater' | 'startsWith', value: string): Condition => ({
  kind: 'compare',
  operand: { kind: 'column', column: name },
  comparison,
  value,
});

/** A whole address is answered by an index, the beginning of one is not. */
const email = (text: string): Condition => ({
  kind: 'some',
  path: ['emails'],
  condition: {
    kind: 'compare',
    operand: { kind: 'json', path: ['value'], type: 'string', caseExact: false },
    comparison: text.includes('@') ? 'equal' : 'startsWith',
    value: text,
  },
});

export function toManualAttributes({ email, givenName, familyName, displayName }: CreateUserBody): Attributes {
  const name = {
    ...(givenName === undefined ? {} : { givenName }),
    ...(familyName === undefined ? {} : { familyName }),
  };
  return {
    ...(displayName === undefined ? {} : { displayName }),
    ...(Object.keys(name).length === 0 ? {} : { name }),
    ...(email === undefined ? {} : { emails: [{ value: email, type: 'work', primary: true }] }),
  };
}
