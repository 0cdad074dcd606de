import { Controller, Inject, Param, Query } from '@nestjs/common';
import { RecordsReader } from '../../audit/records.reader.js';
import { UnitOfWork } from '../../database/unit-of-work.service.js';
import type { Organization } from '../../organizations/connection.js';
import { EventsReader } from '../../outbox/events.reader.js';
import { ConnectionsService } from '../../organizations/connections.service.js';
import { Clock } from '../../platform/clock.js';
import { NO_ORGANIZATION } from '../../platform/secrets.js';
import { SignInDetails } from '../../sessions/sign-in-details.service.js';
import { PageQuery } from '../bodies/page.query.js';
import { AuditQuery, EventsQuery, SignInsQuery } from '../bodies/records.query.js';
import { notFound } from '../http/admin-problem.js';
import { IdPipe, OrganizationPipe } from '../http/path.pipes.js';
import { ADMIN_PREFIX } from '../operation.js';
import { Operation } from '../operation.decorator.js';
import { toPage, toPageRequest, type Page } from '../to-page.js';
import type { AuditEntryView, EventView, SignInDetailView, SignInView } from '../views/record.view.js';
import { toAuditEntryView, toEventView, toSignInDetailView, toSignInView } from '../views/to-record-views.js';

/** What happened: sign-ins with their decisions, who did what, events. Reads only. */
@Controller(ADMIN_PREFIX)
export class RecordsController {
  constructor(
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
    @Inject(RecordsReader) private readonly records: RecordsReader,
    @Inject(ConnectionsService) private readonly connections: ConnectionsService,
    @Inject(SignInDetails) private readonly details: SignInDetails,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(EventsReader) private readonly outbox: EventsReader,
  ) {}

  @Operation('sign-in list')
  async signIns(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Query() { connection, user, outcome, ...query }: SignInsQuery,
  ): Promise<Page<SignInView>> {
    const request = toPageRequest(query);
    const wanted = { ...request, connectionId: connection, userId: user, outcome };
    const rows = await this.records.signIns(this.unitOfWork.read, organization.id, wanted);
    return toPage(rows, request, toSignInView, ({ id }) => id);
  }

  @Operation('sign-in get')
  async signIn(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Param('signIn') idOrCode: string,
  ): Promise<SignInDetailView> {
    const found = /^[\w-]{1,40}$/.test(idOrCode)
      ? await this.records.signIn(this.unitOfWork.read, organization.id, idOrCode)
      : undefined;
    if (!found) throw notFound('such sign-in');
    const received = await this.details.of(this.unitOfWork.read, organization.id, found, this.clock.now());
    return toSignInDetailView(found, received);
  }

  @Operation('connection sign-ins')
  async signInsOfConnection(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Param('connection', IdPipe) connectionId: string,
    @Query() query: PageQuery,
  ): Promise<Page<SignInDetailView>> {
    if (!(await this.connections.get(organization.id, connectionId))) throw notFound(`connection ${connectionId}`);
    const request = toPageRequest(query);
    const db = this.unitOfWork.read;
    const rows = await this.records.signInsOfConnection(db, organization.id, connectionId, request);
    const details = await this.details.ofAll(db, organization.id, connectionId, this.clock.now());
    return toPage(
      rows,
      request,
      (row) => toSignInDetailView(row, details.get(row.id)),
      ({ id }) => id,
    );
  }

  @Operation('audit list')
  async auditEntries(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Query() query: AuditQuery,
  ): Promise<Page<AuditEntryView>> {
    return this.auditPage(organization.id, query);
  }

  @Operation('server-audit list')
  async serverAuditEntries(@Query() query: AuditQuery): Promise<Page<AuditEntryView>> {
    return this.auditPage(NO_ORGANIZATION, query);
  }

  @Operation('event list')
  async events(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Query() { subject, ...query }: EventsQuery,
  ): Promise<Page<EventView>> {
    const request = toPageRequest(query);
    const rows = await this.outbox.events(this.unitOfWork.read, organization.id, { ...request, subjectId: subject });
    return toPage(rows, request, toEventView, ({ id }) => id);
  }

  private async auditPage(
    organizationId: string,
    { target, actor, ...query }: AuditQuery,
  ): Promise<Page<AuditEntryView>> {
    const request = toPageRequest(query);
    const rows = await this.records.auditEntries(this.unitOfWork.read, organizationId, {
      ...request,
      targetId: target,
      actorId: actor,
    });
    return toPage(rows, request, toAuditEntryView, ({ id }) => id);
  }
}
