import { Controller, Inject, Param, Query } from '@nestjs/common';
import { UnitOfWork } from '../../database/unit-of-work.service.js';
import type { Organization } from '../../organizations/connection.js';
import { LogoutsReader } from '../../sessions/logouts.reader.js';
import { LogoutsQuery } from '../bodies/records.query.js';
import { notFound } from '../http/admin-problem.js';
import { OrganizationPipe } from '../http/path.pipes.js';
import { ADMIN_PREFIX } from '../operation.js';
import { Operation } from '../operation.decorator.js';
import { toPage, toPageRequest, type Page } from '../to-page.js';
import type { LogoutView } from '../views/logout.view.js';
import { toLogoutView } from '../views/to-logout-view.js';

/** What IdPs said at the logout address, and what came of it. Reads only. */
@Controller(ADMIN_PREFIX)
export class LogoutsController {
  constructor(
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
    @Inject(LogoutsReader) private readonly logouts: LogoutsReader,
  ) {}

  @Operation('logout list')
  async list(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Query() { connection, outcome, ...query }: LogoutsQuery,
  ): Promise<Page<LogoutView>> {
    const request = toPageRequest(query);
    const wanted = { ...request, connectionId: connection, outcome };
    const rows = await this.logouts.list(this.unitOfWork.read, organization.id, wanted);
    return toPage(rows, request, toLogoutView, ({ id }) => id);
  }

  @Operation('logout get')
  async get(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Param('logout') idOrCode: string,
  ): Promise<LogoutView> {
    const found = /^[\w-]{1,40}$/.test(idOrCode)
      ? await this.logouts.get(this.unitOfWork.read, organization.id, idOrCode)
      : undefined;
    if (!found) throw notFound('such logout');
    return toLogoutView(found);
  }
}
