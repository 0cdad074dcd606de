import { Controller, Get, Inject, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { UnitOfWork } from '../database/unit-of-work.service.js';
import { ConnectionsService } from '../organizations/connections.service.js';
import { PublicUrl } from '../platform/public-url.js';
import { LogoutRequests } from '../sessions/logout-requests.service.js';
import { BrowserSession } from './browser-session.service.js';
import { loginAddress } from './login-addresses.js';
import { textOf } from './read-form.js';
import { toSignedOutPage, type SignedOutAt } from './to-signed-out-page.js';

/**
 * GET /signed-out: says plainly what is known of the session at the IdP. It changes nothing, and says nothing to a browser that is
 * signed in, which it leads to its session.
 */
@Controller('signed-out')
export class SignedOutController {
  constructor(
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
    @Inject(BrowserSession) private readonly browserSession: BrowserSession,
    @Inject(ConnectionsService) private readonly connections: ConnectionsService,
    @Inject(LogoutRequests) private readonly requests: LogoutRequests,
    @Inject(PublicUrl) private readonly publicUrl: PublicUrl,
  ) {}

  @Get()
  async show(
    @Query('connection') connectionId: unknown,
    @Query('request') requestId: unknown,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    if (await this.browserSession.of(request.headers.cookie)) {
      await reply.header('cache-control', 'no-store').redirect(this.publicUrl.to('/session'), 303);
      return;
    }
    const connection = await this.connections.findById(textOf(connectionId) ?? '');
    const base = this.publicUrl.get();
    const again = connection && loginAddress(base, connection.id, { targetUrl: undefined, loginHint: undefined });
    const at = connection ? await this.askedAt(connection.organizationId, textOf(requestId)) : 'here';
    const page = toSignedOutPage(at, again, base);
    await reply.headers({ ...page.headers, 'referrer-policy': 'no-referrer' }).send(page.body);
  }

  private async askedAt(organizationId: string, requestId: string | undefined): Promise<SignedOutAt> {
    if (requestId === undefined) return 'here';
    return (await this.requests.outcomeOf(this.unitOfWork.read, organizationId, requestId)) ?? 'asked';
  }
}
