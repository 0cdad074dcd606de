import { Inject, Injectable } from '@nestjs/common';
import type { Actor } from '../audit/actor.js';
import type { AuditEntry } from '../audit/audit-log.service.js';
import type { Snapshot, Transaction } from '../database/transaction.js';
import { sqlState, UnitOfWork } from '../database/unit-of-work.service.js';
import { NotFoundError } from '../directory/directory-errors.js';
import { DirectoryReader } from '../directory/directory.reader.js';
import { HandOversReader, type HandOver, type HandOverChoice } from '../directory/hand-overs.reader.js';
import { HandOversWriter, type Restored } from '../directory/hand-overs.writer.js';
import type { Connection } from '../organizations/connection.js';
import { ConnectionsService } from '../organizations/connections.service.js';
import { TenantFactsReader } from '../organizations/tenant-facts.reader.js';
import type { Event } from '../outbox/events.js';
import { Clock } from '../platform/clock.js';
import { newId } from '../platform/ids.js';
import { sessionsRevoked } from '../sessions/session-events.js';
import { Sessions } from '../sessions/sessions.service.js';
import { Announcer, type Change } from './announcer.service.js';
import { handedFrom, planHandOver, type HandOverPlan } from './plan-hand-over.js';
import { lastAdminRefusal, ProvisioningRefusal } from './provisioning-refusal.js';

export interface HandOverUndone {
  readonly handOver: HandOver;
  readonly restored: readonly Restored[];
  readonly groups: readonly string[];
}

/**
 * Hands people over between sign-ins and a SCIM client, and back (design section 5). Never implicit: the switch of the connection alone
 * changes nobody. One is open at a time; it can be undone until it is confirmed. Rule: plan-hand-over.
 */
@Injectable()
export class HandOversReconciler {
  constructor(
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(DirectoryReader) private readonly directory: DirectoryReader,
    @Inject(HandOversReader) private readonly reader: HandOversReader,
    @Inject(HandOversWriter) private readonly writer: HandOversWriter,
    @Inject(ConnectionsService) private readonly connections: ConnectionsService,
    @Inject(TenantFactsReader) private readonly tenants: TenantFactsReader,
    @Inject(Sessions) private readonly sessions: Sessions,
    @Inject(Announcer) private readonly announcer: Announcer,
  ) {}

  /** What `start` would do. Throws the same refusals. */
  async preview(connection: Connection, choice: HandOverChoice): Promise<HandOverPlan> {
    return this.unitOfWork.look((db) => this.plan(db, connection, choice));
  }

  /** Throws ProvisioningRefusal: another one is open, or the last admin would be deactivated. */
  async start(
    connection: Connection,
    choice: HandOverChoice,
    actor: Actor,
  ): Promise<{ plan: HandOverPlan; handOver: HandOver }> {
    const { organizationId } = connection;
    const started = this.unitOfWork.run(async (tx) => {
      const change: Change = { organizationId, at: this.clock.now(), actor };
      const plan = await this.plan(tx, connection, choice);
      const handOver: HandOver = {
        id: newId(),
        connectionId: connection.id,
        choice,
        state: 'open',
        scimBefore: connection.scim,
        people: plan.people.length,
        groupIds: plan.groups.map(({ id }) => id),
        startedAt: change.at,
        endedAt: null,
      };
      const ids = plan.people.map(({ id }) => id);
      await this.writer.insert(tx, organizationId, handOver);
      await this.writer.hand(tx, organizationId, handOver.id, ids, plan.to, change.at);
      await this.writer.freeGroups(tx, organizationId, handOver.groupIds, change.at);
      await this.connections.updateIn(tx, organizationId, connection.id, { scim: plan.scim }, actor);
      const ended = plan.to.active === false ? await this.revoke(tx, change, ids) : [];
      const events = [...plan.people.flatMap(personEvents), ...groupEvents(handOver, 'scim', 'manual'), ...ended];
      await this.announcer.announce(tx, change, events, [entry('connection.hand-over-started', handOver)]);
      return { plan, handOver };
    });
    return started.catch((error: unknown) => {
      // Two at once: the unique index lets one through.
      throw sqlState(error) === '23505' ? openAlready() : error;
    });
  }

