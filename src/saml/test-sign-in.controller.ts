import { Controller, Get, Inject, NotFoundException, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ConnectionsService } from '../organizations/connections.service.js';
import type { Page } from '../platform/page.js';
import { isUuid } from '../platform/ids.js';
import { PublicUrl } from '../platform/public-url.js';
import { knowsIdp, type SamlConnection } from './saml-answer.js';
import { TestRuns } from './test-runs.service.js';
import { toGonePage, toTestStartPage } from './to-test-start-page.js';
import { toTestResultPage } from './to-test-result-page.js';

/**
 * The pages of test sign-ins. The address that an operator got shows what will happen; a form begins it, so that whatever follows
 * addresses by itself (mail scanners, chat previews) does not use it up. Results are shown to the browser that began the test.
 */
@Controller('saml/:connection')
export class TestSignInController {
  constructor(
    @Inject(ConnectionsService) private readonly connections: ConnectionsService,
    @Inject(TestRuns) private readonly tests: TestRuns,
    @Inject(PublicUrl) private readonly publicUrl: PublicUrl,
  ) {}

  @Get('test/:token')
  async offer(
    @Param('connection') id: string,
    @Param('token') token: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const connection = await this.find(id);
    if (!(await this.tests.isReady(connection, token))) return send(reply, toGonePage(), 404);
    return send(reply, toTestStartPage(connection, token, this.publicUrl.get()));
  }

  @Post('test/:token')
  async begin(
    @Param('connection') id: string,
    @Param('token') token: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const connection = await this.find(id);
    const begun = await this.tests.begin(connection, token, request.headers.cookie, request.id);
    if (!begun) return send(reply, toGonePage(), 404);
    if ('outcome' in begun) return send(reply, toTestResultPage(connection, begun));
    const { question, cookies } = begun;
    reply.headers(PRIVATE).header('set-cookie', [...cookies]);
    if (typeof question === 'string') await reply.redirect(question, 303);
    else await reply.headers(question.headers).send(question.body);
  }

  @Get('test-result/:test')
  async result(
    @Param('connection') id: string,
    @Param('test') testSignInId: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const connection = await this.find(id);
    const known = isUuid(testSignInId);
    const result = known && (await this.tests.resultFor(connection, testSignInId, request.headers.cookie));
    if (!result) return send(reply, toGonePage(), 404);
    return send(reply, toTestResultPage(connection, result));
  }

  private async find(id: string): Promise<SamlConnection> {
    const connection = await this.connections.findById(id);
    if (!connection || !knowsIdp(connection)) throw new NotFoundException();
    return connection;
  }
}

async function send(reply: FastifyReply, { body, headers }: Page, status = 200): Promise<void> {
  await reply.status(status).headers(headers).header('referrer-policy', 'no-referrer').send(body);
}

const PRIVATE = { 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' };
