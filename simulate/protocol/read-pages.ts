import { asText } from '../as-text.js';
import type { Json, Transport } from '../http/transport.js';

/** All resources of a list, page by page: by `startIndex`, or by the cursor of RFC 9865. */
export async function* readPages(
  transport: Transport,
  path: string,
  kind: string,
  count: number,
  options: { readonly query?: string; readonly byCursor?: boolean } = {},
): AsyncGenerator<Json> {
  const query = options.query ? `&${options.query}` : '';
  let seen = 0;
  for (let place: string | undefined = options.byCursor ? 'cursor=' : 'startIndex=1'; place !== undefined;) {
    const asked = `${path}?${place}&count=${count}${query}`;
    const { status, json } = await transport.send({ kind, subject: place, method: 'GET', path: asked });
    if (status !== 200) throw new Error(`GET ${asked} was answered ${status}: ${asText(json['detail'])}`);
    const resources = Array.isArray(json['Resources']) ? (json['Resources'] as Json[]) : [];
    yield* resources;
    seen += resources.length;
    const next = json['nextCursor'];
    if (options.byCursor) place = typeof next === 'string' ? `cursor=${encodeURIComponent(next)}` : undefined;
    // A server may give fewer than asked for; what is left follows from what came.
    else place = resources.length > 0 && seen < Number(json['totalResults']) ? `startIndex=${seen + 1}` : undefined;
  }
}

/** How the server pages: `pagination` of its configuration (RFC 9865 section 4), which many do not have. */
export async function readPaging(transport: Transport): Promise<{ byCursor: boolean; most: number }> {
  const path = '/ServiceProviderConfig';
  const { json } = await transport.send({ kind: 'read configuration', subject: path, method: 'GET', path });
  const pagination = (json['pagination'] ?? {}) as { readonly cursor?: unknown; readonly maxPageSize?: unknown };
  const { cursor, maxPageSize } = pagination;
  return { byCursor: cursor === true, most: typeof maxPageSize === 'number' && maxPageSize > 0 ? maxPageSize : 100 };
}
