import type { Actor } from '../../src/audit/actor.js';
import type { Connection, Organization } from '../../src/organizations/connection.js';
import { ConnectionsService, type ConnectionSettings } from '../../src/organizations/connections.service.js';
import { OrganizationsService, type NewOrganization } from '../../src/organizations/organizations.service.js';
import { ScimTokensService } from '../../src/organizations/scim-tokens.service.js';
import type { TestServer } from './app.js';

/** What scenarios begin with: organizations, connections, tokens, made by the application's own services; and an HTTP client. */

/** The operator who prepares a scenario. */
export const TEST_OPERATOR: Actor = { kind: 'operator', id: null, correlationId: 'scenario' };

let count = 0;

export async function createOrganization(
  server: TestServer,
  wanted: Partial<NewOrganization> = {},
): Promise<Organization> {
  const slug = wanted.slug ?? `organization-${++count}`;
  return server.app.get(OrganizationsService).create({ name: slug, ...wanted, slug }, TEST_OPERATOR);
}

export async function createConnection(
  server: TestServer,
  organization: Pick<Organization, 'id'>,
  settings: ConnectionSettings = {},
): Promise<Connection> {
  const named = { ...settings, name: settings.name ?? `connection-${++count}` };
  return server.app.get(ConnectionsService).create(organization.id, named, TEST_OPERATOR);
}

/** A live bearer token of the connection's provisioning client. */
export async function createScimToken(server: TestServer, connection: Connection): Promise<string> {
  const { organizationId, id } = connection;
  const { token } = await server.app
    .get(ScimTokensService)
    .create(organizationId, id, { name: `token-${++count}` }, TEST_OPERATOR);
  return token;
}

/** An organization with one connection and its provisioning client. */
export interface Tenant {
  readonly organization: Organization;
  readonly connection: Connection;
  readonly token: string;
  /** A request of the provisioning client; `path` below /scim/v2, for example `/Users`. */
  scim<Body = JsonObject>(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Reply<Body>>;
}

/** SCIM is on; `settings` of the connection are over that. */
export async function createTenant(
  server: TestServer,
  settings: ConnectionSettings = {},
  wanted: Partial<NewOrganization> = {},
): Promise<Tenant> {
  const organization = await createOrganization(server, wanted);
  const connection = await createConnection(server, organization, { scim: true, ...settings });
  const token = await createScimToken(server, connection);
  return {
    organization,
    connection,
    token,
    scim: (method, path, body, headers) => request(server, method, `/scim/v2${path}`, { token, body, headers }),
  };
}

export type JsonObject = Record<string, unknown>;

export interface Reply<Body = JsonObject> {
  readonly status: number;
  readonly headers: Headers;
  /** As it came; empty when there was none. */
  readonly body: string;
  /** The body read as JSON; undefined when it is none. */
  readonly json: Body;
}

export interface RequestOptions {
  /** Sent as a bearer token. */
  readonly token?: string | undefined;
  /** A text goes as it is, URLSearchParams as a form, anything else as JSON. */
  readonly body?: unknown;
  /** Over what the body implies. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** One request to the server. Redirects are answers, not followed. */
export async function request<Body = JsonObject>(
  server: Pick<TestServer, 'url'>,
  method: string,
  path: string,
  { token, body, headers }: RequestOptions = {},
): Promise<Reply<Body>> {
  const sent = new Headers();
  if (token !== undefined) sent.set('authorization', `Bearer ${token}`);
  if (body !== undefined && !(body instanceof URLSearchParams)) {
    sent.set('content-type', path.startsWith('/scim/') ? 'application/scim+json' : 'application/json');
  }
  for (const [name, value] of Object.entries(headers ?? {})) sent.set(name, value);
  const asIs = body === undefined || typeof body === 'string' || body instanceof URLSearchParams;
  const response = await fetch(new URL(path, server.url), {
    method,
    headers: sent,
    redirect: 'manual',
    ...(body === undefined ? {} : { body: asIs ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text, json: readJson(text) as Body };
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
