import { Inject, Injectable } from '@nestjs/common';
import type { Actor } from '../audit/actor.js';
import { CandidatesReader } from '../directory/candidates.reader.js';
import type { Transaction } from '../database/transaction.js';
import { UnitOfWork } from '../database/unit-of-work.service.js';
import { NotFoundError, VersionConflictError } from '../directory/directory-errors.js';
import { DirectoryReader } from '../directory/directory.reader.js';
import { DirectoryWriter, type UserState } from '../directory/directory.writer.js';
import type { User, UserView } from '../directory/directory-types.js';
import { HeldRemovalsWriter } from '../directory/held-removals.writer.js';
import { MembershipsWriter } from '../directory/memberships.writer.js';
import { nameKey } from '../directory/name-key.js';
import type { Connection } from '../organizations/connection.js';
import { TenantFactsReader } from '../organizations/tenant-facts.reader.js';
import type { Event } from '../outbox/events.js';
import { Clock } from '../platform/clock.js';
import { newId } from '../platform/ids.js';
import { sameJson } from '../platform/same-json.js';
import { sessionsRevoked } from '../sessions/session-events.js';
import { Sessions } from '../sessions/sessions.service.js';
import { AccessGuard } from './access-guard.service.js';
import { Announcer, type Change } from './announcer.service.js';
import type { UserDocument, UserEdit, VersionCondition } from './changes.js';
import {
  accepted,
  decideUserChange,
  decideUserCreate,
  refuseEndOfAccess,
  type ProvisioningConnection,
  type ProvisioningDecision,
} from './decide-provisioning.js';
import { DeprovisioningGuard } from './deprovisioning-guard.service.js';
import { describeUser, type Differences } from './describe-changes.js';
import { LateMembers } from './late-members.service.js';
import { NewcomerService } from './newcomer.service.js';
import { lastAdminRefusal, ProvisioningRefusal, refusalOf } from './provisioning-refusal.js';
import { roleOfValues, scimRoleValues } from './roles.js';

/** What SCIM requests do to users: lock -> decide -> write -> announce. Rules: decide-provisioning. */
@Injectable()
export class UserReconciler {
  constructor(
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(DirectoryReader) private readonly directory: DirectoryReader,
    @Inject(CandidatesReader) private readonly candidates: CandidatesReader,
    @Inject(DirectoryWriter) private readonly writer: DirectoryWriter,
    @Inject(MembershipsWriter) private readonly memberships: MembershipsWriter,
    @Inject(HeldRemovalsWriter) private readonly held: HeldRemovalsWriter,
    @Inject(TenantFactsReader) private readonly tenants: TenantFactsReader,
    @Inject(Sessions) private readonly sessions: Sessions,
    @Inject(AccessGuard) private readonly guard: AccessGuard,
    @Inject(DeprovisioningGuard) private readonly ends: DeprovisioningGuard,
    @Inject(NewcomerService) private readonly newcomers: NewcomerService,
    @Inject(LateMembers) private readonly late: LateMembers,
    @Inject(Announcer) private readonly announcer: Announcer,
  ) {}

  /** POST /Users: creates, or adopts somebody who is there, whose document `adopted` computes. Throws ProvisioningRefusal. */
  async create(
    connection: Connection,
    document: UserDocument,
    actor: Actor,
    adopted: UserEdit = () => document,
  ): Promise<UserView> {
    return this.inTransaction(connection, actor, async (tx, change) => {
      const found = await this.candidates.forCreate(tx, connection.organizationId, {
        connectionId: connection.id,
        userNameKey: nameKey(document.userName),
        externalId: document.externalId,
      });
      const decision = accepted(decideUserCreate(provisioning(connection), found));
      if (decision === 'create') return this.insert(tx, change, connection, document);
      const current = (found.byUserName ?? found.bySubject)!;
      const next = adopted(current);
      return this.apply(tx, change, connection, current, { ...next, active: next.active ?? current.active }, true);
    });
  }

