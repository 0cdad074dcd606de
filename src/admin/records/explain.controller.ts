import { Controller, Inject, Param, Query } from '@nestjs/common';
import type { Organization } from '../../organizations/connection.js';
import { ExplainService } from '../../reconciliation/explain.service.js';
import { HistoryService } from '../../reconciliation/history.service.js';
import { Clock } from '../../platform/clock.js';
import { PageQuery } from '../bodies/page.query.js';
import { IdPipe, OrganizationPipe } from '../http/path.pipes.js';
import { ADMIN_PREFIX } from '../operation.js';
import { Operation } from '../operation.decorator.js';
import { toPage, toPageRequest, type Page } from '../to-page.js';
import type { ExplanationView, HappeningView } from '../views/explain.view.js';
import { toExplanationView, toHappeningView } from '../views/to-explain-views.js';

/** Why somebody has what they have, and what happened to them. Reads only. */
@Controller(ADMIN_PREFIX)
export class ExplainController {
  constructor(
    @Inject(ExplainService) private readonly explanations: ExplainService,
    @Inject(HistoryService) private readonly history: HistoryService,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  @Operation('user explain')
  async explain(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Param('user', IdPipe) id: string,
  ): Promise<ExplanationView> {
    return toExplanationView(await this.explanations.explain(organization.id, id));
  }

  @Operation('user timeline')
  async timeline(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Param('user', IdPipe) id: string,
    @Query() query: PageQuery,
  ): Promise<Page<HappeningView>> {
    // Of tombstones too: what became of somebody is asked most when they are gone. Nobody at all is not found.
    await this.history.userAt(organization.id, id, this.clock.now());
    const request = toPageRequest(query);
    const rows = await this.explanations.timeline(organization.id, id, request);
    return toPage(rows, request, toHappeningView, (row) => row.id);
  }
}
