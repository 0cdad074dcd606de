import { Body, Controller, Get, HttpCode, Inject, Post, Query, Res, UseGuards } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { HomeRealmReader } from '../organizations/home-realm.reader.js';
import type { Page } from '../platform/page.js';
import { PublicUrl } from '../platform/public-url.js';
import { toTargetPath } from '../platform/target-path.js';
import { loginAddress, organizationAddress } from './login-addresses.js';
import { readEmail } from './read-email.js';
import { readForm, readStartQuery } from './read-form.js';
import { SameOriginGuard } from './same-origin.guard.js';
import { toStartPage, type StartPageContent } from './to-start-page.js';

/**
 * GET /sign-in asks for an e-mail address, POST /sign-in leads on by its domain. Only domains are looked up, never people; a domain
 * that leads nowhere is answered alike whether it is unknown, unverified or without a connection that works.
 */
@Controller('sign-in')
export class SignInController {
  constructor(
    @Inject(HomeRealmReader) private readonly realms: HomeRealmReader,
    @Inject(PublicUrl) private readonly publicUrl: PublicUrl,
  ) {}

  @Get()
  async ask(@Query() query: Readonly<Record<string, unknown>>, @Res() reply: FastifyReply): Promise<void> {
    await this.show(reply, readStartQuery(query));
  }

  @Post()
  @UseGuards(SameOriginGuard)
  @HttpCode(200)
  async lead(@Body() body: unknown, @Res() reply: FastifyReply): Promise<void> {
    const base = this.publicUrl.get();
    const field = readForm(body);
    const targetUrl = toTargetPath(field('targetUrl'));
    const typed = field('email');
    const email = readEmail(typed);
    if (!email) return this.show(reply.status(400), { targetUrl, email: typed, problem: 'no-address' });
    const realm = await this.realms.ofDomain(email.domain);
    const [way, ...others] = realm?.ways ?? [];
    if (!realm || !way) return this.show(reply, { targetUrl, email: email.address, problem: 'no-way' });
    const errand = { targetUrl, loginHint: email.address };
    const next =
      others.length === 0 ? loginAddress(base, way.id, errand) : organizationAddress(base, realm.slug, errand);
    await reply.headers({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' }).redirect(next, 303);
  }

  private async show(reply: FastifyReply, content: StartPageContent): Promise<void> {
    const page: Page = toStartPage(this.publicUrl.get(), content);
    await reply.headers(page.headers).send(page.body);
  }
}
