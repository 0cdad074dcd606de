import { Inject, Injectable } from '@nestjs/common';
import type { Actor } from '../audit/actor.js';
import type { Transaction } from '../database/transaction.js';
import { UnitOfWork } from '../database/unit-of-work.service.js';
import { NotFoundError } from '../directory/directory-errors.js';
import { DirectoryReader } from '../directory/directory.reader.js';
import { DirectoryWriter, type GroupState, type UserState } from '../directory/directory.writer.js';
import type { Attributes, Group, LoginPolicy, UserView } from '../directory/directory-types.js';
import { MembershipsWriter } from '../directory/memberships.writer.js';
import { TenantFactsReader } from '../organizations/tenant-facts.reader.js';
import type { Event } from '../outbox/events.js';
import { Clock } from '../platform/clock.js';
import { isUuid, newId } from '../platform/ids.js';
import { RecoveryCodes } from '../sessions/recovery-codes.service.js';
import { sessionsRevoked } from '../sessions/session-events.js';
import { Sessions } from '../sessions/sessions.service.js';
import { AccessGuard } from './access-guard.service.js';
import { Announcer, type Change } from './announcer.service.js';
import { describeGroup, describeUser } from './describe-changes.js';
import { NewcomerService } from './newcomer.service.js';
import { lastAdminRefusal, ProvisioningRefusal, refusalOf } from './provisioning-refusal.js';

export interface ManualUser {
  readonly userName: string;
  readonly externalId?: string | null;
  readonly attributes: Attributes;
  readonly role?: string;
}

export interface UserSettings {
  readonly breakGlass?: boolean;
  readonly scimLinkApproved?: boolean;
  readonly role?: string;
  readonly active?: boolean;
}

export interface GroupSettings {
  readonly displayName?: string;
  readonly externalId?: string | null;
  readonly protected?: boolean;
  readonly isDefault?: boolean;
  readonly role?: string | null;
  readonly loginPolicy?: LoginPolicy;
}

