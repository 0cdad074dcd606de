import { Inject, Injectable } from '@nestjs/common';
import { UnitOfWork } from '../../database/unit-of-work.service.js';
import { NotFoundError } from '../../directory/directory-errors.js';
import { DirectoryReader } from '../../directory/directory.reader.js';
import { DirectorySearchReader } from '../../directory/directory-search.reader.js';
import { isUuid } from '../../platform/ids.js';
import type { UserEdit, VersionCondition } from '../../reconciliation/changes.js';
import { UserReconciler } from '../../reconciliation/user.reconciler.js';
import { Cursors, type FoundPage, type Listing } from '../cursors.service.js';
import { toSearch } from '../to-search.js';
import { DialectService } from '../http/dialect.service.js';
import { ScimAddresses } from '../http/scim-addresses.service.js';
import type { Caller } from '../http/scim.request.js';
import type { CursorPosition } from '../protocol/cursor.js';
import type { CheckFilterOptions } from '../protocol/filter/check-filter.js';
import type { ListQuery } from '../protocol/list-query.js';
import type { Operation } from '../protocol/patch/parse-patch-request.js';
import { wantsAttribute, type Projection } from '../protocol/project-attributes.js';
import type { JsonObject } from '../protocol/schema/attribute.js';
import { toScimUser } from './to-scim-user.js';
import { applyUserPatch, ofAdopted, readNewUser, readReplacement } from './user-document.js';

/** SCIM requests about users as calls of the engine and the readers, and their results as resources. Throws ScimError and what those throw. */
@Injectable()
export class ScimUsersService {
  constructor(
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
    @Inject(DirectoryReader) private readonly directory: DirectoryReader,
    @Inject(DirectorySearchReader) private readonly searcher: DirectorySearchReader,
    @Inject(UserReconciler) private readonly reconciler: UserReconciler,
    @Inject(ScimAddresses) private readonly addresses: ScimAddresses,
    @Inject(DialectService) private readonly dialect: DialectService,
    @Inject(Cursors) private readonly cursors: Cursors,
  ) {}

  async create({ connection, actor, types }: Caller, body: JsonObject): Promise<JsonObject> {
    const addresses = this.addresses.get();
    const document = readNewUser(types.User, body, addresses);
    const adopted = ofAdopted(types.User, document);
    return toScimUser(types.User, await this.reconciler.create(connection, document, actor, adopted), addresses);
  }

  async get({ connection, types }: Caller, id: string): Promise<JsonObject> {
    const view = await this.directory.userView(this.unitOfWork.read, connection.organizationId, possible(id));
    if (!view) throw new NotFoundError('user', id);
    return toScimUser(types.User, view, this.addresses.get());
  }

  async list(caller: Caller, query: ListQuery, projection: Projection): Promise<Listing<JsonObject>> {
    return this.cursors.page(caller, caller.types.User.endpoint, query, (after) =>
      this.page(caller, query, projection, after),
    );
  }

  /** `after`: the place in the list where the page begins, instead of the index that the query names. */
  async page(
    { connection, types }: Caller,
    query: ListQuery,
    projection: Projection,
    after?: CursorPosition,
    options: CheckFilterOptions = {},
  ): Promise<FoundPage<JsonObject>> {
    const { items, ...rest } = await this.searcher.searchUsers(this.unitOfWork.read, connection.organizationId, {
      ...toSearch(types.User, query, this.addresses.get(), after, options),
      withGroups: wantsGroups(projection),
    });
    const addresses = this.addresses.get();
    return { resources: items.map((view) => toScimUser(types.User, view, addresses)), ...rest };
  }

  /** Those of these users who are there, in the order given. */
  async byId({ connection, types }: Caller, ids: readonly string[], projection: Projection): Promise<JsonObject[]> {
    const { organizationId } = connection;
    const views = await this.searcher.usersById(this.unitOfWork.read, organizationId, ids, wantsGroups(projection));
    const addresses = this.addresses.get();
    return views.map((view) => toScimUser(types.User, view, addresses));
  }

  async replace(
    { connection, actor, types }: Caller,
    id: string,
    body: JsonObject,
    condition: VersionCondition,
  ): Promise<JsonObject> {
    const addresses = this.addresses.get();
    const edit = readReplacement(types.User, body, addresses);
    const view = await this.reconciler.change(connection, possible(id), edit, actor, condition);
    return toScimUser(types.User, view, addresses);
  }

  async patch(
    caller: Caller,
    id: string,
    operations: readonly Operation[],
    condition: VersionCondition,
  ): Promise<JsonObject> {
    const { connection, actor, types } = caller;
    const addresses = this.addresses.get();
    const rules = this.dialect.rulesOf(caller);
    const edit: UserEdit = (current) => applyUserPatch(types.User, current, operations, addresses, rules);
    const view = await this.reconciler.change(connection, possible(id), edit, actor, condition);
    return toScimUser(types.User, view, addresses);
  }

  async remove({ connection, actor }: Caller, id: string, condition: VersionCondition): Promise<void> {
    await this.reconciler.remove(connection, possible(id), actor, condition);
  }
}

/** `meta` tells the version, which depends on the groups; see user-version. */
const wantsGroups = (projection: Projection): boolean =>
  wantsAttribute(projection, 'groups') || wantsAttribute(projection, 'meta');

/** Ids are UUIDs here: any other text is simply nobody's. */
function possible(id: string): string {
  if (!isUuid(id)) throw new NotFoundError('user', id);
  return id;
}
