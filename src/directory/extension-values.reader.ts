import { Injectable } from '@nestjs/common';
import type { Queryable } from '../database/transaction.js';
import type { Attributes } from './directory-types.js';

const LIVING = {
  user: 'FROM users t WHERE t.organization_id = $1 AND t.deleted_at IS NULL',
  group: 'FROM groups t WHERE t.organization_id = $1',
} as const;

/** Who has values of an extension, whatever connection declares it. */
@Injectable()
export class ExtensionValuesReader {
  /** Those who have the extension, each with a document that holds nothing else. */
  async holders(
    db: Queryable,
    organizationId: string,
    subject: 'user' | 'group',
    urn: string,
  ): Promise<{ id: string; attributes: Attributes }[]> {
    return db.query(
      `SELECT t.id, jsonb_build_object($2::text, t.attributes -> $2) AS attributes ${LIVING[subject]} AND t.attributes ? $2
       ORDER BY t.id`,
      [organizationId, urn],
    );
  }

  /** How many have nothing of the extension. */
  async countWithout(db: Queryable, organizationId: string, subject: 'user' | 'group', urn: string): Promise<number> {
    const [row] = await db.query<{ count: number }>(
      `SELECT count(*)::integer AS count ${LIVING[subject]} AND NOT t.attributes ? $2`,
      [organizationId, urn],
    );
    return row?.count ?? 0;
  }
}