  /**
   * PATCH and PUT: `edit` computes the new document from the locked one. Nothing different: nothing written, nothing announced.
   * Throws NotFoundError, VersionConflictError, ProvisioningRefusal, and what `edit` throws.
   */
  async change(
    connection: Connection,
    id: string,
    edit: UserEdit,
    actor: Actor,
    condition?: VersionCondition,
  ): Promise<UserView> {
    return this.inTransaction(connection, actor, async (tx, change) => {
      const current = await this.directory.lockUser(tx, connection.organizationId, id);
      if (!current) throw new NotFoundError('user', id);
      if (condition && !condition(current.version)) throw new VersionConflictError(current.version);
      const { userName, externalId, active, attributes } = current;
      const document = edit({ userName, externalId, active, attributes });
      const adopt = (await this.decideChange(tx, connection, current)) === 'adopt';
      return this.apply(tx, change, connection, current, { ...document, active: document.active ?? active }, adopt);
    });
  }

  /** DELETE: leaves a tombstone. Throws NotFoundError, VersionConflictError, ProvisioningRefusal. */
  async remove(connection: Connection, id: string, actor: Actor, condition?: VersionCondition): Promise<void> {
    const { organizationId } = connection;
    await this.inTransaction(connection, actor, async (tx, change) => {
      // Groups before the user: the order in which a group change takes its locks.
      const groups = (await this.directory.groupsOf(tx, organizationId, [id])).get(id) ?? [];
      await this.directory.lockGroups(
        tx,
        organizationId,
        groups.map((group) => group.id),
      );
      const current = await this.directory.lockUserForRemoval(tx, organizationId, id);
      if (!current) throw new NotFoundError('user', id);
      if (condition && !condition(current.version)) throw new VersionConflictError(current.version);
      await this.decideChange(tx, connection, current);
      refuseIf(refuseEndOfAccess(current));
      if (current.active) await this.ends.before(tx, change, connection, id);
      const admins = await this.guardAdmin(tx, connection, current, true);
      const left = await this.memberships.endAllOfUser(tx, organizationId, id);
      await this.writer.touchGroups(tx, organizationId, left, change.at);
      await this.writer.buryUser(tx, organizationId, id, connection.id, change.at);
      await this.held.forgetPeople(tx, organizationId, [id]);
      if (await this.guard.lostLast(tx, organizationId, admins)) throw lastAdminRefusal();
      const ended = await this.sessions.revoke(tx, organizationId, { userIds: [id] }, 'deleted', change.at);
      await this.announcer.announce(tx, change, [
        ...left.map((groupId): Event => ({
          type: 'group.members-removed',
          subjectId: groupId,
          data: { members: [id] },
        })),
        buried(current, connection.id, change.at),
        ...sessionsRevoked(ended, 'deleted'),
      ]);
    });
  }

  private async insert(
    tx: Transaction,
    change: Change,
    connection: Connection,
    document: UserDocument,
  ): Promise<UserView> {
    const { roleMapping, defaultRole } = connection.provisioning;
    const state: UserState = {
      connectionId: connection.id,
      provenance: 'scim',
      active: document.active ?? true,
      userName: document.userName,
      externalId: document.externalId,
      attributes: document.attributes,
      role: roleOfValues(connection.organizationRoles, roleMapping, scimRoleValues(document.attributes)) ?? defaultRole,
      breakGlass: false,
      scimLinkApproved: false,
    };
    const id = newId();
    const { view, events } = await this.newcomers.insert(tx, change, id, state);
    const joined = await this.late.arrive(tx, change, connection, { id, externalId: state.externalId });
    await this.announcer.announce(tx, change, [...events, ...joined]);
    return joined.length === 0 ? view : (await this.directory.userView(tx, change.organizationId, id))!;
  }

