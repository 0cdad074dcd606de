import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import type { IdpKey } from './test-idp.js';

/** An IdP whose SAML this project did not write: the npm package samlp, behind a plain HTTP server. */

/** What of samlp is used; it brings no types. */
interface Samlp {
  auth(options: SamlpOptions): Middleware;
  sendError(options: SamlpOptions): Middleware;
}
type Middleware = (request: unknown, response: unknown, next: (error?: Error) => void) => void;
type SamlpOptions = Readonly<Record<string, unknown>>;

const samlp = createRequire(import.meta.url)('samlp') as Samlp;

/** A user in the shape passport gives them, which samlp maps to its claims. */
export interface ForeignUser {
  readonly id: string;
  readonly displayName: string;
  readonly name: { readonly givenName: string; readonly familyName: string };
  readonly emails: readonly { readonly value: string }[];
  readonly [claim: string]: unknown;
}

export interface ForeignIdp {
  readonly ssoUrl: string;
  /** Who is signed in there; undefined: it answers with an error status. */
  user: ForeignUser | undefined;
  /** Over the settings of samlp. */
  options: SamlpOptions;
  close(): Promise<void>;
}

/** `acsUrl`: where the application is registered to get its answers. */
export async function startForeignIdp(issuer: string, key: IdpKey, acsUrl: () => string): Promise<ForeignIdp> {
  const idp: { user: ForeignUser | undefined; options: SamlpOptions } = { user: undefined, options: {} };
  const server = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? '/', 'http://idp.invalid');
    const answer = express(request, response, searchParams);
    const options = {
      issuer,
      cert: key.certificate,
      key: key.privateKey,
      recipient: acsUrl(),
      destination: acsUrl(),
      getUserFromRequest: () => idp.user,
      ...idp.options,
    };
    const next = (error?: Error) => void response.writeHead(500).end(error?.message);
    if (idp.user) {
      const getPostURL = (_audience: string, _request: unknown, _req: unknown, done: Done) => done(null, acsUrl());
      samlp.auth({ ...options, getPostURL })(answer.request, answer.response, next);
      return;
    }
    const getPostURL = (_req: unknown, done: Done) => done(null, acsUrl());
    const RelayState = searchParams.get('RelayState');
    samlp.sendError({ ...options, getPostURL, RelayState })(answer.request, answer.response, next);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const ssoUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/samlp`;
  const close = () => new Promise<void>((resolve) => void server.close(() => resolve()));
  return Object.assign(idp, { ssoUrl, close });
}

type Done = (error: null, url: string) => void;

/** As much of Express as samlp asks for. */
function express(request: IncomingMessage, response: ServerResponse, query: URLSearchParams) {
  return {
    request: Object.assign(request, { query: Object.fromEntries(query) }),
    response: {
      set: (name: string, value: string) => response.setHeader(name, value),
      send: (body: string | number, detail = '') =>
        typeof body === 'number' ? response.writeHead(body).end(detail) : response.end(body),
    },
  };
}

/** The form of an IdP's page that posts by itself. */
export function formOf(page: string): { action: string; fields: URLSearchParams } {
  const action = /<form[^>]* action="([^"]*)"/.exec(page)?.[1] ?? '';
  const fields = new URLSearchParams();
  for (const [input] of page.matchAll(/<input[^>]*>/g)) {
    const name = /name="([^"]*)"/.exec(input)?.[1];
    if (/type="hidden"/.test(input) && name !== undefined)
      fields.append(name, decode(/value="([^"]*)"/.exec(input)?.[1] ?? ''));
  }
  return { action: decode(action), fields };
}

const decode = (text: string): string =>
  text
    .replace(/&#(\d+);|&#x([0-9a-f]+);/gi, (_all, decimal: string, hex: string) =>
      String.fromCodePoint(decimal ? Number(decimal) : parseInt(hex, 16)),
    )
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
