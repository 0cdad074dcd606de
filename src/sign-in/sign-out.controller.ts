import { Controller, ForbiddenException, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PublicUrl } from '../platform/public-url.js';
import { clearedSessionCookie } from '../sessions/session-cookie.js';
import { BrowserSession } from './browser-session.service.js';
import { isSameOrigin } from './is-same-origin.js';
import { SignOut } from './sign-out.service.js';

/** POST /sign-out: ends the browser's session, also when it has ended already. Only from pages of this server. */
@Controller('sign-out')
export class SignOutController {
  constructor(
    @Inject(BrowserSession) private readonly browserSession: BrowserSession,
    @Inject(SignOut) private readonly signOut: SignOut,
    @Inject(PublicUrl) private readonly publicUrl: PublicUrl,
  ) {}

  @Post()
  async end(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    if (!isSameOrigin(request.headers, new URL(this.publicUrl.get()).origin)) throw new ForbiddenException();
    const session = await this.browserSession.of(request.headers.cookie);
    if (session) await this.signOut.end(session, request.id);
    await reply
      .header('set-cookie', clearedSessionCookie(this.publicUrl.isSecure()))
      .header('cache-control', 'no-store')
      .redirect(this.publicUrl.to('/'), 303);
  }
}
