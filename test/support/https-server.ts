import { createServer, type Server } from 'node:https';
import type { IncomingMessage, RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { generate } from 'selfsigned';

/** An https server on a loopback address, with a certificate of its own. It counts who comes: connections, and requests by their path. */
export interface HttpsServer {
  readonly port: number;
  /** PEM; who is to come must believe it. */
  readonly certificate: string;
  connections: number;
  readonly requests: Pick<IncomingMessage, 'url' | 'headers'>[];
  close(): Promise<void>;
}

export interface TlsIdentity {
  readonly private: string;
  readonly cert: string;
}

export async function makeTlsIdentity(names: readonly string[] = ['localhost']): Promise<TlsIdentity> {
  return generate([{ name: 'commonName', value: names[0]! }], {
    keySize: 2048,
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames: names.map((value) => ({ type: 2, value })) }],
  });
}

export async function startHttpsServer(
  identity: TlsIdentity,
  listener: RequestListener,
  at: { readonly host?: string; readonly port?: number } = {},
): Promise<HttpsServer> {
  const server = createServer({ key: identity.private, cert: identity.cert }, (request, response) => {
    state.requests.push({ url: request.url, headers: request.headers });
    listener(request, response);
  });
  server.on('connection', () => state.connections++);
  await listen(server, at.port ?? 0, at.host ?? '127.0.0.1');
  const state: HttpsServer = {
    port: (server.address() as AddressInfo).port,
    certificate: identity.cert,
    connections: 0,
    requests: [],
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return state;
}

const listen = (server: Server, port: number, host: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
