/** The catalogue of events. Every change of a person, group, membership or session announces itself with one of these. */

export type EventType =
  | 'user.created'
  | 'user.updated'
  | 'user.adopted'
  | 'user.linked'
  | 'user.deactivated'
  | 'user.reactivated'
  | 'user.deleted'
  | 'user.restored'
  | 'user.recovery-codes-issued'
  | 'user.recovery-codes-revoked'
  | 'user.recovery-code-used'
  | 'recovery.attempts-exceeded'
  | 'group.created'
  | 'group.updated'
  | 'group.adopted'
  | 'group.deleted'
  | 'group.restored'
  | 'group.members-added'
  | 'group.members-removed'
  | 'groups.overage'
  | 'groups.reset-held'
  | 'provisioning.held'
  | 'changes.undone'
  | 'session.opened'
  | 'session.revoked'
  | 'connection.disabled'
  | 'connection.enabled'
  | 'connection.certificates-changed'
  | 'connection.endpoints-changed'
  | 'connection.endpoints-held'
  | 'connection.metadata-failing'
  | 'connection.metadata-recovered'
  | 'connection.metadata-expiring'
  | 'sp-key.published'
  | 'sp-key.activated'
  | 'sp-key.retired'
  | 'certificate.expiring';

/** One event. `data` is what a subscriber needs without asking back; ids, names and old/new values, never a secret. */
export interface Event {
  readonly type: EventType;
  /** The user, group, session, connection or organization it is about. */
  readonly subjectId: string;
  readonly data: Readonly<Record<string, unknown>>;
}
