import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Actor } from '../../audit/actor.js';
import type { Connection } from '../../organizations/connection.js';
import type { Dialect } from '../protocol/dialect.js';
import type { SentRequest } from '../protocol/quirks/observe-quirks.js';
import type { ResourceTypes } from '../protocol/resource-types.js';
import type { JsonObject } from '../protocol/schema/attribute.js';
import { invalidSyntax } from '../protocol/scim-error.js';

/** Who asks: the connection its token belongs to, the client as the records name it, and what users and groups are to it. */
export interface Caller {
  readonly connection: Connection;
  readonly actor: Actor;
  readonly types: ResourceTypes;
  readonly userAgent: string | undefined;
}

/** A request after ScimTokenGuard and the body parser. */
export interface ScimRequest extends FastifyRequest {
  caller: Caller;
  /** It has been counted against the limit of its connection. */
  counted: boolean;
  body: JsonObject | undefined;
  query: Record<string, string | string[] | undefined>;
  /** The Content-Type of the body as it was sent: one parser reads both types, under one name. */
  sentType: string | undefined;
}

export type ScimReply = FastifyReply;

/** The body of a request that must have one. Throws ScimError invalidSyntax. */
export function bodyOf({ body }: { readonly body: JsonObject | undefined }): JsonObject {
  if (body === undefined) throw invalidSyntax('The request needs a JSON body of type application/scim+json.');
  return body;
}

/** The dialect of the connection; a stranger's is the tolerant one. */
export const dialectOf = ({ caller }: { caller: Caller | null }): Dialect =>
  caller?.connection.provisioning.dialect ?? 'tolerant';

/** What the client sent, as far as it shows how it speaks. */
export const sentRequest = ({ method, url, query, headers, body, sentType }: ScimRequest): SentRequest => ({
  method,
  url: url.replace(/^\/+scim\/+v2/i, ''),
  query,
  headers: {
    contentType: sentType,
    accept: headers.accept,
    authorization: headers.authorization,
    ifMatch: headers['if-match'],
    ifNoneMatch: headers['if-none-match'],
  },
  body,
});
