import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { HistoryReader } from '../audit/history.reader.js';
import type { Snapshot, Transaction } from '../database/transaction.js';
import { NotFoundError } from '../directory/directory-errors.js';
import { DirectoryReader } from '../directory/directory.reader.js';
import { WaitingMembersReader } from '../directory/waiting-members.reader.js';
import { WholeStateReader } from '../directory/whole-state.reader.js';
import type { Connection } from '../organizations/connection.js';
import { TenantFactsReader } from '../organizations/tenant-facts.reader.js';
import { keepsHolder } from './keeps-holder.js';
import { netChanges, UNDOABLE, type NetChanges } from './net-changes.js';
import { draftUndo, type Draft, type UndoFacts, type UndoneMembership } from './plan-undo.js';
import { lastAdminRefusal, ProvisioningRefusal } from './provisioning-refusal.js';
import { claimKey, claimsOf, settle, type ClaimRules } from './settle-undo.js';
import { undoMemberships } from './undo-memberships.js';

/** What is to be undone: all that one client, or every client of the connection, did after an instant and up to another. */
export interface UndoWindow {
  /** A SCIM token or an OAuth client. */
  readonly client: string | undefined;
  readonly from: Date;
  readonly until: Date;
}

export interface UndoPlan extends Draft {
  readonly memberships: readonly UndoneMembership[];
  /** Whom the client named before they were here: they wait no more. */
  readonly waiting: NetChanges['waiting'];
  /** How many changes of the client that is. */
  readonly logged: number;
  /** Of everything above: what was seen is what is done. */
  readonly digest: string;
  /** May several groups have this one's name? */
  readonly duplicateNames: ClaimRules['duplicateNames'];
}

/** A plan is held in memory and written in one transaction. */
export const MOST_UNDONE = 100_000;

/** Plans an undo, for the preview on a snapshot and for the doing under locks. Rules: net-changes, plan-undo, settle-undo, undo-memberships. */
@Injectable()
export class UndoPlanner {
  constructor(
    @Inject(HistoryReader) private readonly log: HistoryReader,
    @Inject(DirectoryReader) private readonly directory: DirectoryReader,
    @Inject(WholeStateReader) private readonly state: WholeStateReader,
    @Inject(WaitingMembersReader) private readonly waiting: WaitingMembersReader,
    @Inject(TenantFactsReader) private readonly tenants: TenantFactsReader,
  ) {}

  /** Throws NotFoundError for a client that is not of the connection, and ProvisioningRefusal: too much, or the last admin would go. */
  async plan(db: Transaction | Snapshot, connection: Connection, window: UndoWindow): Promise<UndoPlan> {
    const { organizationId } = connection;
    const { net, logged } = await this.read(db, connection, window);
    if (db.inTransaction) await this.lock(db, organizationId, net);
    const facts = await this.facts(db, organizationId, net);
    const rules = await this.rules(db, connection);
    const draft = draftUndo(net, facts);
    const claims = draft.undone.flatMap((each) => claimsOf(each, rules));
    const holders = await this.state.holders(db, organizationId, claims);
    const settled = settle(draft, rules, new Map(holders.map((each) => [claimKey(each), each.id])));
    const { memberships, conflicts } = undoMemberships(net, facts, settled);
    const waiting = await this.waiting.still(db, organizationId, connection.id, net.waiting);
    const done = { undone: settled.undone, memberships, conflicts: [...settled.conflicts, ...conflicts], waiting };
    await this.refuseLastAdmin(db, organizationId, facts, done);
    return { ...done, logged, digest: digestOf(done), duplicateNames: rules.duplicateNames };
  }

  private async read(db: Transaction | Snapshot, connection: Connection, { client, from, until }: UndoWindow) {
    const { organizationId, id } = connection;
    const clients = await this.tenants.clientIds(db, organizationId, id);
    if (client !== undefined && !clients.includes(client)) throw new NotFoundError('client', client);
    const window = { ids: client === undefined ? clients : [client], from, until, actions: UNDOABLE };
    const logged = await this.log.countOfClients(db, organizationId, window);
    if (logged > MOST_UNDONE) throw tooMuch(logged);
    const mine = await this.log.changesOfClients(db, organizationId, window);
    if (mine.length === 0) return { logged, net: netChanges([]) };
    const targets = [...new Set(mine.map(({ targetId }) => targetId))];
    const others = await this.log.changesBeside(db, organizationId, window, targets, mine[0]!.id);
    const entries = [
      ...mine.map((entry) => ({ ...entry, mine: true })),
      ...others.map((entry) => ({ ...entry, mine: false })),
    ];
    return { logged, net: netChanges(entries.sort((a, b) => (a.id < b.id ? -1 : 1))) };
  }

