import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { AdminProblem, unauthorized } from './admin-problem.js';
import { parseJsonBody, parseMetadataBody } from './parse-body.js';

const ADMIN_PATH = /^\/+admin(?:[/?]|$)/;
const METADATA_PATH = /^\/+admin\/+v1\/.*\/saml\/*(?:\?|$)/;
const LIMIT_BYTES = 2 * 1024 * 1024;

/** Names for inside: other doors do not use them, and no client needs to know them. */
const JSON_BODY = 'application/vnd.rollcall.admin+json';
const XML_BODY = 'application/vnd.rollcall.idp-metadata+xml';
const XML_TYPES = ['text/xml', 'application/xml', 'application/samlmetadata+xml'];

/**
 * Body reading of the admin door. A hook looks at the headers of requests under /admin before anything is read; the parsers of other
 * doors never see these requests.
 */
export function acceptAdminBodies(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.decorateRequest('operator', null);
  fastify.addHook('onRequest', (request, _reply, done) => {
    try {
      if (ADMIN_PATH.test(request.url)) checkHeaders(request);
      done();
    } catch (error) {
      done(error as AdminProblem);
    }
  });
  const limits = { parseAs: 'buffer', bodyLimit: LIMIT_BYTES } as const;
  fastify.addContentTypeParser(JSON_BODY, limits, async (_request: FastifyRequest, body: Buffer) =>
    parseJsonBody(body),
  );
  fastify.addContentTypeParser(XML_BODY, limits, async (_request: FastifyRequest, body: Buffer) =>
    parseMetadataBody(body),
  );
}

/** Throws AdminProblem 401, 413, 415. */
function checkHeaders({ headers, url }: FastifyRequest): void {
  const length = Number(headers['content-length'] ?? 0);
  if (length === 0 && headers['transfer-encoding'] === undefined) {
    // A bodiless request may carry any content type, or none: there is nothing to parse.
    delete headers['content-type'];
    return;
  }
  // Strangers get no body read.
  if (headers.authorization === undefined) throw unauthorized();
  headers['content-type'] = bodyType(headers['content-type'], url);
  if (length > LIMIT_BYTES) {
    throw new AdminProblem(413, 'too-large', `The body is larger than ${LIMIT_BYTES} bytes.`, {
      headers: { connection: 'close' },
    });
  }
}

function bodyType(contentType: string | undefined, url: string): string {
  const mediaType = (contentType ?? '').split(';', 1)[0]!.trim().toLowerCase();
  if (mediaType === 'application/json') return JSON_BODY;
  if (METADATA_PATH.test(url) && XML_TYPES.includes(mediaType)) return XML_BODY;
  throw new AdminProblem(
    415,
    'media-type',
    'The body must be application/json; the metadata of an IdP may be text/xml.',
  );
}
