import { Inject, Injectable } from '@nestjs/common';
import type { Actor } from '../audit/actor.js';
import type { AuditEntry } from '../audit/audit-log.service.js';
import type { Transaction } from '../database/transaction.js';
import { UnitOfWork } from '../database/unit-of-work.service.js';
import { NotFoundError, VersionConflictError } from '../directory/directory-errors.js';
import { DirectoryReader } from '../directory/directory.reader.js';
import { DirectoryWriter, type GroupState } from '../directory/directory.writer.js';
import type { Group } from '../directory/directory-types.js';
import { MemberChoicesReader } from '../directory/member-choices.reader.js';
import { MembershipsWriter, type LeavingMembers } from '../directory/memberships.writer.js';
import { nameKey } from '../directory/name-key.js';
import type { Connection } from '../organizations/connection.js';
import { TenantFactsReader } from '../organizations/tenant-facts.reader.js';
import type { Event } from '../outbox/events.js';
import { Clock } from '../platform/clock.js';
import { isUuid, newId } from '../platform/ids.js';
import { AccessGuard } from './access-guard.service.js';
import { Announcer, type Change } from './announcer.service.js';
import type { GroupChange, GroupDocument, GroupEdit, MemberChange, VersionCondition } from './changes.js';
import { accepted, decideGroupChange, decideGroupCreate, decideGroupRemove } from './decide-provisioning.js';
import { describeGroup, type Differences } from './describe-changes.js';
import { LateMembers } from './late-members.service.js';
import { lastAdminRefusal, ProvisioningRefusal, refusalOf } from './provisioning-refusal.js';

export interface GroupResult {
  readonly group: Group;
  /** Member values that are nobody here: they wait, or were left out. */
  readonly unknownMembers: readonly string[];
}

/** What happened to the members of a group in one change. */
interface MemberOutcome {
  readonly added: readonly string[];
  readonly claimed: readonly string[];
  readonly removed: readonly string[];
  readonly unknown: readonly string[];
  /** Who waits from now on. */
  readonly waiting: readonly AuditEntry[];
}

/** What SCIM requests do to groups: lock -> decide -> write -> announce. Members are rows; a group is never loaded to change one. */
@Injectable()
export class GroupReconciler {
  constructor(
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(DirectoryReader) private readonly directory: DirectoryReader,
    @Inject(MemberChoicesReader) private readonly choices: MemberChoicesReader,
    @Inject(DirectoryWriter) private readonly writer: DirectoryWriter,
    @Inject(MembershipsWriter) private readonly memberships: MembershipsWriter,
    @Inject(TenantFactsReader) private readonly tenants: TenantFactsReader,
    @Inject(AccessGuard) private readonly guard: AccessGuard,
    @Inject(LateMembers) private readonly late: LateMembers,
    @Inject(Announcer) private readonly announcer: Announcer,
  ) {}

  /** POST /Groups: creates, or adopts a group made by hand, whose document `adopted` computes. Throws ProvisioningRefusal. */
  async create(
    connection: Connection,
    document: GroupDocument,
    members: readonly string[],
    actor: Actor,
    adopted: (current: Group) => GroupDocument = () => document,
  ): Promise<GroupResult> {
    return this.inTransaction(connection, actor, async (tx, change) => {
      const { organizationId } = change;
      const existing = await this.directory.lockGroupByName(tx, organizationId, nameKey(document.displayName));
      const facts = { ...provisioning(connection), duplicateGroupNames: connection.provisioning.duplicateGroupNames };
      const decision = accepted(decideGroupCreate(facts, existing));
      const memberChange = { add: members, remove: [] };
      if (existing && decision === 'adopt')
        return this.apply(tx, change, connection, existing, { ...adopted(existing), members: memberChange }, true);
      const id = newId();
      const state: GroupState = {
        connectionId: connection.id,
        provenance: 'scim',
        loginPolicy: 'authoritative',
        protected: false,
        isDefault: false,
        role: null,
        uniqueName: !connection.provisioning.duplicateGroupNames,
        ...document,
      };
      await this.writer.insertGroup(tx, organizationId, id, state, change.at);
      const outcome = await this.changeMembers(tx, change, connection, id, memberChange);
      const changes = describeGroup(undefined, state);
      await this.announcer.announce(
        tx,
        change,
        [{ type: 'group.created', subjectId: id, data: { changes } }, ...memberEvents(id, outcome)],
        outcome.waiting,
      );
      return { group: (await this.directory.group(tx, organizationId, id))!, unknownMembers: outcome.unknown };
    });
  }

