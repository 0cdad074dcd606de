import { Inject, Injectable } from '@nestjs/common';
import { UnitOfWork } from '../../database/unit-of-work.service.js';
import { NotFoundError } from '../../directory/directory-errors.js';
import { DirectoryReader } from '../../directory/directory.reader.js';
import { DirectorySearchReader } from '../../directory/directory-search.reader.js';
import type { Group } from '../../directory/directory-types.js';
import { GroupContentReader, type GroupContent } from '../../directory/group-content.reader.js';
import { Log } from '../../platform/logger.js';
import { readAhead } from '../../platform/read-ahead.js';
import { Cursors, type FoundPage, type Listing } from '../cursors.service.js';
import { ScimAddresses } from '../http/scim-addresses.service.js';
import type { Caller } from '../http/scim.request.js';
import type { CursorPosition } from '../protocol/cursor.js';
import type { CheckFilterOptions } from '../protocol/filter/check-filter.js';
import type { ListQuery } from '../protocol/list-query.js';
import { projectAttributes, wantsAttribute, type Projection } from '../protocol/project-attributes.js';
import type { JsonObject } from '../protocol/schema/attribute.js';
import { toSearch } from '../to-search.js';
import { planParts } from './plan-parts.js';
import { printGroup } from './print-group.js';
import { possible } from './scim-groups.service.js';
import { toScimGroup } from './to-scim-group.js';

/** A group of more members is read while it is written. */
const MOST_AT_ONCE = 10_000;
/** So many members are read by one statement of a longer answer. */
export const PART = 2_500;
/** So much of a group is read ahead of a client that takes it slowly; then its connection to the database waits for the client. */
const PARTS_AHEAD = 8;

/** How the entries of a page are read and shown. */
export interface PageOfParts<Entry> {
  /** The resources of a few entries, complete, in their order. */
  readonly several: (entries: readonly Entry[]) => Promise<readonly JsonObject[]>;
  /** A resource as it is shown. */
  readonly show: (resource: JsonObject) => JsonObject;
  /** Of groups that are read part by part. */
  readonly projection: Projection;
}

/** A group as it is shown: at once, or without members and with a way to all of it. */
export interface FoundGroup {
  readonly resource: JsonObject;
  /** The whole group; its version may be a newer one by then. Throws NotFoundError. */
  open?(): Promise<{ readonly resource: JsonObject; readonly pieces: AsyncGenerator<string> }>;
}

/**
 * Reads groups to be shown. A group is shown with the members of its version. However many there are, the memory they take has a
 * bound, and a client that takes them slowly keeps nobody from the database.
 */
@Injectable()
export class GroupReads {
  constructor(
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
    @Inject(DirectoryReader) private readonly directory: DirectoryReader,
    @Inject(DirectorySearchReader) private readonly searcher: DirectorySearchReader,
    @Inject(GroupContentReader) private readonly contents: GroupContentReader,
    @Inject(ScimAddresses) private readonly addresses: ScimAddresses,
    @Inject(Cursors) private readonly cursors: Cursors,
    @Inject(Log) private readonly log: Log,
  ) {}

  async get(caller: Caller, id: string, projection: Projection): Promise<FoundGroup> {
    const { organizationId } = caller.connection;
    const { read } = this.unitOfWork;
    const show = (group: Group, members?: GroupContent['members']) =>
      toScimGroup(caller.types.Group, group, members, this.addresses.get());
    if (!wantsAttribute(projection, 'members')) {
      const group = await this.directory.group(read, organizationId, possible(id));
      if (!group) throw new NotFoundError('group', id);
      return { resource: show(group) };
    }
    const found = await this.contents.group(read, organizationId, possible(id), MOST_AT_ONCE);
    if (!found) throw new NotFoundError('group', id);
    if (found.members) return { resource: show(found.group, found.members) };
    return {
      resource: show(found.group),
      open: async () => {
        const parts = this.parts(caller, id);
        const first = await parts.next();
        if (first.done) throw new NotFoundError('group', id);
        const all = beginning(first.value, parts);
        const pieces = printGroup(all, caller.types.Group, projection, this.addresses.get());
        return { resource: show(first.value.group), pieces };
      },
    };
  }

