import { Inject, Injectable } from '@nestjs/common';
import type { Actor } from '../audit/actor.js';
import type { Transaction } from '../database/transaction.js';
import { UnitOfWork } from '../database/unit-of-work.service.js';
import { NotFoundError } from '../directory/directory-errors.js';
import { DirectoryReader } from '../directory/directory.reader.js';
import { DirectoryWriter } from '../directory/directory.writer.js';
import type { Group, UserView } from '../directory/directory-types.js';
import { MembershipsWriter } from '../directory/memberships.writer.js';
import { TenantFactsReader } from '../organizations/tenant-facts.reader.js';
import type { Event } from '../outbox/events.js';
import { Clock } from '../platform/clock.js';
import { newId } from '../platform/ids.js';
import { RecoveryCodes } from '../sessions/recovery-codes.service.js';
import { sessionsRevoked } from '../sessions/session-events.js';
import { Sessions } from '../sessions/sessions.service.js';
import { Announcer, type Change } from './announcer.service.js';
import { NewcomerService } from './newcomer.service.js';
import type {
  GroupSettings,
  ManualUser,
  NewGroup,
  OperatorCommand,
  OperatorPlan,
  UserSettings,
} from './operator-plan.js';
import { OperatorPlanner } from './operator-planner.service.js';
import { refusalOf } from './provisioning-refusal.js';

/** What operators do to people and groups: plan, write, announce, or only plan. Rules and refusals: operator-planner. */
@Injectable()
export class OperatorReconciler {
  constructor(
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(DirectoryReader) private readonly directory: DirectoryReader,
    @Inject(DirectoryWriter) private readonly writer: DirectoryWriter,
    @Inject(MembershipsWriter) private readonly memberships: MembershipsWriter,
    @Inject(TenantFactsReader) private readonly tenants: TenantFactsReader,
    @Inject(Sessions) private readonly sessions: Sessions,
    @Inject(RecoveryCodes) private readonly codes: RecoveryCodes,
    @Inject(OperatorPlanner) private readonly planner: OperatorPlanner,
    @Inject(NewcomerService) private readonly newcomers: NewcomerService,
    @Inject(Announcer) private readonly announcer: Announcer,
  ) {}

  /** What a command would do. Throws the same refusals. */
  async preview(organizationId: string, command: OperatorCommand): Promise<OperatorPlan> {
    const { planner } = this;
    const look = this.unitOfWork.look((db): Promise<OperatorPlan> => {
      switch (command.kind) {
        case 'create-user':
          return planner.createUser(db, organizationId, command.wanted);
        case 'set-user':
          return planner.setUser(db, organizationId, command.id, command.wanted);
        case 'create-group':
          return planner.createGroup(db, organizationId, command.wanted);
        case 'set-group':
          return planner.setGroup(db, organizationId, command.id, command.wanted);
        case 'add-members':
          return planner.addMembers(db, organizationId, command.id, command.userIds);
        case 'remove-members':
          return planner.removeMembers(db, organizationId, command.id, command.userIds);
        case 'delete-group':
          return planner.deleteGroup(db, organizationId, command.id);
      }
    });
    return look.catch((error: unknown) => {
      throw refusalOf(error);
    });
  }

  async createUser(organizationId: string, wanted: ManualUser, actor: Actor): Promise<UserView> {
    return this.inTransaction(organizationId, actor, async (tx, change) => {
      const { state } = await this.planner.createUser(tx, organizationId, wanted);
      const { view, events } = await this.newcomers.insert(tx, change, newId(), state);
      await this.announcer.announce(tx, change, events);
      return view;
    });
  }

  /** Flags, role and activation of a person. Whoever is deactivated or no break-glass person any more has no recovery codes either. */
  async setUser(organizationId: string, id: string, wanted: UserSettings, actor: Actor): Promise<UserView> {
    return this.inTransaction(organizationId, actor, async (tx, change) => {
      const { decision, changes, next } = await this.planner.setUser(tx, organizationId, id, wanted);
      if (decision === 'nothing') return (await this.directory.userView(tx, organizationId, id))!;
      await this.writer.updateUser(tx, organizationId, id, next, change.at);
      const { active, ...profile } = changes;
      const deactivates = active !== undefined && !next.active;
      const codeIds =
        next.active && next.breakGlass ? [] : await this.codes.revokeOfUser(tx, organizationId, id, change.at);
      const ended = deactivates
        ? await this.sessions.revoke(tx, organizationId, { userIds: [id] }, 'deactivated', change.at)
        : [];
      await this.announcer.announce(tx, change, [
        ...(Object.keys(profile).length > 0
          ? [{ type: 'user.updated', subjectId: id, data: { changes: profile } } as const]
          : []),
        ...(active
          ? [{ type: deactivates ? 'user.deactivated' : 'user.reactivated', subjectId: id, data: {} } as const]
          : []),
        ...(codeIds.length > 0
          ? [{ type: 'user.recovery-codes-revoked', subjectId: id, data: { codeIds } } as const]
          : []),
        ...sessionsRevoked(ended, 'deactivated'),
      ]);
      return (await this.directory.userView(tx, organizationId, id))!;
    });
  }

