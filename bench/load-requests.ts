import type { Request } from './keep-alive-client.js';
import { userDocument } from './seed.js';

/** How the floor is asked for what a request of a load says, by the request's number. */

/** What stands for the bodies of a load, which are of about this size. */
export const BODY_OF_LOADS = JSON.stringify(userDocument('somebody@example.com'));
const PREFIX = '/load/';
export const requestOf = (index: number): Request => ({
  method: 'POST',
  path: `${PREFIX}${index}`,
  body: BODY_OF_LOADS,
});
/** Which request of the load this is; undefined: it is none of it. */
export const numberOf = (path: string): number | undefined =>
  path.startsWith(PREFIX) ? Number(path.slice(PREFIX.length)) : undefined;
