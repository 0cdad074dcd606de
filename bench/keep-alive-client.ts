import { connect, type Socket } from 'node:net';

/**
 * The load generator: as many connections as asked for, each with one request under way, over plain sockets. It shares the machine
 * with what it measures, so it does as little as possible: no header is parsed but the status and the length.
 */

export interface Request {
  readonly method: string;
  readonly path: string;
  readonly body?: string;
}

export interface Answer {
  readonly status: number;
  readonly body: string;
}

export interface LoadResult {
  readonly seconds: number;
  /** Milliseconds of each request, ascending. */
  readonly latencies: readonly number[];
}

/** Sends all requests, in order, over `connections`; throws at an answer whose status is not one of `expected`. */
export async function sendAll(
  url: string,
  token: string,
  requests: readonly Request[],
  connections: number,
  expected: readonly number[],
): Promise<LoadResult> {
  const clients = await Promise.all(Array.from({ length: connections }, () => KeepAliveClient.open(url, token)));
  const latencies: number[] = [];
  let next = 0;
  const start = performance.now();
  await Promise.all(
    clients.map(async (client) => {
      for (let index = next++; index < requests.length; index = next++) {
        const request = requests[index]!;
        const sent = performance.now();
        const { status, body } = await client.send(request);
        latencies.push(performance.now() - sent);
        if (!expected.includes(status)) throw new Error(`${request.method} ${request.path}: ${status} ${body}`);
      }
    }),
  );
  const seconds = (performance.now() - start) / 1000;
  for (const client of clients) client.close();
  return { seconds, latencies: latencies.sort((a, b) => a - b) };
}

export class KeepAliveClient {
  private buffered: Buffer = Buffer.alloc(0);
  private waiting: { resolve(answer: Answer): void; reject(error: Error): void } | undefined;

  private constructor(
    private readonly socket: Socket,
    private readonly headers: string,
  ) {
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.receive(chunk));
    socket.on('error', (error) => this.waiting?.reject(error));
    socket.on('close', () => this.waiting?.reject(new Error('The server closed the connection')));
  }

  static async open(url: string, token: string): Promise<KeepAliveClient> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    const headers = `host: ${hostname}:${port}\r\nauthorization: Bearer ${token}\r\naccept: application/scim+json\r\n`;
    return new KeepAliveClient(socket, headers);
  }

  send({ method, path, body }: Request): Promise<Answer> {
    const content =
      body === undefined
        ? '\r\n'
        : `content-type: application/scim+json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
    this.socket.write(`${method} ${path} HTTP/1.1\r\n${this.headers}${content}`);
    return new Promise((resolve, reject) => (this.waiting = { resolve, reject }));
  }

  close(): void {
    this.waiting = undefined;
    this.socket.destroy();
  }

  private receive(chunk: Buffer): void {
    this.buffered = this.buffered.length === 0 ? chunk : Buffer.concat([this.buffered, chunk]);
    const end = this.buffered.indexOf('\r\n\r\n');
    if (end === -1) return;
    const head = this.buffered.toString('latin1', 0, end);
    const status = Number(head.slice(9, 12));
    const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? (status === 204 ? 0 : NaN));
    if (Number.isNaN(length)) throw new Error(`An answer without content-length:\n${head}`);
    if (this.buffered.length < end + 4 + length) return;
    const body = this.buffered.toString('utf8', end + 4, end + 4 + length);
    this.buffered = this.buffered.subarray(end + 4 + length);
    const { waiting } = this;
    this.waiting = undefined;
    waiting?.resolve({ status, body });
  }
}
