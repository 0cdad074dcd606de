import { Controller, Delete, Get, Inject, Param, Patch, Post, Put, Req, Res, UseGuards } from '@nestjs/common';
import { knownVersion } from '../http/read-conditions.js';
import { nameResource, sendList, sendNothing, sendPieces, sendResource, sendWritten } from '../http/scim.reply.js';
import type { ScimReply, ScimRequest } from '../http/scim.request.js';
import { ScimTokenGuard } from '../http/scim-token.guard.js';
import { LIST_OPTIONS } from '../limits.js';
import { parseListQuery } from '../protocol/list-query.js';
import { toProjection } from '../protocol/project-attributes.js';
import { GroupWrites, projectionOf } from './group-writes.service.js';
import { GroupReads } from './group-reads.service.js';

/** /scim/v2/Groups: each request is parsed and handed to one call of the service, writes through GroupWrites; the answer shows what the projection says. */
@Controller('scim/v2/Groups')
@UseGuards(ScimTokenGuard)
export class GroupsController {
  constructor(
    @Inject(GroupReads) private readonly groups: GroupReads,
    @Inject(GroupWrites) private readonly writes: GroupWrites,
  ) {}

  @Post()
  async create(@Req() request: ScimRequest, @Res() reply: ScimReply): Promise<void> {
    sendWritten(reply, await this.writes.create(request));
  }

  @Get()
  async list(@Req() request: ScimRequest, @Res() reply: ScimReply): Promise<void> {
    const query = parseListQuery(request.query, LIST_OPTIONS);
    const projection = toProjection(request.caller.types.Group, query);
    await sendList(reply, await this.groups.list(request.caller, query, projection), projection);
  }

  @Get(':id')
  async get(@Param('id') id: string, @Req() request: ScimRequest, @Res() reply: ScimReply): Promise<void> {
    const projection = projectionOf(request);
    const found = await this.groups.get(request.caller, id, projection);
    const version = knownVersion(request.headers, found.resource);
    if (version !== undefined) return sendNothing(reply, 304, version);
    if (!found.open) return sendResource(reply, 200, found.resource, projection);
    const whole = await found.open();
    nameResource(reply, whole.resource);
    await sendPieces(reply, whole.pieces);
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
