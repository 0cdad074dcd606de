import { Inject, Injectable } from '@nestjs/common';
import { Cursors, type FoundPage, type Listing } from '../cursors.service.js';
import { GroupReads } from '../groups/group-reads.service.js';
import type { Caller } from '../http/scim.request.js';
import type { CursorPosition } from '../protocol/cursor.js';
import type { ListQuery } from '../protocol/list-query.js';
import { projectAttributes, toProjection } from '../protocol/project-attributes.js';
import type { JsonObject } from '../protocol/schema/attribute.js';
import { OVER_TYPES } from '../to-search.js';
import { ScimUsersService } from '../users/scim-users.service.js';
import { MergedSearches, type Projections } from './merged-searches.service.js';

/** A query over all resource types, paged as one list: sorted as one, and otherwise users in their order, then groups in theirs. */
@Injectable()
export class RootSearch {
  constructor(
    @Inject(ScimUsersService) private readonly users: ScimUsersService,
    @Inject(GroupReads) private readonly groups: GroupReads,
    @Inject(MergedSearches) private readonly merged: MergedSearches,
    @Inject(Cursors) private readonly cursors: Cursors,
  ) {}

  /** The resources as they are shown. Throws ScimError. */
  async search(caller: Caller, query: ListQuery): Promise<Listing<JsonObject>> {
    const projections = {
      users: toProjection(caller.types.User, query),
      groups: toProjection(caller.types.Group, query),
    };
    return this.cursors.page(caller, '', query, (after) => {
      if (query.sortBy) return this.merged.page(caller, query, query.sortBy, projections, after);
      return query.cursor === undefined || query.count === 0
        ? this.byIndex(caller, query, projections)
        : this.byCursor(caller, query, projections, after);
    });
  }

  private async byIndex(caller: Caller, query: ListQuery, projections: Projections): Promise<FoundPage<JsonObject>> {
    const users = await this.users.page(caller, query, projections.users, undefined, OVER_TYPES);
    const startIndex = Math.max(1, query.startIndex - (users.total ?? 0));
    const rest = { ...query, startIndex, count: query.count - users.resources.length };
    const groups = await this.groups.page(caller, rest, projections.groups, undefined, OVER_TYPES);
    return joined(users, groups, projections);
  }

  private async byCursor(
    caller: Caller,
    query: ListQuery,
    projections: Projections,
    after: CursorPosition | undefined,
  ): Promise<FoundPage<JsonObject>> {
    const inGroups = after?.of === 'group';
    const users = inGroups ? NONE : await this.users.page(caller, query, projections.users, after, OVER_TYPES);
    if (users.next) return { ...joined(users, NONE, projections), next: { ...users.next, of: 'user' } };
    const missing = query.count - users.resources.length;
    if (missing === 0) {
      // The users fill the page: is there any group after them?
      const bare = toProjection(caller.types.Group, { attributes: ['id'] });
      const { resources } = await this.groups.page(caller, { ...query, count: 1 }, bare, undefined, OVER_TYPES);
      const next: CursorPosition | undefined = resources.length > 0 ? { id: BEFORE_ALL, of: 'group' } : undefined;
      return { ...joined(users, NONE, projections), next };
    }
    const place = inGroups ? after : undefined;
    const groups = await this.groups.page(caller, { ...query, count: missing }, projections.groups, place, OVER_TYPES);
    return { ...joined(users, groups, projections), next: groups.next && { ...groups.next, of: 'group' } };
  }
}

const NONE: FoundPage<JsonObject> = { resources: [], total: undefined, next: undefined };

/** Before every id. */
const BEFORE_ALL = '00000000-0000-0000-0000-000000000000';

function joined(
  users: FoundPage<JsonObject>,
  groups: FoundPage<JsonObject>,
  projections: Projections,
): FoundPage<JsonObject> {
  return {
    resources: [
      ...users.resources.map((user) => projectAttributes(user, projections.users)),
      ...groups.resources.map((group) => projectAttributes(group, projections.groups)),
    ],
    ...(groups.late ? { late: groups.late } : {}),
    total: users.total === undefined || groups.total === undefined ? undefined : users.total + groups.total,
    next: undefined,
  };
}
