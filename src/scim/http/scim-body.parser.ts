import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import type { Readable } from 'node:stream';
import { ScimError } from '../protocol/scim-error.js';
import { parseBody } from './parse-body.js';
import { unauthorized } from './unauthorized.js';

const SCIM_PATH = /^\/+scim(?:[/?]|$)/;
const SCIM_JSON = 'application/scim+json';

/**
 * Body reading of the SCIM door. A hook looks at the headers of requests under /scim before anything is read and gives both media
 * types of RFC 7644 section 8.1 to the one parser; the parsers of other doors never see these requests.
 */
export function setUpScimHttp(app: NestFastifyApplication, bodyLimit: number): void {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.decorateRequest('caller', null);
  fastify.addHook('onRequest', (request, _reply, done) => {
    if (!SCIM_PATH.test(request.url)) return done();
    try {
      checkHeaders(request, bodyLimit);
      done();
    } catch (error) {
      done(error as ScimError);
    }
  });
  fastify.addContentTypeParser(SCIM_JSON, async (_request: FastifyRequest, payload: Readable) =>
    parseBody(await collect(payload, bodyLimit)),
  );
}

/** Throws ScimError 401, 413, 415. */
function checkHeaders({ headers }: FastifyRequest, bodyLimit: number): void {
  const length = Number(headers['content-length'] ?? 0);
  const hasBody = length > 0 || headers['transfer-encoding'] !== undefined;
  if (!hasBody) {
    // A bodiless request may carry any content type, or none: there is nothing to parse.
    delete headers['content-type'];
    return;
  }
  // Strangers get no body read.
  if (headers.authorization === undefined) throw unauthorized();
  const mediaType = (headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase();
  if (mediaType !== SCIM_JSON && mediaType !== 'application/json') {
    throw new ScimError(415, `The body must be ${SCIM_JSON} or application/json, not "${mediaType.slice(0, 100)}".`);
  }
  if (length > bodyLimit) throw tooLarge(bodyLimit);
  headers['content-type'] = SCIM_JSON;
}

function collect(payload: Readable, bodyLimit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    payload.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > bodyLimit) {
        payload.removeAllListeners('data');
        reject(tooLarge(bodyLimit));
        return;
      }
      chunks.push(chunk);
    });
    payload.on('end', () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
    payload.on('error', () => reject(new ScimError(400, 'The body ended early.')));
  });
}

const tooLarge = (bodyLimit: number) =>
  new ScimError(413, `The body is larger than ${bodyLimit} bytes, the most this server accepts.`, undefined, {
    connection: 'close',
  });
