import { Body, Controller, Inject, Param, Query } from '@nestjs/common';
import type { Actor } from '../../audit/actor.js';
import { UnitOfWork } from '../../database/unit-of-work.service.js';
import type { GuardName } from '../../directory/guards.reader.js';
import { HeldRemovalsReader } from '../../directory/held-removals.reader.js';
import type { Connection, Organization } from '../../organizations/connection.js';
import { ConnectionsService } from '../../organizations/connections.service.js';
import { GuardsReconciler } from '../../reconciliation/guards.reconciler.js';
import { HeldRemovalsReconciler } from '../../reconciliation/held-removals.reconciler.js';
import { DecideHeldBody, ResumeGuardBody } from '../bodies/guard.body.js';
import { PageQuery } from '../bodies/page.query.js';
import { notFound } from '../http/admin-problem.js';
import { Operator } from '../http/admin-token.guard.js';
import { GuardPipe, IdPipe, OrganizationPipe } from '../http/path.pipes.js';
import { ADMIN_PREFIX } from '../operation.js';
import { Operation } from '../operation.decorator.js';
import { toPage, toPageRequest, type Page } from '../to-page.js';
import type { GuardView, HeldOutcomeView, HeldRemovalView } from '../views/guard.view.js';
import { toGuardView, toHeldRemovalView } from '../views/to-guard-views.js';

/** What guards hold, and what an operator decides about it. */
@Controller(ADMIN_PREFIX)
export class GuardsController {
  constructor(
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
    @Inject(ConnectionsService) private readonly connections: ConnectionsService,
    @Inject(GuardsReconciler) private readonly guards: GuardsReconciler,
    @Inject(HeldRemovalsReader) private readonly reader: HeldRemovalsReader,
    @Inject(HeldRemovalsReconciler) private readonly held: HeldRemovalsReconciler,
  ) {}

  @Operation('guard get')
  async get(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Param('connection', IdPipe) id: string,
    @Param('guard', GuardPipe) guard: GuardName,
  ): Promise<GuardView> {
    return toGuardView(await this.guards.report(await this.find(organization, id), guard));
  }

  @Operation('guard resume')
  async resume(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Param('connection', IdPipe) id: string,
    @Param('guard', GuardPipe) guard: GuardName,
    @Body() { minutes }: ResumeGuardBody,
    @Operator() operator: Actor,
  ): Promise<GuardView> {
    return toGuardView(await this.guards.resume(await this.find(organization, id), guard, minutes, operator));
  }

  @Operation('held-removal list')
  async list(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Param('connection', IdPipe) id: string,
    @Query() query: PageQuery,
  ): Promise<Page<HeldRemovalView>> {
    const connection = await this.find(organization, id);
    const request = toPageRequest(query);
    const rows = await this.reader.list(this.unitOfWork.read, organization.id, connection.id, request);
    return toPage(rows, request, toHeldRemovalView, ({ userId }) => userId);
  }

  @Operation('held-removal apply')
  async apply(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Param('connection', IdPipe) id: string,
    @Body() { userIds }: DecideHeldBody,
    @Operator() operator: Actor,
  ): Promise<HeldOutcomeView> {
    return this.held.apply(await this.find(organization, id), peopleOf(userIds), operator);
  }

  @Operation('held-removal drop')
  async drop(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Param('connection', IdPipe) id: string,
    @Body() { userIds }: DecideHeldBody,
    @Operator() operator: Actor,
  ): Promise<HeldOutcomeView> {
    return this.held.drop(await this.find(organization, id), peopleOf(userIds), operator);
  }

  private async find(organization: Organization, id: string): Promise<Connection> {
    const connection = await this.connections.get(organization.id, id);
    if (!connection) throw notFound(`connection ${id}`);
    return connection;
  }
}

const peopleOf = (userIds: readonly string[] | undefined): readonly string[] | 'everybody' =>
  userIds?.map((id) => id.toLowerCase()) ?? 'everybody';
