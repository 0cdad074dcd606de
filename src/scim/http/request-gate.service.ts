import { Inject, Injectable } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Connection } from '../../organizations/connection.js';
import { ClientAuthenticator, toLimited } from '../../organizations/client-authenticator.service.js';
import { RequestLimiter, type LimitedConnection } from '../../organizations/request-limiter.service.js';
import { ScimError } from '../protocol/scim-error.js';
import { readAuthorization } from './read-authorization.js';
import { SCIM_PATH } from './scim-path.js';
import type { ScimRequest } from './scim.request.js';
import { tooManyRequests } from './too-many-requests.js';

/**
 * Counts each request of a connection once: where its token has been seen before, by the headers alone, so that a client that is too
 * fast costs neither a statement nor the reading of a body; and after authentication otherwise. Throws ScimError 429.
 */
@Injectable()
export class RequestGate {
  constructor(
    @Inject(ClientAuthenticator) private readonly clients: ClientAuthenticator,
    @Inject(RequestLimiter) private readonly limiter: RequestLimiter,
  ) {}

  /** Nothing but the headers has been read. */
  arrived(request: ScimRequest): void {
    const token = readAuthorization(request.headers.authorization);
    const connection = token === undefined ? undefined : this.clients.lastSeen(token, request.ip);
    if (connection) this.count(request, connection);
  }

  recognised(request: ScimRequest, connection: Connection): void {
    if (!request.counted) this.count(request, toLimited(connection));
  }

  private count(request: ScimRequest, connection: LimitedConnection): void {
    request.counted = true;
    const retryAfter = this.limiter.take(connection);
    if (retryAfter > 0) throw tooManyRequests('The connection makes more requests than it may', retryAfter);
  }
}

/** Before every other hook of the door. */
export function setUpRequestGate(app: NestFastifyApplication): void {
  const gate = app.get(RequestGate, { strict: false });
  const fastify = app.getHttpAdapter().getInstance();
  fastify.decorateRequest('counted', false);
  fastify.addHook('onRequest', (request, _reply, done) => {
    if (!SCIM_PATH.test(request.url)) return done();
    try {
      gate.arrived(request as ScimRequest);
      done();
    } catch (error) {
      done(error as ScimError);
    }
  });
}
