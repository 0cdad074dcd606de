import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { PublicUrl } from '../platform/public-url.js';
import { isSameOrigin } from './is-same-origin.js';

/** Lets only requests from pages of this server pass; anything else is answered 403. */
@Injectable()
export class SameOriginGuard implements CanActivate {
  constructor(@Inject(PublicUrl) private readonly publicUrl: PublicUrl) {}

  canActivate(context: ExecutionContext): boolean {
    const { headers } = context.switchToHttp().getRequest<FastifyRequest>();
    return isSameOrigin(headers, new URL(this.publicUrl.get()).origin);
  }
}
