import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { readFileSync } from 'node:fs';
import { Controller, Get, Header, Inject, Param, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { PublicUrl } from '../../platform/public-url.js';
import { notFound } from '../http/admin-problem.js';
import { ADMIN_PREFIX } from '../operation.js';
import { ApiDocument } from './api-document.service.js';
import { DOCS_POLICY, toDocsPage, toDocsScript } from './to-docs-page.js';

const ASSETS: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
};

/** Where the page's files lie: inside @nestjs/swagger, which brings them, so that nothing is fetched from elsewhere. */
const assetDirectory = (): string => {
  const swagger = createRequire(import.meta.url).resolve('@nestjs/swagger/package.json');
  return dirname(createRequire(swagger).resolve('swagger-ui-dist/package.json'));
};

/** The API description and a page to read it with. Needs no token: it says what can be asked, not what is there. */
@ApiExcludeController()
@Controller(ADMIN_PREFIX)
export class DocsController {
  private readonly assets = new Map<string, Buffer>();

  constructor(
    @Inject(ApiDocument) private readonly document: ApiDocument,
    @Inject(PublicUrl) private readonly publicUrl: PublicUrl,
  ) {}

  @Get('openapi.json')
  openApi(): object {
    return this.document.get();
  }

  @Get('docs')
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('content-security-policy', DOCS_POLICY)
  @Header('x-content-type-options', 'nosniff')
  @Header('referrer-policy', 'no-referrer')
  page(): string {
    return toDocsPage(this.base());
  }

  @Get('docs/start.js')
  @Header('content-type', 'text/javascript; charset=utf-8')
  script(): string {
    return toDocsScript(this.base());
  }

  @Get('docs/:asset')
  asset(@Param('asset') name: string, @Res() reply: FastifyReply): void {
    const type = Object.hasOwn(ASSETS, name) ? ASSETS[name] : undefined;
    if (type === undefined) throw notFound('such file');
    const content = this.assets.get(name) ?? readFileSync(join(assetDirectory(), name));
    this.assets.set(name, content);
    void reply.headers({ 'content-type': type, 'cache-control': 'public, max-age=3600' }).send(content);
  }

  /** The path by which this server is reached, which may stand behind a prefix. */
  private base(): string {
    return `${new URL(this.publicUrl.get()).pathname.replace(/\/$/, '')}/${ADMIN_PREFIX}`;
  }
}
