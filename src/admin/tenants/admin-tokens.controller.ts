import { Body, Controller, Inject, Param, Query } from '@nestjs/common';
import type { Actor } from '../../audit/actor.js';
import { AdminTokensService } from '../../organizations/admin-tokens.service.js';
import { PageQuery } from '../bodies/page.query.js';
import { CreateTokenBody } from '../bodies/token.body.js';
import { Operator } from '../http/admin-token.guard.js';
import { IdPipe } from '../http/path.pipes.js';
import { ADMIN_PREFIX } from '../operation.js';
import { Operation } from '../operation.decorator.js';
import { toPage, toPageRequest, type Page } from '../to-page.js';
import type { AdminTokenView, NewAdminTokenView } from '../views/token.view.js';
import { toAdminTokenView } from '../views/to-tenant-views.js';
import { toWantedToken } from './to-wanted-token.js';

@Controller(ADMIN_PREFIX)
export class AdminTokensController {
  constructor(@Inject(AdminTokensService) private readonly tokens: AdminTokensService) {}

  @Operation('admin-token list')
  async list(@Query() query: PageQuery): Promise<Page<AdminTokenView>> {
    const request = toPageRequest(query);
    return toPage(await this.tokens.list(request.after, request.limit), request, toAdminTokenView, ({ id }) => id);
  }

  @Operation('admin-token create')
  async create(@Body() body: CreateTokenBody, @Operator() operator: Actor): Promise<NewAdminTokenView> {
    const { name, expiresAt } = toWantedToken(body);
    const made = await this.tokens.create(name, expiresAt, operator);
    return { token: made.token, record: toAdminTokenView(made.record) };
  }

  @Operation('admin-token revoke')
  async revoke(@Param('token', IdPipe) token: string, @Operator() operator: Actor): Promise<AdminTokenView> {
    return toAdminTokenView(await this.tokens.revoke(token, operator));
  }
}
