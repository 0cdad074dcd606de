import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { OAuthError } from './oauth-error.js';
import { checkTokenHeaders } from './token-form.js';

/** Looks at the headers of token requests before their body is read; forms reach the controller as text (acceptForms). */
export function setUpOAuthHttp(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('onRequest', (request, _reply, done) => {
    if (request.method !== 'POST' || request.routeOptions.url !== '/oauth/token') return done();
    try {
      checkTokenHeaders(request.headers);
      done();
    } catch (error) {
      done(error as OAuthError);
    }
  });
}
