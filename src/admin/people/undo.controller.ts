import { Body, Controller, Inject, Param } from '@nestjs/common';
import type { Actor } from '../../audit/actor.js';
import type { Organization } from '../../organizations/connection.js';
import { ConnectionsService } from '../../organizations/connections.service.js';
import { Clock } from '../../platform/clock.js';
import { UndoReconciler } from '../../reconciliation/undo.reconciler.js';
import { UndoBody } from '../bodies/undo.body.js';
import { AdminProblem, notFound } from '../http/admin-problem.js';
import { Operator } from '../http/admin-token.guard.js';
import { IdPipe, OrganizationPipe } from '../http/path.pipes.js';
import { ADMIN_PREFIX } from '../operation.js';
import { Operation } from '../operation.decorator.js';
import { toUndoView } from '../views/to-undo-view.js';
import type { UndoView } from '../views/undo.view.js';

@Controller(ADMIN_PREFIX)
export class UndoController {
  constructor(
    @Inject(ConnectionsService) private readonly connections: ConnectionsService,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(UndoReconciler) private readonly undos: UndoReconciler,
  ) {}

  @Operation('changes undo')
  async undo(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Param('connection', IdPipe) id: string,
    @Body() { from, until, client, preview = false, expect }: UndoBody,
    @Operator() operator: Actor,
  ): Promise<UndoView> {
    const connection = await this.connections.get(organization.id, id);
    if (!connection) throw notFound(`connection ${id}`);
    const window = {
      client: client?.toLowerCase(),
      from: new Date(from),
      until: until === undefined ? this.clock.now() : new Date(until),
    };
    if (window.from >= window.until) throw new AdminProblem(422, 'invalid', 'until must be later than from.');
    if (preview) return toUndoView('preview', window, await this.undos.preview(connection, window));
    if (expect === undefined)
      throw new AdminProblem(422, 'invalid', 'Look at a preview first, and give its digest as expect.');
    return toUndoView('done', window, await this.undos.undo(connection, window, expect, operator));
  }
}
