import { Body, Controller, Inject, Param, Query } from '@nestjs/common';
import type { Actor } from '../../audit/actor.js';
import { ClientQuirks } from '../../organizations/client-quirks.service.js';
import type { Connection, Organization } from '../../organizations/connection.js';
import { ConnectionsService } from '../../organizations/connections.service.js';
import { SessionEnder } from '../../sessions/session-ender.service.js';
import { CreateConnectionBody, DisableConnectionBody, UpdateConnectionBody } from '../bodies/connection.body.js';
import { PageQuery } from '../bodies/page.query.js';
import { notFound } from '../http/admin-problem.js';
import { Operator } from '../http/admin-token.guard.js';
import { IdPipe, OrganizationPipe } from '../http/path.pipes.js';
import { ADMIN_PREFIX } from '../operation.js';
import { Operation } from '../operation.decorator.js';
import { toPage, toPageRequest, type Page } from '../to-page.js';
import type { ConnectionQuirksView } from '../views/client.view.js';
import { ConnectionViews } from '../views/connection-views.service.js';
import type { ConnectionView } from '../views/connection.view.js';
import { toConnectionQuirksView } from '../views/to-client-view.js';

@Controller(ADMIN_PREFIX)
export class ConnectionsController {
  constructor(
    @Inject(ConnectionsService) private readonly connections: ConnectionsService,
    @Inject(SessionEnder) private readonly ender: SessionEnder,
    @Inject(ClientQuirks) private readonly clientQuirks: ClientQuirks,
    @Inject(ConnectionViews) private readonly views: ConnectionViews,
  ) {}

  @Operation('connection list')
  async list(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Query() query: PageQuery,
  ): Promise<Page<ConnectionView>> {
    const request = toPageRequest(query);
    const rows = await this.connections.list(organization.id, request.after, request.limit);
    return toPage(rows, request, await this.views.viewer(organization.id, rows), ({ id }) => id);
  }

  @Operation('connection create')
  async create(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Body() body: CreateConnectionBody,
    @Operator() operator: Actor,
  ): Promise<ConnectionView> {
    return this.views.one(await this.connections.create(organization.id, body, operator));
  }

  @Operation('connection get')
  async get(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Param('connection', IdPipe) id: string,
  ): Promise<ConnectionView> {
    return this.views.one(await this.find(organization, id));
  }

  @Operation('connection update')
  async update(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Param('connection', IdPipe) id: string,
    @Body() body: UpdateConnectionBody,
    @Operator() operator: Actor,
  ): Promise<ConnectionView> {
    return this.views.one(await this.connections.update(organization.id, id, body, operator));
  }

  @Operation('connection quirks')
  async quirks(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Param('connection', IdPipe) id: string,
  ): Promise<ConnectionQuirksView> {
    const connection = await this.find(organization, id);
    return toConnectionQuirksView(connection, await this.clientQuirks.of(organization.id, id));
  }

  @Operation('connection enable')
  async enable(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Param('connection', IdPipe) id: string,
    @Operator() operator: Actor,
  ): Promise<ConnectionView> {
    return this.views.one(await this.connections.enable(organization.id, id, operator));
  }

  @Operation('connection disable')
  async disable(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Param('connection', IdPipe) id: string,
    @Body() { reason, endSessions }: DisableConnectionBody,
    @Operator() operator: Actor,
  ): Promise<ConnectionView> {
    const disabled = endSessions
      ? await this.ender.closeConnection(organization.id, id, reason, operator)
      : await this.connections.disable(organization.id, id, reason, operator);
    return this.views.one(disabled);
  }

  private async find(organization: Organization, id: string): Promise<Connection> {
    const connection = await this.connections.get(organization.id, id);
    if (!connection) throw notFound(`connection ${id}`);
    return connection;
  }
}
