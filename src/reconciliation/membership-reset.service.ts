import { Inject, Injectable } from '@nestjs/common';
import type { Queryable, Transaction } from '../database/transaction.js';
import { DirectoryReader } from '../directory/directory.reader.js';
import { DirectoryWriter } from '../directory/directory.writer.js';
import type { Origin } from '../directory/directory-types.js';
import { MembershipsWriter } from '../directory/memberships.writer.js';
import { nameKey } from '../directory/name-key.js';
import { SignInReader, type GroupNames } from '../directory/sign-in.reader.js';
import type { Connection } from '../organizations/connection.js';
import type { Event } from '../outbox/events.js';
import { newId } from '../platform/ids.js';
import type { Change } from './announcer.service.js';
import type { AssertedGroups } from './changes.js';
import { describeGroup } from './describe-changes.js';
import { planFor, type KnownGroup, type MembershipPlan } from './plan-memberships.js';

/** What a sign-in knows of a person's groups, before anything is written. */
export interface GroupFacts {
  readonly plan: MembershipPlan;
  /** The person's groups now, and those the assertion names. */
  readonly known: readonly KnownGroup[];
}

export interface ResetLimits {
  /** May this membership end? */
  readonly mayLeave: (groupId: string) => boolean;
  readonly removesOnly?: true;
}

export interface ResetOutcome {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly created: readonly { id: string; displayName: string }[];
  readonly events: readonly Event[];
}

/** What the groups an assertion speaks of could be named by. */
export function groupNamesOf({ provisioning }: Connection, asserted: AssertedGroups): GroupNames {
  const values = asserted.kind === 'listed' ? asserted.values : [];
  const mapped = provisioning.groupMapping.filter(({ value }) => values.includes(value));
  return { nameKeys: values.map(nameKey), externalIds: values, ids: mapped.map(({ groupId }) => groupId) };
}

/** The person's groups, each with its role and whether the plan ends the membership. `held`: nothing ends. */
export const membershipsAfter = ({ plan, known }: GroupFacts, held: boolean) => {
  const leaving = new Set(held ? [] : plan.remove.map(({ groupId }) => groupId));
  const member = known.filter(({ origins }) => origins !== null);
  return member.map(({ group: { id, role } }) => ({ id, role, leaving: leaving.has(id) }));
};

/** Carries a membership plan out, with the groups it touches locked, and plans again under the lock. */
@Injectable()
export class MembershipReset {
  constructor(
    @Inject(DirectoryReader) private readonly directory: DirectoryReader,
    @Inject(SignInReader) private readonly reader: SignInReader,
    @Inject(DirectoryWriter) private readonly writer: DirectoryWriter,
    @Inject(MembershipsWriter) private readonly memberships: MembershipsWriter,
  ) {}

  /** Plans without writing, by groups that are read now. */
  async plan(db: Queryable, connection: Connection, userId: string, asserted: AssertedGroups): Promise<GroupFacts> {
    const named = groupNamesOf(connection, asserted);
    const known = await this.reader.groups(db, connection.organizationId, userId, named);
    return { plan: planFor(connection, asserted, known), known };
  }

  /** `limits`: what of the plan must not be done. */
  async carryOut(
    tx: Transaction,
    change: Change,
    connection: Connection,
    userId: string,
    asserted: AssertedGroups,
    planned: GroupFacts,
    limits: ResetLimits,
  ): Promise<ResetOutcome> {
    const { organizationId, at } = change;
    const plan = await this.planLocked(tx, connection, userId, asserted, planned);
    const created = limits.removesOnly ? [] : await this.createGroups(tx, change, plan.create);
    const origin: Origin = `jit:${connection.id}`;
    const adds = limits.removesOnly ? [] : [...plan.add.map(({ groupId }) => groupId), ...created.map(({ id }) => id)];
    const { added } = await this.memberships.addToGroups(tx, organizationId, userId, adds, origin, at);
    const leaving = plan.remove.filter(({ groupId }) => limits.mayLeave(groupId));
    const whole = leaving.filter(({ ends }) => ends === 'membership').map(({ groupId }) => groupId);
    const own = leaving.filter(({ ends }) => ends !== 'membership').map(({ groupId }) => groupId);
    const removed = [
      ...(await this.memberships.endInGroups(tx, organizationId, userId, whole)),
      ...(await this.memberships.endOriginInGroups(tx, organizationId, userId, own, origin)),
    ];
    const fresh = new Set(created.map(({ id }) => id));
    await this.writer.touchGroupsLast(tx, organizationId, [...added.filter((id) => !fresh.has(id)), ...removed], at);
    const members = [userId];
    return {
      added,
      removed,
      created: created.map(({ id, displayName }) => ({ id, displayName })),
      events: [
        ...created.map(({ event }) => event),
        ...removed.map((subjectId): Event => ({ type: 'group.members-removed', subjectId, data: { members } })),
        ...added.map((subjectId): Event => ({ type: 'group.members-added', subjectId, data: { members, origin } })),
      ],
    };
  }

  /** Locks what the plan touches and plans again, until the plan stays inside what is locked. */
  private async planLocked(
    tx: Transaction,
    connection: Connection,
    userId: string,
    asserted: AssertedGroups,
    planned: GroupFacts,
  ): Promise<MembershipPlan> {
    let { plan } = planned;
    const locked = new Set<string>();
    for (;;) {
      const missing = touched(plan).filter((id) => !locked.has(id));
      if (missing.length === 0) return plan;
      await this.directory.lockGroups(tx, connection.organizationId, missing);
      for (const id of missing) locked.add(id);
      plan = (await this.plan(tx, connection, userId, asserted)).plan;
    }
  }

  private async createGroups(tx: Transaction, { organizationId, at }: Change, names: readonly string[]) {
    const created: { id: string; displayName: string; event: Event }[] = [];
    for (const displayName of names) {
      // Made meanwhile by somebody else; the plan has none that was there before.
      if (await this.directory.lockGroupByName(tx, organizationId, nameKey(displayName))) continue;
      const id = newId();
      const state = {
        connectionId: null,
        provenance: 'manual',
        loginPolicy: 'authoritative',
        protected: false,
        isDefault: false,
        role: null,
        displayName,
        uniqueName: true,
        externalId: null,
        attributes: {},
      } as const;
      await this.writer.insertGroup(tx, organizationId, id, state, at);
      const changes = describeGroup(undefined, state);
      created.push({ id, displayName, event: { type: 'group.created', subjectId: id, data: { changes } } });
    }
    return created;
  }
}

const touched = (plan: MembershipPlan): string[] => [
  ...plan.add.map(({ groupId }) => groupId),
  ...plan.remove.map(({ groupId }) => groupId),
];
