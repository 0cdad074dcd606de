import { Body, Controller, Inject, Param, Query } from '@nestjs/common';
import type { Actor } from '../../audit/actor.js';
import type { Organization } from '../../organizations/connection.js';
import { OrganizationsService } from '../../organizations/organizations.service.js';
import { CreateOrganizationBody, UpdateOrganizationBody } from '../bodies/organization.body.js';
import { PageQuery } from '../bodies/page.query.js';
import { Operator } from '../http/admin-token.guard.js';
import { OrganizationPipe } from '../http/path.pipes.js';
import { ADMIN_PREFIX } from '../operation.js';
import { Operation } from '../operation.decorator.js';
import { toPage, toPageRequest, type Page } from '../to-page.js';
import type { OrganizationView } from '../views/organization.view.js';
import { toOrganizationView } from '../views/to-tenant-views.js';

@Controller(ADMIN_PREFIX)
export class OrganizationsController {
  constructor(@Inject(OrganizationsService) private readonly organizations: OrganizationsService) {}

  @Operation('organization list')
  async list(@Query() query: PageQuery): Promise<Page<OrganizationView>> {
    const request = toPageRequest(query);
    const rows = await this.organizations.list(request.after, request.limit);
    return toPage(rows, request, toOrganizationView, ({ id }) => id);
  }

  @Operation('organization create')
  async create(@Body() body: CreateOrganizationBody, @Operator() operator: Actor): Promise<OrganizationView> {
    return toOrganizationView(await this.organizations.create(body, operator));
  }

  @Operation('organization get')
  get(@Param('organization', OrganizationPipe) organization: Organization): OrganizationView {
    return toOrganizationView(organization);
  }

  @Operation('organization update')
  async update(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Body() body: UpdateOrganizationBody,
    @Operator() operator: Actor,
  ): Promise<OrganizationView> {
    return toOrganizationView(await this.organizations.update(organization.id, body, operator));
  }
}
