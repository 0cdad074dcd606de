/** Who caused a change, and in which request. */
export interface Actor {
  readonly kind: 'scim-client' | 'sign-in' | 'person' | 'operator' | 'idp' | 'system';
  /** Token id, user id, admin token id or, of an IdP, the id of its connection; null for the system. */
  readonly id: string | null;
  /** The same in the log line, the audit entry and, where one is shown, the error page. */
  readonly correlationId: string;
}

export const systemActor = (correlationId: string): Actor => ({ kind: 'system', id: null, correlationId });
