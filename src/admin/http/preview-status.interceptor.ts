import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Observable } from 'rxjs';

/** A preview has made nothing: it is answered 200, whatever the command itself is answered with. */
@Injectable()
export class PreviewStatus implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    const { preview } = http.getRequest<FastifyRequest<{ Querystring: { preview?: unknown } }>>().query;
    if (preview === 'true') void http.getResponse<FastifyReply>().status(200);
    return next.handle();
  }
}
