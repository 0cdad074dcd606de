import { Inject, Injectable } from '@nestjs/common';
import { HistoryReader } from '../audit/history.reader.js';
import type { Queryable } from '../database/transaction.js';
import { UnitOfWork } from '../database/unit-of-work.service.js';
import { NotFoundError } from '../directory/directory-errors.js';
import { WholeStateReader, type Identity } from '../directory/whole-state.reader.js';
import {
  GROUP_ACTIONS,
  LINK_ACTIONS,
  rebuildGroup,
  rebuildIdentities,
  rebuildMemberships,
  rebuildUser,
  USER_ACTIONS,
  type PastGroup,
  type PastMembership,
  type PastUser,
  type Rebuilt,
} from './rebuild.js';

export interface UserAtInstant extends Rebuilt<PastUser> {
  readonly memberships: readonly (PastMembership & { readonly group: PastGroup | undefined })[];
  readonly identities: readonly Identity[];
}

export interface GroupAtInstant extends Rebuilt<PastGroup> {
  readonly members: readonly PastMembership[];
}

/** What people and groups were at an instant: reads what is there and the log since, as of one moment. Rules: rebuild. */
@Injectable()
export class HistoryService {
  constructor(
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
    @Inject(WholeStateReader) private readonly state: WholeStateReader,
    @Inject(HistoryReader) private readonly log: HistoryReader,
  ) {}

  /** Throws NotFoundError for somebody who never was. */
  async userAt(organizationId: string, id: string, instant: Date): Promise<UserAtInstant> {
    return this.unitOfWork.look(async (db) => {
      const present = await this.state.user(db, organizationId, id);
      if (!present) throw new NotFoundError('user', id);
      const { state, certain } = rebuildUser(
        present,
        await this.log.changesAfter(db, organizationId, [id], USER_ACTIONS, instant),
      );
      if (!state) return { state, certain, memberships: [], identities: [] };
      const groups = rebuildMemberships(
        await this.state.membershipsOf(db, organizationId, id),
        await this.log.membershipsOf(db, organizationId, id, instant),
        id,
      );
      const identities = rebuildIdentities(
        await this.state.identitiesOf(db, organizationId, id),
        await this.log.changesAfter(db, organizationId, [id], LINK_ACTIONS, instant),
      );
      const named = await this.groupsAt(
        db,
        organizationId,
        groups.memberships.map(({ groupId }) => groupId),
        instant,
      );
      const memberships = groups.memberships.map((each) => ({ ...each, group: named.get(each.groupId)?.state }));
      return { state, certain: certain && groups.certain, memberships, identities };
    });
  }

  /** Throws NotFoundError for a group that never was. */
  async groupAt(organizationId: string, id: string, instant: Date): Promise<GroupAtInstant> {
    return this.unitOfWork.look(async (db) => {
      const rebuilt = (await this.groupsAt(db, organizationId, [id], instant)).get(id);
      if (!rebuilt) {
        if (!(await this.log.knows(db, organizationId, id, GROUP_ACTIONS))) throw new NotFoundError('group', id);
        return { state: undefined, certain: true, members: [] };
      }
      const { memberships, certain } = rebuildMemberships(
        await this.state.membersOf(db, organizationId, id),
        await this.log.membersOf(db, organizationId, id, instant),
      );
      return { state: rebuilt.state, certain: rebuilt.certain && certain, members: memberships };
    });
  }

  /** Groups that never were, or were gone already, are absent. */
  private async groupsAt(
    db: Queryable,
    organizationId: string,
    ids: readonly string[],
    instant: Date,
  ): Promise<Map<string, Rebuilt<PastGroup>>> {
    const present = new Map((await this.state.groups(db, organizationId, ids)).map((group) => [group.id, group]));
    const later = await this.log.changesAfter(db, organizationId, ids, GROUP_ACTIONS, instant);
    const known = ids.filter((id) => present.has(id) || later.some(({ targetId }) => targetId === id));
    return new Map(
      known.map((id) => [
        id,
        rebuildGroup(
          present.get(id),
          later.filter(({ targetId }) => targetId === id),
        ),
      ]),
    );
  }
}
