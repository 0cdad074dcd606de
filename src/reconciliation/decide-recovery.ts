import type { User } from '../directory/directory-types.js';

/**
 * May somebody sign in with a recovery code? The first row that fits; every refusal looks the same from outside.
 *
 * | # | person named                 | code             | decision                  |
 * |---|------------------------------|------------------|---------------------------|
 * | 1 | nobody here                  | any              | refuse `unknown-person`   |
 * | 2 | not a break-glass person     | any              | refuse `not-exempt`       |
 * | 3 | inactive                     | any              | refuse `deactivated`      |
 * | 4 | break-glass, active          | not one of theirs | refuse `code-unknown`    |
 * | 5 | break-glass, active          | revoked          | refuse `code-revoked`     |
 * | 6 | break-glass, active          | used             | refuse `code-used`        |
 * | 7 | break-glass, active          | expired          | refuse `code-expired`     |
 * | 8 | break-glass, active          | live             | accept; nothing of the person changes, whoever has authority over them |
 */
export type RecoveryRejectionReason =
  'unknown-person' | 'not-exempt' | 'deactivated' | 'code-unknown' | 'code-revoked' | 'code-used' | 'code-expired';

export interface RecoveryFacts {
  /** Whom the name means; locked. */
  readonly person: Pick<User, 'id' | 'breakGlass' | 'active'> | undefined;
  readonly code:
    | {
        readonly userId: string;
        readonly revokedAt: Date | null;
        readonly usedAt: Date | null;
        readonly expiresAt: Date;
      }
    | undefined;
  readonly now: Date;
}

/** The reason to refuse; undefined: accept. */
export function refuseRecovery({ person, code, now }: RecoveryFacts): RecoveryRejectionReason | undefined {
  if (!person) return 'unknown-person';
  if (!person.breakGlass) return 'not-exempt';
  if (!person.active) return 'deactivated';
  if (code?.userId !== person.id) return 'code-unknown';
  if (code.revokedAt !== null) return 'code-revoked';
  if (code.usedAt !== null) return 'code-used';
  if (code.expiresAt <= now) return 'code-expired';
  return undefined;
}
