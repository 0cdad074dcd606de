import type { JsonObject } from '../protocol/schema/attribute.js';
import type { Projection } from '../protocol/project-attributes.js';
import type { Caller, ScimRequest } from './scim.request.js';
import type { ConditionHeaders } from './read-conditions.js';

/** What a write is made of. A request over HTTP has it all, and so has each operation of a bulk request. */
export interface WriteRequest {
  readonly caller: Caller;
  readonly headers: ConditionHeaders;
  readonly query: ScimRequest['query'];
  readonly body: JsonObject | undefined;
}

/** What a write came to. Of the resource, the answer shows what the projection says. */
export type Written =
  | { readonly status: 200 | 201; readonly resource: JsonObject; readonly projection: Projection }
  | { readonly status: 204; readonly version?: string };

/** The writes of one resource type. All throw ScimError, and what to-scim-error makes one of. */
export interface ResourceWrites {
  create(request: WriteRequest): Promise<Written>;
  replace(id: string, request: WriteRequest): Promise<Written>;
  patch(id: string, request: WriteRequest): Promise<Written>;
  remove(id: string, request: WriteRequest): Promise<Written>;
}
