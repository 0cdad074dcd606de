import { Body, Controller, Inject, NotFoundException, Post, Req, Res, UseGuards } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { HomeRealmReader, type HomeRealm } from '../organizations/home-realm.reader.js';
import type { Page } from '../platform/page.js';
import { PublicUrl } from '../platform/public-url.js';
import { readReadableCode } from '../platform/readable-code.js';
import { toTargetPath } from '../platform/target-path.js';
import { RecoveryReconciler } from '../reconciliation/recovery.reconciler.js';
import { RECOVERY_CODE_LENGTH } from '../sessions/recovery-codes.service.js';
import { sessionCookies } from '../sessions/session-cookie.js';
import { SessionEnder } from '../sessions/session-ender.service.js';
import { BrowserSession } from './browser-session.service.js';
import { recoveryAddress } from './login-addresses.js';
import { readForm } from './read-form.js';
import { SameOriginGuard } from './same-origin.guard.js';
import { RecoveryRefused, TooManyAttempts } from './to-error-page.js';
import { toOrganizationPage } from './to-organization-page.js';
import { toPersonActor } from './to-person-actor.js';
import type { RecoveryContent } from './to-recovery-form.js';
import { toStartPage } from './to-start-page.js';

/**
 * POST /sign-in/recovery: the door for emergencies, which asks no IdP and no connection. What cannot be a code is a typing error and
 * said to be one; everything else that is wrong is refused in one way.
 */
@Controller('sign-in/recovery')
export class RecoveryController {
  constructor(
    @Inject(HomeRealmReader) private readonly realms: HomeRealmReader,
    @Inject(RecoveryReconciler) private readonly reconciler: RecoveryReconciler,
    @Inject(BrowserSession) private readonly browserSession: BrowserSession,
    @Inject(SessionEnder) private readonly ender: SessionEnder,
    @Inject(PublicUrl) private readonly publicUrl: PublicUrl,
  ) {}

  @Post()
  @UseGuards(SameOriginGuard)
  async signIn(@Body() body: unknown, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const base = this.publicUrl.get();
    const field = readForm(body);
    const slug = field('organization')?.toLowerCase();
    const targetUrl = toTargetPath(field('targetUrl'));
    const userName = field('userName');
    const typed = field('code');
    const realm = slug === undefined ? undefined : await this.realms.ofSlug(slug);
    if (slug !== undefined && !realm) throw new NotFoundException();
    const content = { slug, targetUrl, userName };
    if (!realm || userName === undefined || typed === undefined) {
      return this.askAgain(reply, realm, { ...content, problem: 'incomplete' });
    }
    const code = readReadableCode(typed, RECOVERY_CODE_LENGTH);
    if (code === undefined) return this.askAgain(reply, realm, { ...content, problem: 'no-code' });
    const attempt = { name: userName, code, address: request.ip, correlationId: request.id };
    const outcome = await this.reconciler.signIn(realm.id, attempt);
    if (outcome.kind === 'too-many') throw new TooManyAttempts(outcome.retryAfter);
    if (outcome.kind === 'rejected') {
      throw new RecoveryRefused(outcome.incidentCode, recoveryAddress(base, realm.slug, targetUrl));
    }
    await this.endFormer(request);
    await reply
      .headers({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' })
      .header('set-cookie', sessionCookies(outcome.sessionToken, outcome.expiresAt, this.publicUrl.isSecure()))
      .redirect(targetUrl === undefined ? `${base}/session` : new URL(targetUrl, base).href, 303);
  }

  /** No browser will have its cookie any more. */
  private async endFormer({ headers, id: correlationId }: FastifyRequest): Promise<void> {
    const former = await this.browserSession.of(headers.cookie);
    if (!former) return;
    await this.ender.end(
      former.organizationId,
      { ids: [former.id] },
      'signed-out',
      toPersonActor(former, correlationId),
    );
  }

  private async askAgain(reply: FastifyReply, realm: HomeRealm | undefined, recovery: RecoveryContent): Promise<void> {
    const base = this.publicUrl.get();
    const { targetUrl } = recovery;
    const page: Page = realm
      ? toOrganizationPage(base, realm, { targetUrl, loginHint: undefined }, recovery)
      : toStartPage(base, { targetUrl, recovery });
    await reply.status(400).headers(page.headers).send(page.body);
  }
}
