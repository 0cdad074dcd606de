import { Inject, Injectable } from '@nestjs/common';
import { UnitOfWork } from '../database/unit-of-work.service.js';
import { ConnectionsService } from '../organizations/connections.service.js';
import { Clock } from '../platform/clock.js';
import { Log } from '../platform/logger.js';
import type { Page } from '../platform/page.js';
import type { LiveSession } from '../sessions/live-session.js';
import { LogoutRequests } from '../sessions/logout-requests.service.js';
import { SessionsReader } from '../sessions/sessions.reader.js';
import type { SingleLogout } from '../sessions/single-logout.js';
import { LogoutSender, REQUEST_SECONDS } from './logout.sender.js';
import { canSignIn, type SamlConnection } from './saml-answer.js';

/** Asks the IdP of a session that has ended here to end its own. What goes wrong is told to the log: the person is signed out here. */
@Injectable()
export class SamlSingleLogout implements SingleLogout {
  constructor(
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
    @Inject(ConnectionsService) private readonly connections: ConnectionsService,
    @Inject(SessionsReader) private readonly sessions: SessionsReader,
    @Inject(LogoutRequests) private readonly requests: LogoutRequests,
    @Inject(LogoutSender) private readonly sender: LogoutSender,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Log) private readonly log: Log,
  ) {}

  async isOffered({ organizationId, connectionId }: LiveSession): Promise<boolean> {
    const connection = await this.find(organizationId, connectionId);
    return connection !== undefined && connection.saml.singleLogout !== null;
  }

  async begin(session: LiveSession, correlationId: string): Promise<string | Page | undefined> {
    const { organizationId, connectionId } = session;
    try {
      return await this.ask(session);
    } catch (error) {
      this.log.failure(error, { correlationId, organizationId, connectionId });
      return undefined;
    }
  }

  private async ask({ organizationId, connectionId, id }: LiveSession): Promise<string | Page | undefined> {
    const connection = await this.find(organizationId, connectionId);
    if (!connection) return undefined;
    const subject = await this.sessions.subjectOf(this.unitOfWork.read, organizationId, id);
    const sent = subject && (await this.sender.ask(connection, subject));
    if (!sent) return undefined;
    await this.requests.open(this.unitOfWork.read, organizationId, {
      id: sent.id,
      connectionId: connection.id,
      createdAt: sent.createdAt,
      expiresAt: new Date(sent.createdAt.getTime() + 2 * REQUEST_SECONDS * 1000),
    });
    return sent.way;
  }

  /** undefined: the IdP is not to be asked, or the session came from none. */
  private async find(organizationId: string, connectionId: string | null): Promise<SamlConnection | undefined> {
    const connection = connectionId === null ? undefined : await this.connections.get(organizationId, connectionId);
    return connection && canSignIn(connection, this.clock.now()) ? connection : undefined;
  }
}
