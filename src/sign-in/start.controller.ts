import { Controller, Get, Inject, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { PublicUrl } from '../platform/public-url.js';
import { readStartQuery } from './read-form.js';
import { toStartPage } from './to-start-page.js';

/** GET /: where somebody lands who only has the server's name, the same as GET /sign-in. The demo has a page of its own. */
@Controller()
export class StartController {
  constructor(@Inject(PublicUrl) private readonly publicUrl: PublicUrl) {}

  @Get()
  async show(@Query() query: Readonly<Record<string, unknown>>, @Res() reply: FastifyReply): Promise<void> {
    const page = toStartPage(this.publicUrl.get(), readStartQuery(query));
    await reply.headers(page.headers).send(page.body);
  }
}
