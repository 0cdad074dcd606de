import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Metrics } from '../platform/metrics.js';
import { doorOf } from './door-of.js';

/** Every answer counts, also of what no route was found for. */
export function countAnswers(app: NestFastifyApplication): void {
  const metrics = app.get(Metrics);
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onResponse', (request, reply, done) => {
      metrics.answered(doorOf(request.url), request.method, reply.statusCode, reply.elapsedTime / 1000);
      done();
    });
}
