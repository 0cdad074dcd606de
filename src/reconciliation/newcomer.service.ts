import { Inject, Injectable } from '@nestjs/common';
import type { Transaction } from '../database/transaction.js';
import { DirectoryReader } from '../directory/directory.reader.js';
import { DirectoryWriter, type UserState } from '../directory/directory.writer.js';
import type { UserView } from '../directory/directory-types.js';
import { MembershipsWriter } from '../directory/memberships.writer.js';
import type { Event } from '../outbox/events.js';
import type { Change } from './announcer.service.js';
import { describeUser } from './describe-changes.js';

/** Brings a person into the organization: the row and the default groups. However people arrive, they arrive through here. */
@Injectable()
export class NewcomerService {
  constructor(
    @Inject(DirectoryReader) private readonly directory: DirectoryReader,
    @Inject(DirectoryWriter) private readonly writer: DirectoryWriter,
    @Inject(MembershipsWriter) private readonly memberships: MembershipsWriter,
  ) {}

  /** Throws UniquenessError. The caller announces the events. */
  async insert(
    tx: Transaction,
    { organizationId, at }: Change,
    id: string,
    state: UserState,
  ): Promise<{ view: UserView; events: Event[] }> {
    await this.writer.insertUser(tx, organizationId, id, state, at);
    // After the insert, whose foreign key excludes a group becoming a default group from here on.
    const defaults = await this.directory.defaultGroupIds(tx, organizationId);
    await this.directory.lockGroups(tx, organizationId, defaults);
    await this.memberships.addToGroups(tx, organizationId, id, defaults, 'default', at);
    await this.writer.touchGroups(tx, organizationId, defaults, at);
    const user = { ...state, id, version: 1, createdAt: at, updatedAt: at, deletedAt: null };
    const created: Event = { type: 'user.created', subjectId: id, data: { changes: describeUser(undefined, user) } };
    const joined = defaults.map((groupId): Event => ({
      type: 'group.members-added',
      subjectId: groupId,
      data: { members: [id], origin: 'default' },
    }));
    // What the reader would say is known already, unless it has to look for somebody else.
    if (defaults.length === 0 && !namesManager(state)) return { view: { user, groups: [] }, events: [created] };
    return { view: (await this.directory.userView(tx, organizationId, id))!, events: [created, ...joined] };
  }
}

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

const namesManager = ({ attributes }: UserState): boolean => {
  const enterprise = attributes[ENTERPRISE];
  return typeof enterprise === 'object' && enterprise !== null && 'manager' in enterprise;
};
