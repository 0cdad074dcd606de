import { createParamDecorator, Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Actor } from '../../audit/actor.js';
import { AdminTokensService } from '../../organizations/admin-tokens.service.js';
import { unauthorized } from './admin-problem.js';
import { InternalToken } from './internal-token.service.js';

/** The actor of changes made with the process's own token. */
const COMMAND_LINE = 'command-line';

interface AdminRequest extends FastifyRequest {
  operator: Actor;
}

/** Lets operators in and leaves on the request who it is. Throws AdminProblem 401. */
@Injectable()
export class AdminTokenGuard implements CanActivate {
  constructor(
    @Inject(AdminTokensService) private readonly tokens: AdminTokensService,
    @Inject(InternalToken) private readonly internal: InternalToken,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<AdminRequest>();
    const token = /^Bearer +([^\s]+) *$/i.exec(request.headers.authorization ?? '')?.[1];
    const id = token === undefined ? undefined : await this.idOf(token);
    if (id === undefined) throw unauthorized();
    request.operator = { kind: 'operator', id, correlationId: request.id };
    return true;
  }

  private async idOf(token: string): Promise<string | undefined> {
    return this.internal.accepts(token) ? COMMAND_LINE : this.tokens.authenticate(token);
  }
}

/** Who asks, of a method behind AdminTokenGuard. */
export const Operator = createParamDecorator(
  (_data: unknown, context: ExecutionContext): Actor => context.switchToHttp().getRequest<AdminRequest>().operator,
);
