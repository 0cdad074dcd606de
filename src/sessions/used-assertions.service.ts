import { Injectable } from '@nestjs/common';
import type { Queryable, Transaction } from '../database/transaction.js';

/** Owns used_assertions: an assertion opens one session, ever (SAML 2.0 profiles, section 4.1.4.5). */
@Injectable()
export class UsedAssertions {
  /** Remembers the assertion until it expires; false when it was used before. */
  async use(
    tx: Transaction,
    organizationId: string,
    assertion: { connectionId: string; id: string; expiresAt: Date },
  ): Promise<boolean> {
    const count = await tx.execute(
      `INSERT INTO used_assertions (organization_id, connection_id, assertion_id, expires_at)
       VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
      [organizationId, assertion.connectionId, assertion.id, assertion.expiresAt],
    );
    return count === 1;
  }

  /** Deletes what no clock skew can make valid again, over all organizations. */
  async purge(db: Queryable, now: Date): Promise<void> {
    await db.execute(`DELETE FROM used_assertions WHERE expires_at < $1`, [now]);
  }
}
