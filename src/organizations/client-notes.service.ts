import { Inject, Injectable } from '@nestjs/common';
import { AuditLog } from '../audit/audit-log.service.js';
import { UnitOfWork } from '../database/unit-of-work.service.js';
import { Log } from '../platform/logger.js';

/** A use of what a provisioning client authenticates with. */
export interface CredentialUse {
  readonly organizationId: string;
  readonly kind: 'scim-token' | 'scim-client';
  readonly id: string;
  readonly address: string;
  readonly at: Date;
  readonly correlationId: string;
}

const USED_RESOLUTION_MS = 60_000;
/** A client that keeps coming from a wrong address leaves one audit entry in this time, whatever the number of nodes. */
const REFUSED_RESOLUTION_MS = 60 * 60_000;

const TABLES = { 'scim-token': 'scim_tokens', 'scim-client': 'scim_clients' } as const;

/** Notes when a token or a client was used and when it was refused, beside the request, which does not wait for it and does not fail with it. */
@Injectable()
export class ClientNotes {
  constructor(
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
    @Inject(AuditLog) private readonly audit: AuditLog,
    @Inject(Log) private readonly log: Log,
  ) {}

  used({ organizationId, kind, id, at }: CredentialUse, last: Date | null): void {
    if (!isOver(USED_RESOLUTION_MS, last, at)) return;
    const noted = this.unitOfWork.read.execute(
      `UPDATE ${TABLES[kind]} SET last_used_at = $3
       WHERE organization_id = $1 AND id = $2 AND (last_used_at IS NULL OR last_used_at < $4)`,
      [organizationId, id, at, new Date(at.getTime() - USED_RESOLUTION_MS)],
    );
    this.beside(noted, id);
  }

  refused({ organizationId, kind, id, address, at, correlationId }: CredentialUse, last: Date | null): void {
    if (!isOver(REFUSED_RESOLUTION_MS, last, at)) return;
    const noted = this.unitOfWork.run(async (tx) => {
      const count = await tx.execute(
        `UPDATE ${TABLES[kind]} SET last_refused_at = $3, last_refused_address = $4
         WHERE organization_id = $1 AND id = $2 AND (last_refused_at IS NULL OR last_refused_at < $5)`,
        [organizationId, id, at, address, new Date(at.getTime() - REFUSED_RESOLUTION_MS)],
      );
      if (count === 0) return;
      const changes = { address: [null, address] } as const;
      const entry = { action: `${kind}.address-refused`, targetType: kind, targetId: id, changes } as const;
      await this.audit.append(tx, organizationId, at, { kind: 'scim-client', id, correlationId }, [entry]);
    });
    this.beside(noted, id);
  }

  private beside(noted: Promise<unknown>, id: string): void {
    void noted.catch((error: unknown) =>
      this.log.pino.warn({ err: error, credentialId: id }, 'a use of a token was not noted'),
    );
  }
}

const isOver = (resolution: number, last: Date | null, now: Date): boolean =>
  now.getTime() - (last?.getTime() ?? 0) > resolution;
