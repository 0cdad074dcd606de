import { Body, Controller, Inject, Param, Query } from '@nestjs/common';
import type { Actor } from '../../audit/actor.js';
import type { Organization } from '../../organizations/connection.js';
import { ConnectionsService } from '../../organizations/connections.service.js';
import { ScimTokensService } from '../../organizations/scim-tokens.service.js';
import { PageQuery } from '../bodies/page.query.js';
import { CreateTokenBody } from '../bodies/token.body.js';
import { notFound } from '../http/admin-problem.js';
import { Operator } from '../http/admin-token.guard.js';
import { IdPipe, OrganizationPipe } from '../http/path.pipes.js';
import { ADMIN_PREFIX } from '../operation.js';
import { Operation } from '../operation.decorator.js';
import { toPage, toPageRequest, type Page } from '../to-page.js';
import type { NewScimTokenView, ScimTokenView } from '../views/token.view.js';
import { toScimTokenView } from '../views/to-tenant-views.js';
import { toWantedToken } from './to-wanted-token.js';

@Controller(ADMIN_PREFIX)
export class ScimTokensController {
  constructor(
    @Inject(ScimTokensService) private readonly tokens: ScimTokensService,
    @Inject(ConnectionsService) private readonly connections: ConnectionsService,
  ) {}

  @Operation('scim-token list')
  async list(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Param('connection', IdPipe) connection: string,
    @Query() query: PageQuery,
  ): Promise<Page<ScimTokenView>> {
    if (!(await this.connections.get(organization.id, connection))) throw notFound(`connection ${connection}`);
    const request = toPageRequest(query);
    const rows = await this.tokens.list(organization.id, connection, request.after, request.limit);
    return toPage(rows, request, toScimTokenView, ({ id }) => id);
  }

  @Operation('scim-token create')
  async create(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Param('connection', IdPipe) connection: string,
    @Body() body: CreateTokenBody,
    @Operator() operator: Actor,
  ): Promise<NewScimTokenView> {
    const made = await this.tokens.create(organization.id, connection, toWantedToken(body), operator);
    return { token: made.token, record: toScimTokenView(made.record) };
  }

  @Operation('scim-token rotate')
  async rotate(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Param('connection', IdPipe) connection: string,
    @Body() body: CreateTokenBody,
    @Operator() operator: Actor,
  ): Promise<NewScimTokenView> {
    const made = await this.tokens.rotate(organization.id, connection, toWantedToken(body), operator);
    return { token: made.token, record: toScimTokenView(made.record) };
  }

  @Operation('scim-token revoke')
  async revoke(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Param('connection', IdPipe) connection: string,
    @Param('token', IdPipe) token: string,
    @Operator() operator: Actor,
  ): Promise<ScimTokenView> {
    return toScimTokenView(await this.tokens.revoke(organization.id, connection, token, operator));
  }
}
