import { Inject, Injectable } from '@nestjs/common';
import type { AuditEntry } from '../audit/audit-log.service.js';
import type { Transaction } from '../database/transaction.js';
import { DirectoryReader } from '../directory/directory.reader.js';
import { DirectoryWriter } from '../directory/directory.writer.js';
import { MembershipsWriter } from '../directory/memberships.writer.js';
import { WaitingMembersReader } from '../directory/waiting-members.reader.js';
import { WaitingMembersWriter } from '../directory/waiting-members.writer.js';
import type { Connection } from '../organizations/connection.js';
import { TenantFactsReader } from '../organizations/tenant-facts.reader.js';
import type { Event } from '../outbox/events.js';
import type { Change } from './announcer.service.js';
import type { MemberChange } from './changes.js';
import { forgottenUntil, mayWait, MOST_WAITING, translateMembers } from './wait-for-members.js';

/** A change of members in ids of ours, and the named ones who are nobody yet. */
export interface KnownMembers {
  readonly change: MemberChange;
  readonly waiting: readonly string[];
}

/**
 * Order tolerance: a member whom a client names before its user is here, by an id or by the key the client itself gave the user
 * (externalId), waits and joins when the user arrives. Never across connections: a key means something only where it was issued.
 * Bounds and rule: wait-for-members.
 */
@Injectable()
export class LateMembers {
  constructor(
    @Inject(DirectoryReader) private readonly directory: DirectoryReader,
    @Inject(DirectoryWriter) private readonly writer: DirectoryWriter,
    @Inject(MembershipsWriter) private readonly memberships: MembershipsWriter,
    @Inject(WaitingMembersReader) private readonly reader: WaitingMembersReader,
    @Inject(WaitingMembersWriter) private readonly waiting: WaitingMembersWriter,
    @Inject(TenantFactsReader) private readonly tenants: TenantFactsReader,
  ) {}

  /** Whom the values of a change mean. Where somebody is missing, users who are just arriving are waited for and looked up again. */
  async recognise(tx: Transaction, connection: Connection, change: MemberChange): Promise<KnownMembers> {
    const { organizationId, id } = connection;
    const values = [...new Set([...(change.replace ?? []), ...change.add, ...change.remove])];
    let strangers = await this.reader.strangers(tx, organizationId, id, values);
    const leaving = new Set(change.remove);
    const missing = [...strangers].flatMap(([value, userId]) =>
      userId === null && !leaving.has(value) ? [value] : [],
    );
    if (missing.length > 0) {
      await this.tenants.excludeArrivals(tx, organizationId, id);
      const again = await this.reader.strangers(tx, organizationId, id, missing);
      const arrived = missing.filter((value) => !again.has(value));
      strangers = new Map([...strangers, ...again]);
      for (const value of arrived) strangers.delete(value);
    }
    return translateMembers(change, strangers);
  }

  /** Notes who waits for this group, and who does no more. The group is locked. */
  async note(
    tx: Transaction,
    { organizationId, at }: Change,
    connection: Connection,
    groupId: string,
    asked: MemberChange,
    waiting: readonly string[],
  ): Promise<AuditEntry[]> {
    if (asked.replace !== undefined) await this.waiting.end(tx, organizationId, groupId, { allExcept: waiting });
    else if (asked.remove.length > 0) await this.waiting.end(tx, organizationId, groupId, { values: asked.remove });
    const bounds = { at, until: forgottenUntil(at), most: MOST_WAITING };
    const fresh = await this.waiting.add(tx, organizationId, groupId, connection.id, waiting.filter(mayWait), bounds);
    if (fresh.length === 0) return [];
    const changes = { members: [null, fresh] as const };
    return [{ action: 'group.members-waiting', targetType: 'group', targetId: groupId, changes }];
  }

  /** A user is here, or is known by another key from now on: joins the groups that have waited. The user is locked. */
  async arrive(
    tx: Transaction,
    { organizationId, at }: Change,
    connection: Connection,
    user: { readonly id: string; readonly externalId: string | null },
  ): Promise<Event[]> {
    await this.tenants.announceArrival(tx, organizationId, connection.id);
    const values = [user.id, ...(user.externalId === null ? [] : [user.externalId])];
    const groups = await this.reader.groupsWaitingFor(tx, organizationId, connection.id, values);
    if (groups.length === 0) return [];
    await this.directory.lockGroups(tx, organizationId, groups);
    const joining = await this.waiting.take(tx, organizationId, connection.id, values, forgottenUntil(at));
    const { added } = await this.memberships.addToGroups(tx, organizationId, user.id, joining, 'scim', at);
    await this.writer.touchGroups(tx, organizationId, added, at);
    const data = { members: [user.id], origin: 'scim', waited: true };
    return added.map((subjectId): Event => ({ type: 'group.members-added', subjectId, data }));
  }
}
