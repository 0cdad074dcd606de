import { Inject, Injectable } from '@nestjs/common';
import type { Transaction } from '../database/transaction.js';
import { DirectoryWriter, type UserState } from '../directory/directory.writer.js';
import type { User } from '../directory/directory-types.js';
import type { Connection } from '../organizations/connection.js';
import type { Event } from '../outbox/events.js';
import { newId } from '../platform/ids.js';
import { AccessGuard } from './access-guard.service.js';
import type { Change } from './announcer.service.js';
import { applyClaims } from './apply-claims.js';
import type { LoginClaims } from './changes.js';
import type { LoginDecision } from './decide-login.js';
import { describeUser } from './describe-changes.js';
import { MembershipReset, membershipsAfter, type GroupFacts } from './membership-reset.service.js';
import { NewcomerService } from './newcomer.service.js';
import { RemovalGuard } from './removal-guard.service.js';
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
    @Inject(DirectoryWriter) private readonly writer: DirectoryWriter,
    @Inject(AccessGuard) private readonly guard: AccessGuard,
    @Inject(RemovalGuard) private readonly removals: RemovalGuard,
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
    const judged = await this.removals.judge(tx, change, connection, user.id, claims.groups, planned);
    const held = judged.decision.kind === 'hold';
    const next = this.nextState(connection, claims, user, userNameTaken);
    const keep = await this.guard.keepLastAdmin(tx, connection, user, next.role, membershipsAfter(planned, held));
    const profile = await this.saveProfile(tx, change, user, keep ? { ...next, role: user.role } : next);
    const mayLeave = (groupId: string) => !held && !keep?.has(groupId);
    const reset = await this.groups.carryOut(tx, change, connection, user.id, claims.groups, planned, { mayLeave });
    return {
      userId: user.id,
      events: [...linked, ...profile.events, ...reset.events, ...judged.events, ...overage(user.id, planned)],
      record: {
        changes: profile.differences,
        groups: { plan: planned.plan, added: reset.added, removed: reset.removed, created: reset.created },
        ...(userNameTaken ? { userNameTaken: claims.userName } : {}),
        ...(keep ? { heldLastAdmin: { role: user.role, groups: [...keep] } } : {}),
        ...(held ? { heldRemovals: judged.decision } : {}),
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
    await this.removals.judge(tx, change, connection, id, claims.groups, planned);
    const limits = { mayLeave: () => true };
    const reset = await this.groups.carryOut(tx, change, connection, id, claims.groups, planned, limits);
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
