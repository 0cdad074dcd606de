import { Body, Controller, Inject, Param, Query } from '@nestjs/common';
import type { Actor } from '../../audit/actor.js';
import type { Organization } from '../../organizations/connection.js';
import { ConnectionsService } from '../../organizations/connections.service.js';
import { ScimClientsService, type ScimClient } from '../../organizations/scim-clients.service.js';
import { PublicUrl } from '../../platform/public-url.js';
import { CreateScimClientBody, RotateSecretBody, UpdateScimClientBody } from '../bodies/client.body.js';
import { PageQuery } from '../bodies/page.query.js';
import { notFound } from '../http/admin-problem.js';
import { Operator } from '../http/admin-token.guard.js';
import { IdPipe, OrganizationPipe } from '../http/path.pipes.js';
import { ADMIN_PREFIX } from '../operation.js';
import { Operation } from '../operation.decorator.js';
import { toPage, toPageRequest, type Page } from '../to-page.js';
import type { NewScimClientView, ScimClientView } from '../views/scim-client.view.js';
import { toScimClientView } from '../views/to-scim-client-view.js';
import { toExpiry } from './to-wanted-token.js';

@Controller(ADMIN_PREFIX)
export class ScimClientsController {
  constructor(
    @Inject(ScimClientsService) private readonly clients: ScimClientsService,
    @Inject(ConnectionsService) private readonly connections: ConnectionsService,
    @Inject(PublicUrl) private readonly publicUrl: PublicUrl,
  ) {}

  @Operation('scim-client list')
  async list(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Param('connection', IdPipe) connection: string,
    @Query() query: PageQuery,
  ): Promise<Page<ScimClientView>> {
    if (!(await this.connections.get(organization.id, connection))) throw notFound(`connection ${connection}`);
    const request = toPageRequest(query);
    const rows = await this.clients.list(organization.id, connection, request.after, request.limit);
    return toPage(rows, request, this.view, ({ id }) => id);
  }

  @Operation('scim-client create')
  async create(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Param('connection', IdPipe) connection: string,
    @Body() { secretExpiresAt, ...body }: CreateScimClientBody,
    @Operator() operator: Actor,
  ): Promise<NewScimClientView> {
    const wanted = { ...body, secretExpiresAt: toExpiry(secretExpiresAt) };
    const { client, secret } = await this.clients.create(organization.id, connection, wanted, operator);
    return { clientSecret: secret, record: this.view(client) };
  }

  @Operation('scim-client rotate')
  async rotate(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Param('connection', IdPipe) connection: string,
    @Param('client', IdPipe) id: string,
    @Body() { secretExpiresAt }: RotateSecretBody,
    @Operator() operator: Actor,
  ): Promise<NewScimClientView> {
    const expiresAt = toExpiry(secretExpiresAt);
    const { client, secret } = await this.clients.rotate(organization.id, connection, id, expiresAt, operator);
    return { clientSecret: secret, record: this.view(client) };
  }

  @Operation('scim-client revoke-secret')
  async revokeSecret(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Param('connection', IdPipe) connection: string,
    @Param('client', IdPipe) client: string,
    @Param('secret', IdPipe) secret: string,
    @Operator() operator: Actor,
  ): Promise<ScimClientView> {
    return this.view(await this.clients.revokeSecret(organization.id, connection, client, secret, operator));
  }

  @Operation('scim-client update')
  async update(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Param('connection', IdPipe) connection: string,
    @Param('client', IdPipe) client: string,
    @Body() body: UpdateScimClientBody,
    @Operator() operator: Actor,
  ): Promise<ScimClientView> {
    return this.view(await this.clients.update(organization.id, connection, client, body, operator));
  }

  @Operation('scim-client revoke')
  async revoke(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Param('connection', IdPipe) connection: string,
    @Param('client', IdPipe) client: string,
    @Operator() operator: Actor,
  ): Promise<ScimClientView> {
    return this.view(await this.clients.revoke(organization.id, connection, client, operator));
  }

  private readonly view = (client: ScimClient): ScimClientView => toScimClientView(client, this.publicUrl.get());
}