  /** Writes what differs between `current` and the document and announces it. */
  private async apply(
    tx: Transaction,
    change: Change,
    connection: Connection,
    current: User,
    document: UserDocument & { readonly active: boolean },
    adopt: boolean,
  ): Promise<UserView> {
    const { organizationId } = change;
    const next: UserState = {
      ...current,
      ...document,
      role: this.nextRole(connection, current, document),
      ...(adopt ? { provenance: 'scim' as const, connectionId: connection.id, scimLinkApproved: false } : {}),
    };
    const differences = describeUser(current, next);
    if (Object.keys(differences).length === 0) return (await this.directory.userView(tx, organizationId, current.id))!;
    const deactivates = current.active && !next.active;
    if (deactivates) {
      refuseIf(refuseEndOfAccess(current));
      await this.ends.before(tx, change, connection, current.id);
    }
    const admins = await this.guardAdmin(tx, connection, current, deactivates || next.role !== current.role);
    await this.writer.updateUser(tx, organizationId, current.id, next, change.at);
    if (await this.guard.lostLast(tx, organizationId, admins)) throw lastAdminRefusal();
    const arrives = adopt || next.externalId !== current.externalId;
    const joined = arrives
      ? await this.late.arrive(tx, change, connection, { id: current.id, externalId: next.externalId })
      : [];
    const ended = deactivates
      ? await this.sessions.revoke(tx, organizationId, { userIds: [current.id] }, 'deactivated', change.at)
      : [];
    await this.announcer.announce(tx, change, [
      ...describeAsEvents(current, next, differences, adopt),
      ...joined,
      ...sessionsRevoked(ended, 'deactivated'),
    ]);
    return (await this.directory.userView(tx, organizationId, current.id))!;
  }

  /** SCIM decides the role whenever it speaks of `roles`; a change that does not leaves it as it is. */
  private nextRole(connection: Connection, current: User, document: UserDocument): string {
    if (sameJson(current.attributes['roles'], document.attributes['roles'])) return current.role;
    const { roleMapping, defaultRole } = connection.provisioning;
    return roleOfValues(connection.organizationRoles, roleMapping, scimRoleValues(document.attributes)) ?? defaultRole;
  }

  private async decideChange(tx: Transaction, connection: Connection, current: User) {
    const foreign = current.provenance === 'scim' && current.connectionId !== connection.id;
    const hasScim = foreign && (await this.tenants.hasScim(tx, connection.organizationId, current.connectionId));
    return accepted(decideUserChange(provisioning(connection), current, hasScim));
  }

  /** Only for a change that may take somebody's admin role; for all others no lock and no question. */
  private async guardAdmin(tx: Transaction, connection: Connection, user: User, mayTake: boolean) {
    if (!mayTake || !connection.provisioning.protectLastAdmin || !user.active) return undefined;
    const adminRole = connection.organizationRoles[0]!;
    const isAdmin =
      user.role === adminRole ||
      (await this.directory.groupRolesOf(tx, connection.organizationId, user.id)).includes(adminRole);
    return isAdmin ? this.guard.before(tx, connection.organizationId, adminRole) : undefined;
  }

  private async inTransaction<T>(
    connection: Connection,
    actor: Actor,
    work: (tx: Transaction, change: Change) => Promise<T>,
  ): Promise<T> {
    const { organizationId } = connection;
    try {
      return await this.ends.watch(connection, actor, () =>
        this.unitOfWork.run((tx) => work(tx, { organizationId, at: this.clock.now(), actor })),
      );
    } catch (error) {
      throw refusalOf(error);
    }
  }
}

const provisioning = (connection: Connection): ProvisioningConnection => ({
  id: connection.id,
  takeover: connection.provisioning.takeover,
});

function refuseIf(decision: ProvisioningDecision | undefined): void {
  if (decision?.kind === 'refuse') throw new ProvisioningRefusal(decision.reason, decision.detail);
}

function buried(current: User, connectionId: string, at: Date): Event {
  const { id, userName, externalId } = current;
  const changes = { ...describeUser(current, { ...current, active: false, connectionId }), deletedAt: [null, at] };
  return { type: 'user.deleted', subjectId: id, data: { userName, externalId, changes } };
}

function describeAsEvents(current: User, next: UserState, differences: Differences, adopted: boolean): Event[] {
  const { active: _active, provenance, connectionId, scimLinkApproved, ...profile } = differences;
  const authority = { ...(provenance && { provenance }), ...(connectionId && { connectionId }) };
  const subjectId = current.id;
  const events: Event[] = [];
  if (adopted) {
    const changes = { ...authority, ...(scimLinkApproved && { scimLinkApproved }) };
    events.push({ type: 'user.adopted', subjectId, data: { changes } });
  }
  if (Object.keys(profile).length > 0) events.push({ type: 'user.updated', subjectId, data: { changes: profile } });
  if (current.active && !next.active) events.push({ type: 'user.deactivated', subjectId, data: {} });
  if (!current.active && next.active) events.push({ type: 'user.reactivated', subjectId, data: {} });
  return events;
}
