import { Controller, HttpCode, Inject, Post, Req, Res, UseGuards } from '@nestjs/common';
import { DialectService } from '../http/dialect.service.js';
import { sendJson } from '../http/scim.reply.js';
import { bodyOf, type ScimReply, type ScimRequest } from '../http/scim.request.js';
import { ScimTokenGuard } from '../http/scim-token.guard.js';
import type { SentRequest } from '../protocol/quirks/observe-quirks.js';
import { BulkService } from './bulk.service.js';

/** POST /scim/v2/Bulk: many writes in one request (RFC 7644 section 3.7). */
@Controller('scim/v2/Bulk')
@UseGuards(ScimTokenGuard)
export class BulkController {
  constructor(
    @Inject(BulkService) private readonly bulk: BulkService,
    @Inject(ScimTokenGuard) private readonly guard: ScimTokenGuard,
    @Inject(DialectService) private readonly dialect: DialectService,
  ) {}

  @Post()
  @HttpCode(200)
  async perform(@Req() request: ScimRequest, @Res() reply: ScimReply): Promise<void> {
    const admit = async (operation?: SentRequest) => {
      const caller = await this.guard.identify(request);
      if (operation) this.dialect.admit(caller, operation);
      return caller;
    };
    sendJson(reply, 200, await this.bulk.perform(bodyOf(request), request.id, admit));
  }
}
