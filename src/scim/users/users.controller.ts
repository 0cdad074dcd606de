import { Controller, Delete, Get, Inject, Param, Patch, Post, Put, Req, Res, UseGuards } from '@nestjs/common';
import { QuirkLog } from '../http/quirk-log.service.js';
import { knownVersion, writeCondition } from '../http/read-conditions.js';
import { sendList, sendNothing, sendResource } from '../http/scim.reply.js';
import { bodyOf, type ScimReply, type ScimRequest } from '../http/scim.request.js';
import { ScimTokenGuard } from '../http/scim-token.guard.js';
import { LIST_OPTIONS } from '../limits.js';
import { parseListQuery, parseProjectionRequest } from '../protocol/list-query.js';
import { parsePatchRequest } from '../protocol/patch/parse-patch-request.js';
import { toProjection, type Projection } from '../protocol/project-attributes.js';
import { ScimUsersService } from './scim-users.service.js';
import { ofWriters } from './user-version.js';

/** /scim/v2/Users: each request is parsed, handed to one call of the service, and its result sent as far as the projection shows it. */
@Controller('scim/v2/Users')
@UseGuards(ScimTokenGuard)
export class UsersController {
  constructor(
    @Inject(ScimUsersService) private readonly users: ScimUsersService,
    @Inject(QuirkLog) private readonly quirks: QuirkLog,
  ) {}

  @Post()
  async create(@Req() request: ScimRequest, @Res() reply: ScimReply): Promise<void> {
    const projection = projectionOf(request);
    sendResource(reply, 201, await this.users.create(request.caller, bodyOf(request)), projection);
  }

  @Get()
  async list(@Req() request: ScimRequest, @Res() reply: ScimReply): Promise<void> {
    const query = parseListQuery(request.query, LIST_OPTIONS);
    const projection = toProjection(request.caller.types.User, query);
    const { resources, total } = await this.users.list(request.caller, query, projection);
    sendList(reply, resources, projection, total, query.startIndex);
  }

  @Get(':id')
  async get(@Param('id') id: string, @Req() request: ScimRequest, @Res() reply: ScimReply): Promise<void> {
    const projection = projectionOf(request);
    const resource = await this.users.get(request.caller, id);
    const version = knownVersion(request.headers, resource);
    if (version !== undefined) sendNothing(reply, 304, version);
    else sendResource(reply, 200, resource, projection);
  }

  @Put(':id')
  async replace(@Param('id') id: string, @Req() request: ScimRequest, @Res() reply: ScimReply): Promise<void> {
    const projection = projectionOf(request);
    const condition = writeCondition(request.headers, ofWriters);
    sendResource(reply, 200, await this.users.replace(request.caller, id, bodyOf(request), condition), projection);
  }

  @Patch(':id')
  async patch(@Param('id') id: string, @Req() request: ScimRequest, @Res() reply: ScimReply): Promise<void> {
    const projection = projectionOf(request);
    const body = bodyOf(request);
    this.quirks.note(request.caller, body);
    const condition = writeCondition(request.headers, ofWriters);
    sendResource(
      reply,
      200,
      await this.users.patch(request.caller, id, parsePatchRequest(body), condition),
      projection,
    );
  }

  @Delete(':id')
  async remove(@Param('id') id: string, @Req() request: ScimRequest, @Res() reply: ScimReply): Promise<void> {
    await this.users.remove(request.caller, id, writeCondition(request.headers, ofWriters));
    sendNothing(reply, 204);
  }
}

const projectionOf = ({ query, caller }: ScimRequest): Projection =>
  toProjection(caller.types.User, parseProjectionRequest(query));