  async list(caller: Caller, query: ListQuery, projection: Projection): Promise<Listing<JsonObject>> {
    return this.cursors.page(caller, caller.types.Group.endpoint, query, (after) =>
      this.page(caller, query, projection, after),
    );
  }

  /** `after`: the place in the list where the page begins, instead of the index that the query names. */
  async page(
    caller: Caller,
    query: ListQuery,
    projection: Projection,
    after?: CursorPosition,
    options: CheckFilterOptions = {},
  ): Promise<FoundPage<JsonObject>> {
    const { connection, types } = caller;
    const { organizationId } = connection;
    const { read } = this.unitOfWork;
    const addresses = this.addresses.get();
    const search = toSearch(types.Group, query, addresses, after, options);
    if (!wantsAttribute(projection, 'members')) {
      const { items, ...rest } = await this.searcher.searchGroups(read, organizationId, search);
      return { resources: items.map((group) => toScimGroup(types.Group, group, undefined, addresses)), ...rest };
    }
    const { items, ...rest } = await this.searcher.searchGroupSizes(read, organizationId, search, PART);
    const page = await this.inParts(caller, items, {
      several: (groups) =>
        this.byId(
          caller,
          groups.map(({ id }) => id),
          projection,
        ),
      show: (resource) => projectAttributes(resource, projection),
      projection,
    });
    return { ...page, ...rest };
  }

  /** Those of these groups that are there, in the order given; with members, if they are wanted, so for few of them altogether. */
  async byId(caller: Caller, ids: readonly string[], projection: Projection): Promise<JsonObject[]> {
    const { connection, types } = caller;
    const { read } = this.unitOfWork;
    const addresses = this.addresses.get();
    if (!wantsAttribute(projection, 'members')) {
      const groups = await this.searcher.groupsById(read, connection.organizationId, ids);
      return groups.map((group) => toScimGroup(types.Group, group, undefined, addresses));
    }
    const contents = await this.contents.groups(read, connection.organizationId, ids);
    return contents.map(({ group, members }) => toScimGroup(types.Group, group, members, addresses));
  }

  /** The entries of a page, neighbours of few members together: at once if all are few, and otherwise while they are written. */
  async inParts<Entry extends { readonly id: string; readonly size: number }>(
    caller: Caller,
    listed: readonly Entry[],
    { several, show, projection }: PageOfParts<Entry>,
  ): Promise<Pick<FoundPage<JsonObject>, 'resources' | 'late'>> {
    const plan = planParts(listed, PART);
    if (plan.length === 0) return { resources: [] };
    if (plan.length === 1 && !plan[0]!.large) return { resources: await several(plan[0]!.entries) };
    const addresses = this.addresses.get();
    const whole = (id: string) => printGroup(this.parts(caller, id), caller.types.Group, projection, addresses);
    const all = async function* () {
      for (const { entries, large } of plan) {
        if (large) yield whole(entries[0]!.id);
        else for (const resource of await several(entries)) yield [JSON.stringify(show(resource))];
      }
    };
    return { resources: [], late: () => this.watched(caller, all()) };
  }

  private parts(caller: Caller, id: string): AsyncGenerator<GroupContent> {
    const { organizationId } = caller.connection;
    const parts = this.unitOfWork.snapshot((db) => this.contents.parts(db, organizationId, id, PART));
    return readAhead(this.watched(caller, parts), PARTS_AHEAD);
  }

  /** The client only sees its connection break: the log says why. */
  private async *watched<T>({ actor }: Caller, source: AsyncGenerator<T>): AsyncGenerator<T> {
    try {
      yield* source;
    } catch (error) {
      this.log.failure(error, { correlationId: actor.correlationId });
      throw error;
    }
  }
}

async function* beginning<T>(first: T, rest: AsyncGenerator<T>): AsyncGenerator<T> {
  try {
    yield first;
    yield* rest;
  } finally {
    await rest.return(undefined);
  }
}
