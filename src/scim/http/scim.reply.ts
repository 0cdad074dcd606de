import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import type { Listing } from '../cursors.service.js';
import { projectAttributes, type Projection } from '../protocol/project-attributes.js';
import type { JsonObject } from '../protocol/schema/attribute.js';
import { toListResponse } from '../protocol/list-response.js';
import { printList } from './print-list.js';
import type { Written } from './resource-writes.js';
import { SCIM_CONTENT_TYPE } from './to-scim-error.js';

/** The answers of the SCIM door that are no errors. */

/** A complete resource; what of it is shown is up to the projection. Its version becomes the ETag (RFC 7644 section 3.14). */
export function sendResource(
  reply: FastifyReply,
  status: 200 | 201,
  resource: JsonObject,
  projection: Projection,
): void {
  const { location } = nameResource(reply, resource);
  // "the URI of the newly created resource ... in the HTTP "Location" header" (RFC 7644 section 3.3)
  if (status === 201) void reply.header('location', location);
  sendJson(reply, status, projectAttributes(resource, projection));
}

/**
 * The headers that say which resource it is, and which version. "This value MUST be the same as the "Content-Location" HTTP response
 * header" (RFC 7643 section 3.1, of meta.location).
 */
export function nameResource(reply: FastifyReply, resource: JsonObject): { readonly location: string } {
  const { version, location } = resource['meta'] as { version: string; location: string };
  void reply.header('etag', version).header('content-location', location);
  return { location };
}

export function sendWritten(reply: FastifyReply, written: Written): void {
  if (written.status === 204) sendNothing(reply, 204, written.version);
  else sendResource(reply, written.status, written.resource, written.projection);
}

export async function sendList(
  reply: FastifyReply,
  { resources, late, head }: Listing<JsonObject>,
  projection: Projection,
): Promise<void> {
  const shown = resources.map((resource) => projectAttributes(resource, projection));
  await sendShownList(reply, { resources: shown, head, ...(late ? { late } : {}) });
}

/** As `sendList`, of resources as they are shown. */
export async function sendShownList(
  reply: FastifyReply,
  { resources, late, head }: Listing<JsonObject>,
): Promise<void> {
  if (late) await sendPieces(reply, printList(head, resources, late));
  else sendJson(reply, 200, toListResponse(resources, head));
}

/** A client that takes nothing for so long has gone, whatever its connection says. */
const STALLED_MS = 60_000;

/**
 * JSON text that is made while it is taken. What fails before its first piece is answered as any error; after that the connection is
 * broken, because an answer that ends well must be complete. Throws what the first piece throws.
 */
export async function sendPieces(reply: FastifyReply, pieces: AsyncGenerator<string>): Promise<void> {
  const first = await pieces.next();
  const text = Readable.from(following(first, pieces));
  reply.raw.setTimeout(STALLED_MS, () => text.destroy(new Error('The client takes nothing any more')));
  void reply.status(200).header('content-type', SCIM_CONTENT_TYPE).send(text);
}

async function* following(
  first: IteratorResult<string, unknown>,
  rest: AsyncGenerator<string>,
): AsyncGenerator<string> {
  try {
    if (first.done) return;
    yield first.value;
    yield* rest;
  } finally {
    await rest.return(undefined);
  }
}

export function sendJson(reply: FastifyReply, status: number, body: object): void {
  void reply.status(status).header('content-type', SCIM_CONTENT_TYPE).send(JSON.stringify(body));
}

/** 204, or 304 for a resource the client has already. */
export function sendNothing(reply: FastifyReply, status: 204 | 304, version?: string): void {
  if (version !== undefined) void reply.header('etag', version);
  void reply.status(status).send();
}
