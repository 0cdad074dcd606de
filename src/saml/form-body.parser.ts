import { UnsupportedMediaTypeException } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';

const FORM = 'application/x-www-form-urlencoded';
/** What people and clients type. */
const LIMIT_BYTES = 16 * 1024;
/** The largest answer of an IdP; group-heavy ones are around 60 kB. */
const ANSWER_LIMIT_BYTES = 256 * 1024;

/**
 * Form bodies reach their reader as text, so that it sees repeated parameters; larger ones are answered 413. The answer address takes
 * nothing else (415), judged by the route that was found, before anything of the body is read.
 */
export function acceptForms(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('onRequest', (request, _reply, done) => {
    const ours = request.method === 'POST' && request.routeOptions.url?.startsWith('/saml/');
    done(ours && mediaTypeOf(request.headers) !== FORM ? new UnsupportedMediaTypeException() : undefined);
  });
  fastify.addHook('onRoute', (route) => {
    if (route.url.startsWith('/saml/')) route.bodyLimit = ANSWER_LIMIT_BYTES;
  });
  fastify.addContentTypeParser(FORM, { parseAs: 'string', bodyLimit: LIMIT_BYTES }, (_request, body, done) =>
    done(null, body),
  );
}

const mediaTypeOf = (headers: { readonly 'content-type'?: string }): string =>
  (headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase();