/**
 * What operators do to people and groups. Resources under the authority of a SCIM client are read-only here but for role mapping,
 * protection, default and policy (design section 5). Throws NotFoundError and ProvisioningRefusal.
 */
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
    @Inject(AccessGuard) private readonly guard: AccessGuard,
    @Inject(NewcomerService) private readonly newcomers: NewcomerService,
    @Inject(Announcer) private readonly announcer: Announcer,
  ) {}

  async createUser(organizationId: string, wanted: ManualUser, actor: Actor): Promise<UserView> {
    return this.inTransaction(organizationId, actor, async (tx, change) => {
      const { roles } = await this.tenants.organization(tx, organizationId);
      const state: UserState = {
        connectionId: null,
        provenance: 'manual',
        active: true,
        userName: wanted.userName,
        externalId: wanted.externalId ?? null,
        attributes: wanted.attributes,
        role: knownRole(roles, wanted.role ?? roles.at(-1)!),
        breakGlass: false,
        scimLinkApproved: false,
      };
      const { view, events } = await this.newcomers.insert(tx, change, newId(), state);
      await this.announcer.announce(tx, change, events);
      return view;
    });
  }

  /** Flags, role and activation of a person. Whoever is deactivated or no break-glass person any more has no recovery codes either. */
  async setUser(organizationId: string, id: string, wanted: UserSettings, actor: Actor): Promise<UserView> {
    return this.inTransaction(organizationId, actor, async (tx, change) => {
      const current = await this.directory.lockUser(tx, organizationId, id);
      if (!current) throw new NotFoundError('user', id);
      const { roles } = await this.tenants.organization(tx, organizationId);
      if (wanted.role !== undefined) knownRole(roles, wanted.role);
      const next: UserState = { ...current, ...definedOf(wanted) };
      const differences = describeUser(current, next);
      const { active, ...profile } = differences;
      if (Object.keys(differences).length === 0) return (await this.directory.userView(tx, organizationId, id))!;
      if (current.provenance === 'scim' && (active || profile['role'] || profile['scimLinkApproved']))
        throw managedByScim();
      const admins = await this.guard.before(tx, organizationId, roles[0]!);
      await this.writer.updateUser(tx, organizationId, id, next, change.at);
      if (await this.guard.lostLast(tx, organizationId, admins)) throw lastAdminRefusal();
      const deactivates = current.active && !next.active;
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

  async createGroup(
    organizationId: string,
    wanted: GroupSettings & { readonly displayName: string },
    actor: Actor,
  ): Promise<Group> {
    return this.inTransaction(organizationId, actor, async (tx, change) => {
      await this.checkGroupRole(tx, organizationId, wanted.role);
      const id = newId();
      const state: GroupState = { ...NEW_GROUP, ...definedOf(wanted) };
      await this.writer.insertGroup(tx, organizationId, id, state, change.at);
      const joined = state.isDefault ? await this.joinEverybody(tx, change, id) : [];
      const changes = describeGroup(undefined, state);
      await this.announcer.announce(tx, change, [
        { type: 'group.created', subjectId: id, data: { changes } },
        ...membersAdded(id, joined, 'default'),
      ]);
      return (await this.directory.group(tx, organizationId, id))!;
    });
  }

  /** Policy, protection, default and role of any group; the name only of one that SCIM is not the authority of. */
  async setGroup(organizationId: string, id: string, wanted: GroupSettings, actor: Actor): Promise<Group> {
    return this.inTransaction(organizationId, actor, async (tx, change) => {
      // Before the group, in the order in which a person being created takes the two.
      if (wanted.isDefault !== undefined) await this.tenants.excludeNewPeople(tx, organizationId);
      const current = await this.directory.lockGroup(tx, organizationId, id);
      if (!current) throw new NotFoundError('group', id);
      await this.checkGroupRole(tx, organizationId, wanted.role);
      const next: GroupState = { ...current, uniqueName: true, ...definedOf(wanted) };
      const changes = describeGroup(current, next);
      if (Object.keys(changes).length === 0) return current;
      if (current.provenance === 'scim' && (changes['displayName'] || changes['externalId'])) throw managedByScim();
      const { roles } = await this.tenants.organization(tx, organizationId);
      const admins = await this.guard.before(tx, organizationId, roles[0]!);
      await this.writer.updateGroup(tx, organizationId, id, next, change.at);
      const becomes = next.isDefault && !current.isDefault;
      const ceases = !next.isDefault && current.isDefault;
      const joined = becomes ? await this.memberships.addEverybody(tx, organizationId, id, change.at) : [];
      const left = ceases ? await this.memberships.endOrigin(tx, organizationId, id, 'everybody', 'default') : [];
      if (await this.guard.lostLast(tx, organizationId, admins)) throw lastAdminRefusal();
      await this.announcer.announce(tx, change, [
        { type: 'group.updated', subjectId: id, data: { changes } },
        ...membersRemoved(id, left),
        ...membersAdded(id, joined, 'default'),
      ]);
      return (await this.directory.group(tx, organizationId, id))!;
    });
  }

  /** Adds people by hand. A group under SCIM authority is read-only. */
  async addMembers(organizationId: string, groupId: string, userIds: readonly string[], actor: Actor): Promise<void> {
    await this.inTransaction(organizationId, actor, async (tx, change) => {
      await this.lockOwnGroup(tx, organizationId, groupId);
      const ids = userIds.filter(isUuid).map((id) => id.toLowerCase());
      const { added, unknown } = await this.memberships.add(tx, organizationId, groupId, ids, 'manual', change.at);
      const stranger = userIds.find((id) => !isUuid(id)) ?? unknown[0];
      if (stranger !== undefined) throw new NotFoundError('user', stranger);
      if (added.length > 0) await this.writer.touchGroups(tx, organizationId, [groupId], change.at);
      await this.announcer.announce(tx, change, membersAdded(groupId, added, 'manual'));
    });
  }

  /** Takes people out of a group, for whatever reason but `default` they are in it. A group under SCIM authority is read-only. */
  async removeMembers(
    organizationId: string,
    groupId: string,
    userIds: readonly string[],
    actor: Actor,
  ): Promise<void> {
    await this.inTransaction(organizationId, actor, async (tx, change) => {
      await this.lockOwnGroup(tx, organizationId, groupId);
      const { roles } = await this.tenants.organization(tx, organizationId);
      const admins = await this.guard.before(tx, organizationId, roles[0]!);
      const ids = userIds.filter(isUuid);
      const left = await this.memberships.endByAuthority(tx, organizationId, groupId, { userIds: ids }, 'nobody');
      if (left.length > 0) await this.writer.touchGroups(tx, organizationId, [groupId], change.at);
      if (await this.guard.lostLast(tx, organizationId, admins)) throw lastAdminRefusal();
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

  private async lockOwnGroup(tx: Transaction, organizationId: string, groupId: string): Promise<void> {
    const group = await this.directory.lockGroup(tx, organizationId, groupId);
    if (!group) throw new NotFoundError('group', groupId);
    if (group.provenance === 'scim') throw managedByScim();
  }

  private async checkGroupRole(
    tx: Transaction,
    organizationId: string,
    role: string | null | undefined,
  ): Promise<void> {
    if (role === undefined || role === null) return;
    knownRole((await this.tenants.organization(tx, organizationId)).roles, role);
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

const NEW_GROUP: Omit<GroupState, 'displayName'> = {
  connectionId: null,
  provenance: 'manual',
  loginPolicy: 'authoritative',
  protected: false,
  isDefault: false,
  role: null,
  uniqueName: true,
  externalId: null,
  attributes: {},
};

/** Without the keys whose value is undefined, which would erase what they are spread over. */
function definedOf<T extends object>(wanted: T): { [K in keyof T]-?: Exclude<T[K], undefined> } {
  const entries = Object.entries(wanted).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]-?: Exclude<T[K], undefined> };
}

function knownRole(roles: readonly string[], role: string): string {
  if (roles.includes(role)) return role;
  throw new ProvisioningRefusal('unknown-role', `"${role}" is no role of this organization (${roles.join(', ')})`);
}

const managedByScim = () =>
  new ProvisioningRefusal('managed-by-scim', 'A SCIM client is the authority here; change it in the IdP');

const membersAdded = (subjectId: string, members: readonly string[], origin: string): Event[] =>
  members.length === 0 ? [] : [{ type: 'group.members-added', subjectId, data: { members, origin } }];

const membersRemoved = (subjectId: string, members: readonly string[]): Event[] =>
  members.length === 0 ? [] : [{ type: 'group.members-removed', subjectId, data: { members } }];
