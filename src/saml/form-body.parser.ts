import type { NestFastifyApplication } from '@nestjs/platform-fastify';

/** The largest answer of an IdP; group-heavy ones are around 60 kB. */
const LIMIT_BYTES = 256 * 1024;

/** Takes form bodies as text, so that the reader sees repeated parameters; larger ones are answered 413. */
export function acceptForms(app: NestFastifyApplication): void {
  app
    .getHttpAdapter()
    .getInstance()
    .addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: LIMIT_BYTES },
      (_request, body, done) => done(null, body),
    );
}
