import { Controller, Get, Inject, Param, Req, Res, UseGuards } from '@nestjs/common';
import { sendJson } from '../http/scim.reply.js';
import type { ScimReply, ScimRequest } from '../http/scim.request.js';
import { ScimTokenGuard } from '../http/scim-token.guard.js';
import { refuseFilter } from './refuse-filter.js';
import { DiscoveryService } from './discovery.service.js';

/** /scim/v2/ResourceTypes and /Schemas (RFC 7644 section 4): the same for every client. */
@Controller('scim/v2')
@UseGuards(ScimTokenGuard)
export class DiscoveryController {
  constructor(@Inject(DiscoveryService) private readonly discovery: DiscoveryService) {}

  @Get('ResourceTypes')
  resourceTypes(@Req() request: ScimRequest, @Res() reply: ScimReply): void {
    refuseFilter(request.query);
    sendJson(reply, 200, this.discovery.resourceTypes());
  }

  @Get('ResourceTypes/:id')
  resourceType(@Param('id') id: string, @Req() request: ScimRequest, @Res() reply: ScimReply): void {
    refuseFilter(request.query);
    sendJson(reply, 200, this.discovery.resourceType(id));
  }

  @Get('Schemas')
  schemas(@Req() request: ScimRequest, @Res() reply: ScimReply): void {
    refuseFilter(request.query);
    sendJson(reply, 200, this.discovery.schemas());
  }

  @Get('Schemas/:id')
  schema(@Param('id') id: string, @Req() request: ScimRequest, @Res() reply: ScimReply): void {
    refuseFilter(request.query);
    sendJson(reply, 200, this.discovery.schema(id));
  }
}