  async createGroup(organizationId: string, wanted: NewGroup, actor: Actor): Promise<Group> {
    return this.inTransaction(organizationId, actor, async (tx, change) => {
      const { state, changes } = await this.planner.createGroup(tx, organizationId, wanted);
      const id = newId();
      await this.writer.insertGroup(tx, organizationId, id, state, change.at);
      const joined = state.isDefault ? await this.joinEverybody(tx, change, id) : [];
      await this.announcer.announce(tx, change, [
        { type: 'group.created', subjectId: id, data: { changes } },
        ...membersAdded(id, joined, 'default'),
      ]);
      return (await this.directory.group(tx, organizationId, id))!;
    });
  }

  async setGroup(organizationId: string, id: string, wanted: GroupSettings, actor: Actor): Promise<Group> {
    return this.inTransaction(organizationId, actor, async (tx, change) => {
      const { decision, changes, current, next } = await this.planner.setGroup(tx, organizationId, id, wanted);
      if (decision === 'nothing') return current;
      await this.writer.updateGroup(tx, organizationId, id, next, change.at);
      const becomes = next.isDefault && !current.isDefault;
      const ceases = !next.isDefault && current.isDefault;
      const joined = becomes ? await this.memberships.addEverybody(tx, organizationId, id, change.at) : [];
      const left = ceases ? await this.memberships.endOrigin(tx, organizationId, id, 'everybody', 'default') : [];
      await this.announcer.announce(tx, change, [
        { type: 'group.updated', subjectId: id, data: { changes } },
        ...membersRemoved(id, left),
        ...membersAdded(id, joined, 'default'),
      ]);
      return (await this.directory.group(tx, organizationId, id))!;
    });
  }

  /** A group that operators made, with its memberships. */
  async deleteGroup(organizationId: string, id: string, actor: Actor): Promise<void> {
    await this.inTransaction(organizationId, actor, async (tx, change) => {
      const { current, changes } = await this.planner.deleteGroup(tx, organizationId, id);
      const left = await this.memberships.endAllOfGroup(tx, organizationId, id);
      await this.writer.deleteGroup(tx, organizationId, id);
      const { displayName, externalId } = current;
      await this.announcer.announce(tx, change, [
        ...membersRemoved(id, left),
        { type: 'group.deleted', subjectId: id, data: { displayName, externalId, changes } },
      ]);
    });
  }

  async addMembers(organizationId: string, groupId: string, userIds: readonly string[], actor: Actor): Promise<void> {
    await this.inTransaction(organizationId, actor, async (tx, change) => {
      const plan = await this.planner.addMembers(tx, organizationId, groupId, userIds);
      const { userIds: ids } = plan;
      const { added, unknown } = await this.memberships.add(tx, organizationId, groupId, ids, 'manual', change.at);
      // Somebody was deleted just now.
      if (unknown[0] !== undefined) throw new NotFoundError('user', unknown[0]);
      if (added.length > 0) await this.writer.touchGroups(tx, organizationId, [groupId], change.at);
      await this.announcer.announce(tx, change, membersAdded(groupId, added, 'manual'));
    });
  }

  /** Takes people out of a group, for whatever reason but `default` they are in it. */
  async removeMembers(organizationId: string, groupId: string, named: readonly string[], actor: Actor): Promise<void> {
    await this.inTransaction(organizationId, actor, async (tx, change) => {
      const { userIds } = await this.planner.removeMembers(tx, organizationId, groupId, named);
      const left = await this.memberships.endByAuthority(tx, organizationId, groupId, { userIds }, 'nobody');
      if (left.length > 0) await this.writer.touchGroups(tx, organizationId, [groupId], change.at);
      await this.announcer.announce(tx, change, membersRemoved(groupId, left));
    });
  }

  /** Ends every session of a person; how many were live. */
  async revokeSessions(organizationId: string, userId: string, actor: Actor): Promise<number> {
    return this.inTransaction(organizationId, actor, async (tx, change) => {
      if (!(await this.directory.user(tx, organizationId, userId))) throw new NotFoundError('user', userId);
      const ended = await this.sessions.revoke(tx, organizationId, { userIds: [userId] }, 'operator', change.at);
      await this.announcer.announce(tx, change, sessionsRevoked(ended, 'operator'));
      return ended.length;
    });
  }

  private async joinEverybody(tx: Transaction, change: Change, groupId: string): Promise<string[]> {
    await this.tenants.excludeNewPeople(tx, change.organizationId);
    return this.memberships.addEverybody(tx, change.organizationId, groupId, change.at);
  }

  private async inTransaction<T>(
    organizationId: string,
    actor: Actor,
    work: (tx: Transaction, change: Change) => Promise<T>,
  ): Promise<T> {
    try {
      return await this.unitOfWork.run((tx) => work(tx, { organizationId, at: this.clock.now(), actor }));
    } catch (error) {
      throw refusalOf(error);
    }
  }
}

const membersAdded = (subjectId: string, members: readonly string[], origin: string): Event[] =>
  members.length === 0 ? [] : [{ type: 'group.members-added', subjectId, data: { members, origin } }];

const membersRemoved = (subjectId: string, members: readonly string[]): Event[] =>
  members.length === 0 ? [] : [{ type: 'group.members-removed', subjectId, data: { members } }];
