import { Body, Controller, Inject, Param, Query } from '@nestjs/common';
import type { Actor } from '../../audit/actor.js';
import type { Organization } from '../../organizations/connection.js';
import { DomainsService } from '../../organizations/domains.service.js';
import { NamePageQuery } from '../bodies/page.query.js';
import { ClaimDomainBody, UpdateDomainBody, VerifyDomainBody } from '../bodies/token.body.js';
import { Operator } from '../http/admin-token.guard.js';
import { OrganizationPipe } from '../http/path.pipes.js';
import { ADMIN_PREFIX } from '../operation.js';
import { Operation } from '../operation.decorator.js';
import { toPage, toPageRequest, type Page } from '../to-page.js';
import type { DomainView } from '../views/token.view.js';
import { toDomainView } from '../views/to-tenant-views.js';

@Controller(ADMIN_PREFIX)
export class DomainsController {
  constructor(@Inject(DomainsService) private readonly domains: DomainsService) {}

  @Operation('domain list')
  async list(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Query() query: NamePageQuery,
  ): Promise<Page<DomainView>> {
    const request = toPageRequest(query);
    const rows = await this.domains.list(organization.id, request.after, request.limit);
    return toPage(rows, request, toDomainView, ({ domain }) => domain);
  }

  @Operation('domain claim')
  async claim(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Body() body: ClaimDomainBody,
    @Operator() operator: Actor,
  ): Promise<DomainView> {
    return toDomainView(await this.domains.claim(organization.id, body.domain, operator));
  }

  @Operation('domain verify')
  async verify(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Param('domain') domain: string,
    @Body() body: VerifyDomainBody,
    @Operator() operator: Actor,
  ): Promise<DomainView> {
    return toDomainView(await this.domains.verify(organization.id, domain, body.by ?? 'dns', operator));
  }

  @Operation('domain update')
  async update(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Param('domain') domain: string,
    @Body() { connectionId }: UpdateDomainBody,
    @Operator() operator: Actor,
  ): Promise<DomainView> {
    const connection = connectionId?.toLowerCase() ?? null;
    return toDomainView(await this.domains.setConnection(organization.id, domain, connection, operator));
  }

  @Operation('domain release')
  async release(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Param('domain') domain: string,
    @Operator() operator: Actor,
  ): Promise<void> {
    await this.domains.release(organization.id, domain, operator);
  }
}
