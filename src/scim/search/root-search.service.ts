import { Inject, Injectable } from '@nestjs/common';
import { ScimGroupsService } from '../groups/scim-groups.service.js';
import type { Caller } from '../http/scim.request.js';
import type { ListQuery } from '../protocol/list-query.js';
import { projectAttributes, toProjection } from '../protocol/project-attributes.js';
import type { JsonObject } from '../protocol/schema/attribute.js';
import { invalidValue } from '../protocol/scim-error.js';
import { ScimUsersService } from '../users/scim-users.service.js';

/** Attributes of one type are without value for resources of the other (RFC 7644 section 3.4.2.1). */
const OVER_TYPES = { unknownAttributes: 'absent' } as const;

/** A query over all resource types: users in their order, then groups in theirs, paged as one list. */
@Injectable()
export class RootSearch {
  constructor(
    @Inject(ScimUsersService) private readonly users: ScimUsersService,
    @Inject(ScimGroupsService) private readonly groups: ScimGroupsService,
  ) {}

  /** The resources as they are shown. Throws ScimError. */
  async search(caller: Caller, query: ListQuery): Promise<{ resources: JsonObject[]; total: number }> {
    if (query.sortBy) throw invalidValue('sortBy needs one resource type: search /Users/.search or /Groups/.search.');
    const ofUsers = toProjection(caller.types.User, query);
    const ofGroups = toProjection(caller.types.Group, query);
    const users = await this.users.list(caller, query, ofUsers, OVER_TYPES);
    const rest = {
      ...query,
      startIndex: Math.max(1, query.startIndex - users.total),
      count: query.count - users.resources.length,
    };
    const groups = await this.groups.list(caller, rest, ofGroups, OVER_TYPES);
    return {
      resources: [
        ...users.resources.map((user) => projectAttributes(user, ofUsers)),
        ...groups.resources.map((group) => projectAttributes(group, ofGroups)),
      ],
      total: users.total + groups.total,
    };
  }
}
