import { Controller, Inject, Post, Req, Res, UseGuards } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PublicUrl } from '../platform/public-url.js';
import { clearedSessionCookie } from '../sessions/session-cookie.js';
import { SessionEnder } from '../sessions/session-ender.service.js';
import { BrowserSession } from './browser-session.service.js';
import { SameOriginGuard } from './same-origin.guard.js';
import { toPersonActor } from './to-person-actor.js';

/** POST /sign-out: ends the browser's session, also when it has ended already. Only from pages of this server. */
@Controller('sign-out')
export class SignOutController {
  constructor(
    @Inject(BrowserSession) private readonly browserSession: BrowserSession,
    @Inject(SessionEnder) private readonly ender: SessionEnder,
    @Inject(PublicUrl) private readonly publicUrl: PublicUrl,
  ) {}

  @Post()
  @UseGuards(SameOriginGuard)
  async end(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const session = await this.browserSession.of(request.headers.cookie);
    if (session) {
      const { organizationId, id } = session;
      await this.ender.end(organizationId, { ids: [id] }, 'signed-out', toPersonActor(session, request.id));
    }
    await reply
      .header('set-cookie', clearedSessionCookie(this.publicUrl.isSecure()))
      .header('cache-control', 'no-store')
      .redirect(this.publicUrl.to('/'), 303);
  }
}
