import { Controller, Get, HttpCode, Inject, NotFoundException, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ConnectionsService } from '../organizations/connections.service.js';
import { PublicUrl } from '../platform/public-url.js';
import { AnswerLimiter } from './answer-limiter.service.js';
import { IdpLogout, type LogoutNext } from './idp-logout.service.js';
import { LogoutRefused } from './logout-refused.js';
import type { ReceivedLogout } from './read-logout-message.js';
import type { SamlConnection } from './saml-answer.js';

/**
 * GET and POST slo: logout messages of the IdP. A connection that is disabled takes them too: they only ever end sessions, which outlive
 * the disabling.
 */
@Controller('saml/:connection/slo')
export class LogoutController {
  constructor(
    @Inject(ConnectionsService) private readonly connections: ConnectionsService,
    @Inject(IdpLogout) private readonly logout: IdpLogout,
    @Inject(AnswerLimiter) private readonly limiter: AnswerLimiter,
    @Inject(PublicUrl) private readonly publicUrl: PublicUrl,
  ) {}

  /** The query is read as it was received: a signature covers its octets, not what they decode to. */
  @Get()
  redirected(
    @Param('connection') id: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const raw = /\?(.*)$/s.exec(request.raw.url ?? '')?.[1] ?? '';
    return this.receive(id, { binding: 'redirect', raw }, request, reply);
  }

  @Post()
  @HttpCode(200)
  posted(@Param('connection') id: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const raw = typeof request.body === 'string' ? request.body : '';
    return this.receive(id, { binding: 'post', raw }, request, reply);
  }

  private async receive(
    id: string,
    received: ReceivedLogout,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<void> {
    const connection = await this.find(id);
    const next = await this.limited(request.ip, () => this.logout.receive(connection, received, request.id));
    void reply.headers({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
    if (next.kind === 'signed-out') {
      const query = new URLSearchParams({ connection: connection.id });
      if (next.requestId !== undefined) query.set('request', next.requestId);
      await reply.redirect(`${this.publicUrl.to('/signed-out')}?${query.toString()}`, 303);
    } else if (typeof next.way === 'string') {
      await reply.redirect(next.way, 303);
    } else {
      await reply.headers(next.way.headers).send(next.way.body);
    }
  }

  /** What is refused counts for the address it came from, as the refused answers of sign-ins do. */
  private async limited(address: string, receive: () => Promise<LogoutNext>): Promise<LogoutNext> {
    let next: LogoutNext | undefined;
    const refusal = await this.limiter.judge(address, async () => {
      try {
        next = await receive();
        return next.kind === 'signed-out' ? next.refusal : undefined;
      } catch (error) {
        if (error instanceof LogoutRefused) return error;
        throw error;
      }
    });
    if (next) return next;
    throw refusal ?? new Error('Neither taken nor refused');
  }

  private async find(id: string): Promise<SamlConnection> {
    const connection = await this.connections.findById(id);
    if (!connection?.saml) throw new NotFoundException();
    return { ...connection, saml: connection.saml };
  }
}
