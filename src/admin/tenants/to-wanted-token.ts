import type { CreateTokenBody } from '../bodies/token.body.js';
import { AdminProblem } from '../http/admin-problem.js';

/** What a token is to be. Throws AdminProblem for a day that does not exist. */
export const toWantedToken = ({ name, expiresAt }: CreateTokenBody) => ({ name, expiresAt: toExpiry(expiresAt) });

/** Throws AdminProblem for a day that does not exist. */
export function toExpiry(expiresAt: string | null | undefined): Date | null {
  const instant = expiresAt === undefined || expiresAt === null ? null : new Date(expiresAt);
  if (instant && Number.isNaN(instant.getTime())) {
    const detail = 'expiresAt is no instant';
    throw new AdminProblem(422, 'invalid', `${detail}.`, { errors: [{ pointer: '#/expiresAt', detail }] });
  }
  return instant;
}
