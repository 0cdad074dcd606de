import { ScimError } from '../protocol/scim-error.js';

/** Answers to requests that no route takes: a method the address does not have, an endpoint that is not offered, an unknown address. */

const READ = 'GET, HEAD';
const ENDPOINTS: readonly { readonly path: RegExp; readonly methods: string }[] = [
  { path: /^\/(?:Users|Groups)$/, methods: `${READ}, POST` },
  { path: /^\/(?:(?:Users|Groups)\/)?\.search$/, methods: 'POST' },
  { path: /^\/(?:Users|Groups)\/[^/]+$/, methods: `${READ}, PUT, PATCH, DELETE` },
  { path: /^\/Bulk$/, methods: 'POST' },
  { path: /^\/ServiceProviderConfig$/, methods: READ },
  { path: /^\/(?:ResourceTypes|Schemas)(?:\/[^/]+)?$/, methods: READ },
];

const NOT_OFFERED: readonly { readonly path: RegExp; readonly detail: string }[] = [
  // "If the service provider does not support this operation it SHALL respond with 501" (RFC 7644 section 3.11).
  { path: /^\/Me(?:\/|$)/, detail: '/Me is not offered: a provisioning token speaks for no person.' },
];

/** `url`: path and query as requested. */
export function refuseRoute(method: string, url: string): ScimError {
  const path = url
    .replace(/[?#].*$/s, '')
    .replace(/\/{2,}/g, '/')
    .replace(/\/$/, '');
  const [, version, endpoint] = /^\/scim(?:\/(v\d+)(?=\/|$))?(.*)$/s.exec(path) ?? [];
  if (version === undefined) return new ScimError(404, 'Nothing is at this address. The SCIM service is at /scim/v2.');
  if (version !== 'v2') {
    return new ScimError(404, `This server speaks SCIM version 2 only; there is no "${version}". Use /scim/v2.`);
  }
  const notOffered = NOT_OFFERED.find((candidate) => candidate.path.test(endpoint!));
  if (notOffered) return new ScimError(501, notOffered.detail);
  const known = ENDPOINTS.find((candidate) => candidate.path.test(endpoint!));
  // A method that the address does have comes here with an id that is too long to be one.
  if (known && !known.methods.split(', ').includes(method)) {
    return new ScimError(405, `${method} is not possible here; ${known.methods} are.`, undefined, {
      allow: known.methods,
    });
  }
  return new ScimError(
    404,
    'Nothing is at this address. Endpoints: /Users, /Groups, /Bulk, /ServiceProviderConfig, /ResourceTypes, /Schemas.',
  );
}
