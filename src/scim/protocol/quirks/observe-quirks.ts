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
  const [, endpoint = '', rest = ''] = /^\/*([^/?]*)\/*([^?]*)/.exec(url) ?? [];
  const types = resourceTypes.filter((each) => endpoint === '.search' || each.endpoint === `/${endpoint}`);
  const isSearch = method === 'POST' && [endpoint, rest].some((part) => part.startsWith('.search'));
  const given = lowerKeys(query);
  const asked = isSearch ? lowerKeys(body ?? {}) : given;
  const lists = ['attributes', 'excludedattributes'].map((name) => [name, asked.get(name)] as const);
  sightings.look(HTTP_QUIRKS, { method, url, query: new Map([...given, ...lists]), headers }, method);
  if (endpoint === 'Bulk' && method === 'POST' && body) observeBulk(body, sightings);
  if (isSearch || method === 'GET' || method === 'HEAD') observeFilter(types, asked.get('filter'), sightings);
  else if (body) for (const type of types) observeBody(method, type, body, sightings);
  return sightings.seen;
}

function observeBody(method: string, resourceType: ResourceType, body: JsonObject, sightings: Sightings): void {
  if (method === 'PATCH') observePatch(resourceType, body, sightings);
  else observeResource(resourceType, body, sightings);
}

const lowerKeys = (object: Readonly<Record<string, unknown>>): ReadonlyMap<string, unknown> =>
  new Map(Object.entries(object).map(([name, value]) => [name.toLowerCase(), value]));

function observeBulk(body: JsonObject, sightings: Sightings): void {
  const operations = valueOf(body, 'operations');
  const site = { schemas: schemasIn(body), operations: Array.isArray(operations) ? operations : [] };
  sightings.look(BULK_QUIRKS, site, 'the message');
}
