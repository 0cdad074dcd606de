import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from '../platform/page.js';
import type { DemoKey } from './demo-key.store.js';
import { DEMO_GROUPS, DEMO_PEOPLE, UNKNOWN_GROUP } from './demo-people.js';
import { readAuthnRequest } from './read-authn-request.js';
import { toDemoAnswer, toDemoForm, toDemoHint } from './to-demo-idp-pages.js';
import { toDemoMetadata } from './to-demo-metadata.js';
import { toDemoResponse } from './to-demo-response.js';

export interface DemoIdpOptions {
  readonly host: string;
  readonly port: number;
  readonly key: DemoKey;
  /** The server that it answers, and that people know it beside. */
  readonly rollcallUrl: string;
  readonly now: () => Date;
}

const LARGEST_BODY = 128 * 1024;

/**
 * An identity provider for trying things out: its own HTTP server, invented people, no passwords. It signs only answers to the server
 * it belongs to. Routes: GET /sso asks, POST /sso answers, GET /metadata.
 */
export class DemoIdp {
  private server: Server | undefined;
  /** Without a trailing slash; known once it listens. */
  url = '';

  constructor(private readonly options: DemoIdpOptions) {}

  /** Throws when the port is taken. */
  async listen(): Promise<void> {
    const server = createServer((request, response) => {
      this.answer(request, response).catch(() => response.destroy());
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.options.port, this.options.host, resolve);
    });
    this.server = server;
    const { port } = server.address() as AddressInfo;
    // The name Rollcall is reached by: cookies of a development server reach it only from the same site.
    const url = new URL(this.options.rollcallUrl);
    this.url = `http://${url.hostname}:${port}`;
  }

  async close(): Promise<void> {
    const { server } = this;
    if (!server) return;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://idp.invalid');
    const route = `${request.method ?? ''} ${pathname}`;
    if (route === 'GET /metadata') {
      const metadata = toDemoMetadata(`${this.url}/sso`, this.options.key);
      response.writeHead(200, { 'content-type': 'application/samlmetadata+xml' }).end(metadata);
    } else if (route === 'GET /sso') {
      this.ask(searchParams, response);
    } else if (route === 'POST /sso') {
      const body = await bodyOf(request);
      if (body === undefined) send(response, 413, toDemoHint(this.options.rollcallUrl));
      else this.signIn(new URLSearchParams(body), response);
    } else {
      send(response, pathname === '/' ? 200 : 404, toDemoHint(this.options.rollcallUrl));
    }
  }

  private ask(query: URLSearchParams, response: ServerResponse): void {
    const samlRequest = query.get('SAMLRequest') ?? '';
    if (!readAuthnRequest(samlRequest, this.options.rollcallUrl)) {
      return send(response, 400, toDemoHint(this.options.rollcallUrl));
    }
    send(response, 200, toDemoForm(samlRequest, query.get('RelayState') ?? ''));
  }

  private signIn(form: URLSearchParams, response: ServerResponse): void {
    const request = readAuthnRequest(form.get('SAMLRequest') ?? '', this.options.rollcallUrl);
    const person = DEMO_PEOPLE.find(({ nameId }) => nameId === form.get('person'));
    if (!request || !person) return send(response, 400, toDemoHint(this.options.rollcallUrl));
    const groups = [...DEMO_GROUPS, UNKNOWN_GROUP].filter((group) => form.getAll('groups').includes(group));
    const answer = toDemoResponse(request, person, groups, this.options.key, this.options.now());
    send(response, 200, toDemoAnswer(request.acsUrl, answer, form.get('RelayState') ?? ''));
  }
}

function send(response: ServerResponse, status: number, page: Page): void {
  response.writeHead(status, page.headers).end(page.body);
}

/** undefined: larger than anything the form sends. */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LARGEST_BODY) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
