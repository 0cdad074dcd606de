import { Inject, Injectable } from '@nestjs/common';
import { versionOf, writeCondition } from '../http/read-conditions.js';
import type { ResourceWrites, WriteRequest, Written } from '../http/resource-writes.js';
import { bodyOf } from '../http/scim.request.js';
import { parseProjectionRequest } from '../protocol/list-query.js';
import { parsePatchRequest } from '../protocol/patch/parse-patch-request.js';
import { toProjection, type Projection } from '../protocol/project-attributes.js';
import { ScimGroupsService } from './scim-groups.service.js';

/** Writes of groups, single or in bulk: the request is parsed and handed to one call of the service. */
@Injectable()
export class GroupWrites implements ResourceWrites {
  constructor(@Inject(ScimGroupsService) private readonly groups: ScimGroupsService) {}

  async create(request: WriteRequest): Promise<Written> {
    const projection = projectionOf(request);
    return { status: 201, resource: await this.groups.create(request.caller, bodyOf(request), projection), projection };
  }

  async replace(id: string, request: WriteRequest): Promise<Written> {
    const projection = projectionOf(request);
    const condition = writeCondition(request.headers);
    const resource = await this.groups.replace(request.caller, id, bodyOf(request), projection, condition);
    return { status: 200, resource, projection };
  }

  async patch(id: string, request: WriteRequest): Promise<Written> {
    const asked = parseProjectionRequest(request.query);
    const projection = toProjection(request.caller.types.Group, asked);
    const body = bodyOf(request);
    // "The server MUST return a 200 OK if the "attributes" parameter is specified in the request." (RFC 7644 section 3.5.2)
    const mustShow = asked.attributes !== undefined;
    const condition = writeCondition(request.headers);
    const { resource, complete } = await this.groups.patch(
      request.caller,
      id,
      parsePatchRequest(body),
      projection,
      condition,
      mustShow,
    );
    return complete ? { status: 200, resource, projection } : { status: 204, version: versionOf(resource) };
  }

  async remove(id: string, request: WriteRequest): Promise<Written> {
    await this.groups.remove(request.caller, id, writeCondition(request.headers));
    return { status: 204 };
  }
}

export const projectionOf = ({ query, caller }: Pick<WriteRequest, 'query' | 'caller'>): Projection =>
  toProjection(caller.types.Group, parseProjectionRequest(query));
