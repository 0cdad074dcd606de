import { Body, Controller, Headers, Inject, Param, Query, Req, Res, type StreamableFile } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Actor } from '../../audit/actor.js';
import { UnitOfWork } from '../../database/unit-of-work.service.js';
import { HandOversReader } from '../../directory/hand-overs.reader.js';
import type { Connection, Organization } from '../../organizations/connection.js';
import { ConnectionsService } from '../../organizations/connections.service.js';
import { Log } from '../../platform/logger.js';
import { HandOversReconciler } from '../../reconciliation/hand-overs.reconciler.js';
import { HandOverBody } from '../bodies/hand-over.body.js';
import { PageQuery } from '../bodies/page.query.js';
import { notFound } from '../http/admin-problem.js';
import { Operator } from '../http/admin-token.guard.js';
import { toCsvFile, wantsCsv } from '../http/csv.reply.js';
import { IdPipe, OrganizationPipe } from '../http/path.pipes.js';
import { ADMIN_PREFIX } from '../operation.js';
import { Operation } from '../operation.decorator.js';
import { toPage, toPageRequest, type Page } from '../to-page.js';
import type { HandOverOutcomeView, HandOverView } from '../views/hand-over.view.js';
import { HAND_OVER_HEADER, toHandOverLines } from '../views/to-hand-over-lines.js';
import { toHandOverView, toStartedView, toUndoneView } from '../views/to-hand-over-view.js';

@Controller(ADMIN_PREFIX)
export class HandOversController {
  constructor(
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
    @Inject(ConnectionsService) private readonly connections: ConnectionsService,
    @Inject(HandOversReader) private readonly reader: HandOversReader,
    @Inject(HandOversReconciler) private readonly handOvers: HandOversReconciler,
    @Inject(Log) private readonly log: Log,
  ) {}

  @Operation('hand-over list')
  async list(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Param('connection', IdPipe) id: string,
    @Query() query: PageQuery,
  ): Promise<Page<HandOverView>> {
    const connection = await this.find(organization, id);
    const request = toPageRequest(query);
    const rows = await this.reader.list(this.unitOfWork.read, organization.id, connection.id, request);
    return toPage(rows, request, toHandOverView, (row) => row.id);
  }

  /** As CSV for who asks for that in Accept: then of everybody, not only of a thousand. */
  @Operation('hand-over start')
  async start(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Param('connection', IdPipe) id: string,
    @Body() { choice = 'freeze', preview = false }: HandOverBody,
    @Operator() operator: Actor,
    @Headers('accept') accept: string | undefined,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<HandOverOutcomeView | StreamableFile> {
    const connection = await this.find(organization, id);
    const { plan, handOver } = preview
      ? { plan: await this.handOvers.preview(connection, choice) }
      : await this.handOvers.start(connection, choice, operator);
    if (!wantsCsv(accept)) return toStartedView(plan, handOver);
    const failed = (error: unknown) => this.log.failure(error, { correlationId: request.id });
    return toCsvFile(reply, 'hand-over', HAND_OVER_HEADER, toHandOverLines(plan), failed);
  }

  @Operation('hand-over undo')
  async undo(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Param('connection', IdPipe) id: string,
    @Param('handOver', IdPipe) handOver: string,
    @Operator() operator: Actor,
  ): Promise<HandOverOutcomeView> {
    return toUndoneView(await this.handOvers.undo(await this.find(organization, id), handOver, operator));
  }

  @Operation('hand-over confirm')
  async confirm(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Param('connection', IdPipe) id: string,
    @Param('handOver', IdPipe) handOver: string,
    @Operator() operator: Actor,
  ): Promise<HandOverView> {
    return toHandOverView(await this.handOvers.confirm(await this.find(organization, id), handOver, operator));
  }

  private async find(organization: Organization, id: string): Promise<Connection> {
    const connection = await this.connections.get(organization.id, id);
    if (!connection) throw notFound(`connection ${id}`);
    return connection;
  }
}
