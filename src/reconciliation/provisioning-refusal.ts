/** Why a provisioning request was refused. The SCIM door answers 409 with `detail`; nothing was changed. */
export type RefusalReason =
  | 'uniqueness'
  | 'manual-user'
  | 'other-connection'
  | 'takeover-conflict'
  | 'break-glass'
  | 'last-admin'
  | 'protected-group'
  | 'manual-group'
  | 'unknown-members'
  | 'managed-by-scim'
  | 'unknown-role';

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
