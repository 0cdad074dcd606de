import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { UnitOfWork } from '../database/unit-of-work.service.js';
import { DirectoryReader } from '../directory/directory.reader.js';
import { OrganizationsService } from '../organizations/organizations.service.js';
import { PublicUrl } from '../platform/public-url.js';
import { Clock } from '../platform/clock.js';
import type { LiveSession } from '../sessions/live-session.js';
import { SessionsReader } from '../sessions/sessions.reader.js';
import { SingleLogout } from '../sessions/single-logout.js';
import { BrowserSession } from './browser-session.service.js';
import { NotSignedIn } from './to-error-page.js';
import { toSessionPage, type OwnSession } from './to-session-page.js';
import { toSessionView, type SessionView } from './to-session-view.js';

/** So many sessions one page lists. */
const MOST_SESSIONS = 100;

/** GET /session: who the browser's user is, as a page or as JSON. 401 without a session, whatever the cause. */
@Controller('session')
export class SessionController {
  constructor(
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
    @Inject(BrowserSession) private readonly browserSession: BrowserSession,
    @Inject(DirectoryReader) private readonly directory: DirectoryReader,
    @Inject(OrganizationsService) private readonly organizations: OrganizationsService,
    @Inject(SessionsReader) private readonly sessions: SessionsReader,
    @Inject(SingleLogout) private readonly singleLogout: SingleLogout,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(PublicUrl) private readonly publicUrl: PublicUrl,
  ) {}

  @Get()
  async show(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const wantsJson = asksForJson(request.headers.accept);
    const session = await this.browserSession.of(request.headers.cookie);
    const view = session && (await this.view(session));
    if (!session || !view) throw new NotSignedIn(wantsJson);
    void reply.header('vary', 'Accept');
    if (wantsJson) {
      await reply.header('cache-control', 'no-store').type('application/json; charset=utf-8').send(view);
      return;
    }
    const everywhere = await this.singleLogout.isOffered(session);
    const page = toSessionPage(view, await this.ownSessions(session), { base: this.publicUrl.get(), everywhere });
    await reply.headers(page.headers).send(page.body);
  }

  private async ownSessions({ organizationId, userId, id }: LiveSession): Promise<OwnSession[]> {
    const own = { userId, limit: MOST_SESSIONS };
    const found = await this.sessions.live(this.unitOfWork.read, organizationId, own, this.clock.now());
    return found.map((session) => ({ ...session, isThis: session.id === id }));
  }

  private async view(session: LiveSession): Promise<SessionView | undefined> {
    const { organizationId, userId } = session;
    const user = await this.directory.userView(this.unitOfWork.read, organizationId, userId);
    const organization = await this.organizations.find(organizationId);
    const groupRoles = await this.directory.groupRolesOf(this.unitOfWork.read, organizationId, userId);
    return user && organization && toSessionView(session, user, organization, groupRoles);
  }
}

/** Browsers ask for text/html; what asks for JSON and not for HTML gets JSON. */
const asksForJson = (accept = ''): boolean => /application\/json/i.test(accept) && !/text\/html/i.test(accept);
