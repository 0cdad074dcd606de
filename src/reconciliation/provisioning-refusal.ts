import { UniquenessError } from '../directory/directory-errors.js';

/** Why a provisioning request was refused. The SCIM door answers 409 with `detail`; nothing was changed. */
export type RefusalReason =
  | 'uniqueness'
  | 'manual-user'
  | 'other-connection'
  | 'takeover-conflict'
  | 'break-glass'
  | 'last-admin'
  | 'protected-group'
  | 'default-group'
  | 'manual-group'
  | 'unknown-members'
  | 'managed-by-scim'
  | 'not-exempt'
  | 'unknown-role'
  | 'held'
  | 'hand-over-open'
  | 'hand-over-ended'
  | 'plan-changed'
  | 'too-much';

export class ProvisioningRefusal extends Error {
  constructor(
    readonly reason: RefusalReason,
    /** For the client's administrator: what is in the way and who can clear it. */
    readonly detail: string,
  ) {
    super(detail);
    this.name = 'ProvisioningRefusal';
  }
}

/** A guard holds the request until an operator decides; nothing is wrong with it as such. */
export class HeldRefusal extends ProvisioningRefusal {
  constructor(
    detail: string,
    readonly retryAfterSeconds: number,
  ) {
    super('held', detail);
    this.name = 'HeldRefusal';
  }
}

/** A name that somebody else was quicker to take is a refusal; every other error stays what it is. */
export function refusalOf(error: unknown): unknown {
  if (!(error instanceof UniquenessError)) return error;
  const { what, attribute, value } = error;
  return new ProvisioningRefusal('uniqueness', `A ${what} with ${attribute} "${value}" exists already`);
}

export const lastAdminRefusal = (): ProvisioningRefusal =>
  new ProvisioningRefusal('last-admin', 'This would take the last active admin; make somebody else admin first');
