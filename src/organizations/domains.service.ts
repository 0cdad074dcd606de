import { Resolver } from 'node:dns/promises';
import { Inject, Injectable } from '@nestjs/common';
import type { Actor } from '../audit/actor.js';
import { AuditLog } from '../audit/audit-log.service.js';
import type { Transaction } from '../database/transaction.js';
import { UnitOfWork } from '../database/unit-of-work.service.js';
import { Clock } from '../platform/clock.js';
import { randomOpaque } from '../platform/secrets.js';
import { toDomainName } from './domain-name.js';
import { TenantError } from './tenant-error.js';

export interface Domain {
  readonly domain: string;
  /** The text of the DNS TXT record that proves it. */
  readonly txtRecord: string;
  readonly createdAt: Date;
  readonly verifiedAt: Date | null;
  readonly verifiedBy: 'dns' | 'operator' | null;
  /** Where people of this domain sign in; null: wherever people of the organization do. */
  readonly connectionId: string | null;
}

export const TXT_PREFIX = 'rollcall-domain-verification=';

const COLUMNS = `domain, '${TXT_PREFIX}' || verification_token AS "txtRecord", created_at AS "createdAt", verified_at AS "verifiedAt",
  verified_by AS "verifiedBy",
  connection_id AS "connectionId"`;

/** Looks TXT records up, with an answer or a failure within seconds. */
@Injectable()
export class TxtRecords {
  readonly resolver = new Resolver({ timeout: 2000, tries: 2 });

  async of(domain: string): Promise<string[]> {
    return (await this.resolver.resolveTxt(domain)).map((parts) => parts.join(''));
  }
}

/** Owns domains and verified_domains: an e-mail domain proves something only for the one organization that has verified it. */
@Injectable()
export class DomainsService {
  constructor(
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(AuditLog) private readonly audit: AuditLog,
    @Inject(TxtRecords) private readonly txt: TxtRecords,
  ) {}

  /** Several organizations may claim a domain; one can verify it. */
  async claim(organizationId: string, name: string, actor: Actor): Promise<Domain> {
    const domain = toDomainName(name);
    if (domain === undefined) throw new TenantError('invalid', `"${name}" is not a domain name`);
    return this.unitOfWork.run(async (tx) => {
      const at = this.clock.now();
      const added = await tx.execute(
        `INSERT INTO domains (organization_id, domain, verification_token, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
        [organizationId, domain, randomOpaque(18), at],
      );
      if (added > 0) await this.record(tx, organizationId, domain, at, actor, 'domain.claimed', {});
      return this.read(tx, organizationId, domain);
    });
  }

  /** Verifies by the TXT record, or on the operator's word. */
  async verify(organizationId: string, name: string, by: 'dns' | 'operator', actor: Actor): Promise<Domain> {
    const domain = claimedName(name);
    if (by === 'dns') await this.askDns(organizationId, domain);
    return this.unitOfWork.run(async (tx) => {
      const current = await this.read(tx, organizationId, domain);
      if (current.verifiedAt) return current;
      const at = this.clock.now();
      const taken = await tx.execute(
        `INSERT INTO verified_domains (domain, organization_id) VALUES ($1, $2) ON CONFLICT DO NOTHING`,
        [domain, organizationId],
      );
      if (taken === 0) throw new TenantError('conflict', `${domain} is verified by another organization`);
      await tx.execute(
        `UPDATE domains SET verified_at = $3, verified_by = $4 WHERE organization_id = $1 AND domain = $2`,
        [organizationId, domain, at, by],
      );
      await this.record(tx, organizationId, domain, at, actor, 'domain.verified', { verifiedBy: [null, by] });
      return { ...current, verifiedAt: at, verifiedBy: by };
    });
  }

  /** Sends people of the domain straight to one connection; null: to whichever the organization has. */
  async setConnection(
    organizationId: string,
    name: string,
    connectionId: string | null,
    actor: Actor,
  ): Promise<Domain> {
    const domain = claimedName(name);
    return this.unitOfWork.run(async (tx) => {
      const current = await this.read(tx, organizationId, domain);
      if (current.connectionId === connectionId) return current;
      const known = await tx.query(`SELECT 1 FROM connections WHERE organization_id = $1 AND id = $2`, [
        organizationId,
        connectionId,
      ]);
      if (connectionId !== null && known.length === 0)
        throw new TenantError('invalid', `No connection ${connectionId}`);
      await tx.execute(`UPDATE domains SET connection_id = $3 WHERE organization_id = $1 AND domain = $2`, [
        organizationId,
        domain,
        connectionId,
      ]);
      const changes = { connectionId: [current.connectionId, connectionId] } as const;
      await this.record(tx, organizationId, domain, this.clock.now(), actor, 'domain.updated', changes);
      return { ...current, connectionId };
    });
  }

  async release(organizationId: string, name: string, actor: Actor): Promise<void> {
    const domain = claimedName(name);
    await this.unitOfWork.run(async (tx) => {
      const current = await this.read(tx, organizationId, domain);
      await tx.execute(`DELETE FROM verified_domains WHERE domain = $1 AND organization_id = $2`, [
        domain,
        organizationId,
      ]);
      await tx.execute(`DELETE FROM domains WHERE organization_id = $1 AND domain = $2`, [organizationId, domain]);
      const changes = { verifiedBy: [current.verifiedBy, null] } as const;
      await this.record(tx, organizationId, domain, this.clock.now(), actor, 'domain.released', changes);
    });
  }

  /** In the order of their names. */
  async list(organizationId: string, after = '', limit = 1000): Promise<Domain[]> {
    return this.unitOfWork.read.query<Domain>(
      `SELECT ${COLUMNS} FROM domains WHERE organization_id = $1 AND domain COLLATE "C" > $2 ORDER BY domain COLLATE "C" LIMIT $3`,
      [organizationId, after, limit],
    );
  }

  private async askDns(organizationId: string, domain: string): Promise<void> {
    const [claimed] = await this.unitOfWork.read.query<Domain>(
      `SELECT ${COLUMNS} FROM domains WHERE organization_id = $1 AND domain = $2`,
      [organizationId, domain],
    );
    if (!claimed) throw notClaimed(domain);
    const records = await this.txt.of(domain).catch((): string[] => []);
    if (!records.includes(claimed.txtRecord)) {
      throw new TenantError('conflict', `No TXT record "${claimed.txtRecord}" was found at ${domain}`);
    }
  }

  private async read(tx: Transaction, organizationId: string, domain: string): Promise<Domain> {
    const [row] = await tx.query<Domain>(
      `SELECT ${COLUMNS} FROM domains WHERE organization_id = $1 AND domain = $2 FOR NO KEY UPDATE`,
      [organizationId, domain],
    );
    if (!row) throw notClaimed(domain);
    return row;
  }

  private async record(
    tx: Transaction,
    organizationId: string,
    domain: string,
    at: Date,
    actor: Actor,
    action: string,
    changes: Readonly<Record<string, readonly [unknown, unknown]>>,
  ): Promise<void> {
    await this.audit.append(tx, organizationId, at, actor, [
      { action, targetType: 'domain', targetId: domain, changes },
    ]);
  }
}

const notClaimed = (name: string) => new TenantError('not-found', `${name} is not claimed by this organization`);

function claimedName(name: string): string {
  const domain = toDomainName(name);
  if (domain === undefined) throw notClaimed(name);
  return domain;
}
