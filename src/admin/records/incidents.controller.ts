import { Controller, Inject, Param } from '@nestjs/common';
import { RecordsReader } from '../../audit/records.reader.js';
import { UnitOfWork } from '../../database/unit-of-work.service.js';
import { ConnectionsService } from '../../organizations/connections.service.js';
import { Clock } from '../../platform/clock.js';
import { readIncidentCode } from '../../platform/incident-code.js';
import { LogoutsReader } from '../../sessions/logouts.reader.js';
import { SignInDetails } from '../../sessions/sign-in-details.service.js';
import { notFound } from '../http/admin-problem.js';
import { ADMIN_PREFIX } from '../operation.js';
import { Operation } from '../operation.decorator.js';
import type { IncidentView } from '../views/incident.view.js';
import { logoutIncident, signInIncident } from '../views/to-incident-view.js';

/** What is behind the code that a refused person reads out, who knows neither the organization nor what exactly failed. Reads only. */
@Controller(ADMIN_PREFIX)
export class IncidentsController {
  constructor(
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
    @Inject(RecordsReader) private readonly records: RecordsReader,
    @Inject(LogoutsReader) private readonly logouts: LogoutsReader,
    @Inject(SignInDetails) private readonly details: SignInDetails,
    @Inject(ConnectionsService) private readonly connections: ConnectionsService,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  @Operation('incident get')
  async incident(@Param('incident') typed: string): Promise<IncidentView> {
    const code = readIncidentCode(typed);
    const found = code === undefined ? undefined : ((await this.signIn(code)) ?? (await this.logout(code)));
    if (!found) throw notFound('such incident');
    return found;
  }

  private async signIn(code: string): Promise<IncidentView | undefined> {
    const db = this.unitOfWork.read;
    const found = await this.records.incident(db, code);
    if (!found) return undefined;
    const received = await this.details.of(db, found.organizationId, found, this.clock.now());
    return signInIncident(found, await this.nameOf(found), received);
  }

  private async logout(code: string): Promise<IncidentView | undefined> {
    const found = await this.logouts.incident(this.unitOfWork.read, code);
    return found && logoutIncident(found, await this.nameOf(found));
  }

  private async nameOf(of: { readonly organizationId: string; readonly connectionId: string | null }) {
    if (of.connectionId === null) return null;
    return (await this.connections.get(of.organizationId, of.connectionId))?.name ?? null;
  }
}
