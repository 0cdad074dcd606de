import { Inject, Injectable } from '@nestjs/common';
import type { Transaction } from '../database/transaction.js';
import { DirectoryReader } from '../directory/directory.reader.js';
import { DirectoryWriter, type UserState } from '../directory/directory.writer.js';
import type { User } from '../directory/directory-types.js';
import type { Connection } from '../organizations/connection.js';
import { TenantFactsReader } from '../organizations/tenant-facts.reader.js';
import type { Event } from '../outbox/events.js';
import { newId } from '../platform/ids.js';
import type { Change } from './announcer.service.js';
import { applyClaims } from './apply-claims.js';
import type { LoginClaims } from './changes.js';
import type { LoginDecision } from './decide-login.js';
import { describeUser } from './describe-changes.js';
import { MembershipReset, type GroupFacts } from './membership-reset.service.js';
import { NewcomerService } from './newcomer.service.js';
import { roleOfValues } from './roles.js';

type Acceptance = Exclude<LoginDecision, { kind: 'reject' }>;

/** What an accepted sign-in changed. */
export interface LoginChanges {
  readonly userId: string;
  readonly events: readonly Event[];
  /** For the sign-in record: profile old -> new, groups with reasons, drift, what was held back and why. */
  readonly record: Readonly<Record<string, unknown>>;
}

/** Carries out what decide-login allowed: link, profile, role and groups. */
@Injectable()
export class LoginWriter {
  constructor(
    @Inject(DirectoryReader) private readonly directory: DirectoryReader,
    @Inject(DirectoryWriter) private readonly writer: DirectoryWriter,
    @Inject(TenantFactsReader) private readonly tenants: TenantFactsReader,
    @Inject(NewcomerService) private readonly newcomers: NewcomerService,
    @Inject(MembershipReset) private readonly groups: MembershipReset,
  ) {}

  /** `user`: the matched one, locked; undefined for a new person. Throws UniquenessError when a parallel sign-in was quicker. */
  async write(
    tx: Transaction,
    change: Change,
    connection: Connection,
    claims: LoginClaims,
    decision: Acceptance,
    user: User | undefined,
    userNameTaken: boolean,
  ): Promise<LoginChanges> {
    if (decision.kind === 'create' || !user) return this.create(tx, change, connection, claims);
    const linked = await this.link(tx, change, connection, claims, decision, user.id);
    const planned = await this.groups.plan(tx, connection, user.id, claims.groups);
    if (decision.groups === 'untouched') {
      return { userId: user.id, events: linked, record: { drift: driftOf(user, claims, planned) } };
    }
    const next = this.nextState(connection, claims, user, userNameTaken);
    const held = await this.holdLastAdmin(tx, connection, user, next, planned);
    const profile = await this.saveProfile(tx, change, user, held.next);
    const reset = await this.groups.carryOut(tx, change, connection, user.id, claims.groups, planned, held.groups);
    return {
      userId: user.id,
      events: [...linked, ...profile.events, ...reset.events, ...overage(user.id, planned)],
      record: {
        changes: profile.differences,
        groups: { plan: planned.plan, added: reset.added, removed: reset.removed, created: reset.created },
        ...(userNameTaken ? { userNameTaken: claims.userName } : {}),
        ...(held.lastAdmin ? { heldLastAdmin: { role: user.role, groups: [...held.groups] } } : {}),
      },
    };
  }

  private async create(
    tx: Transaction,
    change: Change,
    connection: Connection,
    claims: LoginClaims,
  ): Promise<LoginChanges> {
    const id = newId();
    const state: UserState = {
      connectionId: connection.id,
      provenance: 'jit',
      active: true,
      userName: claims.userName!,
      externalId: null,
      attributes: applyClaims({}, claims),
      role: assertedRole(connection, claims),
      breakGlass: false,
      scimLinkApproved: false,
    };
    const { events } = await this.newcomers.insert(tx, change, id, state);
    await this.writer.linkIdentity(tx, change.organizationId, connection.id, claims.subject, id, change.at);
    const planned = await this.groups.plan(tx, connection, id, claims.groups);
    const reset = await this.groups.carryOut(tx, change, connection, id, claims.groups, planned, new Set());
    return {
      userId: id,
      events: [...events, ...reset.events, ...overage(id, planned)],
      record: {
        changes: describeUser(undefined, state),
        groups: { plan: planned.plan, added: reset.added, removed: reset.removed, created: reset.created },
      },
    };
  }

