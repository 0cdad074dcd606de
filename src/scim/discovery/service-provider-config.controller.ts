import { Controller, Get, Inject, Req, Res, UseGuards } from '@nestjs/common';
import { sendJson } from '../http/scim.reply.js';
import { dialectOf, type ScimReply, type ScimRequest } from '../http/scim.request.js';
import { TokenIfAnyGuard } from '../http/scim-token.guard.js';
import { DiscoveryService } from './discovery.service.js';
import { refuseFilter } from './refuse-filter.js';

/**
 * /scim/v2/ServiceProviderConfig. Strangers may read it, for it says how to authenticate ("the service provider SHOULD ... make the
 * "authenticationSchemes" attribute publicly accessible without prior authentication", RFC 7643 section 5); a wrong token is refused
 * here as everywhere, because clients try their token here. With a token it answers for the token's connection.
 */
@Controller('scim/v2/ServiceProviderConfig')
@UseGuards(TokenIfAnyGuard)
export class ServiceProviderConfigController {
  constructor(@Inject(DiscoveryService) private readonly discovery: DiscoveryService) {}

  @Get()
  get(@Req() request: ScimRequest, @Res() reply: ScimReply): void {
    refuseFilter(request.query);
    sendJson(reply, 200, this.discovery.serviceProviderConfig(dialectOf(request)));
  }
}
