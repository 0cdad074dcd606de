import { Inject, Injectable } from '@nestjs/common';
import { UnitOfWork } from '../../database/unit-of-work.service.js';
import { NotFoundError } from '../../directory/directory-errors.js';
import { DirectorySearchReader } from '../../directory/directory-search.reader.js';
import type { Group, MemberRef } from '../../directory/directory-types.js';
import { isUuid } from '../../platform/ids.js';
import { Log } from '../../platform/logger.js';
import type { VersionCondition } from '../../reconciliation/changes.js';
import { GroupReconciler, type GroupResult } from '../../reconciliation/group.reconciler.js';
import { DialectService } from '../http/dialect.service.js';
import { ScimAddresses } from '../http/scim-addresses.service.js';
import type { Caller } from '../http/scim.request.js';
import type { Operation } from '../protocol/patch/parse-patch-request.js';
import { wantsAttribute, type Projection } from '../protocol/project-attributes.js';
import type { JsonObject } from '../protocol/schema/attribute.js';
import { ofAdopted, readGroupPatch, readGroupReplacement, readNewGroup } from './group-document.js';
import { toScimGroup } from './to-scim-group.js';

/** A PATCH of a group with more members than this is answered without the group, unless the client asks for attributes. */
const MOST_MEMBERS_ECHOED = 1000;

/** SCIM requests that change groups as calls of the engine, and their results as resources. Throws ScimError and what those throw. */
@Injectable()
export class ScimGroupsService {
  constructor(
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
    @Inject(DirectorySearchReader) private readonly searcher: DirectorySearchReader,
    @Inject(GroupReconciler) private readonly reconciler: GroupReconciler,
    @Inject(ScimAddresses) private readonly addresses: ScimAddresses,
    @Inject(DialectService) private readonly dialect: DialectService,
    @Inject(Log) private readonly log: Log,
  ) {}

  async create(caller: Caller, body: JsonObject, projection: Projection): Promise<JsonObject> {
    const { connection, actor, types } = caller;
    const { document, members } = readNewGroup(types.Group, body);
    const adopted = ofAdopted(types.Group, document);
    const result = await this.reconciler.create(connection, document, members, actor, adopted);
    return this.show(caller, this.known(caller, result), projection);
  }

  async replace(
    caller: Caller,
    id: string,
    body: JsonObject,
    projection: Projection,
    condition: VersionCondition,
  ): Promise<JsonObject> {
    const toChange = readGroupReplacement(caller.types.Group, body);
    const result = await this.reconciler.change(caller.connection, possible(id), toChange, caller.actor, condition);
    return this.show(caller, this.known(caller, result), projection);
  }

  /** `complete`: false when the group has too many members to echo them; the resource is then without members. */
  async patch(
    caller: Caller,
    id: string,
    operations: readonly Operation[],
    projection: Projection,
    condition: VersionCondition,
    mustShow: boolean,
  ): Promise<{ resource: JsonObject; complete: boolean }> {
    const rules = this.dialect.rulesOf(caller);
    const toChange = readGroupPatch(caller.types.Group, operations, rules, this.addresses.get());
    const result = await this.reconciler.change(caller.connection, possible(id), toChange, caller.actor, condition);
    const group = this.known(caller, result);
    if (mustShow || !wantsAttribute(projection, 'members')) {
      return { resource: await this.show(caller, group, projection), complete: true };
    }
    const { organizationId } = caller.connection;
    const members = await this.searcher.membersUpTo(
      this.unitOfWork.read,
      organizationId,
      group.id,
      MOST_MEMBERS_ECHOED,
    );
    return {
      resource: toScimGroup(caller.types.Group, group, members, this.addresses.get()),
      complete: members !== undefined,
    };
  }

  async remove({ connection, actor }: Caller, id: string, condition: VersionCondition): Promise<void> {
    await this.reconciler.remove(connection, possible(id), actor, condition);
  }

  /** The group with its members, which are loaded only to be shown. */
  private async show({ connection, types }: Caller, group: Group, projection: Projection): Promise<JsonObject> {
    let members: readonly MemberRef[] | undefined;
    if (wantsAttribute(projection, 'members')) {
      const found = await this.searcher.membersOf(this.unitOfWork.read, connection.organizationId, [group.id]);
      members = found.get(group.id) ?? [];
    }
    return toScimGroup(types.Group, group, members, this.addresses.get());
  }

  /** One unknown member must not fail a whole push; the log keeps who was left out. */
  private known({ connection, actor }: Caller, { group, unknownMembers }: GroupResult): Group {
    if (unknownMembers.length > 0) {
      this.log.info(
        {
          connectionId: connection.id,
          groupId: group.id,
          correlationId: actor.correlationId,
          count: unknownMembers.length,
          members: unknownMembers.slice(0, 20).map((value) => value.slice(0, 100)),
        },
        'members that are no users of the organization were left out, or wait for their users',
      );
    }
    return group;
  }
}

/** Ids are UUIDs here: any other text is simply no group's. */
export function possible(id: string): string {
  if (!isUuid(id)) throw new NotFoundError('group', id);
  return id;
}
