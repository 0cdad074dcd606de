import { Inject, Injectable } from '@nestjs/common';
import { HistoryReader } from '../audit/history.reader.js';
import type { Transaction } from '../database/transaction.js';
import type { GroupState, UserState } from '../directory/directory.writer.js';
import { DirectoryWriter } from '../directory/directory.writer.js';
import { HeldRemovalsWriter } from '../directory/held-removals.writer.js';
import { WaitingMembersWriter } from '../directory/waiting-members.writer.js';
import { WholeStateWriter, type WholeGroup, type WholeUser } from '../directory/whole-state.writer.js';
import type { Event } from '../outbox/events.js';
import { sessionsRevoked } from '../sessions/session-events.js';
import { Sessions } from '../sessions/sessions.service.js';
import type { Change } from './announcer.service.js';
import { partsOf, type Row, type Undone } from './plan-undo.js';
import { memberEvents, undoEvents } from './undo-events.js';
import type { UndoPlan } from './undo-planner.service.js';

/** Carries a plan out. Memberships end before their groups go, and begin when everybody is back. */
@Injectable()
export class UndoWriter {
  constructor(
    @Inject(HistoryReader) private readonly log: HistoryReader,
    @Inject(DirectoryWriter) private readonly directory: DirectoryWriter,
    @Inject(WholeStateWriter) private readonly state: WholeStateWriter,
    @Inject(HeldRemovalsWriter) private readonly held: HeldRemovalsWriter,
    @Inject(WaitingMembersWriter) private readonly waiting: WaitingMembersWriter,
    @Inject(Sessions) private readonly sessions: Sessions,
  ) {}

  async write(tx: Transaction, change: Change, connectionId: string, plan: UndoPlan): Promise<Event[]> {
    const { organizationId, at } = change;
    const [ending, beginning] = [true, false].map((ends) =>
      plan.memberships
        .filter(({ after }) => (after.length === 0) === ends)
        .map(({ groupId, userId, after }) => ({ groupId, userId, origins: after })),
    );
    const users = plan.undone.filter(({ subject }) => subject === 'user');
    const groups = plan.undone.filter(({ subject }) => subject === 'group');
    await this.state.setMemberships(tx, organizationId, ending!, at);
    await this.state.deleteGroups(tx, organizationId, idsOf(groups, 'remove'));
    await this.state.setUsers(
      tx,
      organizationId,
      users.map((each) => toUser(each, at)),
      at,
    );
    await this.writeGroups(tx, change, groups, plan);
    await this.state.setMemberships(tx, organizationId, beginning!, at);
    const joined = await this.joinDefaults(tx, change, users, groups);
    const moved = new Set([...plan.memberships, ...joined].map(({ groupId }) => groupId));
    for (const { id } of groups) moved.delete(id);
    await this.directory.touchGroups(tx, organizationId, [...moved], at);
    await this.waiting.endAll(tx, organizationId, connectionId, plan.waiting);
    await this.held.forgetPeople(tx, organizationId, idsOf(users, 'remove'));
    const defaults = joined.map((each) => ({ ...each, before: [], after: ['default'] as const }));
    return [
      ...plan.undone.flatMap((each) => undoEvents(each, at)),
      ...memberEvents([...plan.memberships, ...defaults]),
      ...(await this.revoke(tx, change, users)),
    ];
  }

  private async writeGroups(
    tx: Transaction,
    { organizationId, at }: Change,
    groups: readonly Undone[],
    { duplicateNames }: UndoPlan,
  ): Promise<void> {
    const set = groups.filter(({ does }) => does === 'revert').map((each) => toGroup(each, duplicateNames));
    const back = groups.filter(({ does }) => does === 'restore');
    const ids = back.map(({ id }) => id);
    const lives = new Map((await this.log.lives(tx, organizationId, ids)).map((life) => [life.id, life]));
    const restored = back.map((each) => {
      // Each entry moved the version once at most: no version that a client may remember comes again.
      const { since, entries } = lives.get(each.id)!;
      return { ...toGroup(each, duplicateNames), createdAt: since, version: entries + 1 };
    });
    await this.state.setGroups(tx, organizationId, set, at);
    await this.state.insertGroups(tx, organizationId, restored, at);
  }

  /** Whoever comes back is in every default group, and everybody is in a default group that comes back. */
  private joinDefaults(
    tx: Transaction,
    { organizationId, at }: Change,
    users: readonly Undone[],
    groups: readonly Undone[],
  ) {
    return this.state.joinDefaults(tx, organizationId, idsOf(users, 'restore'), idsOf(groups, 'restore'), at);
  }

  private async revoke(tx: Transaction, { organizationId, at }: Change, users: readonly Undone[]): Promise<Event[]> {
    const gone = idsOf(users, 'remove');
    const inactive = users.filter(
      ({ does, changes, next }) => does === 'revert' && changes['active'] && !next!['active'],
    );
    const deleted = await this.sessions.revoke(tx, organizationId, { userIds: gone }, 'deleted', at);
    const userIds = inactive.map(({ id }) => id);
    const deactivated = await this.sessions.revoke(tx, organizationId, { userIds }, 'deactivated', at);
    return [...sessionsRevoked(deleted, 'deleted'), ...sessionsRevoked(deactivated, 'deactivated')];
  }
}

const idsOf = (undone: readonly Undone[], which: Undone['does']): string[] =>
  undone.filter(({ does }) => does === which).map(({ id }) => id);

function toUser({ id, now, next }: Undone, at: Date): WholeUser {
  // A tombstone of no connection: whoever was never meant to be here is kept from nothing by having been.
  const row: Row = next ?? { ...now, active: false, connectionId: null };
  const { fields, attributes } = partsOf('user', row);
  return { ...(fields as unknown as UserState), attributes, id, deletedAt: next ? null : at } as WholeUser;
}

function toGroup({ id, next }: Undone, duplicateNames: UndoPlan['duplicateNames']): WholeGroup {
  const { fields, attributes } = partsOf('group', next!);
  const state = fields as unknown as GroupState;
  return { ...state, attributes, id, uniqueName: !duplicateNames(state) } as WholeGroup;
}
