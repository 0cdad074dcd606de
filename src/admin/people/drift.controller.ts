import { Controller, Headers, Inject, Param, Query, Req, Res, type StreamableFile } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Organization } from '../../organizations/connection.js';
import { Log } from '../../platform/logger.js';
import { DriftService, type PersonDrift, type WantedDrift } from '../../reconciliation/drift.service.js';
import { DriftCountQuery, DriftQuery } from '../bodies/drift.query.js';
import { DEFAULT_LIMIT } from '../bodies/page-limits.js';
import { toCsvFile, wantsCsv } from '../http/csv.reply.js';
import { IdPipe, OrganizationPipe } from '../http/path.pipes.js';
import { ADMIN_PREFIX } from '../operation.js';
import { Operation } from '../operation.decorator.js';
import type { Page } from '../to-page.js';
import type { DriftCountsView, DriftView } from '../views/drift.view.js';
import { DRIFT_HEADER, toDriftLines, toDriftView } from '../views/to-drift-views.js';

/** Where IdPs and SCIM clients say different things of people. Reads only. */
@Controller(ADMIN_PREFIX)
export class DriftController {
  constructor(
    @Inject(DriftService) private readonly drift: DriftService,
    @Inject(Log) private readonly log: Log,
  ) {}

  /** As CSV for who asks for that in Accept: then all of it, not a page. */
  @Operation('drift list')
  async list(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Query() query: DriftQuery,
    @Headers('accept') accept: string | undefined,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Page<DriftView> | StreamableFile> {
    const wanted = toWanted(query);
    if (wantsCsv(accept)) {
      const lines = linesOf(this.drift.all(organization.id, wanted));
      const failed = (error: unknown) => this.log.failure(error, { correlationId: request.id });
      return toCsvFile(reply, 'drift', DRIFT_HEADER, lines, failed);
    }
    const { after, limit = DEFAULT_LIMIT } = query;
    const { found, next } = await this.drift.page(organization.id, wanted, { after: after?.toLowerCase(), limit });
    return { items: found.map(toDriftView), next };
  }

  @Operation('drift count')
  async count(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Query() query: DriftCountQuery,
  ): Promise<DriftCountsView> {
    return this.drift.counts(organization.id, toWanted(query));
  }

  @Operation('user drift')
  async user(
    @Param('organization', OrganizationPipe) organization: Organization,
    @Param('user', IdPipe) id: string,
  ): Promise<DriftView> {
    return toDriftView(await this.drift.of(organization.id, id));
  }
}

const toWanted = ({ connection, since, kind }: DriftCountQuery & Pick<DriftQuery, 'kind'>): WantedDrift => ({
  connectionId: connection,
  kind,
  since: since === undefined ? undefined : new Date(since),
});

async function* linesOf(drifts: AsyncIterable<PersonDrift>): AsyncGenerator<string[]> {
  for await (const drift of drifts) yield* toDriftLines(drift);
}