  private async link(
    tx: Transaction,
    change: Change,
    connection: Connection,
    claims: LoginClaims,
    decision: Acceptance,
    userId: string,
  ): Promise<Event[]> {
    if (decision.matchedBy === 'identity') return [];
    await this.writer.linkIdentity(tx, change.organizationId, connection.id, claims.subject, userId, change.at);
    const data = { connectionId: connection.id, subject: claims.subject, matchedBy: decision.matchedBy };
    return [{ type: 'user.linked', subjectId: userId, data }];
  }

  /** Mapped attributes overwrite; a userName that is somebody else's does not. */
  private nextState(connection: Connection, claims: LoginClaims, user: User, userNameTaken: boolean): UserState {
    return {
      ...user,
      provenance: 'jit',
      connectionId: connection.id,
      userName: userNameTaken ? user.userName : (claims.userName ?? user.userName),
      attributes: applyClaims(user.attributes, claims),
      role: assertedRole(connection, claims),
    };
  }

  /** Design section 6: "The last active admin of an organization is never removed, demoted or deactivated by JIT." */
  private async holdLastAdmin(
    tx: Transaction,
    connection: Connection,
    user: User,
    next: UserState,
    { plan, known }: GroupFacts,
  ): Promise<{ next: UserState; groups: ReadonlySet<string>; lastAdmin: boolean }> {
    const adminRole = connection.organizationRoles[0]!;
    const leaving = new Set(plan.remove.map(({ groupId }) => groupId));
    const adminGroups = known.filter(({ group, origins }) => group.role === adminRole && origins !== null);
    const isAdmin = user.role === adminRole || adminGroups.length > 0;
    const stays = next.role === adminRole || adminGroups.some(({ group }) => !leaving.has(group.id));
    const nothingHeld = { next, groups: new Set<string>(), lastAdmin: false };
    if (!isAdmin || stays) return nothingHeld;
    await this.tenants.serialize(tx, connection.organizationId);
    if (await this.directory.hasOtherHolder(tx, connection.organizationId, adminRole, user.id)) return nothingHeld;
    const groups = new Set(adminGroups.map(({ group }) => group.id));
    return { next: { ...next, role: user.role }, groups, lastAdmin: true };
  }

  private async saveProfile(tx: Transaction, { organizationId, at }: Change, user: User, next: UserState) {
    const differences = describeUser(user, next);
    if (Object.keys(differences).length === 0) return { differences, events: [] };
    await this.writer.updateUser(tx, organizationId, user.id, next, at);
    const event: Event = { type: 'user.updated', subjectId: user.id, data: { changes: differences } };
    return { differences, events: [event] };
  }
}

const assertedRole = (connection: Connection, claims: LoginClaims): string =>
  roleOfValues(connection.organizationRoles, connection.provisioning.roleMapping, claims.roles) ??
  connection.provisioning.defaultRole;

const overage = (userId: string, { plan }: GroupFacts): Event[] =>
  plan.kind === 'overage' ? [{ type: 'groups.overage', subjectId: userId, data: {} }] : [];

/** Where the assertion disagrees with what is stored, for a person whom sign-ins do not change. */
function driftOf(user: User, claims: LoginClaims, { plan, known }: GroupFacts) {
  const asserted: UserState = { ...user, attributes: applyClaims(user.attributes, claims) };
  const member = new Set(known.filter(({ origins }) => origins !== null).map(({ group }) => group.id));
  const exempt = new Set(known.filter(({ group }) => group.isDefault).map(({ group }) => group.id));
  const stored = plan.kind === 'reset' ? [...member].filter((id) => !exempt.has(id)) : [];
  return {
    profile: describeUser(user, asserted),
    groups: {
      assertedOnly: plan.named.filter((id) => !member.has(id)),
      storedOnly: stored.filter((id) => !plan.named.includes(id)),
      unknown: plan.unknown,
    },
  };
}