  /** Throws NotFoundError, and ProvisioningRefusal when it has ended. */
  async undo(connection: Connection, id: string, actor: Actor): Promise<HandOverUndone> {
    const { organizationId } = connection;
    return this.unitOfWork.run(async (tx) => {
      const change: Change = { organizationId, at: this.clock.now(), actor };
      const handOver = await this.open(tx, connection, id);
      const restored = await this.writer.restore(tx, organizationId, handOver, change.at);
      const { groupIds } = handOver;
      const groups = await this.writer.returnGroups(tx, organizationId, groupIds, connection.id, change.at);
      await this.connections.updateIn(tx, organizationId, connection.id, { scim: handOver.scimBefore }, actor);
      await this.writer.end(tx, organizationId, id, 'undone', change.at);
      const events = [
        ...restored.filter(({ fits }) => fits).flatMap(restoredEvents),
        ...groupEvents({ ...handOver, groupIds: groups }, 'manual', 'scim'),
      ];
      await this.announcer.announce(tx, change, events, [entry('connection.hand-over-undone', handOver)]);
      return { handOver: { ...handOver, state: 'undone', endedAt: change.at }, restored, groups };
    });
  }

  async confirm(connection: Connection, id: string, actor: Actor): Promise<HandOver> {
    const { organizationId } = connection;
    return this.unitOfWork.run(async (tx) => {
      const change: Change = { organizationId, at: this.clock.now(), actor };
      const handOver = await this.open(tx, connection, id);
      await this.writer.end(tx, organizationId, id, 'confirmed', change.at);
      await this.announcer.announce(tx, change, [], [entry('connection.hand-over-confirmed', handOver)]);
      return { ...handOver, state: 'confirmed', endedAt: change.at };
    });
  }

  private async plan(db: Transaction | Snapshot, connection: Connection, choice: HandOverChoice) {
    const { organizationId, id, organizationRoles } = connection;
    if (await this.reader.hasOpen(db, organizationId, id)) {
      throw openAlready();
    }
    const people = await this.reader.people(db, organizationId, id, handedFrom(choice));
    const plan = planHandOver(choice, people, await this.reader.groups(db, organizationId, id));
    if (plan.to.active === false) {
      if (db.inTransaction) await this.tenants.serialize(db, organizationId);
      const leaving = plan.people.map((person) => person.id);
      const admins = await this.directory.holdersBeside(db, organizationId, organizationRoles[0]!, leaving);
      if (admins.any && !admins.left) throw lastAdminRefusal();
    }
    return plan;
  }

  private async open(tx: Transaction, connection: Connection, id: string): Promise<HandOver> {
    const handOver = await this.reader.get(tx, connection.organizationId, connection.id, id);
    if (!handOver) throw new NotFoundError('hand-over', id);
    if (handOver.state === 'open') return handOver;
    throw new ProvisioningRefusal('hand-over-ended', `The hand-over is ${handOver.state} already`);
  }

  private async revoke(tx: Transaction, { organizationId, at }: Change, ids: readonly string[]): Promise<Event[]> {
    const ended = await this.sessions.revoke(tx, organizationId, { userIds: ids }, 'deactivated', at);
    return sessionsRevoked(ended, 'deactivated');
  }
}

const openAlready = () =>
  new ProvisioningRefusal('hand-over-open', 'A hand-over of this connection is open: confirm or undo it first');

function personEvents({ id, changes }: HandOverPlan['people'][number]): Event[] {
  const { active, ...profile } = changes;
  return [
    ...(Object.keys(profile).length > 0
      ? [{ type: 'user.updated', subjectId: id, data: { changes: profile } } as const]
      : []),
    ...(active ? [{ type: 'user.deactivated', subjectId: id, data: {} } as const] : []),
  ];
}

function restoredEvents({ userId, now, before }: Restored): Event[] {
  const names = (['provenance', 'connectionId'] as const).filter((name) => now[name] !== before[name]);
  const changes = Object.fromEntries(names.map((name) => [name, [now[name], before[name]]]));
  return [
    ...(names.length > 0 ? [{ type: 'user.updated', subjectId: userId, data: { changes } } as const] : []),
    ...(!now.active && before.active ? [{ type: 'user.reactivated', subjectId: userId, data: {} } as const] : []),
  ];
}

const groupEvents = ({ groupIds, connectionId }: HandOver, from: 'scim' | 'manual', to: 'scim' | 'manual'): Event[] =>
  groupIds.map((subjectId) => {
    const owner = from === 'scim' ? [connectionId, null] : [null, connectionId];
    return { type: 'group.updated', subjectId, data: { changes: { provenance: [from, to], connectionId: owner } } };
  });

const entry = (action: string, { id, connectionId, choice, people }: HandOver): AuditEntry => ({
  action,
  targetType: 'connection',
  targetId: connectionId,
  changes: { handOver: [null, id], choice: [null, choice], people: [null, people] },
});
