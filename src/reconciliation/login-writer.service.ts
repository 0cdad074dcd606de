import { Inject, Injectable } from '@nestjs/common';
import type { Transaction } from '../database/transaction.js';
import { DirectoryWriter, type UserState } from '../directory/directory.writer.js';
import type { User } from '../directory/directory-types.js';
import type { Connection } from '../organizations/connection.js';
import type { Event } from '../outbox/events.js';
import type { Change } from './announcer.service.js';
import type { LoginClaims } from './changes.js';
import { describeUser } from './describe-changes.js';
import { mayLeave, type Acceptance, type LoginPlan } from './login-planner.service.js';
import { makesLink } from './makes-link.js';
import { MembershipReset, type GroupFacts } from './membership-reset.service.js';
import { NewcomerService } from './newcomer.service.js';
import { RemovalGuard } from './removal-guard.service.js';

/** What an accepted sign-in changed. */
export interface LoginChanges {
  readonly userId: string;
  readonly events: readonly Event[];
  /** For the sign-in record: profile old -> new, groups with reasons, drift, what was held back and why. */
  readonly record: Readonly<Record<string, unknown>>;
}

type Doing = Exclude<LoginPlan, { kind: 'leave' }>;

/** Carries out the plan of a sign-in: link, profile, role and groups. */
@Injectable()
export class LoginWriter {
  constructor(
    @Inject(DirectoryWriter) private readonly writer: DirectoryWriter,
    @Inject(RemovalGuard) private readonly removals: RemovalGuard,
    @Inject(NewcomerService) private readonly newcomers: NewcomerService,
    @Inject(MembershipReset) private readonly groups: MembershipReset,
  ) {}

  /** Throws UniquenessError when a parallel sign-in was quicker. */
  async write(
    tx: Transaction,
    change: Change,
    connection: Connection,
    claims: LoginClaims,
    decision: Acceptance,
    plan: LoginPlan,
  ): Promise<LoginChanges> {
    if (plan.kind === 'create') return this.create(tx, change, connection, claims, decision, plan);
    const { user } = plan;
    const linked = await this.link(tx, change, connection, claims, decision, user.id);
    if (plan.kind === 'leave') return { userId: user.id, events: linked, record: { drift: plan.drift } };
    const profile = await this.saveProfile(tx, change, user, plan.next);
    const { events, record } = await this.reset(tx, change, connection, claims, user.id, plan);
    return {
      userId: user.id,
      events: [...linked, ...profile.events, ...events],
      record: {
        changes: profile.differences,
        groups: record,
        ...(plan.userNameTaken ? { userNameTaken: claims.userName } : {}),
        ...(plan.keep ? { heldLastAdmin: { role: user.role, groups: [...plan.keep] } } : {}),
        ...(plan.removals.kind === 'hold' ? { heldRemovals: plan.removals } : {}),
      },
    };
  }

  private async create(
    tx: Transaction,
    change: Change,
    connection: Connection,
    claims: LoginClaims,
    decision: Acceptance,
    plan: Extract<LoginPlan, { kind: 'create' }>,
  ): Promise<LoginChanges> {
    const { id, state } = plan;
    const { events } = await this.newcomers.insert(tx, change, id, state);
    if (makesLink(decision, claims)) {
      await this.writer.linkIdentity(tx, change.organizationId, connection.id, claims.subject, id, change.at);
    }
    const reset = await this.reset(tx, change, connection, claims, id, plan);
    return {
      userId: id,
      events: [...events, ...reset.events],
      record: { changes: describeUser(undefined, state), groups: reset.record },
    };
  }

  private async reset(
    tx: Transaction,
    change: Change,
    connection: Connection,
    claims: LoginClaims,
    userId: string,
    plan: Doing,
  ) {
    const { groups, removals } = plan;
    const judged = await this.removals.note(tx, change, connection, userId, claims.groups, groups, removals);
    const limits = { mayLeave: (groupId: string) => mayLeave(plan, groupId) };
    const reset = await this.groups.carryOut(tx, change, connection, userId, claims.groups, groups, limits);
    const { added, removed, created } = reset;
    return {
      events: [...reset.events, ...judged, ...overage(userId, groups)],
      record: { plan: groups.plan, added, removed, created },
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
    if (!makesLink(decision, claims)) return [];
    await this.writer.linkIdentity(tx, change.organizationId, connection.id, claims.subject, userId, change.at);
    const data = { connectionId: connection.id, subject: claims.subject, matchedBy: decision.matchedBy };
    return [{ type: 'user.linked', subjectId: userId, data }];
  }

  private async saveProfile(tx: Transaction, { organizationId, at }: Change, user: User, next: UserState) {
    const differences = describeUser(user, next);
    if (Object.keys(differences).length === 0) return { differences, events: [] };
    await this.writer.updateUser(tx, organizationId, user.id, next, at);
    const event: Event = { type: 'user.updated', subjectId: user.id, data: { changes: differences } };
    return { differences, events: [event] };
  }
}

const overage = (userId: string, { plan }: GroupFacts): Event[] =>
  plan.kind === 'overage' ? [{ type: 'groups.overage', subjectId: userId, data: {} }] : [];
