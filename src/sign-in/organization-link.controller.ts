import { Controller, Get, Inject, NotFoundException, Param, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { HomeRealmReader } from '../organizations/home-realm.reader.js';
import { PublicUrl } from '../platform/public-url.js';
import { toTargetPath } from '../platform/target-path.js';
import { loginAddress } from './login-addresses.js';
import { readEmail } from './read-email.js';
import { textOf } from './read-form.js';
import { toOrganizationPage } from './to-organization-page.js';

/**
 * GET /o/{slug}: the link a company gives to its people. The only way in is taken at once, unless `?noLoginRedirect` asks to stay
 * and for the form of recovery codes: it is there whatever became of the IdP and of the connections.
 */
@Controller('o/:slug')
export class OrganizationLinkController {
  constructor(
    @Inject(HomeRealmReader) private readonly realms: HomeRealmReader,
    @Inject(PublicUrl) private readonly publicUrl: PublicUrl,
  ) {}

  @Get()
  async show(
    @Param('slug') slug: string,
    @Query() query: Readonly<Record<string, unknown>>,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const realm = slug.includes('\0') ? undefined : await this.realms.ofSlug(slug);
    if (!realm) throw new NotFoundException();
    const errand = {
      targetUrl: toTargetPath(textOf(query['targetUrl'])),
      loginHint: readEmail(textOf(query['loginHint']))?.address,
    };
    const base = this.publicUrl.get();
    const [way, ...others] = realm.ways;
    const stays = 'noLoginRedirect' in query;
    if (way && others.length === 0 && !stays) {
      const next = loginAddress(base, way.id, errand);
      return reply.headers({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' }).redirect(next, 303);
    }
    const recovery = stays ? { slug: realm.slug, targetUrl: errand.targetUrl } : undefined;
    const page = toOrganizationPage(base, realm, errand, recovery);
    await reply.headers(page.headers).send(page.body);
  }
}