  /**
   * PATCH and PUT. Nothing different: nothing written, nothing announced, version and lastModified stay.
   * Throws NotFoundError, VersionConflictError, ProvisioningRefusal, and what `toChange` throws.
   */
  async change(
    connection: Connection,
    id: string,
    toChange: GroupEdit,
    actor: Actor,
    condition?: VersionCondition,
  ): Promise<GroupResult> {
    return this.inTransaction(connection, actor, async (tx, change) => {
      const current = await this.lock(tx, change.organizationId, id, condition);
      const wanted = await toChange(current, (conditions, besides) =>
        this.choices.who(tx, change.organizationId, id, conditions, besides),
      );
      const facts = provisioning(connection);
      const decision = decideGroupChange(facts, current, await this.authorityHasScim(tx, connection, current));
      return this.apply(tx, change, connection, current, wanted, accepted(decision) === 'adopt');
    });
  }

  /** DELETE. Throws NotFoundError, VersionConflictError, ProvisioningRefusal. */
  async remove(connection: Connection, id: string, actor: Actor, condition?: VersionCondition): Promise<void> {
    await this.inTransaction(connection, actor, async (tx, change) => {
      const current = await this.lock(tx, change.organizationId, id, condition);
      accepted(
        decideGroupRemove(provisioning(connection), current, await this.authorityHasScim(tx, connection, current)),
      );
      const admins = await this.guardAdmin(tx, connection, current);
      const removed = await this.memberships.endAllOfGroup(tx, change.organizationId, id);
      await this.writer.deleteGroup(tx, change.organizationId, id);
      if (await this.guard.lostLast(tx, change.organizationId, admins)) throw lastAdminRefusal();
      await this.announcer.announce(tx, change, [
        ...memberEvents(id, { added: [], claimed: [], removed, unknown: [], waiting: [] }),
        {
          type: 'group.deleted',
          subjectId: id,
          data: {
            displayName: current.displayName,
            externalId: current.externalId,
            changes: describeGroup(current, undefined),
          },
        },
      ]);
    });
  }

  private async apply(
    tx: Transaction,
    change: Change,
    connection: Connection,
    current: Group,
    wanted: GroupChange,
    adopt: boolean,
  ): Promise<GroupResult> {
    const { organizationId } = change;
    const next: GroupState = {
      ...current,
      displayName: wanted.displayName ?? current.displayName,
      externalId: wanted.externalId === undefined ? current.externalId : wanted.externalId,
      attributes: wanted.attributes ?? current.attributes,
      uniqueName: !connection.provisioning.duplicateGroupNames,
      ...(adopt ? { provenance: 'scim' as const, connectionId: connection.id } : {}),
    };
    const takes = wanted.members.replace !== undefined || wanted.members.remove.length > 0;
    const admins = takes ? await this.guardAdmin(tx, connection, current) : undefined;
    const outcome = await this.changeMembers(tx, change, connection, current.id, wanted.members);
    if (current.protected && outcome.removed.length > 0) await this.refuseEmpty(tx, organizationId, current);
    const differences = describeGroup(current, next);
    if (Object.keys(differences).length > 0) {
      await this.writer.updateGroup(tx, organizationId, current.id, next, change.at);
    } else if (outcome.added.length + outcome.removed.length > 0) {
      await this.writer.touchGroups(tx, organizationId, [current.id], change.at);
    } else if (outcome.claimed.length + outcome.waiting.length === 0) {
      // Nobody came or went, but a reason besides "default" may have ended, which the log tells.
      await this.announcer.announce(tx, change, []);
      return { group: current, unknownMembers: outcome.unknown };
    }
    if (await this.guard.lostLast(tx, organizationId, admins)) throw lastAdminRefusal();
    const events = [...attributeEvents(current.id, differences, adopt), ...memberEvents(current.id, outcome)];
    await this.announcer.announce(tx, change, events, outcome.waiting);
    return { group: (await this.directory.group(tx, organizationId, current.id))!, unknownMembers: outcome.unknown };
  }

