import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { UnitOfWork } from '../database/unit-of-work.service.js';
import { Outbox } from '../outbox/outbox.service.js';
import { Clock } from '../platform/clock.js';
import { Log } from '../platform/logger.js';
import { Repeating } from '../platform/repeating.js';
import { NO_ORGANIZATION } from '../platform/secrets.js';
import { certificateExpiries, daysLeft, dueThreshold, type ExpiringCertificate } from './certificate-expiry.js';
import type { SpKey } from './sp-key.js';

const EVERY_MS = 60 * 60 * 1000;
const BATCH = 200;

interface Row {
  readonly organizationId: string;
  readonly id: string;
  /** As stored, whatever that is. */
  readonly certificates: unknown;
  readonly keys: readonly Pick<SpKey, 'use' | 'certificate'>[];
  /** `fingerprint threshold` */
  readonly told: readonly string[];
}

interface Warning extends ExpiringCertificate {
  readonly organizationId: string;
  readonly connectionId: string;
  readonly threshold: number;
}

/**
 * Owns certificate_warnings: 30, 7 and 1 days before a certificate of an IdP or of ours expires, an event and a line of the log, once
 * for each certificate and threshold, however many nodes watch: whoever writes the row tells it. Connections that are disabled are left
 * alone; of thresholds that passed meanwhile, only the last is told.
 */
@Injectable()
export class CertificatesWatcher implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly repeating: Repeating;

  constructor(
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
    @Inject(Outbox) private readonly outbox: Outbox,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Log) private readonly log: Log,
  ) {
    this.repeating = new Repeating(
      EVERY_MS,
      () => this.watch(),
      (error) => log.pino.warn({ err: error }, 'certificates were not looked at'),
    );
  }

  onApplicationBootstrap(): void {
    this.repeating.start();
  }

  onModuleDestroy(): Promise<void> {
    return this.repeating.stop();
  }

  async watch(): Promise<void> {
    const now = this.clock.now();
    let last = { organizationId: NO_ORGANIZATION, id: NO_ORGANIZATION };
    for (;;) {
      const rows = await this.page(last.organizationId, last.id);
      const due = rows.flatMap((row) => warningsOf(row, now));
      for (const [organizationId, warnings] of byOrganization(due)) await this.tell(organizationId, warnings, now);
      if (rows.length < BATCH) return;
      last = rows.at(-1)!;
    }
  }

  private page(organizationId: string, id: string): Promise<Row[]> {
    return this.unitOfWork.read.query<Row>(
      `SELECT c.organization_id AS "organizationId", c.id, c.saml -> 'certificates' AS certificates,
         (SELECT coalesce(jsonb_agg(jsonb_build_object('use', k.use, 'certificate', k.certificate)), '[]') FROM sp_keys k
          WHERE k.organization_id = c.organization_id AND k.connection_id = c.id AND k.state <> 'retired') AS keys,
         (SELECT coalesce(jsonb_agg(w.fingerprint || ' ' || w.threshold_days), '[]') FROM certificate_warnings w
          WHERE w.organization_id = c.organization_id AND w.connection_id = c.id) AS told
       FROM connections c WHERE c.enabled AND (c.organization_id, c.id) > ($1, $2)
       ORDER BY c.organization_id, c.id LIMIT $3`,
      [organizationId, id, BATCH],
    );
  }

  private async tell(organizationId: string, warnings: readonly Warning[], now: Date): Promise<void> {
    const told = await this.unitOfWork.run(async (tx) => {
      const fresh = await tx.query<{ connectionId: string; fingerprint: string }>(
        `INSERT INTO certificate_warnings (organization_id, connection_id, fingerprint, threshold_days, warned_at)
         SELECT $1, w.connection_id, w.fingerprint, w.threshold_days, $2
         FROM unnest($3::uuid[], $4::text[], $5::integer[]) AS w(connection_id, fingerprint, threshold_days)
         ORDER BY 2, 3, 4 ON CONFLICT DO NOTHING RETURNING connection_id AS "connectionId", fingerprint`,
        [
          organizationId,
          now,
          warnings.map(({ connectionId }) => connectionId),
          warnings.map(({ fingerprint }) => fingerprint),
          warnings.map(({ threshold }) => threshold),
        ],
      );
      const ours = warnings.filter((each) =>
        fresh.some((row) => row.connectionId === each.connectionId && row.fingerprint === each.fingerprint),
      );
      const events = ours.map((each) => ({
        type: 'certificate.expiring' as const,
        subjectId: each.connectionId,
        data: toData(each, now),
      }));
      await this.outbox.append(tx, organizationId, now, events);
      return ours;
    });
    for (const each of told) {
      const { connectionId } = each;
      this.log.pino.warn({ organizationId, connectionId, ...toData(each, now) }, 'a certificate expires');
    }
  }
}

function warningsOf({ organizationId, id, certificates, keys, told }: Row, now: Date): Warning[] {
  const idp = Array.isArray(certificates) ? certificates.filter((each) => typeof each === 'string') : [];
  const seen = new Set(told);
  return certificateExpiries(idp, keys).flatMap((each) => {
    const threshold = dueThreshold(each.notAfter, now);
    const place = `${each.fingerprint} ${threshold}`;
    if (threshold === undefined || seen.has(place)) return [];
    seen.add(place);
    return [{ ...each, organizationId, connectionId: id, threshold }];
  });
}

const toData = ({ party, use, subject, fingerprint, notAfter, coveredUntil, threshold }: Warning, now: Date) => ({
  party,
  use,
  subject,
  fingerprint,
  notAfter,
  daysLeft: daysLeft(notAfter, now),
  threshold,
  coveredUntil,
});

function byOrganization(warnings: readonly Warning[]): Map<string, Warning[]> {
  const groups = new Map<string, Warning[]>();
  for (const each of warnings) groups.set(each.organizationId, [...(groups.get(each.organizationId) ?? []), each]);
  return groups;
}
