import { Inject, Injectable } from '@nestjs/common';
import { versionOf, writeCondition } from '../http/read-conditions.js';
import type { ResourceWrites, WriteRequest, Written } from '../http/resource-writes.js';
import { bodyOf } from '../http/scim.request.js';
import { parseProjectionRequest } from '../protocol/list-query.js';
import { parsePatchRequest } from '../protocol/patch/parse-patch-request.js';
import { toProjection, type Projection } from '../protocol/project-attributes.js';
import { writtenInBody, writtenInOperations, type AttributeKeys } from '../protocol/written-attributes.js';
import { ScimGroupsService } from './scim-groups.service.js';

/** Writes of groups, single or in bulk: the request is parsed and handed to one call of the service. */
@Injectable()
export class GroupWrites implements ResourceWrites {
  constructor(@Inject(ScimGroupsService) private readonly groups: ScimGroupsService) {}

  async create(request: WriteRequest): Promise<Written> {
    const body = bodyOf(request);
    const projection = projectionOf(request, writtenInBody(request.caller.types.Group, body));
    return { status: 201, resource: await this.groups.create(request.caller, body, projection), projection };
  }

  async replace(id: string, request: WriteRequest): Promise<Written> {
    const body = bodyOf(request);
    const projection = projectionOf(request, writtenInBody(request.caller.types.Group, body));
    const condition = writeCondition(request.headers);
    const resource = await this.groups.replace(request.caller, id, body, projection, condition);
    return { status: 200, resource, projection };
  }

  async patch(id: string, request: WriteRequest): Promise<Written> {
    const asked = parseProjectionRequest(request.query);
    const operations = parsePatchRequest(bodyOf(request));
    const projection = projectionOf(request, writtenInOperations(request.caller.types.Group, operations));
    // "The server MUST return a 200 OK if the "attributes" parameter is specified in the request." (RFC 7644 section 3.5.2)
    const mustShow = asked.attributes !== undefined;
    const condition = writeCondition(request.headers);
    const { resource, complete } = await this.groups.patch(
      request.caller,
      id,
      operations,
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

export const projectionOf = (
  { query, caller }: Pick<WriteRequest, 'query' | 'caller'>,
  written: readonly AttributeKeys[] = [],
): Projection => toProjection(caller.types.Group, parseProjectionRequest(query), written);
