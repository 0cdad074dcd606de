import { Body, Controller, Inject, Param, Query } from '@nestjs/common';
import type { Actor } from '../../audit/actor.js';
import type { Organization } from '../../organizations/connection.js';
import { ConnectionsService } from '../../organizations/connections.service.js';
import { SpKeys } from '../../organizations/sp-keys.service.js';
import { PageQuery } from '../bodies/page.query.js';
import { CreateSpKeyBody } from '../bodies/sp-key.body.js';
import { notFound } from '../http/admin-problem.js';
import { Operator } from '../http/admin-token.guard.js';
import { IdPipe, OrganizationPipe } from '../http/path.pipes.js';
import { ADMIN_PREFIX } from '../operation.js';
import { Operation } from '../operation.decorator.js';
import { toPage, toPageRequest, type Page } from '../to-page.js';
import type { SpKeyView } from '../views/sp-key.view.js';
import { toSpKeyView } from '../views/to-sp-key-view.js';

@Controller(ADMIN_PREFIX)
export class SpKeysController {
  constructor(
    @Inject(SpKeys) private readonly keys: SpKeys,
    @Inject(ConnectionsService) private readonly connections: ConnectionsService,
  ) {}

  @Operation('sp-key list')
  async list(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Param('connection', IdPipe) connection: string,
    @Query() query: PageQuery,
  ): Promise<Page<SpKeyView>> {
    await this.find(organization, connection);
    const request = toPageRequest(query);
    const rows = await this.keys.list(organization.id, connection, request.after, request.limit);
    return toPage(rows, request, toSpKeyView, ({ id }) => id);
  }

  @Operation('sp-key create')
  async create(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Param('connection', IdPipe) connection: string,
    @Body() { use }: CreateSpKeyBody,
    @Operator() operator: Actor,
  ): Promise<SpKeyView> {
    // Making a key is work: not for a connection that is not there.
    await this.find(organization, connection);
    return toSpKeyView(await this.keys.create(organization.id, connection, use, operator));
  }

  @Operation('sp-key activate')
  async activate(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Param('connection', IdPipe) connection: string,
    @Param('key', IdPipe) key: string,
    @Operator() operator: Actor,
  ): Promise<SpKeyView> {
    return toSpKeyView(await this.keys.activate(organization.id, connection, key, operator));
  }

  @Operation('sp-key retire')
  async retire(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Param('connection', IdPipe) connection: string,
    @Param('key', IdPipe) key: string,
    @Operator() operator: Actor,
  ): Promise<SpKeyView> {
    return toSpKeyView(await this.keys.retire(organization.id, connection, key, operator));
  }

  private async find(organization: Organization, connection: string): Promise<void> {
    if (!(await this.connections.get(organization.id, connection))) throw notFound(`connection ${connection}`);
  }
}
