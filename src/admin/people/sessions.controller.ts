import { Controller, Inject, Param, Query } from '@nestjs/common';
import type { Actor } from '../../audit/actor.js';
import { UnitOfWork } from '../../database/unit-of-work.service.js';
import type { Organization } from '../../organizations/connection.js';
import { ConnectionsService } from '../../organizations/connections.service.js';
import { Clock } from '../../platform/clock.js';
import { SessionEnder } from '../../sessions/session-ender.service.js';
import { SessionsReader } from '../../sessions/sessions.reader.js';
import { SessionsQuery } from '../bodies/records.query.js';
import { notFound } from '../http/admin-problem.js';
import { Operator } from '../http/admin-token.guard.js';
import { IdPipe, OrganizationPipe } from '../http/path.pipes.js';
import { ADMIN_PREFIX } from '../operation.js';
import { Operation } from '../operation.decorator.js';
import { toPage, toPageRequest, type Page } from '../to-page.js';
import type { RevokedSessionsView } from '../views/record.view.js';
import type { ListedSessionView } from '../views/session.view.js';
import { toListedSessionView } from '../views/to-session-views.js';

/** Who is signed in, and the end of it. */
@Controller(ADMIN_PREFIX)
export class SessionsController {
  constructor(
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
    @Inject(SessionsReader) private readonly sessions: SessionsReader,
    @Inject(SessionEnder) private readonly ender: SessionEnder,
    @Inject(ConnectionsService) private readonly connections: ConnectionsService,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  @Operation('session list')
  async list(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Query() { user, connection, ...query }: SessionsQuery,
  ): Promise<Page<ListedSessionView>> {
    const request = toPageRequest(query);
    const search = { ...request, userId: user, connectionId: connection };
    const rows = await this.sessions.live(this.unitOfWork.read, organization.id, search, this.clock.now());
    return toPage(rows, request, toListedSessionView, ({ id }) => id);
  }

  /** One that is over already stays so: nothing is revoked. */
  @Operation('session revoke')
  async revoke(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Param('session', IdPipe) id: string,
    @Operator() operator: Actor,
  ): Promise<RevokedSessionsView> {
    const ended = await this.ender.end(organization.id, { ids: [id] }, 'operator', operator);
    if (ended.length === 0 && !(await this.sessions.exists(this.unitOfWork.read, organization.id, id))) {
      throw notFound(`session ${id}`);
    }
    return { revoked: ended.length };
  }

  @Operation('connection revoke-sessions')
  async revokeOfConnection(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Param('connection', IdPipe) id: string,
    @Operator() operator: Actor,
  ): Promise<RevokedSessionsView> {
    const connection = await this.connections.get(organization.id, id);
    if (!connection) throw notFound(`connection ${id}`);
    const ended = await this.ender.end(organization.id, { connectionId: id }, 'connection', operator);
    return { revoked: ended.length };
  }
}
