import { Body, Controller, Inject, Param, Query } from '@nestjs/common';
import type { Actor } from '../../audit/actor.js';
import type { Organization } from '../../organizations/connection.js';
import { ConnectionsService } from '../../organizations/connections.service.js';
import { ScimTokensService, type WantedToken } from '../../organizations/scim-tokens.service.js';
import { PageQuery } from '../bodies/page.query.js';
import { CreateScimTokenBody, UpdateScimTokenBody } from '../bodies/token.body.js';
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
    @Body() body: CreateScimTokenBody,
    @Operator() operator: Actor,
  ): Promise<NewScimTokenView> {
    const made = await this.tokens.create(organization.id, connection, toWantedScimToken(body), operator);
    return { token: made.token, record: toScimTokenView(made.record) };
  }

  @Operation('scim-token rotate')
  async rotate(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Param('connection', IdPipe) connection: string,
    @Body() body: CreateScimTokenBody,
    @Operator() operator: Actor,
  ): Promise<NewScimTokenView> {
    const made = await this.tokens.rotate(organization.id, connection, toWantedScimToken(body), operator);
    return { token: made.token, record: toScimTokenView(made.record) };
  }

  @Operation('scim-token update')
  async update(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Param('connection', IdPipe) connection: string,
    @Param('token', IdPipe) token: string,
    @Body() body: UpdateScimTokenBody,
    @Operator() operator: Actor,
  ): Promise<ScimTokenView> {
    return toScimTokenView(await this.tokens.update(organization.id, connection, token, body, operator));
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

const toWantedScimToken = ({ allowedAddresses, ...body }: CreateScimTokenBody): WantedToken => ({
  ...toWantedToken(body),
  ...(allowedAddresses === undefined ? {} : { allowedAddresses }),
});
