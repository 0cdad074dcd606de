import { Body, Controller, HttpCode, Inject, Post, Req, Res, UseGuards } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PublicUrl } from '../platform/public-url.js';
import { clearedSessionCookie } from '../sessions/session-cookie.js';
import { SessionEnder } from '../sessions/session-ender.service.js';
import { SingleLogout } from '../sessions/single-logout.js';
import { BrowserSession } from './browser-session.service.js';
import { readForm } from './read-form.js';
import { SameOriginGuard } from './same-origin.guard.js';
import { toPersonActor } from './to-person-actor.js';

/**
 * POST /sign-out: ends the browser's session, also when it has ended already, and with `everywhere` leads on to the IdP to end that of
 * the IdP too. Only from pages of this server.
 */
@Controller('sign-out')
export class SignOutController {
  constructor(
    @Inject(BrowserSession) private readonly browserSession: BrowserSession,
    @Inject(SessionEnder) private readonly ender: SessionEnder,
    @Inject(SingleLogout) private readonly singleLogout: SingleLogout,
    @Inject(PublicUrl) private readonly publicUrl: PublicUrl,
  ) {}

  @Post()
  @HttpCode(200)
  @UseGuards(SameOriginGuard)
  async end(@Body() body: unknown, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const session = await this.browserSession.of(request.headers.cookie);
    void reply
      .header('set-cookie', clearedSessionCookie(this.publicUrl.isSecure()))
      .header('cache-control', 'no-store')
      .header('referrer-policy', 'no-referrer');
    if (!session) {
      await reply.redirect(this.publicUrl.to('/'), 303);
      return;
    }
    const { organizationId, id } = session;
    await this.ender.end(organizationId, { ids: [id] }, 'signed-out', toPersonActor(session, request.id));
    const everywhere = readForm(body)('everywhere') !== undefined;
    // First here, then there: whatever becomes of the way to the IdP, nobody comes back to a session of ours.
    const way = everywhere ? await this.singleLogout.begin(session, request.id) : this.publicUrl.to('/');
    if (way === undefined) await reply.redirect(this.publicUrl.to('/signed-out'), 303);
    else if (typeof way === 'string') await reply.redirect(way, 303);
    else await reply.headers(way.headers).send(way.body);
  }
}
