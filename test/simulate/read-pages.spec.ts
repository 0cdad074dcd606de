import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Transport } from '../../simulate/http/transport.js';
import { readPages, readPaging } from '../../simulate/protocol/read-pages.js';

/** Lists of servers that page in one way or the other. */

const IDS = Array.from({ length: 7 }, (_, index) => ({ id: String(index) }));
/** No page of this server has more. */
const MOST = 3;

let server: Server;
let transport: Transport;
let asked: string[];
beforeAll(async () => {
  server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url!, 'http://server');
    asked.push(request.url!);
    const cursor = searchParams.get('cursor');
    const from =
      cursor === null ? Number(searchParams.get('startIndex')) - 1 : cursor === '' ? 0 : Number(cursor.slice(1));
    const size = Math.min(MOST, Number(searchParams.get('count')));
    const next = from + size < IDS.length ? { nextCursor: `c${from + size}` } : {};
    // A total is not owed to those who page by cursor (RFC 9865 section 2).
    const rest = cursor === null ? { totalResults: IDS.length } : next;
    const list = { ...rest, Resources: IDS.slice(from, from + size) };
    const announced = { pagination: { cursor: true, index: true, maxPageSize: MOST } };
    const documents: Record<string, object> = { '/ServiceProviderConfig': announced, '/Users': list };
    response.writeHead(documents[pathname] ? 200 : 404).end(JSON.stringify(documents[pathname] ?? { detail: 'no' }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const options = { token: 'x', headers: {}, connections: 1, seed: 1, lost: 0, timeout: 5000, attempts: 1 };
  transport = new Transport({ base, ...options });
});
beforeEach(() => (asked = []));
afterAll(async () => {
  transport.close();
  server.close();
  await once(server, 'close');
});

async function read(path: string, options: { query?: string; byCursor?: boolean }): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const resource of readPages(transport, path, 'read', 5, options)) found.push(resource);
  return found;
}

describe('reading a list', () => {
  it('goes by cursor where the server announces it', async () => {
    expect(await readPaging(transport)).toEqual({ byCursor: true, most: MOST });
    asked = [];
    expect(await read('/Users', { byCursor: true, query: 'a=b' })).toEqual(IDS);
    expect(asked).toEqual(['cursor=', 'cursor=c3', 'cursor=c6'].map((place) => `/Users?${place}&count=5&a=b`));
  });

  it('goes by index otherwise, and on from what came when the server gives less than asked for', async () => {
    expect(await read('/Users', {})).toEqual(IDS);
    expect(asked).toEqual(['1', '4', '7'].map((start) => `/Users?startIndex=${start}&count=5`));
  });

  it('says what was refused', async () => {
    await expect(read('/Nothing', {})).rejects.toThrow('GET /Nothing?startIndex=1&count=5 was answered 404: no');
  });
});
