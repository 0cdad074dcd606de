import { Inject, Injectable } from '@nestjs/common';
import type { Snapshot, Transaction } from '../database/transaction.js';
import { NotFoundError, UniquenessError } from '../directory/directory-errors.js';
import { DirectoryReader } from '../directory/directory.reader.js';
import type { Group } from '../directory/directory-types.js';
import type { UserState } from '../directory/directory.writer.js';
import { nameKey } from '../directory/name-key.js';
import { WholeStateReader } from '../directory/whole-state.reader.js';
import { TenantFactsReader } from '../organizations/tenant-facts.reader.js';
import { isUuid } from '../platform/ids.js';
import { AccessGuard } from './access-guard.service.js';
import { describeGroup, describeUser } from './describe-changes.js';
import * as plans from './operator-plan.js';
import { definedOf, effect, isOnly, knownRole, managedByScim, NOBODY, refuseGroupDelete } from './operator-plan.js';

type Db = Transaction | Snapshot;

/**
 * Decides what an operator's command does, in a transaction with everything locked, or on a snapshot for a preview: the same refusals,
 * the same plan. Resources under the authority of a SCIM client are read-only here but for role mapping, protection, default and policy
 * (design section 5). Throws NotFoundError, UniquenessError and ProvisioningRefusal.
 */
@Injectable()
export class OperatorPlanner {
  constructor(
    @Inject(DirectoryReader) private readonly directory: DirectoryReader,
    @Inject(WholeStateReader) private readonly state: WholeStateReader,
    @Inject(TenantFactsReader) private readonly tenants: TenantFactsReader,
    @Inject(AccessGuard) private readonly guard: AccessGuard,
  ) {}

  async createUser(db: Db, organizationId: string, wanted: plans.ManualUser): Promise<plans.NewUserPlan> {
    const { roles } = await this.tenants.organization(db, organizationId);
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
    await this.refuseTaken(db, organizationId, 'user', null, wanted.userName);
    const defaults = await this.directory.defaultGroups(db, organizationId);
    const joins = defaults.map((group) => effect(group, 'default')(null));
    return { ...NOBODY, decision: 'create', id: null, changes: describeUser(undefined, state), joins, state };
  }

  /** Flags, role and activation of a person. */
  async setUser(db: Db, organizationId: string, id: string, wanted: plans.UserSettings): Promise<plans.UserPlan> {
    const current = await (db.inTransaction
      ? this.directory.lockUser(db, organizationId, id)
      : this.directory.user(db, organizationId, id));
    if (!current) throw new NotFoundError('user', id);
    const { roles } = await this.tenants.organization(db, organizationId);
    if (wanted.role !== undefined) knownRole(roles, wanted.role);
    const next: UserState = { ...current, ...definedOf(wanted) };
    const changes = describeUser(current, next);
    if (current.provenance === 'scim' && ['active', 'role', 'scimLinkApproved'].some((name) => changes[name]))
      throw managedByScim();
    if (changes['active'] && current.active) await this.guard.refuseLoss(db, organizationId, roles[0]!, { userId: id });
    else if (changes['role'] && current.active)
      await this.guard.refuseLoss(db, organizationId, roles[0]!, { ownRoleOf: id });
    return { ...NOBODY, ...updated(id, changes), current, next };
  }

  async createGroup(db: Db, organizationId: string, wanted: plans.NewGroup): Promise<plans.NewGroupPlan> {
    await this.checkRole(db, organizationId, wanted.role);
    const state = { ...plans.NEW_GROUP, ...definedOf(wanted) };
    await this.refuseTaken(db, organizationId, 'group', null, wanted.displayName);
    const everybody = state.isDefault ? await this.state.outsiders(db, organizationId, null) : [];
    const joins = everybody.map(effect({ id: '', displayName: state.displayName }, 'default'));
    return { ...NOBODY, decision: 'create', id: null, changes: describeGroup(undefined, state), joins, state };
  }

  /** Policy, protection, default and role of any group; the name only of one that SCIM is not the authority of. */
  async setGroup(db: Db, organizationId: string, id: string, wanted: plans.GroupSettings): Promise<plans.GroupPlan> {
    // Before the group, in the order in which a person being created takes the two.
    if (wanted.isDefault !== undefined && db.inTransaction) await this.tenants.excludeNewPeople(db, organizationId);
    const current = await this.group(db, organizationId, id);
    await this.checkRole(db, organizationId, wanted.role);
    const next = { ...current, uniqueName: true, ...definedOf(wanted) };
    const changes = describeGroup(current, next);
    if (current.provenance === 'scim' && (changes['displayName'] || changes['externalId'])) throw managedByScim();
    if (changes['displayName']) await this.refuseTaken(db, organizationId, 'group', id, next.displayName);
    const becomes = next.isDefault && !current.isDefault;
    const ceases = !next.isDefault && current.isDefault;
    const joining = becomes ? await this.state.outsiders(db, organizationId, id) : [];
    const members = ceases ? await this.state.membersOf(db, organizationId, id) : [];
    const leaving = members.filter(({ origins }) => isOnly(origins, 'default')).map(({ userId }) => userId);
    const demotes = next.role !== current.role;
    if (demotes || leaving.length > 0)
      await this.refuseLoss(db, organizationId, current, demotes ? undefined : leaving);
    const joins = joining.map(effect(next, 'default'));
    const leaves = leaving.map(effect(next, 'no-longer-default'));
    return { ...updated(id, changes), joins, leaves, stays: [], current, next };
  }

