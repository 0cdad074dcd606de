import type pg from 'pg';
import pgModule from 'pg';
import { KeepAliveClient, type Request } from './keep-alive-client.js';
import type { Operation } from './operations.js';

/** One request as both answer it. */
interface Observation {
  readonly statements: readonly string[];
  readonly status: number;
  /** Every path of the answer's document, values left out. */
  readonly shape: readonly string[];
}

/**
 * A comparison with a floor that does less is worth nothing. Both servers, in this process, get one request of each kind; what they
 * say to the database and how they answer must be the same. Returns the differences in words.
 */
export async function checkFloor(
  serverUrl: string,
  floorUrl: string,
  operations: readonly Operation[],
  client: pg.Client,
): Promise<string[]> {
  const differences: string[] = [];
  for (const operation of operations) {
    const { name, size, organization } = operation;
    const [warming, measured] = operation.requests(0, 2) as [Request, Request];
    // The first request of a token also notes that it was used; the server does that once a minute.
    await observe(serverUrl, organization.token, warming);
    await operation.reset(client);
    const server = await observe(serverUrl, organization.token, measured);
    await operation.reset(client);
    const floor = await observe(floorUrl, organization.token, measured);
    await operation.reset(client);
    for (const aspect of ['statements', 'status', 'shape'] as const) {
      if (JSON.stringify(server[aspect]) === JSON.stringify(floor[aspect])) continue;
      const told = (value: unknown) =>
        Array.isArray(value) ? value.map((line) => `\n    ${line}`).join('') : ` ${String(value)}`;
      differences.push(
        `${name} (${size}), ${aspect}:\n  server:${told(server[aspect])}\n  floor:${told(floor[aspect])}`,
      );
    }
  }
  return differences;
}

async function observe(url: string, token: string, request: Request): Promise<Observation> {
  const statements: string[] = [];
  // The one class that both pools make their connections of.
  const prototype = pgModule.Client.prototype as { query: (this: unknown, ...args: unknown[]) => unknown };
  const original = prototype.query;
  prototype.query = function (this: unknown, ...args: unknown[]) {
    const [first] = args;
    statements.push(
      (typeof first === 'string' ? first : (first as { text: string }).text)
        .replace(/\s+/g, ' ')
        .replace(/\( /g, '(')
        .replace(/ \)/g, ')')
        .trim(),
    );
    return original.apply(this, args);
  };
  const client = await KeepAliveClient.open(url, token);
  try {
    const { status, body } = await client.send(request);
    return { statements, status, shape: body === '' ? [] : [...new Set(pathsOf(JSON.parse(body)))].sort() };
  } finally {
    prototype.query = original;
    client.close();
  }
}

function pathsOf(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((element) => pathsOf(element, `${path}[]`));
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([name, inner]) => pathsOf(inner, `${path}.${name}`));
}
