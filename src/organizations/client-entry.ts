import type { AuditEntry } from '../audit/audit-log.service.js';

/** What the log says of a SCIM client, its secrets included. */
export const clientEntry = (action: string, targetId: string, changes: AuditEntry['changes']): AuditEntry => ({
  action,
  targetType: 'scim-client',
  targetId,
  changes,
});
