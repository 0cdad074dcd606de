import { connect, type Socket } from 'node:net';

/**
 * The load generator: as many connections as asked for, each with one request under way, over plain sockets. It shares the machine
 * with what it measures, so it does as little as possible: no header is parsed but the status and the length.
 */

export interface Request {
  readonly method: string;
  readonly path: string;
  readonly body?: string;
  /** Of the body, when it is not SCIM. */
  readonly contentType?: string;
  readonly cookie?: string;
}

export interface Answer {
  readonly status: number;
  /** Status line and headers as they came. */
  readonly head: string;
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
  private arrived: Buffer[] = [];
  private arrivedBytes = 0;
  /** So many bytes the answer under way has at least. */
  private needed = 0;
  private isChunked = false;
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

  send({ method, path, body, contentType = 'application/scim+json', cookie }: Request): Promise<Answer> {
    const content =
      body === undefined
        ? '\r\n'
        : `content-type: ${contentType}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
    const cookies = cookie === undefined ? '' : `cookie: ${cookie}\r\n`;
    this.socket.write(`${method} ${path} HTTP/1.1\r\n${this.headers}${cookies}${content}`);
    return new Promise((resolve, reject) => (this.waiting = { resolve, reject }));
  }

  close(): void {
    this.waiting = undefined;
    this.socket.destroy();
  }

  private receive(chunk: Buffer): void {
    this.arrived.push(chunk);
    this.arrivedBytes += chunk.length;
    // A large answer is not put together again and again.
    if (this.arrivedBytes < this.needed || (this.isChunked && !this.ended())) return;
    const all = this.arrived.length === 1 ? chunk : Buffer.concat(this.arrived);
    this.arrived = [all];
    const end = all.indexOf('\r\n\r\n');
    if (end === -1) return;
    const head = all.toString('latin1', 0, end);
    const status = Number(head.slice(9, 12));
    this.isChunked = /\r\ntransfer-encoding: *chunked/i.test(head);
    const body = this.isChunked ? this.unchunk(all.subarray(end + 4)) : this.plain(all, head, status, end + 4);
    if (!body) return;
    this.arrived = [];
    this.arrivedBytes = 0;
    this.needed = 0;
    this.isChunked = false;
    const { waiting } = this;
    this.waiting = undefined;
    waiting?.resolve({ status, head, body: body.toString('utf8') });
  }

  /** The body, if it has arrived. */
  private plain(all: Buffer, head: string, status: number, start: number): Buffer | undefined {
    const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? (status === 204 ? 0 : NaN));
    if (Number.isNaN(length)) throw new Error(`An answer without content-length:\n${head}`);
    this.needed = start + length;
    return all.length < this.needed ? undefined : all.subarray(start, start + length);
  }

  /** Whether the last bytes are the end of chunks; they may have come in two parts. */
  private ended(): boolean {
    const tail = Buffer.concat(this.arrived.slice(-2).map((part) => part.subarray(-5)));
    return tail.subarray(-5).toString('latin1') === '0\r\n\r\n';
  }

  /** The body, if its last piece has arrived. */
  private unchunk(bytes: Buffer): Buffer | undefined {
    if (bytes.subarray(-5).toString('latin1') !== '0\r\n\r\n') return undefined;
    const pieces: Buffer[] = [];
    for (let at = 0; ;) {
      const line = bytes.indexOf('\r\n', at);
      if (line === -1) return undefined;
      const size = Number.parseInt(bytes.toString('latin1', at, line), 16);
      if (size === 0) return Buffer.concat(pieces);
      if (line + 2 + size > bytes.length) return undefined;
      pieces.push(bytes.subarray(line + 2, line + 2 + size));
      at = line + 2 + size + 2;
    }
  }
}
