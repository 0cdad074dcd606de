import { Controller, Delete, Get, Inject, Param, Patch, Post, Put, Req, Res, UseGuards } from '@nestjs/common';
import { knownVersion } from '../http/read-conditions.js';
import { sendList, sendNothing, sendResource, sendWritten } from '../http/scim.reply.js';
import type { ScimReply, ScimRequest } from '../http/scim.request.js';
import { ScimTokenGuard } from '../http/scim-token.guard.js';
import { LIST_OPTIONS } from '../limits.js';
import { parseListQuery } from '../protocol/list-query.js';
import { toProjection } from '../protocol/project-attributes.js';
import { ScimUsersService } from './scim-users.service.js';
import { UserWrites, projectionOf } from './user-writes.service.js';

/** /scim/v2/Users: each request is parsed and handed to one call of the service, writes through UserWrites; the answer shows what the projection says. */
@Controller('scim/v2/Users')
@UseGuards(ScimTokenGuard)
export class UsersController {
  constructor(
    @Inject(ScimUsersService) private readonly users: ScimUsersService,
    @Inject(UserWrites) private readonly writes: UserWrites,
  ) {}

  @Post()
  async create(@Req() request: ScimRequest, @Res() reply: ScimReply): Promise<void> {
    sendWritten(reply, await this.writes.create(request));
  }

  @Get()
  async list(@Req() request: ScimRequest, @Res() reply: ScimReply): Promise<void> {
    const query = parseListQuery(request.query, LIST_OPTIONS);
    const projection = toProjection(request.caller.types.User, query);
    await sendList(reply, await this.users.list(request.caller, query, projection), projection);
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
    sendWritten(reply, await this.writes.replace(id, request));
  }

  @Patch(':id')
  async patch(@Param('id') id: string, @Req() request: ScimRequest, @Res() reply: ScimReply): Promise<void> {
    sendWritten(reply, await this.writes.patch(id, request));
  }

  @Delete(':id')
  async remove(@Param('id') id: string, @Req() request: ScimRequest, @Res() reply: ScimReply): Promise<void> {
    sendWritten(reply, await this.writes.remove(id, request));
  }
}