  /** A group under SCIM authority is read-only. */
  async addMembers(db: Db, organizationId: string, id: string, named: readonly string[]): Promise<plans.MembersPlan> {
    const group = await this.ownGroup(db, organizationId, id);
    const userIds = [...new Set(named.filter(isUuid).map((each) => each.toLowerCase()))];
    const living = (await this.state.users(db, organizationId, userIds)).filter(({ deletedAt }) => deletedAt === null);
    const known = new Set(living.map((user) => user.id));
    const stranger = named.find((each) => !known.has(each.toLowerCase()));
    if (stranger !== undefined) throw new NotFoundError('user', stranger);
    const present = await this.members(db, organizationId, id, userIds);
    const joins = userIds.filter((each) => !present.has(each)).map(effect(group, 'by-hand'));
    const stays = userIds.filter((each) => present.has(each)).map(effect(group, 'already'));
    const isNew = joins.length > 0 || [...present.values()].some((origins) => !origins.includes('manual'));
    return { decision: isNew ? 'update' : 'nothing', id, changes: {}, joins, leaves: [], stays, userIds };
  }

  /** Whoever is in the group by default stays. A group under SCIM authority is read-only. */
  async removeMembers(
    db: Db,
    organizationId: string,
    id: string,
    named: readonly string[],
  ): Promise<plans.MembersPlan> {
    const group = await this.ownGroup(db, organizationId, id);
    const userIds = named.filter(isUuid).map((each) => each.toLowerCase());
    const present = [...(await this.members(db, organizationId, id, userIds))];
    const [staying, leaving] = [true, false].map((stays) =>
      present.filter(([, origins]) => origins.includes('default') === stays).map(([userId]) => userId),
    );
    if (leaving!.length > 0) await this.refuseLoss(db, organizationId, group, leaving);
    const ends = leaving!.length > 0 || present.some(([, origins]) => !isOnly(origins, 'default'));
    return {
      decision: ends ? 'update' : 'nothing',
      id,
      changes: {},
      joins: [],
      leaves: leaving!.map(effect(group, 'asked')),
      stays: staying!.map(effect(group, 'default')),
      userIds,
    };
  }

  async deleteGroup(db: Db, organizationId: string, id: string): Promise<plans.OperatorPlan & { current: Group }> {
    const current = await this.group(db, organizationId, id);
    refuseGroupDelete(current);
    await this.refuseLoss(db, organizationId, current);
    const members = await this.state.membersOf(db, organizationId, id);
    const leaves = members.map(({ userId }) => userId).map(effect(current, 'group-deleted'));
    return { ...NOBODY, decision: 'delete', id, changes: describeGroup(current, undefined), leaves, current };
  }

  private async group(db: Db, organizationId: string, id: string): Promise<Group> {
    const group = await (db.inTransaction
      ? this.directory.lockGroup(db, organizationId, id)
      : this.directory.group(db, organizationId, id));
    if (!group) throw new NotFoundError('group', id);
    return group;
  }

  private async ownGroup(db: Db, organizationId: string, id: string): Promise<Group> {
    const group = await this.group(db, organizationId, id);
    if (group.provenance === 'scim') throw managedByScim();
    return group;
  }

  private async members(db: Db, organizationId: string, groupId: string, userIds: readonly string[]) {
    const pairs = userIds.map((userId) => ({ groupId, userId }));
    const found = await this.state.memberships(db, organizationId, pairs, []);
    return new Map(found.map(({ userId, origins }) => [userId, origins]));
  }

  private async checkRole(db: Db, organizationId: string, role: string | null | undefined): Promise<void> {
    if (role === undefined || role === null) return;
    knownRole((await this.tenants.organization(db, organizationId)).roles, role);
  }

  /** When these members leave the group, or everybody does, or it gives its role no more. */
  private async refuseLoss(db: Db, organizationId: string, group: Group, members?: readonly string[]): Promise<void> {
    const { roles } = await this.tenants.organization(db, organizationId);
    if (group.role !== roles[0]) return;
    await this.guard.refuseLoss(db, organizationId, roles[0], { groupId: group.id, ...(members && { members }) });
  }

  /** The index has the last word; this says it before anything is written. */
  private async refuseTaken(
    db: Db,
    organizationId: string,
    subject: 'user' | 'group',
    self: string | null,
    name: string,
  ): Promise<void> {
    const attribute = subject === 'user' ? 'userName' : 'displayName';
    const holders = await this.state.holders(db, organizationId, [{ subject, attribute, key: nameKey(name) }]);
    if (holders.some(({ id }) => id !== self)) throw new UniquenessError(subject, attribute, name);
  }
}

const updated = (id: string, changes: plans.OperatorPlan['changes']) => ({
  decision: Object.keys(changes).length > 0 ? ('update' as const) : ('nothing' as const),
  id,
  changes,
});
