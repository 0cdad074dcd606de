/**
 * Which oddities a request has. A tolerant connection understands all of them anyway and counts them, so that an operator sees what
 * kind of client it has: "this is Entra without the compliance flag". A strict one refuses those with a refusal.
 */
import type { JsonObject, ResourceType } from '../schema/attribute.js';
import type { QuirkName } from './all-quirks.js';
import { BULK_QUIRKS } from './bulk-quirks.js';
import { HTTP_QUIRKS, type HttpSite } from './http-quirks.js';
import { schemasIn, valueOf } from './message-keys.js';
import { observeFilter } from './observe-filter.js';
import { observePatch } from './observe-patch.js';
import { observeResource } from './observe-resource.js';
import { Sightings } from './sightings.js';

/** A request as it was sent, or one operation of a bulk request. */
export interface SentRequest {
  readonly method: string;
  /** Path and query below the root of the service. */
  readonly url: string;
  readonly query: Readonly<Record<string, unknown>>;
  readonly headers: HttpSite['headers'];
  readonly body: JsonObject | undefined;
}

/** Name -> where in the request it was first seen. Never throws; what it does not understand is for others to refuse. */
export function observeRequest(
  { method, url, query, headers, body }: SentRequest,
  resourceTypes: readonly ResourceType[],
): ReadonlyMap<QuirkName, string> {
  const sightings = new Sightings();
  const parameters = new Map(Object.entries(query).map(([name, given]) => [name.toLowerCase(), given]));
  sightings.look(HTTP_QUIRKS, { method, url, query: parameters, headers }, method);
  const [, endpoint = '', rest = ''] = /^\/*([^/?]*)\/*([^?]*)/.exec(url) ?? [];
  if (endpoint === 'Bulk' && method === 'POST' && body) observeBulk(body, sightings);
  const resourceType = resourceTypes.find((each) => each.endpoint === `/${endpoint}`);
  if (!resourceType) return sightings.seen;
  const isSearch = method === 'POST' && rest.startsWith('.search');
  if (isSearch || method === 'GET') {
    observeFilter(resourceType, isSearch ? body?.['filter'] : parameters.get('filter'), sightings);
  } else if (body) {
    if (method === 'PATCH') observePatch(resourceType, body, sightings);
    else observeResource(resourceType, body, sightings);
  }
  return sightings.seen;
}

function observeBulk(body: JsonObject, sightings: Sightings): void {
  const operations = valueOf(body, 'operations');
  const site = { schemas: schemasIn(body), operations: Array.isArray(operations) ? operations : [] };
  sightings.look(BULK_QUIRKS, site, 'the message');
}