  /** Groups before the people who are removed, each in the order of their ids; the organization is taken when the last admin is asked for. */
  private async lock(tx: Transaction, organizationId: string, net: NetChanges): Promise<void> {
    const groups = [...net.groups.values()];
    // As where a group becomes a default group: nobody may be created meanwhile.
    if (groups.some(({ cells }) => cells['isDefault']?.found === true))
      await this.tenants.excludeNewPeople(tx, organizationId);
    const defaults = await this.directory.defaultGroupIds(tx, organizationId);
    const { groupIds, userIds } = touched(net);
    await this.directory.lockGroups(tx, organizationId, [...new Set([...groupIds, ...defaults])]);
    await this.directory.lockPeople(tx, organizationId, userIds);
  }

  private async facts(db: Transaction | Snapshot, organizationId: string, net: NetChanges): Promise<UndoFacts> {
    const { groupIds, userIds } = touched(net);
    const made = [...net.users.values(), ...net.groups.values()].filter(({ exists }) => exists?.found === false);
    const madeIds = made.map(({ id }) => id);
    const users = await this.state.users(db, organizationId, userIds);
    const groups = await this.state.groups(db, organizationId, groupIds);
    return {
      users: new Map(users.map((user) => [user.id, user])),
      groups: new Map(groups.map((group) => [group.id, group])),
      memberships: await this.state.memberships(db, organizationId, net.memberships, madeIds),
      signedIn: new Set(await this.state.signedIn(db, organizationId, madeIds)),
      roles: (await this.tenants.organization(db, organizationId)).roles,
    };
  }

  private async rules(db: Transaction | Snapshot, { organizationId, id, provisioning }: Connection) {
    const declared = await this.tenants.uniqueAttributes(db, organizationId);
    const duplicateNames: ClaimRules['duplicateNames'] = ({ provenance, connectionId }) =>
      provisioning.duplicateGroupNames && provenance === 'scim' && connectionId === id;
    return { declared, duplicateNames };
  }

  private async refuseLastAdmin(
    db: Transaction | Snapshot,
    organizationId: string,
    facts: UndoFacts,
    done: Pick<UndoPlan, 'undone' | 'memberships'>,
  ): Promise<void> {
    if (db.inTransaction) await this.tenants.serialize(db, organizationId);
    const role = facts.roles[0]!;
    const changing = [
      ...done.undone.filter(({ subject }) => subject === 'user').map(({ id }) => id),
      ...done.memberships.map(({ userId }) => userId),
    ];
    const { any, left } = await this.directory.holdersBeside(db, organizationId, role, changing);
    if (!any || left) return;
    const inGroups = await this.directory.inGroupsOfRole(db, organizationId, role);
    if (!keepsHolder(role, new Set(changing), facts, inGroups, done)) throw lastAdminRefusal();
  }
}

function touched(net: NetChanges): { groupIds: string[]; userIds: string[] } {
  return {
    groupIds: [...new Set([...net.groups.keys(), ...net.memberships.map(({ groupId }) => groupId)])],
    userIds: [...new Set([...net.users.keys(), ...net.memberships.map(({ userId }) => userId)])],
  };
}

/** Not of the rows as they are: what nobody is going to change may change. */
function digestOf({ undone, ...others }: Pick<UndoPlan, 'undone' | 'conflicts' | 'memberships' | 'waiting'>): string {
  const done = undone.map(({ id, does, changes }) => [id, does, changes]);
  return createHash('sha256')
    .update(JSON.stringify({ done, ...others }))
    .digest('hex');
}

const tooMuch = (logged: number): ProvisioningRefusal =>
  new ProvisioningRefusal(
    'too-much',
    `That is ${logged} changes, and ${MOST_UNDONE} are undone at once. Undo the latest first: move "from" forward, then go back in steps.`,
  );
