import { Inject, Injectable } from '@nestjs/common';
import type { Snapshot, Transaction } from '../database/transaction.js';
import type { UserState } from '../directory/directory.writer.js';
import type { User } from '../directory/directory-types.js';
import type { Connection } from '../organizations/connection.js';
import { newId } from '../platform/ids.js';
import { AccessGuard } from './access-guard.service.js';
import { applyClaims } from './apply-claims.js';
import type { LoginClaims } from './changes.js';
import type { GuardDecision } from './decide-guard.js';
import type { LoginDecision } from './decide-login.js';
import { driftOf, type Drift } from './describe-drift.js';
import type { GatheredFacts } from './login-facts.service.js';
import { membershipsAfter, type GroupFacts } from './membership-reset.service.js';
import { planFor } from './plan-memberships.js';
import { RemovalGuard } from './removal-guard.service.js';
import { roleOfValues } from './roles.js';

export type Acceptance = Exclude<LoginDecision, { kind: 'reject' }>;

/** Everything an accepted sign-in would do, before any of it is done: what the writer carries out and what a preview shows. */
export type LoginPlan =
  | { readonly kind: 'leave'; readonly user: User; readonly drift: Drift }
  | {
      readonly kind: 'create';
      readonly id: string;
      readonly state: UserState;
      readonly groups: GroupFacts;
      readonly removals: GuardDecision;
    }
  | {
      readonly kind: 'change';
      readonly user: User;
      readonly next: UserState;
      readonly groups: GroupFacts;
      readonly removals: GuardDecision;
      /** Groups that give the last admin their role, and are not left. */
      readonly keep: ReadonlySet<string> | undefined;
      /** The asserted userName is somebody else's, and does not overwrite. */
      readonly userNameTaken: boolean;
    };

/** May the plan end the person's membership of this group? */
export const mayLeave = (plan: Exclude<LoginPlan, { kind: 'leave' }>, groupId: string): boolean =>
  plan.removals.kind === 'pass' && !(plan.kind === 'change' && plan.keep?.has(groupId));

/** Turns what decide-login allowed into a plan. In a transaction it locks what must not move until it is carried out. */
@Injectable()
export class LoginPlanner {
  constructor(
    @Inject(AccessGuard) private readonly guard: AccessGuard,
    @Inject(RemovalGuard) private readonly removals: RemovalGuard,
  ) {}

  async plan(
    db: Transaction | Snapshot,
    now: Date,
    connection: Connection,
    claims: LoginClaims,
    decision: Acceptance,
    { user, userNameTaken, groups: known }: GatheredFacts,
  ): Promise<LoginPlan> {
    const id = user?.id ?? newId();
    const groups = { plan: planFor(connection, claims.groups, known), known };
    if (decision.kind === 'create' || !user) {
      const removals = await this.removals.judge(db, now, connection, id, groups);
      return { kind: 'create', id, state: newcomer(connection, claims), groups, removals };
    }
    if (decision.groups === 'untouched') return { kind: 'leave', user, drift: driftOf(user, claims, groups) };
    const removals = await this.removals.judge(db, now, connection, id, groups);
    const next = nextState(connection, claims, user, userNameTaken);
    const memberships = membershipsAfter(groups, removals.kind === 'hold');
    const keep = await this.guard.keepLastAdmin(db, connection, user, next.role, memberships);
    return {
      kind: 'change',
      user,
      next: keep ? { ...next, role: user.role } : next,
      groups,
      removals,
      keep,
      userNameTaken,
    };
  }
}

const newcomer = (connection: Connection, claims: LoginClaims): UserState => ({
  connectionId: connection.id,
  provenance: 'jit',
  active: true,
  userName: claims.userName!,
  externalId: null,
  attributes: applyClaims({}, claims),
  role: assertedRole(connection, claims),
  breakGlass: false,
  scimLinkApproved: false,
});

/** Mapped attributes overwrite; a userName that is somebody else's does not. */
const nextState = (connection: Connection, claims: LoginClaims, user: User, userNameTaken: boolean): UserState => ({
  ...user,
  provenance: 'jit',
  connectionId: connection.id,
  userName: userNameTaken ? user.userName : (claims.userName ?? user.userName),
  attributes: applyClaims(user.attributes, claims),
  role: assertedRole(connection, claims),
});

const assertedRole = (connection: Connection, claims: LoginClaims): string =>
  roleOfValues(connection.organizationRoles, connection.provisioning.roleMapping, claims.roles) ??
  connection.provisioning.defaultRole;
