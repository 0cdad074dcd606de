import { Body, Controller, Inject, Param, Query } from '@nestjs/common';
import type { Actor } from '../../audit/actor.js';
import { extensionNamed } from '../../organizations/connection-schemas.service.js';
import type { DeclaredSchemas, Organization } from '../../organizations/connection.js';
import { ConnectionsService } from '../../organizations/connections.service.js';
import { SchemaReconciler } from '../../reconciliation/schema.reconciler.js';
import { NamePageQuery } from '../bodies/page.query.js';
import { DeclareSchemaBody } from '../bodies/schema.body.js';
import { notFound } from '../http/admin-problem.js';
import { Operator } from '../http/admin-token.guard.js';
import { IdPipe, OrganizationPipe } from '../http/path.pipes.js';
import { ADMIN_PREFIX } from '../operation.js';
import { Operation } from '../operation.decorator.js';
import { toPage, toPageRequest, type Page } from '../to-page.js';
import type { SchemaView } from '../views/schema.view.js';
import { toSchemaView } from '../views/to-tenant-views.js';
import { toExtension } from './to-extension.js';

/** The extension schemas of a connection's SCIM client. */
@Controller(ADMIN_PREFIX)
export class SchemasController {
  constructor(
    @Inject(ConnectionsService) private readonly connections: ConnectionsService,
    @Inject(SchemaReconciler) private readonly reconciler: SchemaReconciler,
  ) {}

  @Operation('schema list')
  async list(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Param('connection', IdPipe) connectionId: string,
    @Query() query: NamePageQuery,
  ): Promise<Page<SchemaView>> {
    const sorted = [...(await this.find(organization, connectionId))].sort((a, b) =>
      a.schema.id < b.schema.id ? -1 : 1,
    );
    const { after } = query;
    const rows = after === undefined ? sorted : sorted.filter(({ schema }) => schema.id > after);
    const request = toPageRequest(query);
    return toPage(rows.slice(0, request.limit), request, toSchemaView, ({ schema }) => schema.id);
  }

  @Operation('schema get')
  async get(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Param('connection', IdPipe) connectionId: string,
    @Param('schema') urn: string,
  ): Promise<SchemaView> {
    const found = extensionNamed(await this.find(organization, connectionId), urn);
    if (!found) throw notFound('such schema');
    return toSchemaView(found);
  }

  @Operation('schema declare')
  async declare(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Param('connection', IdPipe) connectionId: string,
    @Param('schema') urn: string,
    @Body() body: DeclareSchemaBody,
    @Operator() operator: Actor,
  ): Promise<SchemaView> {
    return toSchemaView(await this.reconciler.declare(organization.id, connectionId, toExtension(urn, body), operator));
  }

  @Operation('schema delete')
  async delete(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Param('connection', IdPipe) connectionId: string,
    @Param('schema') urn: string,
    @Operator() operator: Actor,
  ): Promise<void> {
    await this.reconciler.remove(organization.id, connectionId, urn, operator);
  }

  private async find(organization: Organization, id: string): Promise<DeclaredSchemas['extensions']> {
    const connection = await this.connections.get(organization.id, id);
    if (!connection) throw notFound(`connection ${id}`);
    return connection.schemas.extensions;
  }
}
