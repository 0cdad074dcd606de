import type { CreateTokenBody } from '../bodies/token.body.js';
import { AdminProblem } from '../http/admin-problem.js';

/** What a token is to be. Throws AdminProblem for a day that does not exist. */
export function toWantedToken({ name, expiresAt }: CreateTokenBody): { name: string; expiresAt: Date | null } {
  const instant = expiresAt === undefined || expiresAt === null ? null : new Date(expiresAt);
  if (instant && Number.isNaN(instant.getTime())) {
    const detail = 'expiresAt is no instant';
    throw new AdminProblem(422, 'invalid', `${detail}.`, { errors: [{ pointer: '#/expiresAt', detail }] });
  }
  return { name, expiresAt: instant };
}
