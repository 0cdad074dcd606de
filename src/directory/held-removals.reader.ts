import { Injectable } from '@nestjs/common';
import type { Queryable } from '../database/transaction.js';

/** What a sign-in would have taken from a person, had the guard not held it. */
export interface HeldRemoval {
  readonly connectionId: string;
  readonly userId: string;
  readonly groupIds: readonly string[];
  readonly everyGroup: boolean;
  /** What the assertion said of groups, to plan again by. */
  readonly asserted: unknown;
  readonly heldAt: Date;
}

export interface HeldRemovalDetail extends HeldRemoval {
  readonly userName: string;
  readonly groups: readonly { readonly id: string; readonly displayName: string }[];
}

export const HELD_COLUMNS = `connection_id AS "connectionId", user_id AS "userId", group_ids AS "groupIds",
  every_group AS "everyGroup", asserted, held_at AS "heldAt"`;

@Injectable()
export class HeldRemovalsReader {
  /** In the order of the people's ids; `after`: the last one seen. Groups that are gone are not shown. */
  async list(
    db: Queryable,
    organizationId: string,
    connectionId: string,
    { after, limit }: { readonly after?: string | undefined; readonly limit: number },
  ): Promise<HeldRemovalDetail[]> {
    return db.query<HeldRemovalDetail>(
      `SELECT ${HELD_COLUMNS}, (SELECT u.user_name FROM users u WHERE u.organization_id = $1 AND u.id = h.user_id) AS "userName",
         (SELECT coalesce(jsonb_agg(jsonb_build_object('id', g.id, 'displayName', g.display_name) ORDER BY g.id), '[]'::jsonb)
          FROM groups g WHERE g.organization_id = $1 AND g.id = ANY(h.group_ids)) AS groups
       FROM held_removals h
       WHERE h.organization_id = $1 AND h.connection_id = $2 AND ($3::uuid IS NULL OR h.user_id > $3)
       ORDER BY h.user_id LIMIT $4`,
      [organizationId, connectionId, after ?? null, limit],
    );
  }

  /** The people whose removals are held, some at a time, in the order of their ids. */
  async people(db: Queryable, organizationId: string, connectionId: string, limit: number): Promise<string[]> {
    const rows = await db.query<{ id: string }>(
      `SELECT user_id AS id FROM held_removals WHERE organization_id = $1 AND connection_id = $2 ORDER BY user_id LIMIT $3`,
      [organizationId, connectionId, limit],
    );
    return rows.map(({ id }) => id);
  }

  async count(db: Queryable, organizationId: string, connectionId: string): Promise<number> {
    const [row] = await db.query<{ n: number }>(
      `SELECT count(*)::integer AS n FROM held_removals WHERE organization_id = $1 AND connection_id = $2`,
      [organizationId, connectionId],
    );
    return row!.n;
  }
}
