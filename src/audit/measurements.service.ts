import { Injectable } from '@nestjs/common';
import type { Queryable } from '../database/transaction.js';

/** People of one provenance, active or not. */
export interface CountedPeople {
  readonly provenance: string;
  readonly active: boolean;
  readonly people: number;
}

/** What was counted of an organization, too dear to be counted whenever somebody asks. */
export interface Measurement {
  readonly people: readonly CountedPeople[];
  /** People with drift of each kind. */
  readonly drift: Readonly<Record<string, number>>;
}

/** What is told of an organization without going through its people. */
export interface OrganizationFacts {
  /** Its slug. */
  readonly organization: string;
  /** null: never measured. */
  readonly measured: (Measurement & { readonly at: Date }) | null;
  /** People whose removals from groups wait for an operator. */
  readonly heldRemovals: number;
  /** SCIM clients whom a guard stopped. */
  readonly heldClients: number;
}

interface FactsRow extends Measurement {
  readonly organization: string;
  readonly measuredAt: Date | null;
  readonly heldRemovals: number;
  readonly heldClients: number;
}

/** Owns measurements: one row an organization, the same for whichever node is asked. */
@Injectable()
export class Measurements {
  /** Organizations nobody has begun to measure since then, and that nobody else will measure now. */
  async claim(db: Queryable, now: Date, since: Date): Promise<string[]> {
    const rows = await db.query<{ organization_id: string }>(
      `INSERT INTO measurements AS m (organization_id, started_at) SELECT id, $1 FROM organizations
       ON CONFLICT (organization_id) DO UPDATE SET started_at = $1 WHERE m.started_at <= $2
       RETURNING organization_id`,
      [now, since],
    );
    return rows.map((row) => row.organization_id);
  }

  async save(db: Queryable, organizationId: string, { people, drift }: Measurement, at: Date): Promise<void> {
    await db.execute(`UPDATE measurements SET people = $2, drift = $3, measured_at = $4 WHERE organization_id = $1`, [
      organizationId,
      JSON.stringify(people),
      JSON.stringify(drift),
      at,
    ]);
  }

  /** Of all organizations. */
  async facts(db: Queryable): Promise<OrganizationFacts[]> {
    const rows = await db.query<FactsRow>(
      `SELECT o.slug AS organization, m.people, m.drift, m.measured_at AS "measuredAt",
         (SELECT count(*)::integer FROM held_removals h WHERE h.organization_id = o.id) AS "heldRemovals",
         (SELECT count(*)::integer FROM guard_states g
          WHERE g.organization_id = o.id AND g.guard = 'deprovisioning' AND g.held_since IS NOT NULL) AS "heldClients"
       FROM organizations o LEFT JOIN measurements m ON m.organization_id = o.id ORDER BY o.slug`,
    );
    return rows.map(({ people, drift, measuredAt: at, ...rest }) => ({
      ...rest,
      measured: at === null ? null : { people, drift, at },
    }));
  }
}
