import { inflateRawSync } from 'node:zlib';
import type { Connection, Organization } from '../../src/organizations/connection.js';
import { DEFAULT_SAML, type SamlSettings } from '../../src/organizations/connection.js';
import type { ConnectionSettings } from '../../src/organizations/connections.service.js';
import { UnitOfWork } from '../../src/database/unit-of-work.service.js';
import { Vault } from '../../src/organizations/vault.service.js';
import type { TestServer } from './app.js';
import { createConnection, createOrganization } from './scenario.js';
import { encode, makeIdpKey, makeResponse, type IdpKey, type ResponseOptions } from './test-idp.js';

/** Sign-ins over HTTP as a browser makes them: with cookies, without following redirects. */

/** An organization whose people sign in through a test IdP. */
export interface SamlTenant {
  readonly organization: Organization;
  readonly connection: Connection;
  readonly key: IdpKey;
  readonly idpEntityId: string;
  readonly acsUrl: string;
  readonly spEntityId: string;
}

let sharedKey: Promise<IdpKey> | undefined;
let count = 0;

/** The connection takes JIT people and reads `groups`; `saml` and `settings` are over that. */
export async function createSamlTenant(
  server: TestServer,
  saml: Partial<SamlSettings> = {},
  settings: ConnectionSettings = {},
): Promise<SamlTenant> {
  const organization = await createOrganization(server);
  return addSamlConnection(server, organization, saml, settings);
}

export async function addSamlConnection(
  server: TestServer,
  organization: Organization,
  saml: Partial<SamlSettings> = {},
  settings: ConnectionSettings = {},
): Promise<SamlTenant> {
  const key = await (sharedKey ??= makeIdpKey());
  const idpEntityId = saml.idpEntityId ?? `https://idp-${++count}.example.com/`;
  const connection = await createConnection(server, organization, {
    attributeMapping: { groups: ['groups'] },
    saml: {
      ...DEFAULT_SAML,
      idpEntityId,
      ssoUrl: 'https://idp.example.com/sso?tenant=1',
      certificates: [key.certificate],
      ...saml,
    },
    ...settings,
  });
  // The data key of the organization: details of sign-ins are sealed behind the answers, and would make it at any time.
  await server.app.get(Vault).seal(server.app.get(UnitOfWork).read, organization.id, 'test', '');
  const base = `${server.url}/saml/${connection.id}`;
  return { organization, connection, key, idpEntityId, acsUrl: `${base}/acs`, spEntityId: `${base}/metadata` };
}

/** A question on its way to the IdP. */
export interface Question {
  readonly id: string;
  readonly relayState: string;
  readonly location: URL;
  readonly xml: string;
}

export class TestBrowser {
  readonly cookies = new Map<string, string>();

  constructor(private readonly server: Pick<TestServer, 'url'>) {}

  async get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.send(new URL(path, this.server.url), { method: 'GET', headers });
  }

  async post(
    path: string,
    body: URLSearchParams | string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const type = { 'content-type': 'application/x-www-form-urlencoded' };
    return this.send(new URL(path, this.server.url), { method: 'POST', headers: { ...type, ...headers }, body });
  }

  /** GET login; fails unless it leads to the IdP. */
  async begin(tenant: Pick<SamlTenant, 'connection'>, targetUrl?: string): Promise<Question> {
    const query = targetUrl === undefined ? '' : `?${new URLSearchParams({ targetUrl }).toString()}`;
    const { status, headers } = await this.get(`/saml/${tenant.connection.id}/login${query}`);
    expect(status).toBe(303);
    return this.questionAt(headers.get('location')!);
  }

  /** The question in an address of the IdP. */
  questionAt(address: string): Question {
    const location = new URL(address);
    const request = Buffer.from(location.searchParams.get('SAMLRequest')!, 'base64');
    const xml = inflateRawSync(request).toString('utf8');
    const id = /\sID="([^"]+)"/.exec(xml)![1]!;
    return { id, relayState: location.searchParams.get('RelayState')!, location, xml };
  }

  /** POST acs with this document. */
  async answer(tenant: Pick<SamlTenant, 'connection'>, xml: string, relayState: string | undefined): Promise<Answer> {
    const form = new URLSearchParams({ SAMLResponse: encode(xml) });
    if (relayState !== undefined) form.set('RelayState', relayState);
    return this.post(`/saml/${tenant.connection.id}/acs`, form);
  }

  /** The whole way: question, answer of the IdP, session. */
  async signIn(tenant: SamlTenant, changes: Partial<ResponseOptions> = {}, targetUrl?: string): Promise<Answer> {
    const { id, relayState } = await this.begin(tenant, targetUrl);
    return this.answer(tenant, responseOf(tenant, id, changes), relayState);
  }

  private async send(
    url: URL,
    init: { method: string; headers: Record<string, string>; body?: URLSearchParams | string },
  ) {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, {
      ...init,
      redirect: 'manual',
      headers: { ...(cookie === '' ? {} : { cookie }), ...init.headers },
    });
    for (const line of response.headers.getSetCookie()) this.keep(line);
    return { status: response.status, headers: response.headers, body: await response.text() };
  }

  private keep(line: string): void {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!;
    if (/Max-Age=0|Expires=Thu, 01 Jan 1970/i.test(line)) this.cookies.delete(name!);
    else this.cookies.set(name!, value!);
  }
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** A good response to a question, but for what `changes` says. */
export function responseOf(
  { key, idpEntityId, spEntityId, acsUrl }: SamlTenant,
  inResponseTo: string | undefined,
  changes: Partial<ResponseOptions> = {},
): string {
  return makeResponse({ key, idpEntityId, spEntityId, acsUrl, inResponseTo, ...changes });
}

/** The latest sign-in record of a connection. */
export async function lastRecord(server: TestServer, tenant: Pick<SamlTenant, 'connection'>): Promise<SignInRow> {
  const [row] = await server.sql<SignInRow>(
    `SELECT outcome, reason, incident_code, claims, decision FROM sign_ins WHERE connection_id = $1 ORDER BY id DESC LIMIT 1`,
    [tenant.connection.id],
  );
  return row!;
}

export interface SignInRow {
  readonly outcome: string;
  readonly reason: string | null;
  readonly incident_code: string;
  readonly claims: unknown;
  readonly decision: Record<string, unknown>;
}
