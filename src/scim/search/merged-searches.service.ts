import { Inject, Injectable } from '@nestjs/common';
import { UnitOfWork } from '../../database/unit-of-work.service.js';
import { DirectorySearchReader } from '../../directory/directory-search.reader.js';
import type { MergedItem, MergedPosition } from '../../directory/merged-page.js';
import type { FoundPage } from '../cursors.service.js';
import { GroupReads, PART } from '../groups/group-reads.service.js';
import { ScimAddresses } from '../http/scim-addresses.service.js';
import type { Caller } from '../http/scim.request.js';
import type { CursorPosition } from '../protocol/cursor.js';
import type { AttributePath } from '../protocol/filter/filter.js';
import type { ListQuery } from '../protocol/list-query.js';
import { projectAttributes, wantsAttribute, type Projection } from '../protocol/project-attributes.js';
import type { JsonObject } from '../protocol/schema/attribute.js';
import { toMergedSearch } from '../to-search.js';
import { ScimUsersService } from '../users/scim-users.service.js';

export interface Projections {
  readonly users: Projection;
  readonly groups: Projection;
}

/** A page of users and groups in one order: first which they are, then the resources of those. */
@Injectable()
export class MergedSearches {
  constructor(
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
    @Inject(DirectorySearchReader) private readonly searcher: DirectorySearchReader,
    @Inject(ScimUsersService) private readonly users: ScimUsersService,
    @Inject(GroupReads) private readonly groups: GroupReads,
    @Inject(ScimAddresses) private readonly addresses: ScimAddresses,
  ) {}

  /** The resources as they are shown. Throws ScimError invalidFilter, invalidValue. */
  async page(
    caller: Caller,
    query: ListQuery,
    sortBy: AttributePath,
    projections: Projections,
    after: CursorPosition | undefined,
  ): Promise<FoundPage<JsonObject>> {
    const search = toMergedSearch(caller.types, query, sortBy, this.addresses.get(), after && toPosition(after));
    const { organizationId } = caller.connection;
    const mostMembers = wantsAttribute(projections.groups, 'members') ? PART : 0;
    const found = await this.searcher.searchBoth(this.unitOfWork.read, organizationId, search, mostMembers);
    const show = (resource: JsonObject) =>
      projectAttributes(resource, isUser(resource) ? projections.users : projections.groups);
    const { resources, ...late } = await this.groups.inParts(caller, found.items, {
      several: (items) => this.several(caller, items, projections),
      show,
      projection: projections.groups,
    });
    return {
      resources: resources.map(show),
      ...late,
      total: found.total,
      next: found.next && fromPosition(found.next),
    };
  }

  private async several(
    caller: Caller,
    items: readonly MergedItem[],
    projections: Projections,
  ): Promise<readonly JsonObject[]> {
    const idsOf = (kind: MergedItem['kind']) => items.filter((item) => item.kind === kind).map(({ id }) => id);
    const resources = [
      ...(await this.users.byId(caller, idsOf('user'), projections.users)),
      ...(await this.groups.byId(caller, idsOf('group'), projections.groups)),
    ];
    const found = new Map(
      resources.map((resource) => [keyOf(isUser(resource) ? 'user' : 'group', resource['id']), resource]),
    );
    // Whoever has gone in the meantime is left out.
    return items.map(({ kind, id }) => found.get(keyOf(kind, id))).filter((resource) => resource !== undefined);
  }
}

const isUser = ({ meta }: JsonObject): boolean => (meta as JsonObject)['resourceType'] === 'User';

const keyOf = (kind: MergedItem['kind'], id: unknown): string => `${kind} ${String(id)}`;

const toPosition = ({ id, sortKey = null, of: kind = 'user' }: CursorPosition): MergedPosition => ({
  id,
  sortKey,
  kind,
});

const fromPosition = ({ id, sortKey = null, kind }: MergedPosition): CursorPosition => ({ id, sortKey, of: kind });