  /** Design section 4, row m: SCIM adds its own origin, and ends every origin of those it removes, being the group's authority. */
  private async changeMembers(
    tx: Transaction,
    frame: Change,
    connection: Connection,
    groupId: string,
    asked: MemberChange,
  ): Promise<MemberOutcome> {
    const { organizationId, at } = frame;
    const waits = connection.provisioning.unknownMembers === 'wait';
    const { change, waiting } = waits
      ? await this.late.recognise(tx, connection, asked)
      : { change: asked, waiting: [] };
    const wanted = [...new Set([...(change.replace ?? []), ...change.add])];
    const joining = wanted.filter(isUuid).map((id) => id.toLowerCase());
    const leaving = change.remove.filter(isUuid).map((id) => id.toLowerCase());
    const removed: string[] = [];
    if (change.replace !== undefined) {
      removed.push(...(await this.end(tx, organizationId, groupId, { allExcept: joining })));
    }
    if (leaving.length > 0) {
      removed.push(...(await this.end(tx, organizationId, groupId, { userIds: leaving })));
    }
    const { added, claimed, unknown } = await this.memberships.add(tx, organizationId, groupId, joining, 'scim', at);
    const strangers = [...wanted.filter((id) => !isUuid(id)), ...unknown, ...waiting];
    if (strangers.length > 0 && connection.provisioning.unknownMembers === 'reject') {
      const named = strangers
        .slice(0, 10)
        .map((value) => value.slice(0, 100))
        .join(', ');
      throw new ProvisioningRefusal('unknown-members', `These members are no users of this organization: ${named}`);
    }
    const noted = waits ? await this.late.note(tx, frame, connection, groupId, asked, waiting) : [];
    return { added, claimed, removed, unknown: strangers, waiting: noted };
  }

  private end(tx: Transaction, organizationId: string, groupId: string, who: LeavingMembers): Promise<string[]> {
    return this.memberships.endByAuthority(tx, organizationId, groupId, who, 'break-glass');
  }

  private async lock(
    tx: Transaction,
    organizationId: string,
    id: string,
    condition?: VersionCondition,
  ): Promise<Group> {
    const current = await this.directory.lockGroup(tx, organizationId, id);
    if (!current) throw new NotFoundError('group', id);
    if (condition && !condition(current.version)) throw new VersionConflictError(current.version);
    return current;
  }

  private async refuseEmpty(tx: Transaction, organizationId: string, group: Group): Promise<void> {
    if (await this.directory.hasMembers(tx, organizationId, group.id)) return;
    throw new ProvisioningRefusal(
      'protected-group',
      `The group "${group.displayName}" is protected and cannot be emptied`,
    );
  }

  private async authorityHasScim(tx: Transaction, connection: Connection, group: Group): Promise<boolean> {
    if (group.provenance !== 'scim' || group.connectionId === connection.id) return false;
    return this.tenants.hasScim(tx, connection.organizationId, group.connectionId);
  }

  private async guardAdmin(tx: Transaction, connection: Connection, group: Group) {
    const adminRole = connection.organizationRoles[0]!;
    if (!connection.provisioning.protectLastAdmin || group.role !== adminRole) return undefined;
    return this.guard.before(tx, connection.organizationId, adminRole);
  }

  private async inTransaction<T>(
    connection: Connection,
    actor: Actor,
    work: (tx: Transaction, change: Change) => Promise<T>,
  ): Promise<T> {
    try {
      return await this.unitOfWork.run((tx) =>
        work(tx, { organizationId: connection.organizationId, at: this.clock.now(), actor }),
      );
    } catch (error) {
      throw refusalOf(error);
    }
  }
}

const provisioning = (connection: Connection) => ({ id: connection.id, takeover: connection.provisioning.takeover });

function attributeEvents(subjectId: string, differences: Differences, adopted: boolean): Event[] {
  const { provenance, connectionId, ...profile } = differences;
  const authority = { ...(provenance && { provenance }), ...(connectionId && { connectionId }) };
  return [
    ...(adopted ? [{ type: 'group.adopted', subjectId, data: { changes: authority } } as const] : []),
    ...(Object.keys(profile).length > 0
      ? [{ type: 'group.updated', subjectId, data: { changes: profile } } as const]
      : []),
  ];
}

function memberEvents(subjectId: string, { added, removed }: MemberOutcome): Event[] {
  return [
    ...(removed.length > 0 ? [{ type: 'group.members-removed', subjectId, data: { members: removed } } as const] : []),
    ...(added.length > 0
      ? [{ type: 'group.members-added', subjectId, data: { members: added, origin: 'scim' } } as const]
      : []),
  ];
}
