import {
  Controller,
  Get,
  Header,
  Inject,
  NotFoundException,
  Param,
  Post,
  Query,
  Req,
  Res,
  UseGuards,
} from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Connection } from '../organizations/connection.js';
import { ConnectionsService } from '../organizations/connections.service.js';
import { PublicUrl } from '../platform/public-url.js';
import { toTargetPath } from '../platform/target-path.js';
import { LoginReconciler } from '../reconciliation/login.reconciler.js';
import { hasSignedIn, sessionCookies, toArrivalCookie } from '../sessions/session-cookie.js';
import { AnswerLimiter } from './answer-limiter.service.js';
import { DetailKeeper, stopOf } from './detail-keeper.service.js';
import { endingCookie } from './login-cookies.js';
import { LoginStart } from './login-start.service.js';
import { Refusals } from './refusals.service.js';
import { SamlGuard, type AnsweredRequest } from './saml.guard.js';
import { SpMetadata } from './sp-metadata.service.js';
import { PostOnly } from './to-error-page.js';
import { TestRuns } from './test-runs.service.js';

/**
 * GET metadata (for the IdP's administrator, also before the connection works), GET login (to the IdP), POST acs (from the IdP).
 * Addresses are built from the configured public URL, never from a Host header.
 */
@Controller('saml/:connection')
export class SamlController {
  constructor(
    @Inject(ConnectionsService) private readonly connections: ConnectionsService,
    @Inject(LoginStart) private readonly start: LoginStart,
    @Inject(LoginReconciler) private readonly reconciler: LoginReconciler,
    @Inject(TestRuns) private readonly tests: TestRuns,
    @Inject(DetailKeeper) private readonly details: DetailKeeper,
    @Inject(Refusals) private readonly refusals: Refusals,
    @Inject(AnswerLimiter) private readonly limiter: AnswerLimiter,
    @Inject(SpMetadata) private readonly spMetadata: SpMetadata,
    @Inject(PublicUrl) private readonly publicUrl: PublicUrl,
  ) {}

  @Get('metadata')
  @Header('content-type', 'application/samlmetadata+xml')
  @Header('x-content-type-options', 'nosniff')
  async metadata(@Param('connection') id: string, @Query('signed') signed: unknown): Promise<string> {
    return this.spMetadata.of(await this.find(id), signed === 'true');
  }

  @Get('login')
  async login(
    @Param('connection') id: string,
    @Query('targetUrl') targetUrl: unknown,
    @Query('loginHint') loginHint: unknown,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const connection = await this.find(id);
    if (!this.refusals.isUsable(connection)) {
      return this.refuse(request, () => this.refusals.notUsable(connection, request.id));
    }
    const wanted = {
      targetUrl: toTargetPath(targetUrl) ?? this.defaultTarget(),
      loginHint,
      cookieHeader: request.headers.cookie,
      destination: request.headers['sec-fetch-dest'],
    };
    const { question, cookies } = await this.start
      .begin(connection, wanted)
      .catch((error: unknown) => this.refuse(request, () => this.refusals.failed(connection, error, request.id)));
    reply.headers(PRIVATE).header('set-cookie', [...cookies]);
    if (typeof question === 'string') await reply.redirect(question, 303);
    else await reply.headers(question.headers).send(question.body);
  }

  /** Bindings other than POST are not offered, and an answer in an address would be in every log on its way. */
  @Get('acs')
  acsByGet(): never {
    throw new PostOnly();
  }

  @Post('acs')
  @UseGuards(SamlGuard)
  async acs(@Req() request: AnsweredRequest, @Res() reply: FastifyReply): Promise<void> {
    const { received, user: answer } = request;
    const { connection, transcript } = received;
    if (answer.test) {
      await reply.headers(PRIVATE).redirect(await this.tests.conclude(received, answer, answer.test), 303);
      return;
    }
    if (!this.refusals.isUsable(connection)) throw await this.refusals.notUsable(connection, request.id);
    const outcome = await this.reconciler.reconcile(connection, answer.claims, answer.evidence);
    this.details.keep(connection, outcome.signInId, transcript, stopOf(outcome));
    if (outcome.kind === 'rejected') throw this.refusals.told(connection, outcome.reason, outcome.incidentCode);
    const secure = this.publicUrl.isSecure();
    const { loginRequestId } = answer.evidence;
    const ended = loginRequestId === undefined ? [] : [endingCookie(loginRequestId, secure)];
    const mayReplace = answer.mayReplace || hasSignedIn(request.headers.cookie, secure);
    const session = mayReplace
      ? [toArrivalCookie(outcome.sessionToken, secure)]
      : sessionCookies(outcome.sessionToken, outcome.expiresAt, secure);
    const target = mayReplace ? this.arrivalAddress(answer.targetPath) : this.targetAddress(answer.targetPath);
    await reply
      .headers(PRIVATE)
      .header('set-cookie', [...session, ...ended])
      .redirect(target.href, 303);
  }

  /** Whether a sign-in may take the place of another one is asked where the browser shows its session. */
  private arrivalAddress(targetPath: string | undefined): URL {
    const address = new URL(this.publicUrl.to('/session/arrival'));
    if (targetPath !== undefined) address.searchParams.set('target', targetPath);
    return address;
  }

  private targetAddress(targetPath: string | undefined): URL {
    return new URL(targetPath ?? this.defaultTarget(), this.publicUrl.get());
  }

  /** What leaves a record counts for the address it came from, as the answers do that are refused. */
  private async refuse(request: FastifyRequest, refusal: () => Promise<Error>): Promise<never> {
    throw (await this.limiter.judge(request.ip, refusal)) ?? new Error('Nothing was refused');
  }

  private async find(id: string): Promise<Connection> {
    const connection = await this.connections.findById(id);
    if (!connection) throw new NotFoundException();
    return connection;
  }

  private defaultTarget(): string {
    return new URL(this.publicUrl.to('/session')).pathname;
  }
}

const PRIVATE = { 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' };
