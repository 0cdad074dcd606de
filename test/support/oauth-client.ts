import { exportJWK, generateKeyPair, SignJWT, type JWK, type JWTPayload } from 'jose';
import type { Connection } from '../../src/organizations/connection.js';
import { toClientId } from '../../src/organizations/client-id.js';
import { ScimClientsService, type WantedClient } from '../../src/organizations/scim-clients.service.js';
import type { TestServer } from './app.js';
import { request, TEST_OPERATOR, type JsonObject, type Reply } from './scenario.js';

/** Provisioning clients that use OAuth, as IdPs do. */

export interface OAuthClient {
  readonly id: string;
  readonly clientId: string;
  /** Empty: it has keys. */
  readonly secret: string;
}

export async function createClient(
  server: TestServer,
  { organizationId, id }: Connection,
  wanted: Partial<WantedClient> = {},
): Promise<OAuthClient> {
  const clients = server.app.get(ScimClientsService);
  const { client, secret } = await clients.create(organizationId, id, { name: 'client', ...wanted }, TEST_OPERATOR);
  return { id: client.id, clientId: toClientId(client), secret: secret ?? '' };
}

type Parameters = Readonly<Record<string, string>>;

/** A token request of a client by its secret in the body, or with what else is given. */
export const askToken = (
  server: Pick<TestServer, 'url'>,
  parameters: Parameters,
  headers: Parameters = {},
): Promise<Reply> =>
  request(server, 'POST', '/oauth/token', {
    body: new URLSearchParams({ grant_type: 'client_credentials', ...parameters }),
    headers,
  });

export const bySecret = ({ clientId, secret }: OAuthClient): Parameters => ({
  client_id: clientId,
  client_secret: secret,
});

export async function getToken(server: Pick<TestServer, 'url'>, client: OAuthClient): Promise<string> {
  const reply = await askToken(server, bySecret(client));
  if (reply.status !== 200) throw new Error(`No token: ${reply.status} ${reply.body}`);
  return String(reply.json['access_token']);
}

export interface SigningKey {
  readonly alg: string;
  readonly kid: string | undefined;
  readonly privateKey: CryptoKey;
  readonly publicJwk: JWK;
}

export async function makeKey(alg: string, kid?: string): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { alg, kid, privateKey, publicJwk: { ...(await exportJWK(publicKey)), ...(kid ? { kid } : {}) } };
}

export const toJwks = (...keys: readonly SigningKey[]): string =>
  JSON.stringify({ keys: keys.map(({ publicJwk }) => publicJwk) });

let count = 0;

/** What a well-behaved client claims; `claims` over that, undefined takes one away. */
export function claimsOf(server: TestServer, clientId: string, claims: JsonObject = {}): JWTPayload {
  const now = Math.floor(server.clock.now().getTime() / 1000);
  const usual = {
    iss: clientId,
    sub: clientId,
    aud: `${server.url}/oauth/token`,
    jti: `jti-${++count}-${process.pid}`,
    iat: now,
    exp: now + 60,
  };
  return Object.fromEntries(Object.entries({ ...usual, ...claims }).filter(([, value]) => value !== undefined));
}

export const sign = ({ alg, kid, privateKey }: SigningKey, payload: JWTPayload): Promise<string> =>
  new SignJWT(payload).setProtectedHeader({ alg, ...(kid ? { kid } : {}) }).sign(privateKey);

export const byAssertion = (assertion: string): Parameters => ({
  client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  client_assertion: assertion,
});
