import { AsyncLocalStorage } from 'node:async_hooks';
import type { Server, ServerResponse } from 'node:http';
import pg from 'pg';
import { KeepAliveClient, type Request } from './keep-alive-client.js';
import type { Load } from './load.js';

/**
 * What the server says to its database for a request, and what it answers: learned from the server itself, so that the floor, which
 * says and answers the same, is never out of date. One recording a request, with the values of that request.
 */

export interface Statement {
  /** Of one that is parsed once a connection. */
  readonly name?: string | undefined;
  readonly text: string;
  readonly values: readonly unknown[];
}

export interface Recording {
  readonly statements: readonly Statement[];
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The document of the answer; undefined: it has none. */
  readonly document: unknown;
}

/** Which recording belongs to a request. */
export const keyOf = (token: string, { method, path, body = '' }: Request): string =>
  `${token} ${method} ${path} ${body}`;

/** Statements that the server runs now and then and not for each request. */
const OCCASIONAL = /^UPDATE scim_tokens|^UPDATE scim_clients/;

interface Heard {
  readonly after: number[];
  readonly answered: number[];
  keep(this: void, request: number, statements: readonly Statement[]): void;
}

/** Listens to the statements of one server of this process. */
export class Recorder {
  private readonly requests = new AsyncLocalStorage<Statement[]>();
  private heard: Heard = { after: [], answered: [], keep: () => undefined };

  constructor(server: Server) {
    // A request's statements are told by the call chain they are of: the server may have others under way.
    const emit = server.emit.bind(server) as (...args: unknown[]) => boolean;
    server.emit = (event: string, ...args: unknown[]) =>
      event === 'request'
        ? this.requests.run(this.begin(args[1] as ServerResponse), () => emit(event, ...args))
        : emit(event, ...args);
    const prototype = pg.Client.prototype as { query: (this: unknown, ...args: unknown[]) => unknown };
    const original = prototype.query;
    const { requests } = this;
    prototype.query = function (this: unknown, ...args: unknown[]) {
      const [first, values] = args as [string | { name?: string; text: string; values?: unknown[] }, unknown];
      const { name, text } = typeof first === 'string' ? { name: undefined, text: first } : first;
      const given = Array.isArray(values) ? (values as unknown[]) : typeof first === 'string' ? [] : first.values;
      if (!OCCASIONAL.test(text.trim())) requests.getStore()?.push({ name, text, values: [...(given ?? [])] });
      return original.apply(this, args);
    };
  }

  private begin(response: ServerResponse): Statement[] {
    const { after, answered, keep } = this.heard;
    const request = after.push(answered.length) - 1;
    const statements: Statement[] = [];
    response.once('finish', () => {
      answered.push(request);
      keep(request, statements);
    });
    return statements;
  }

  /** In which order requests are sent and answered while `work` runs; `keep` gets what is said for each once it is answered. */
  async listen(work: () => Promise<unknown>, keep: Heard['keep']): Promise<Load> {
    this.heard = { after: [], answered: [], keep };
    await work();
    return this.heard;
  }

  /** Sends one request and waits for it; there is no other. */
  async record(client: KeepAliveClient, request: Request): Promise<Recording> {
    let said: readonly Statement[] = [];
    this.heard = { after: [], answered: [], keep: (_, statements) => (said = statements) };
    const { status, body, head } = await client.send(request);
    const etag = /\r\netag: *([^\r\n]+)/i.exec(head)?.[1];
    return {
      statements: said,
      status,
      headers: etag === undefined ? {} : { etag },
      document: body === '' ? undefined : (JSON.parse(body) as unknown),
    };
  }
}
