import { SCIM_SCOPE } from './read-token-request.js';

/** What clients read to find their way: RFC 8414 and RFC 9728. Pure. */

export const TOKEN_PATH = '/oauth/token';
export const SCIM_PATH = '/scim/v2';

/** `issuer`: the public address of this server. RFC 8414 section 2. */
export const toServerMetadata = (issuer: string, algorithms: readonly string[]): object => ({
  issuer,
  token_endpoint: issuer + TOKEN_PATH,
  grant_types_supported: ['client_credentials'],
  // There is no authorization endpoint; readers of the document demand the list all the same.
  response_types_supported: [],
  scopes_supported: [SCIM_SCOPE],
  token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
  token_endpoint_auth_signing_alg_values_supported: algorithms,
  protected_resources: [issuer + SCIM_PATH],
});

/** RFC 9728 section 2. */
export const toResourceMetadata = (issuer: string): object => ({
  resource: issuer + SCIM_PATH,
  resource_name: 'SCIM 2.0',
  authorization_servers: [issuer],
  scopes_supported: [SCIM_SCOPE],
  bearer_methods_supported: ['header'],
});

/**
 * Is it an address of the document of `identifier`? The well-known part stands between the host and the path (RFC 8414 section 3.1,
 * RFC 9728 section 3.1); a proxy that serves this server below a path may cut that path off.
 */
export function namesDocument(url: string, wellKnown: string, issuer: string, path: string): boolean {
  const asked = url.replace(/[?#].*$/s, '').replace(/\/+$/, '');
  const base = new URL(issuer).pathname.replace(/\/$/, '');
  return ['', path, base + path].some((suffix) => asked === `/.well-known/${wellKnown}${suffix}`);
}
