import { Inject, Injectable } from '@nestjs/common';
import type { Snapshot, Transaction } from '../database/transaction.js';
import { DirectoryReader, type Loss } from '../directory/directory.reader.js';
import type { User } from '../directory/directory-types.js';
import type { Connection } from '../organizations/connection.js';
import { TenantFactsReader } from '../organizations/tenant-facts.reader.js';
import { lastAdminRefusal } from './provisioning-refusal.js';

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

  /**
   * The admin groups that a sign-in must not take: "The last active admin of an organization is never removed, demoted or deactivated
   * by JIT." (design section 6). undefined: nothing stands in the way.
   */
  async keepLastAdmin(
    db: Transaction | Snapshot,
    connection: Connection,
    user: Pick<User, 'id' | 'role'>,
    nextRole: string,
    groups: readonly { readonly id: string; readonly role: string | null; readonly leaving: boolean }[],
  ): Promise<ReadonlySet<string> | undefined> {
    const adminRole = connection.organizationRoles[0]!;
    const adminGroups = groups.filter(({ role }) => role === adminRole);
    const isAdmin = user.role === adminRole || adminGroups.length > 0;
    const stays = nextRole === adminRole || adminGroups.some(({ leaving }) => !leaving);
    if (!isAdmin || stays) return undefined;
    if (db.inTransaction) await this.tenants.serialize(db, connection.organizationId);
    if (await this.directory.hasOtherHolder(db, connection.organizationId, adminRole, user.id)) return undefined;
    return new Set(adminGroups.map(({ id }) => id));
  }

  /** Throws the refusal when there is an active admin now and would be none without these. Waits for others that ask. */
  async refuseLoss(db: Transaction | Snapshot, organizationId: string, adminRole: string, loss: Loss): Promise<void> {
    if (db.inTransaction) await this.tenants.serialize(db, organizationId);
    if (!(await this.directory.hasHolder(db, organizationId, adminRole))) return;
    if (!(await this.directory.hasHolder(db, organizationId, adminRole, loss))) throw lastAdminRefusal();
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
