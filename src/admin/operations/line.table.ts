import { PageQuery } from '../bodies/page.query.js';
import type { Operation } from '../operation.js';

/** What the lines of the tables are written with: method, then name, path, summary and the rest. */

type Rest = Partial<Omit<Operation, 'name' | 'method' | 'path' | 'summary'>>;
const operation =
  (method: Operation['method']) =>
  <Name extends string>(name: Name, path: string, summary: string, rest: Rest = {}) =>
    ({ name, method, path, summary, ...rest }) satisfies Operation;

export const get = operation('GET');
export const post = operation('POST');
export const put = operation('PUT');
export const patch = operation('PATCH');
export const remove = operation('DELETE');

export const page = (returns: Operation['returns'], query: Operation['query'] = PageQuery) =>
  ({ returns, query, paged: true }) as const;

export const ORGANIZATION = '/organizations/:organization';
export const CONNECTION = `${ORGANIZATION}/connections/:connection`;
