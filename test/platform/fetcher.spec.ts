import { gzipSync } from 'node:zlib';
import type { RequestListener } from 'node:http';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { FetchError } from '../../src/platform/fetch-error.js';
import { Fetcher, type FetcherOptions } from '../../src/platform/fetcher.js';
import { NameResolver } from '../../src/platform/name-resolver.js';
import { startDnsServer, type DnsServer } from '../organizations/dns-server.js';
import { makeTlsIdentity, startHttpsServer, type HttpsServer, type TlsIdentity } from '../support/https-server.js';

const NAME = 'idp.example';
const XML = { accept: 'application/samlmetadata+xml' };

let identity: TlsIdentity;
let dns: DnsServer;
let server: HttpsServer;
/** A listener at the same port of another loopback address, which nothing may touch. */
let canary: HttpsServer;
let answer: RequestListener;

beforeAll(async () => {
  identity = await makeTlsIdentity([NAME, 'rebinding.example', 'localhost']);
  dns = await startDnsServer();
  server = await startHttpsServer(identity, (request, response) => answer(request, response));
  const open: RequestListener = (_request, response) => void response.end('secret');
  canary = await startHttpsServer(identity, open, { host: '127.0.0.2', port: server.port });
});
afterAll(async () => {
  await Promise.all([server.close(), canary.close(), dns.close()]);
});
beforeEach(() => {
  dns.addresses.clear();
  dns.questions.length = 0;
  server.connections = canary.connections = 0;
  server.requests.length = 0;
  answer = (_request, response) => void response.setHeader('etag', '"1"').end('<document/>');
});

/** For it 127.0.0.1 is out in the world, and nothing else is. */
function fetcher(options: FetcherOptions = {}): Fetcher {
  const names = new NameResolver();
  names.resolver.setServers([dns.address]);
  const isPublic = (address: string) => address === '127.0.0.1';
  return new Fetcher({ names, isPublic, port: server.port, certificateAuthorities: identity.cert, ...options });
}
const url = (path = '/metadata') => `https://${NAME}:${server.port}${path}`;
const refused = (work: Promise<unknown>): Promise<FetchError> =>
  work.then(
    () => Promise.reject(new Error('it was fetched')),
    (error: unknown) => {
      expect(error).toBeInstanceOf(FetchError);
      return error as FetchError;
    },
  );

