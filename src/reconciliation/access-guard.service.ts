import { Inject, Injectable } from '@nestjs/common';
import type { Transaction } from '../database/transaction.js';
import { DirectoryReader } from '../directory/directory.reader.js';
import { TenantFactsReader } from '../organizations/tenant-facts.reader.js';

/**
 * The last active admin of an organization is never lost by accident (design section 6). Used in two steps around a change:
 * `before` serializes with other changes that could take an admin, `lostLast` judges the changed rows before the commit.
 */
@Injectable()
export class AccessGuard {
  constructor(
    @Inject(DirectoryReader) private readonly directory: DirectoryReader,
    @Inject(TenantFactsReader) private readonly tenants: TenantFactsReader,
  ) {}

  /** Is there an active admin now? Waits for other transactions that asked. */
  async before(tx: Transaction, organizationId: string, adminRole: string): Promise<AdminsBefore> {
    await this.tenants.serialize(tx, organizationId);
    return { adminRole, any: await this.directory.hasHolder(tx, organizationId, adminRole) };
  }

  /** Was there one and is there none any more? */
  async lostLast(tx: Transaction, organizationId: string, before: AdminsBefore | undefined): Promise<boolean> {
    return (
      before !== undefined && before.any && !(await this.directory.hasHolder(tx, organizationId, before.adminRole))
    );
  }
}

export interface AdminsBefore {
  readonly adminRole: string;
  readonly any: boolean;
}
