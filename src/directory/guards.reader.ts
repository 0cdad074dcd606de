import { Injectable } from '@nestjs/common';
import type { Queryable } from '../database/transaction.js';

export type GuardName = 'removals' | 'deprovisioning';

export interface GuardState {
  readonly countedFrom: Date | null;
  readonly openUntil: Date | null;
  readonly heldSince: Date | null;
  readonly heldThreshold: { readonly atLeast: number; readonly percent: number } | null;
}

/** A sign-in that is being judged: what its groups do to the person; see noteReset. */
export interface ResetAtHand {
  readonly userId: string;
  readonly at: Date;
  readonly effect: 'emptied' | 'given' | 'nothing';
}

/** People hit, of how many; of no more than those who are hit where that is not asked. */
export interface Count {
  readonly counted: number;
  readonly population: number;
}

export const GUARD_COLUMNS = `counted_from AS "countedFrom", open_until AS "openUntil", held_since AS "heldSince",
  held_threshold AS "heldThreshold"`;

const NEVER_NEEDED: GuardState = { countedFrom: null, openUntil: null, heldSince: null, heldThreshold: null };

/** Counts, by indexes, what guards decide by. */
@Injectable()
export class GuardsReader {
  async state(db: Queryable, organizationId: string, connectionId: string, guard: GuardName): Promise<GuardState> {
    const [state] = await db.query<GuardState>(
      `SELECT ${GUARD_COLUMNS} FROM guard_states WHERE organization_id = $1 AND connection_id = $2 AND guard = $3`,
      [organizationId, connectionId, guard],
    );
    return state ?? NEVER_NEEDED;
  }

  /** How many people have lost their access by this connection's client since then. Who has it again has lost nothing. */
  async ends(db: Queryable, organizationId: string, connectionId: string, since: Date): Promise<number> {
    const [row] = await db.query<{ n: number }>(
      `SELECT count(*)::integer AS n FROM access_ends e
       JOIN users u ON u.organization_id = e.organization_id AND u.id = e.user_id AND NOT u.active
       WHERE e.organization_id = $1 AND e.connection_id = $2 AND e.at > $3`,
      [organizationId, connectionId, since],
    );
    return row!.n;
  }

  /** Active people of the organization, counted up to `most`. */
  async activePeople(db: Queryable, organizationId: string, most: number): Promise<number> {
    const [row] = await db.query<{ n: number }>(
      `SELECT count(*)::integer AS n FROM (SELECT 1 FROM users WHERE organization_id = $1 AND active LIMIT $2) counted`,
      [organizationId, most],
    );
    return row!.n;
  }

  /**
   * People who signed in since `since`, and those of them whom sign-ins left without a group. Whose removals are held counts until
   * somebody decides, unless an operator has let go what was before `meant`. `atHand` counts as if it were noted already. Where no more
   * than `always` are counted nobody asks of how many, who would be all who signed in.
   */
  async resets(
    db: Queryable,
    organizationId: string,
    connectionId: string,
    since: Date,
    meant: Date | null,
    { atHand, always = -1 }: { readonly atHand?: ResetAtHand; readonly always?: number } = {},
  ): Promise<Count> {
    const others = `organization_id = $1 AND connection_id = $2 AND ($5::uuid IS NULL OR user_id <> $5)`;
    const held = `SELECT user_id FROM held_removals WHERE organization_id = $1 AND connection_id = $2 AND every_group
      AND ($4::timestamptz IS NULL OR held_at > $4)`;
    const [row] = await db.query<Count>(
      `WITH hit AS (
         -- Who was emptied since then has signed in since then.
         SELECT user_id FROM group_resets WHERE ${others} AND emptied_at > $3
         UNION
         SELECT $5 WHERE $6::timestamptz > $3 AND CASE $7::text WHEN 'emptied' THEN true WHEN 'given' THEN false ELSE coalesce(
           (SELECT emptied_at > $3 FROM group_resets WHERE organization_id = $1 AND connection_id = $2 AND user_id = $5), false) END
         UNION ${held}
       ), counted AS (SELECT count(*)::integer AS n FROM hit)
       SELECT n AS counted, CASE WHEN n > $8 THEN (
           SELECT count(*)::integer FROM (
             SELECT user_id FROM group_resets WHERE ${others} AND at > $3
             UNION SELECT $5 WHERE $6::timestamptz > $3
             UNION ${held}
           ) people) ELSE n END AS population
       FROM counted`,
      [
        organizationId,
        connectionId,
        since,
        meant,
        atHand?.userId ?? null,
        atHand?.at ?? null,
        atHand?.effect ?? null,
        always,
      ],
    );
    return row!;
  }
}