describe('#23 fetching what others name', () => {
  it('takes a document from a public address, with the names of its state', async () => {
    dns.addresses.set(NAME, [['127.0.0.1']]);
    const fetched = await fetcher().get(url(), XML);
    expect(fetched).toMatchObject({ kind: 'document', text: '<document/>', etag: '"1"', lastModified: null });
    expect(server.requests[0]!.headers).toMatchObject({ accept: XML.accept, host: `${NAME}:${server.port}` });
    expect(server.requests[0]!.headers).not.toHaveProperty('authorization');
    expect(server.requests[0]!.headers).not.toHaveProperty('cookie');
  });

  it('asks whether what it has is still so', async () => {
    dns.addresses.set(NAME, [['127.0.0.1']]);
    answer = (request, response) => {
      response.statusCode = request.headers['if-none-match'] === '"1"' ? 304 : 500;
      response.end();
    };
    expect(await fetcher().get(url(), { ...XML, etag: '"1"', lastModified: 'Fri, 27 Nov 2026 00:00:00 GMT' })).toEqual({
      kind: 'not-modified',
    });
    expect(server.requests[0]!.headers['if-modified-since']).toBe('Fri, 27 Nov 2026 00:00:00 GMT');
  });

  it.each([
    ['http', 'http://idp.example/metadata'],
    ['no scheme', 'idp.example/metadata'],
    ['file', 'file:///etc/passwd'],
    ['gopher', 'gopher://idp.example/'],
    ['javascript', 'javascript:alert(1)'],
    ['data', 'data:text/xml,<a/>'],
    ['a user name', 'https://user@idp.example/'],
    ['a password', 'https://:secret@idp.example/'],
    ['a user name that looks like the host', 'https://idp.example@127.0.0.1/'],
    ['another port', 'https://idp.example:8443/'],
    ['ssh', 'https://idp.example:22/'],
    ['an IPv4 address', 'https://127.0.0.1/'],
    ['the metadata service', 'https://169.254.169.254/latest/meta-data/'],
    ['a public address', 'https://8.8.8.8/'],
    ['a decimal address', 'https://2130706433/'],
    ['a hexadecimal address', 'https://0x7f000001/'],
    ['an octal address', 'https://0177.0.0.1/'],
    ['a short address', 'https://127.1/'],
    ['an address with a dot behind', 'https://127.0.0.1./'],
    ['an address in full-width digits', 'https://１２７.０.０.１/'],
    ['an address in circled digits', 'https://①②⑦.⓪.⓪.①/'],
    ['a percent-encoded address', 'https://%31%32%37.0.0.1/'],
    ['IPv6 loopback', 'https://[::1]/'],
    ['IPv4 in IPv6', 'https://[::ffff:10.0.0.1]/'],
    ['NAT64', 'https://[64:ff9b::10.0.0.1]/'],
    ['an endless address', `https://idp.example/${'a'.repeat(3000)}`],
  ])('refuses %s by its look, and asks nobody', async (_what, address) => {
    expect((await refused(fetcher({ port: 443 }).get(address, XML))).reason).toBe('address');
    expect([dns.questions, server.connections, canary.connections]).toEqual([[], 0, 0]);
  });

  it.each([
    ['a private address', ['127.0.0.2']],
    ['a private address among public ones', ['127.0.0.1', '127.0.0.2']],
    ['a private IPv6 address beside a public one', ['127.0.0.1', '::1']],
    ['the metadata service', ['169.254.169.254']],
    ['no address', []],
  ])('does not connect to a name with %s', async (_what, addresses) => {
    dns.addresses.set(NAME, [addresses]);
    const error = await refused(fetcher().get(url(), XML));
    expect(error.reason).toBe('unreachable');
    expect([server.connections, canary.connections]).toEqual([0, 0]);
  });

  it('with the real table, a name that means this machine is not fetched', async () => {
    for (const address of ['127.0.0.1', '::1', '0.0.0.0', '::ffff:127.0.0.1']) {
      dns.addresses.set(NAME, [[address]]);
      const names = new NameResolver();
      names.resolver.setServers([dns.address]);
      const real = new Fetcher({ names, port: server.port, certificateAuthorities: identity.cert });
      expect((await refused(real.get(url(), XML))).reason).toBe('unreachable');
    }
    expect([server.connections, canary.connections]).toEqual([0, 0]);
  });

  it('goes to the address that was looked at, whatever the name means by then (rebinding)', async () => {
    const rebinding = 'rebinding.example';
    dns.addresses.set(rebinding, [['127.0.0.1'], ['127.0.0.2']]);
    expect(await fetcher().get(`https://${rebinding}:${server.port}/`, XML)).toMatchObject({ text: '<document/>' });
    expect(dns.questions.filter((question) => question.startsWith('A '))).toEqual([`A ${rebinding}`]);
    expect([server.connections, canary.connections]).toEqual([1, 0]);
    // And the other way round: what was looked at first is what counts.
    dns.addresses.set('rebound.example', [['127.0.0.2'], ['127.0.0.1']]);
    await refused(fetcher().get(`https://rebound.example:${server.port}/`, XML));
    expect([server.connections, canary.connections]).toEqual([1, 0]);
  });

  it('looks at each redirect like at the first address, and follows two', async () => {
    dns.addresses.set(NAME, [['127.0.0.1']]);
    const inside = 'inside.example';
    dns.addresses.set(inside, [['127.0.0.2']]);
    const leadTo = (location: string) => {
      answer = (request, response) => {
        if (request.url !== '/metadata') return void response.end('found');
        response.writeHead(302, { location }).end();
      };
    };
    for (const location of [
      `https://${inside}:${server.port}/`,
      `https://127.0.0.2:${server.port}/`,
      `http://${NAME}:${server.port}/`,
      'https://169.254.169.254/latest/meta-data/',
      `//127.0.0.2:${server.port}/`,
      'file:///etc/passwd',
    ]) {
      leadTo(location);
      await refused(fetcher().get(url(), XML));
    }
    expect(canary.connections).toBe(0);
    leadTo('/moved');
    expect(await fetcher().get(url(), XML)).toMatchObject({ text: 'found' });
    answer = (_request, response) => void response.writeHead(302, { location: '/metadata' }).end();
    server.requests.length = 0;
    expect((await refused(fetcher().get(url(), XML))).reason).toBe('status');
    expect(server.requests).toHaveLength(3);
  });

  it('an own host may be at any address, at its port only, by the name its certificate has', async () => {
    const own = fetcher({ port: 443, isPublic: () => false, allowedHosts: [{ host: 'localhost', port: server.port }] });
    expect(await own.get(`https://LOCALHOST.:${server.port}/metadata`, XML)).toMatchObject({ text: '<document/>' });
    expect((await refused(own.get(`https://localhost:${server.port + 1}/`, XML))).reason).toBe('address');
    expect((await refused(own.get('https://localhost/', XML))).reason).toBe('unreachable');
    const stranger = fetcher({
      allowedHosts: [{ host: 'localhost', port: server.port }],
      certificateAuthorities: undefined,
    });
    expect((await refused(stranger.get(`https://localhost:${server.port}/`, XML))).reason).toBe('unreachable');
  });

  it('does not believe the certificate of another name', async () => {
    dns.addresses.set('other.example', [['127.0.0.1']]);
    expect((await refused(fetcher().get(`https://other.example:${server.port}/`, XML))).reason).toBe('unreachable');
    expect(server.requests).toHaveLength(0);
  });

  it('uses no proxy, whatever the environment says', async () => {
    dns.addresses.set(NAME, [['127.0.0.1']]);
    const before = { ...process.env };
    const names = ['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'HTTP_PROXY', 'http_proxy'];
    for (const name of names) process.env[name] = `http://127.0.0.2:${server.port}`;
    process.env['NODE_USE_ENV_PROXY'] = '1';
    try {
      expect(await fetcher().get(url(), XML)).toMatchObject({ text: '<document/>' });
    } finally {
      for (const name of [...names, 'NODE_USE_ENV_PROXY']) {
        if (before[name] === undefined) delete process.env[name];
        else process.env[name] = before[name];
      }
    }
    expect(canary.connections).toBe(0);
  });

  describe('with limits', () => {
    beforeEach(() => void dns.addresses.set(NAME, [['127.0.0.1']]));

    it('reads what is packed, and counts what is unpacked', async () => {
      answer = (_request, response) => {
        response.setHeader('content-encoding', 'gzip').end(gzipSync('x'.repeat(1000)));
      };
      expect(await fetcher().get(url(), XML)).toMatchObject({ text: 'x'.repeat(1000) });
      const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
      answer = (_request, response) => void response.setHeader('content-encoding', 'gzip').end(bomb);
      expect((await refused(fetcher().get(url(), XML))).reason).toBe('too-large');
    });

    it('stops at a mebibyte, also of a document that says nothing of its length and never ends', async () => {
      let sent = 0;
      answer = (_request, response) => {
        const chunk = Buffer.alloc(64 * 1024, 'x');
        const more = () => {
          sent += chunk.length;
          if (!response.destroyed) response.write(chunk, () => setImmediate(more));
        };
        more();
      };
      expect((await refused(fetcher().get(url(), XML))).reason).toBe('too-large');
      expect(sent).toBeLessThan(64 * 1024 * 1024);
    });

    it('takes a document of exactly a mebibyte', async () => {
      answer = (_request, response) => void response.end('x'.repeat(1024 * 1024));
      expect(await fetcher().get(url(), XML)).toMatchObject({ kind: 'document' });
    });

    it.each([
      ['an answer that never comes', () => undefined],
      [
        'a document that drips',
        (_request, response) => {
          const timer = setInterval(() => response.write('x'), 20);
          response.on('close', () => clearInterval(timer));
        },
      ],
    ] as [string, RequestListener][])('gives up on %s', async (_what, listener) => {
      answer = listener;
      const error = await refused(fetcher({ totalMs: 400 }).get(url(), XML));
      expect(error.reason).toBe('unreachable');
    });

    it('gives up on a host that accepts and never speaks TLS', async () => {
      const mute: Server = createServer((socket) => void socket.resume());
      await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
      const { port } = mute.address() as AddressInfo;
      const quick = fetcher({ port, connectMs: 200 });
      expect((await refused(quick.get(`https://${NAME}:${port}/`, XML))).reason).toBe('unreachable');
      await new Promise((resolve) => mute.close(resolve));
    });

    it.each([
      ['an encoding nobody asked for', { 'content-encoding': 'br' }, 'x', 'content'],
      ['what is not UTF-8', {}, Buffer.from([0x3c, 0xff, 0xfe]), 'content'],
      ['what is said to be packed and is not', { 'content-encoding': 'gzip' }, 'plain', 'unreachable'],
    ])('refuses %s', async (_what, headers, body, reason) => {
      answer = (_request, response) => void response.writeHead(200, headers).end(body);
      expect((await refused(fetcher().get(url(), XML))).reason).toBe(reason);
    });

    it.each([204, 401, 404, 500, 503])('refuses status %s', async (status) => {
      answer = (_request, response) => void response.writeHead(status).end();
      expect((await refused(fetcher().get(url(), XML))).message).toBe(`The address answered with status ${status}`);
    });
  });

  it('says the same of a private address, a closed port, a wrong certificate and a name without address', async () => {
    dns.addresses.set(NAME, [['127.0.0.2']]);
    dns.addresses.set('other.example', [['127.0.0.1']]);
    const closed = await startHttpsServer(identity, () => undefined);
    await closed.close();
    const messages = await Promise.all([
      refused(fetcher().get(url(), XML)),
      refused(fetcher().get(`https://nowhere.example:${server.port}/`, XML)),
      refused(fetcher().get(`https://other.example:${server.port}/`, XML)),
      refused(fetcher({ port: closed.port }).get(`https://other.example:${closed.port}/`, XML)),
    ]);
    expect(new Set(messages.map(({ message }) => message)).size).toBe(1);
    for (const { message, cause } of messages) {
      expect(message).not.toContain('127.');
      expect(String(cause)).toMatch(/^Error.*: ./);
    }
  });
});
