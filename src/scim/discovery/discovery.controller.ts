import { Controller, Get, Inject, Param, Req, Res, UseGuards } from '@nestjs/common';
import { sendJson } from '../http/scim.reply.js';
import type { ScimReply, ScimRequest } from '../http/scim.request.js';
import { ScimTokenGuard } from '../http/scim-token.guard.js';
import { refuseFilter } from './refuse-filter.js';
import { DiscoveryService } from './discovery.service.js';

/** /scim/v2/ResourceTypes and /Schemas (RFC 7644 section 4): what the client's connection has. */
@Controller('scim/v2')
@UseGuards(ScimTokenGuard)
export class DiscoveryController {
  constructor(@Inject(DiscoveryService) private readonly discovery: DiscoveryService) {}

  @Get('ResourceTypes')
  resourceTypes(@Req() request: ScimRequest, @Res() reply: ScimReply): void {
    refuseFilter(request.query);
    sendJson(reply, 200, this.discovery.resourceTypes(request.caller.types));
  }

  @Get('ResourceTypes/:id')
  resourceType(@Param('id') id: string, @Req() request: ScimRequest, @Res() reply: ScimReply): void {
    refuseFilter(request.query);
    sendJson(reply, 200, this.discovery.resourceType(request.caller.types, id));
  }

  @Get('Schemas')
  schemas(@Req() request: ScimRequest, @Res() reply: ScimReply): void {
    refuseFilter(request.query);
    sendJson(reply, 200, this.discovery.schemas(request.caller.types));
  }

  @Get('Schemas/:id')
  schema(@Param('id') id: string, @Req() request: ScimRequest, @Res() reply: ScimReply): void {
    refuseFilter(request.query);
    sendJson(reply, 200, this.discovery.schema(request.caller.types, id));
  }
}
