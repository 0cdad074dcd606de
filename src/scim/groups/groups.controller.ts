import { Controller, Delete, Get, Inject, Param, Patch, Post, Put, Req, Res, UseGuards } from '@nestjs/common';
import { QuirkLog } from '../http/quirk-log.service.js';
import { knownVersion, versionOf, writeCondition } from '../http/read-conditions.js';
import { sendList, sendNothing, sendResource } from '../http/scim.reply.js';
import { bodyOf, type ScimReply, type ScimRequest } from '../http/scim.request.js';
import { ScimTokenGuard } from '../http/scim-token.guard.js';
import { LIST_OPTIONS } from '../limits.js';
import { parseListQuery, parseProjectionRequest } from '../protocol/list-query.js';
import { parsePatchRequest } from '../protocol/patch/parse-patch-request.js';
import { toProjection, type Projection } from '../protocol/project-attributes.js';
import { ScimGroupsService } from './scim-groups.service.js';

/** /scim/v2/Groups: each request is parsed, handed to one call of the service, and its result sent as far as the projection shows it. */
@Controller('scim/v2/Groups')
@UseGuards(ScimTokenGuard)
export class GroupsController {
  constructor(
    @Inject(ScimGroupsService) private readonly groups: ScimGroupsService,
    @Inject(QuirkLog) private readonly quirks: QuirkLog,
  ) {}

  @Post()
  async create(@Req() request: ScimRequest, @Res() reply: ScimReply): Promise<void> {
    const projection = projectionOf(request);
    sendResource(reply, 201, await this.groups.create(request.caller, bodyOf(request), projection), projection);
  }

  @Get()
  async list(@Req() request: ScimRequest, @Res() reply: ScimReply): Promise<void> {
    const query = parseListQuery(request.query, LIST_OPTIONS);
    const projection = toProjection(request.caller.types.Group, query);
    const { resources, total } = await this.groups.list(request.caller, query, projection);
    sendList(reply, resources, projection, total, query.startIndex);
  }

  @Get(':id')
  async get(@Param('id') id: string, @Req() request: ScimRequest, @Res() reply: ScimReply): Promise<void> {
    const projection = projectionOf(request);
    const resource = await this.groups.get(request.caller, id, projection);
    const version = knownVersion(request.headers, resource);
    if (version !== undefined) sendNothing(reply, 304, version);
    else sendResource(reply, 200, resource, projection);
  }

  @Put(':id')
  async replace(@Param('id') id: string, @Req() request: ScimRequest, @Res() reply: ScimReply): Promise<void> {
    const projection = projectionOf(request);
    const condition = writeCondition(request.headers);
    const resource = await this.groups.replace(request.caller, id, bodyOf(request), projection, condition);
    sendResource(reply, 200, resource, projection);
  }

  @Patch(':id')
  async patch(@Param('id') id: string, @Req() request: ScimRequest, @Res() reply: ScimReply): Promise<void> {
    const asked = parseProjectionRequest(request.query);
    const projection = toProjection(request.caller.types.Group, asked);
    const body = bodyOf(request);
    this.quirks.note(request.caller, body);
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
    if (complete) sendResource(reply, 200, resource, projection);
    else sendNothing(reply, 204, versionOf(resource));
  }

  @Delete(':id')
  async remove(@Param('id') id: string, @Req() request: ScimRequest, @Res() reply: ScimReply): Promise<void> {
    await this.groups.remove(request.caller, id, writeCondition(request.headers));
    sendNothing(reply, 204);
  }
}

const projectionOf = ({ query, caller }: ScimRequest): Projection =>
  toProjection(caller.types.Group, parseProjectionRequest(query));
