import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { ConnectionsService } from '../organizations/connections.service.js';
import { OrganizationsService } from '../organizations/organizations.service.js';
import { PublicUrl } from '../platform/public-url.js';
import { DEMO_SLUG } from './demo-people.js';
import { toDemoStartPage } from './to-demo-start-page.js';

/** GET / of a demo: the buttons of the demo organization. No other organization's connections are ever listed. */
@Controller()
export class DemoStartController {
  constructor(
    @Inject(OrganizationsService) private readonly organizations: OrganizationsService,
    @Inject(ConnectionsService) private readonly connections: ConnectionsService,
    @Inject(PublicUrl) private readonly publicUrl: PublicUrl,
  ) {}

  @Get()
  async show(@Res() reply: FastifyReply): Promise<void> {
    const organization = await this.organizations.find(DEMO_SLUG);
    const connections = organization ? await this.connections.list(organization.id) : [];
    const usable = connections.filter(({ enabled, saml }) => enabled && saml !== null);
    const page = toDemoStartPage(this.publicUrl.get(), organization?.name ?? 'none', usable);
    await reply.headers(page.headers).send(page.body);
  }
}
