import { FormFault, readFormFields } from '../platform/form-fields.js';
import { invalidClient, invalidRequest, OAuthError } from './oauth-error.js';

/** How the client says who it is. */
export type ClientCredentials =
  | { readonly method: 'secret'; readonly clientId: string; readonly secret: string }
  /** `clientId`: as the request names it beside the assertion; it need not. */
  | { readonly method: 'assertion'; readonly clientId: string | undefined; readonly assertion: string };

/** The one scope there is, and nothing broader. */
export const SCIM_SCOPE = 'scim';

/** "The authorization server MUST ignore unrecognized request parameters" (RFC 6749 section 3.2), but not any number of them. */
const MAX_PARAMETERS = 50;

export const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/**
 * The credentials in a token request by client credentials (RFC 6749 section 4.4). `resource`: the only one that may be asked for.
 * Throws OAuthError.
 */
export function readTokenRequest(
  authorization: string | undefined,
  body: unknown,
  resource: string,
): ClientCredentials {
  const parameters = readParameters(body);
  const grantType = parameters.get('grant_type');
  if (grantType === undefined) throw invalidRequest('grant_type is missing.');
  if (grantType !== 'client_credentials') {
    throw new OAuthError(400, 'unsupported_grant_type', 'Only the grant type client_credentials is offered.');
  }
  if ((parameters.get('scope') ?? SCIM_SCOPE) !== SCIM_SCOPE) {
    throw new OAuthError(400, 'invalid_scope', `The only scope is ${SCIM_SCOPE}.`);
  }
  // RFC 8707 section 2
  if ((parameters.get('resource') ?? resource).replace(/\/$/, '') !== resource) {
    throw new OAuthError(400, 'invalid_target', `Tokens are for ${resource} only.`);
  }
  return readCredentials(authorization, parameters);
}

/**
 * "Parameters sent without a value MUST be treated as if they were omitted from the request. ... Request and response parameters MUST NOT
 * be included more than once." (RFC 6749 section 3.2)
 */
function readParameters(body: unknown): ReadonlyMap<string, string> {
  const fields = readFormFields(body, MAX_PARAMETERS);
  if (fields instanceof FormFault) throw invalidRequest('The body is no form of a token request.');
  const parameters = new Map<string, string>();
  for (const [name, values] of fields) {
    const [value, ...more] = values.filter((each) => each !== '');
    if (more.length > 0) throw invalidRequest('A parameter is there twice.');
    if (value !== undefined) parameters.set(name, value);
  }
  return parameters;
}

/** "The client MUST NOT use more than one authentication method in each request." (RFC 6749 section 2.3) */
function readCredentials(
  authorization: string | undefined,
  parameters: ReadonlyMap<string, string>,
): ClientCredentials {
  const clientId = parameters.get('client_id');
  const secret = parameters.get('client_secret');
  const assertion = parameters.get('client_assertion');
  const type = parameters.get('client_assertion_type');
  const used = [authorization, secret, assertion].filter((each) => each !== undefined);
  if (used.length > 1) throw invalidRequest('The client authenticates in more than one way.');
  if (assertion !== undefined) {
    if (type !== JWT_BEARER) throw invalidRequest(`client_assertion_type must be ${JWT_BEARER}.`);
    return { method: 'assertion', clientId, assertion };
  }
  if (type !== undefined) throw invalidRequest('client_assertion is missing.');
  if (authorization !== undefined) return readBasic(authorization, clientId);
  if (secret === undefined || clientId === undefined) throw invalidClient();
  return { method: 'secret', clientId, secret };
}

/** Both parts are form-encoded before they are joined (RFC 6749 section 2.3.1). */
function readBasic(authorization: string, beside: string | undefined): ClientCredentials {
  const [, encoded] = /^Basic +([A-Za-z0-9+/]+=*) *$/i.exec(authorization) ?? [];
  const text = Buffer.from(encoded ?? '', 'base64').toString('utf8');
  const colon = text.indexOf(':');
  const clientId = decode(text.slice(0, Math.max(0, colon)));
  const secret = decode(text.slice(colon + 1));
  if (colon < 1 || clientId === undefined || secret === undefined) throw invalidClient();
  if (beside !== undefined && beside !== clientId) throw invalidRequest('The request names two clients.');
  return { method: 'secret', clientId, secret };
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}
