import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { PublicUrl } from '../platform/public-url.js';
import { toStartPage } from './to-start-page.js';

/** GET /: where somebody lands who only has the server's name. The demo has a page of its own. */
@Controller()
export class StartController {
  constructor(@Inject(PublicUrl) private readonly publicUrl: PublicUrl) {}

  @Get()
  async show(@Res() reply: FastifyReply): Promise<void> {
    const page = toStartPage(this.publicUrl.get());
    await reply.headers(page.headers).send(page.body);
  }
}
