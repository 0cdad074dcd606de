import { Agent as HttpAgent, request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { fraction } from '../random.js';
import { backOff, retryAfter } from './back-off.js';
import { Histogram } from './histogram.js';

/**
 * The wire: keep-alive connections, back-off, and the accidents of a life. An accident is an answer that never comes: the server did the
 * work, or may have, and the client does not know. Which requests meet one is up to the seed.
 */

export type Json = Record<string, unknown>;

export interface Exchange {
  /** What it is for, for the summary: `create user`. */
  readonly kind: string;
  /** Whom it is about; chance is drawn for it. */
  readonly subject: string;
  readonly method: string;
  /** Below the base, with the query as the client spells it. */
  readonly path: string;
  readonly body?: unknown;
  /** A lost answer is thrown as LostAnswer instead of asking again. */
  readonly throwLost?: boolean;
}

export interface Answer {
  readonly status: number;
  readonly json: Json;
}

/** The answer did not come: the server may have done it. */
export class LostAnswer extends Error {}

export interface TransportOptions {
  readonly base: string;
  readonly token: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly connections: number;
  readonly seed: number;
  /** Share of the requests whose answer is lost. */
  readonly lost: number;
  /** Milliseconds until an answer counts as lost. */
  readonly timeout: number;
  readonly attempts: number;
}

export class Transport {
  readonly kinds = new Map<string, Histogram>();
  readonly retries = { lostAnswers: 0, throttled: 0, serverErrors: 0, brokenConnections: 0 };
  private readonly base: URL;
  private readonly agent: HttpAgent | HttpsAgent;
  /** Each accident happens once, however often the client tries. */
  private readonly accidents = new Set<string>();
  private step = 0;

  constructor(private readonly options: TransportOptions) {
    this.base = new URL(options.base);
    const settings = { keepAlive: true, maxSockets: options.connections, scheduling: 'fifo' } as const;
    this.agent = this.base.protocol === 'https:' ? new HttpsAgent(settings) : new HttpAgent(settings);
  }

  /** The same request in another step of the life may meet another accident; before the first step there is none. */
  nextStep(): void {
    this.step++;
  }

  close(): void {
    this.agent.destroy();
  }

  /** Asks until there is an answer that is not to wait for; the last one when the attempts are used up. */
  async send(exchange: Exchange): Promise<Answer> {
    for (let attempt = 1; ; attempt++) {
      const isLast = attempt >= this.options.attempts;
      try {
        const { status, headers, text } = await this.once(exchange);
        const isOverload = status === 429 || (status >= 500 && status !== 501);
        if (!isOverload || isLast) return { status, json: readJson(text) };
        this.retries[status === 429 ? 'throttled' : 'serverErrors']++;
        await wait(retryAfter(headers['retry-after']) ?? backOff(attempt));
      } catch (error) {
        const isLost = error instanceof LostAnswer;
        this.retries[isLost ? 'lostAnswers' : 'brokenConnections']++;
        if (exchange.throwLost) throw isLost ? error : new LostAnswer(String(error));
        if (isLast) throw error;
        await wait(isLost ? 0 : backOff(attempt));
      }
    }
  }

  private once(exchange: Exchange) {
    const isLost = this.meetsAccident(exchange);
    return new Promise<{ status: number; headers: IncomingMessage['headers']; text: string }>((resolve, reject) => {
      const started = performance.now();
      const body = exchange.body === undefined ? undefined : Buffer.from(JSON.stringify(exchange.body));
      const request = this.open(exchange, body, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          this.measure(exchange.kind, performance.now() - started);
          if (isLost) return reject(new LostAnswer('The answer was dropped'));
          resolve({
            status: response.statusCode!,
            headers: response.headers,
            text: Buffer.concat(chunks).toString('utf8'),
          });
        });
      });
      request.on('error', reject);
      request.setTimeout(this.options.timeout, () => request.destroy(new LostAnswer('No answer in time')));
      // Hanging up is for creating only: anything else could be done late, over what the client did since, and no server could help it.
      if (isLost && exchange.method === 'POST') hangUp(request);
      request.end(body);
    });
  }

  private open(exchange: Exchange, body: Buffer | undefined, answered: (response: IncomingMessage) => void) {
    const { protocol, hostname, port } = this.base;
    return (protocol === 'https:' ? httpsRequest : httpRequest)(
      {
        agent: this.agent,
        hostname: hostname.replace(/^\[|\]$/g, ''),
        port,
        method: exchange.method,
        path: this.address(exchange.path),
        headers: {
          authorization: `Bearer ${this.options.token}`,
          ...withoutContent(this.options.headers, body === undefined),
          ...(body === undefined ? {} : { 'content-length': body.length }),
        },
      },
      answered,
    );
  }

  /** Flags that stand behind the base (`?aadOptscim062020`) stay on every request. */
  private address(path: string): string {
    const mark = path.indexOf('?');
    const [own, query] = mark < 0 ? [path, undefined] : [path.slice(0, mark), path.slice(mark + 1)];
    const flags = this.base.search.slice(1);
    const queries = [flags, query].filter((part) => part !== undefined && part !== '');
    const asked = query === undefined && flags === '' ? '' : `?${queries.join('&')}`;
    return `${this.base.pathname.replace(/\/+$/, '')}${own}${asked}`;
  }

  private meetsAccident({ kind, subject }: Exchange): boolean {
    const { lost, seed } = this.options;
    if (this.step === 0 || fraction(seed, 'lost', this.step, kind, subject) >= lost) return false;
    const accident = `${this.step} ${kind} ${subject}`;
    return !this.accidents.has(accident) && this.accidents.add(accident) !== undefined;
  }

  private measure(kind: string, milliseconds: number): void {
    let histogram = this.kinds.get(kind);
    if (!histogram) this.kinds.set(kind, (histogram = new Histogram()));
    histogram.add(milliseconds);
  }
}

/** Closes the connection as soon as the request is on its way. */
function hangUp(request: ClientRequest): void {
  request.on('finish', () => setImmediate(() => request.destroy(new LostAnswer('The client hung up'))));
}

function withoutContent(headers: Readonly<Record<string, string>>, isBodiless: boolean) {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !isBodiless || name !== 'content-type'));
}

function readJson(text: string): Json {
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === 'object' && json !== null ? (json as Json) : {};
  } catch {
    return {};
  }
}

const wait = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));
