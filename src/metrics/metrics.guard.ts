import { timingSafeEqual } from 'node:crypto';
import { Inject, Injectable, UnauthorizedException, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CONFIG, type Config } from '../config/config.js';
import { AdminTokensService } from '../organizations/admin-tokens.service.js';
import { hashToken } from '../platform/secrets.js';

/** Lets whoever has METRICS_TOKEN or an operator token in. The first can read metrics and nothing else, and needs no database. */
@Injectable()
export class MetricsGuard implements CanActivate {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(AdminTokensService) private readonly tokens: AdminTokensService,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const http = context.switchToHttp();
    const { authorization = '' } = http.getRequest<FastifyRequest>().headers;
    const token = /^Bearer +([^\s]+) *$/i.exec(authorization)?.[1];
    if (token !== undefined && (this.isForMetrics(token) || (await this.tokens.authenticate(token)))) return true;
    void http.getResponse<FastifyReply>().header('www-authenticate', 'Bearer realm="Rollcall metrics"');
    throw new UnauthorizedException();
  }

  private isForMetrics(token: string): boolean {
    const { metricsToken } = this.config;
    return metricsToken !== undefined && timingSafeEqual(hashToken(token), hashToken(metricsToken));
  }
}
