import { Body, Controller, Headers, Inject, Param, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Actor } from '../../audit/actor.js';
import type { Connection, Organization } from '../../organizations/connection.js';
import { ConnectionsService } from '../../organizations/connections.service.js';
import { TakeOverReconciler } from '../../reconciliation/take-over.reconciler.js';
import { TakeOverBody } from '../bodies/take-over.body.js';
import { notFound } from '../http/admin-problem.js';
import { CSV_TYPE, dispositionOf, wantsCsv } from '../http/csv.reply.js';
import { Operator } from '../http/admin-token.guard.js';
import { IdPipe, OrganizationPipe } from '../http/path.pipes.js';
import { ADMIN_PREFIX } from '../operation.js';
import { Operation } from '../operation.decorator.js';
import type { DroppedLeftoversView, TakeOverView } from '../views/take-over.view.js';
import { toListedPeople, toTakeOverCsv, toTakeOverView } from './to-take-over.js';

@Controller(ADMIN_PREFIX)
export class TakeOverController {
  constructor(
    @Inject(ConnectionsService) private readonly connections: ConnectionsService,
    @Inject(TakeOverReconciler) private readonly takeOver: TakeOverReconciler,
  ) {}

  /** As CSV for who asks for that in Accept. */
  @Operation('take-over match')
  async match(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Param('connection', IdPipe) id: string,
    @Body() body: TakeOverBody,
    @Headers('accept') accept: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<TakeOverView | string> {
    const connection = await this.find(organization, id);
    const report = await this.takeOver.match(connection, toListedPeople(body));
    if (!wantsCsv(accept)) return toTakeOverView(report);
    void reply.header('content-type', CSV_TYPE);
    void reply.header('content-disposition', dispositionOf('take-over'));
    return toTakeOverCsv(report);
  }

  @Operation('take-over drop-leftovers')
  async dropLeftovers(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Param('connection', IdPipe) id: string,
    @Operator() operator: Actor,
  ): Promise<DroppedLeftoversView> {
    return { dropped: await this.takeOver.dropLeftovers(await this.find(organization, id), operator) };
  }

  private async find(organization: Organization, id: string): Promise<Connection> {
    const connection = await this.connections.get(organization.id, id);
    if (!connection) throw notFound(`connection ${id}`);
    return connection;
  }
}
