import { Controller, Inject, Post, Req, Res, UseGuards } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isUuid } from '../platform/ids.js';
import { PublicUrl } from '../platform/public-url.js';
import type { LiveSession } from '../sessions/live-session.js';
import { clearedSessionCookie } from '../sessions/session-cookie.js';
import { SessionEnder } from '../sessions/session-ender.service.js';
import { BrowserSession } from './browser-session.service.js';
import { readForm } from './read-form.js';
import { SameOriginGuard } from './same-origin.guard.js';
import { NotSignedIn } from './to-error-page.js';
import { toPersonActor } from './to-person-actor.js';

/**
 * POST /session/revoke and /session/revoke-others: a signed-in person ends their own sessions, from the page at GET /session. The session
 * of somebody else is as good as none.
 */
@Controller('session')
@UseGuards(SameOriginGuard)
export class OwnSessionsController {
  constructor(
    @Inject(BrowserSession) private readonly browserSession: BrowserSession,
    @Inject(SessionEnder) private readonly ender: SessionEnder,
    @Inject(PublicUrl) private readonly publicUrl: PublicUrl,
  ) {}

  @Post('revoke')
  async revoke(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const session = await this.signedIn(request);
    const id = readForm(request.body)('session')?.toLowerCase() ?? '';
    if (isUuid(id)) {
      const reason = id === session.id ? 'signed-out' : 'person';
      const own = { ids: [id], userIds: [session.userId] };
      await this.ender.end(session.organizationId, own, reason, toPersonActor(session, request.id));
    }
    if (id === session.id) void reply.header('set-cookie', clearedSessionCookie(this.publicUrl.isSecure()));
    await this.back(reply, id === session.id ? '/' : '/session');
  }

  @Post('revoke-others')
  async revokeOthers(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const session = await this.signedIn(request);
    const others = { userIds: [session.userId], exceptId: session.id };
    await this.ender.end(session.organizationId, others, 'person', toPersonActor(session, request.id));
    await this.back(reply, '/session');
  }

  private async signedIn(request: FastifyRequest): Promise<LiveSession> {
    const session = await this.browserSession.of(request.headers.cookie);
    if (!session) throw new NotSignedIn(false);
    return session;
  }

  private async back(reply: FastifyReply, path: string): Promise<void> {
    await reply.header('cache-control', 'no-store').redirect(this.publicUrl.to(path), 303);
  }
}
