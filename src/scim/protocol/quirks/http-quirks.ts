/** Oddities of the HTTP request around the message. */
import { negotiateMediaType } from '../negotiate-media-type.js';
import { filter, value, type Quirk } from './quirk.js';

export interface HttpSite {
  readonly method: string;
  /** Path and query below the root of the service, as they were sent. */
  readonly url: string;
  /** By lower-case name. */
  readonly query: ReadonlyMap<string, unknown>;
  readonly headers: {
    /** Of the body; absent when there is none. */
    readonly contentType?: string | undefined;
    readonly accept?: string | undefined;
    readonly authorization?: string | undefined;
    readonly ifMatch?: string | undefined;
    readonly ifNoneMatch?: string | undefined;
  };
}

export const HTTP_QUIRKS = [
  {
    // Content-Type: application/json: Google, Rippling
    name: 'plain-json',
    sentence: 'Sends bodies as application/json instead of application/scim+json.',
    refusal: { status: 415, demand: 'a body is of type application/scim+json (RFC 7644 section 3.1)' },
    seenIn: ({ headers }) => mediaType(headers.contentType ?? '') === 'application/json',
  },
  {
    // Accept: text/html: HTTP libraries left to themselves
    name: 'other-accept',
    sentence: 'Asks for answers in another form than JSON, and gets application/scim+json all the same.',
    refusal: { status: 406, demand: 'answers are application/scim+json or application/json (RFC 7644 section 3.8)' },
    seenIn: ({ headers }) => negotiateMediaType(headers.accept) === undefined,
  },
  {
    // Authorization: rc_scim_...: Okta in "HTTP header" mode, with the token typed alone
    name: 'bare-token',
    sentence: 'Sends its token without the word Bearer.',
    refusal: { status: 401, demand: 'the header is "Authorization: Bearer <token>" (RFC 6750 section 2.1)' },
    seenIn: ({ headers }) => /^[^\s]+$/.test(headers.authorization?.trim() ?? ''),
  },
  {
    // If-Match: 3
    name: 'bare-entity-tag',
    sentence: 'Sends versions without quotation marks in If-Match or If-None-Match.',
    refusal: value('an entity tag stands in quotation marks (RFC 7644 section 3.14)'),
    seenIn: ({ headers: { ifMatch = '*', ifNoneMatch = '*' } }) =>
      [ifMatch, ifNoneMatch].some((header) => header.trim() !== '*' && !header.includes('"')),
  },
  {
    // GET /Users?attributes=emails[type eq "work"]: Microsoft's Postman collection
    name: 'brackets-in-attributes',
    sentence: 'Asks for attributes with a filter in brackets, which is ignored.',
    refusal: value('"attributes" holds attribute names without filters (RFC 7644 section 3.9)'),
    seenIn: ({ query }) => ['attributes', 'excludedattributes'].some((name) => textOf(query, name).includes('[')),
  },
  {
    // PATCH /Users/1?filter=userName eq "x"
    name: 'filter-on-write',
    sentence: 'Sends a filter with a request that changes something, where it is ignored.',
    refusal: filter('only queries have a filter (interoperability profile section 6.3)'),
    seenIn: ({ method, query }) => method !== 'GET' && method !== 'HEAD' && textOf(query, 'filter') !== '',
  },
  {
    // GET /Users?aadOptscim062020&filter=...: Entra
    name: 'compliance-flag',
    sentence: 'Carries the flag aadOptscim062020 in the address, which Entra ID adds on request.',
    seenIn: ({ query }) => query.has('aadoptscim062020'),
  },
  {
    // GET /Users?filter=...& and PUT /Users/1?: OneLogin
    name: 'empty-parameter',
    sentence: 'Ends addresses with "?" or "&" and nothing behind.',
    seenIn: ({ url }) => /[?&](?:&|$)/.test(url),
  },
  {
    // GET //Users, GET /Users/
    name: 'surplus-slash',
    sentence: 'Writes more slashes than the address has; often a base URL that was typed with one at its end.',
    seenIn: ({ url }) => /\/\/|\/$/.test(url.split('?', 1)[0]!),
  },
  {
    // PUT /Users/1: Okta (all apps), OneLogin, PingFederate, Google
    name: 'put-user',
    sentence: 'Replaces people as a whole with PUT.',
    seenIn: ({ method, url }) => method === 'PUT' && /^\/+Users\//.test(url),
  },
  {
    // PUT /Groups/1: Okta (app integration wizard), Rippling
    name: 'put-group',
    sentence: 'Replaces groups as a whole with PUT.',
    seenIn: ({ method, url }) => method === 'PUT' && /^\/+Groups\//.test(url),
  },
] as const satisfies readonly Quirk<HttpSite>[];

const textOf = (query: ReadonlyMap<string, unknown>, name: string): string => {
  const given = query.get(name);
  return Array.isArray(given) ? given.join(',') : typeof given === 'string' ? given : '';
};

const mediaType = (header: string): string => header.split(';', 1)[0]!.trim().toLowerCase();
