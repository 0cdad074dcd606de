import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

/** What stands between a client and the server, and what it does to the traffic. */
export interface Proxy {
  readonly url: string;
  /** Requests that arrived, the query included. */
  readonly seen: { readonly method: string; readonly path: string; readonly headers: IncomingMessage['headers'] }[];
  close(): Promise<void>;
}

export interface Meddling {
  /** True: it answered by itself. */
  readonly answer?: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** Another body than the client's. */
  readonly body?: (request: IncomingMessage, body: string) => string;
  /** Another body than the server's. */
  readonly reply?: (request: IncomingMessage, body: string) => string;
}

export async function startProxy(target: string, meddling: Meddling): Promise<Proxy> {
  const { hostname, port } = new URL(target);
  const seen: Proxy['seen'] = [];
  const server = createServer((request, response) => {
    const { method = '', url: path = '', headers } = request;
    seen.push({ method, path, headers });
    if (meddling.answer?.(request, response)) return request.resume();
    void collect(request).then((received) => {
      const body = received === '' ? '' : (meddling.body?.(request, received) ?? received);
      const sent = { ...headers, host: `${hostname}:${port}`, 'content-length': Buffer.byteLength(body) };
      const passed = forward({ hostname, port, method, path, headers: sent }, (answer) => {
        void collect(answer).then((text) => {
          const told = text === '' ? '' : (meddling.reply?.(request, text) ?? text);
          const { 'transfer-encoding': _, ...kept } = answer.headers;
          response.writeHead(answer.statusCode!, { ...kept, 'content-length': Buffer.byteLength(told) }).end(told);
        });
      });
      passed.end(body);
    });
    return undefined;
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function collect(stream: AsyncIterable<unknown>): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of stream) chunks.push(chunk as Buffer);
  } catch {
    // The client hung up; what came is what there is.
  }
  return Buffer.concat(chunks).toString('utf8');
}
