import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import type { Readable } from 'node:stream';
import { LIMITS, nameOfLimit } from '../protocol/limits.js';
import { ScimError } from '../protocol/scim-error.js';
import { MEDIA_TYPES, negotiateMediaType } from '../protocol/negotiate-media-type.js';
import { parseBody } from './parse-body.js';
import { ScimAddresses } from './scim-addresses.service.js';
import { SCIM_PATH } from './scim-path.js';
import type { ScimRequest } from './scim.request.js';
import { unauthorized } from './unauthorized.js';

const [SCIM_JSON, PLAIN_JSON] = MEDIA_TYPES;

/**
 * Bodies of the SCIM door, in and out. A hook looks at the headers of requests under /scim before anything is read and gives both media
 * types of RFC 7644 section 8.1 to the one parser; the parsers of other doors never see these requests. Another hook gives the answer,
 * errors too, the one of both types that the client asked for.
 */
export function setUpScimHttp(app: NestFastifyApplication, bodyLimit: number): void {
  const fastify = app.getHttpAdapter().getInstance();
  const addresses = app.get(ScimAddresses, { strict: false });
  fastify.decorateRequest('caller', null);
  fastify.decorateRequest('sentType', undefined);
  fastify.addHook('onRequest', (request, _reply, done) => {
    if (!SCIM_PATH.test(request.url)) return done();
    try {
      checkHeaders(request, bodyLimit);
      done();
    } catch (error) {
      done(error as ScimError);
    }
  });
  fastify.addHook('onSend', (request, reply, payload, done) => {
    const type = reply.getHeader('content-type');
    const isScim = typeof type === 'string' && type.startsWith(SCIM_JSON);
    if (isScim && negotiateMediaType(request.headers.accept) === PLAIN_JSON) {
      void reply.header('content-type', type.replace(SCIM_JSON, PLAIN_JSON));
    }
    // Every challenge also says where a client finds out how to get a token (RFC 9728 section 5.1).
    const challenge = isScim && reply.statusCode === 401 ? reply.getHeader('www-authenticate') : undefined;
    if (typeof challenge === 'string') {
      void reply.header('www-authenticate', `${challenge}, resource_metadata="${addresses.get().resourceMetadata}"`);
    }
    done(null, payload);
  });
  fastify.addContentTypeParser(SCIM_JSON, async (_request: FastifyRequest, payload: Readable) =>
    parseBody(await collect(payload, bodyLimit)),
  );
}

/** Throws ScimError 400, 401, 413, 415. */
function checkHeaders(request: FastifyRequest, bodyLimit: number): void {
  const { headers } = request;
  if (request.url.length > LIMITS.addressLength) {
    throw new ScimError(
      400,
      `The address is too long ${nameOfLimit('addressLength')}; POST to .search takes long queries.`,
    );
  }
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
  if (mediaType !== SCIM_JSON && mediaType !== PLAIN_JSON) {
    throw new ScimError(415, `The body must be ${SCIM_JSON} or ${PLAIN_JSON}, not "${mediaType.slice(0, 100)}".`);
  }
  if (length > bodyLimit) throw tooLarge(bodyLimit);
  (request as ScimRequest).sentType = headers['content-type'];
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
  new ScimError(
    413,
    `The body is larger than ${bodyLimit} bytes, the most this server accepts (maxPayloadSize).`,
    undefined,
    {
      connection: 'close',
    },
  );
