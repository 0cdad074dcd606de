import { Inject, Injectable } from '@nestjs/common';
import { writeCondition } from '../http/read-conditions.js';
import type { ResourceWrites, WriteRequest, Written } from '../http/resource-writes.js';
import { bodyOf } from '../http/scim.request.js';
import { parseProjectionRequest } from '../protocol/list-query.js';
import { parsePatchRequest } from '../protocol/patch/parse-patch-request.js';
import { toProjection, type Projection } from '../protocol/project-attributes.js';
import { writtenInBody, writtenInOperations, type AttributeKeys } from '../protocol/written-attributes.js';
import { ScimUsersService } from './scim-users.service.js';
import { ofWriters } from './of-writers.js';

/** Writes of users, single or in bulk: the request is parsed and handed to one call of the service. */
@Injectable()
export class UserWrites implements ResourceWrites {
  constructor(@Inject(ScimUsersService) private readonly users: ScimUsersService) {}

  async create(request: WriteRequest): Promise<Written> {
    const body = bodyOf(request);
    const projection = projectionOf(request, writtenInBody(request.caller.types.User, body));
    return { status: 201, resource: await this.users.create(request.caller, body), projection };
  }

  async replace(id: string, request: WriteRequest): Promise<Written> {
    const body = bodyOf(request);
    const projection = projectionOf(request, writtenInBody(request.caller.types.User, body));
    const condition = writeCondition(request.headers, ofWriters);
    const resource = await this.users.replace(request.caller, id, body, condition);
    return { status: 200, resource, projection };
  }

  async patch(id: string, request: WriteRequest): Promise<Written> {
    const operations = parsePatchRequest(bodyOf(request));
    const projection = projectionOf(request, writtenInOperations(request.caller.types.User, operations));
    const condition = writeCondition(request.headers, ofWriters);
    const resource = await this.users.patch(request.caller, id, operations, condition);
    return { status: 200, resource, projection };
  }

  async remove(id: string, request: WriteRequest): Promise<Written> {
    await this.users.remove(request.caller, id, writeCondition(request.headers, ofWriters));
    return { status: 204 };
  }
}

export const projectionOf = (
  { query, caller }: Pick<WriteRequest, 'query' | 'caller'>,
  written: readonly AttributeKeys[] = [],
): Projection => toProjection(caller.types.User, parseProjectionRequest(query), written);
