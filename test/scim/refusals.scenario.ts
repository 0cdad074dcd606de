import net from 'node:net';
import { ConnectionsService } from '../../src/organizations/connections.service.js';
import { ScimTokensService } from '../../src/organizations/scim-tokens.service.js';
import { startTestServer, type TestServer } from '../support/app.js';
import { createTenant, request, TEST_OPERATOR, type Reply, type Tenant } from '../support/scenario.js';
import { expectNoEffects, sideEffects } from '../support/side-effects.js';

const ERROR = 'urn:ietf:params:scim:api:messages:2.0:Error';

/** Everything that is refused, and that nothing is left behind by it. */
describe('what the SCIM door refuses', () => {
  let server: TestServer;
  let tenant: Tenant;
  let userId: string;

  beforeAll(async () => {
    server = await startTestServer({ SCIM_BODY_LIMIT_BYTES: '20000' });
  });
  afterAll(() => server.close());
  beforeEach(async () => {
    tenant = await createTenant(server);
    userId = (await tenant.scim<{ id: string }>('POST', '/Users', { userName: 'present@example.com' })).json.id;
  });

  /** The form of RFC 7644 section 3.12, whatever went wrong. */
  function expectScimError(reply: Reply, status: number, scimType?: string): void {
    expect([reply.status, reply.headers.get('content-type'), reply.body]).toEqual([
      status,
      'application/scim+json; charset=utf-8',
      expect.stringContaining(ERROR),
    ]);
    expect(reply.json).toEqual({
      schemas: [ERROR],
      status: String(status),
      ...(scimType === undefined ? {} : { scimType }),
      detail: expect.stringMatching(/^\S.{9,}$/s) as string,
    });
    expect(reply.body).not.toMatch(/<html|node_modules|SELECT|INSERT|\.ts:|\.js:/);
  }
  const nothingHappens = async (work: () => Promise<unknown>) => expectNoEffects(await sideEffects(server, work));

  describe('tokens', () => {
    const get = (authorization?: string) =>
      request(server, 'GET', '/scim/v2/Users', authorization === undefined ? {} : { headers: { authorization } });

    it('takes the token with the scheme in any case, and without a scheme', async () => {
      for (const scheme of ['Bearer ', 'bearer ', 'BEARER ', 'Bearer   ', '']) {
        expect((await get(scheme + tenant.token)).status).toBe(200);
      }
    });

    it('R-007 answers 401 with a challenge to no token, a wrong one and another scheme', async () => {
      const changed = tenant.token.slice(0, -8) + (tenant.token.at(-8) === 'x' ? 'y' : 'x') + tenant.token.slice(-7);
      const basic = Buffer.from(`user:${tenant.token}`).toString('base64');
      for (const value of [
        undefined,
        '',
        'Bearer',
        'Bearer x',
        `Basic ${basic}`,
        `Bearer ${changed}`,
        `a b ${changed}`,
      ]) {
        const reply = await get(value);
        expectScimError(reply, 401);
        expect(reply.headers.get('www-authenticate')).toBe(
          `Bearer realm="SCIM", resource_metadata="${server.url}/.well-known/oauth-protected-resource/scim/v2"`,
        );
      }
    });

    it('answers 401 to a revoked and to an expired token', async () => {
      const tokens = server.app.get(ScimTokensService);
      const { organizationId, id } = tenant.connection;
      const expiresAt = new Date(server.clock.now().getTime() + 60_000);
      const { token, record } = await tokens.create(organizationId, id, { name: 'short', expiresAt }, TEST_OPERATOR);
      expect((await get(`Bearer ${token}`)).status).toBe(200);
      server.clock.advance(61);
      expectScimError(await get(`Bearer ${token}`), 401);
      server.clock.advance(-61);
      await tokens.revoke(organizationId, id, record.id, TEST_OPERATOR);
      expectScimError(await get(`Bearer ${token}`), 401);
    });

    it('answers 403 and says what to do when the connection is disabled or has SCIM off', async () => {
      const connections = server.app.get(ConnectionsService);
      const { organizationId, id, name } = tenant.connection;
      await connections.update(organizationId, id, { scim: false }, TEST_OPERATOR);
      const off = await tenant.scim('GET', '/Users');
      expectScimError(off, 403);
      expect(off.json['detail']).toBe(
        `SCIM is switched off for the connection "${name}"; an operator of the service must switch it on.`,
      );
      await connections.disable(organizationId, id, 'maintenance', TEST_OPERATOR);
      const disabled = await tenant.scim('GET', `/Users/${userId}`);
      expectScimError(disabled, 403);
      expect(disabled.json['detail']).toContain('disabled (maintenance)');
    });

    it('lets no write through', async () => {
      await nothingHappens(async () => {
        for (const [method, path, body] of [
          ['POST', '/Users', { userName: 'new' }],
          ['PUT', `/Users/${userId}`, { userName: 'new' }],
          ['PATCH', `/Users/${userId}`, { Operations: [{ op: 'replace', path: 'active', value: false }] }],
          ['DELETE', `/Users/${userId}`, undefined],
          ['POST', '/Groups', { displayName: 'new' }],
        ] as const) {
          expectScimError(await request(server, method, `/scim/v2${path}`, { body, token: 'rc_scim_wrong' }), 401);
          expectScimError(await request(server, method, `/scim/v2${path}`, { body }), 401);
        }
      });
    });
  });

  describe('bodies', () => {
    const post = (body: string | undefined, headers: Record<string, string> = {}) =>
      tenant.scim('POST', '/Users', body, headers);
    const nested = (depth: number) => `{"userName":"deep","x":${'['.repeat(depth)}${']'.repeat(depth)}}`;

    it('R-133 must be JSON objects', async () => {
      await nothingHappens(async () => {
        for (const body of [
          '{',
          'userName=x',
          '[]',
          '[{"userName":"x"}]',
          '"text"',
          'null',
          '7',
          '{"userName":"x"} x',
        ]) {
          expectScimError(await post(body), 400, 'invalidSyntax');
        }
        expectScimError(await post(undefined), 400, 'invalidSyntax');
        expectScimError(await post(''), 400, 'invalidSyntax');
      });
    });

    it('R-001 must be UTF-8; a byte order mark is forgiven', async () => {
      const send = (bytes: Buffer) =>
        fetch(`${server.url}/scim/v2/Users`, {
          method: 'POST',
          headers: { authorization: `Bearer ${tenant.token}`, 'content-type': 'application/json' },
          body: new Uint8Array(bytes),
        });
      await nothingHappens(async () => {
        expect((await send(Buffer.from('{"userName":"m\xfcller"}', 'latin1'))).status).toBe(400);
      });
      expect((await send(Buffer.from('\ufeff{"userName":"müller"}'))).status).toBe(201);
    });

    it('R-202 must not be nested deeper than 32 levels', async () => {
      expect((await post(nested(31))).status).toBe(201);
      await nothingHappens(async () => {
        expectScimError(await post(nested(32)), 400, 'invalidSyntax');
        expectScimError(await post('['.repeat(15_000)), 400, 'invalidSyntax');
      });
    });

    it('R-202, R-003 must not be larger than the limit, which the answer names', async () => {
      await nothingHappens(async () => {
        const reply = await post(JSON.stringify({ userName: 'x', displayName: 'x'.repeat(20_000) }));
        expectScimError(reply, 413);
        expect(reply.json['detail']).toContain('20000 bytes');
        const chunked = await fetch(`${server.url}/scim/v2/Users`, {
          method: 'POST',
          headers: { authorization: `Bearer ${tenant.token}`, 'content-type': 'application/json' },
          body: new Blob(['x'.repeat(30_000)]).stream(),
          duplex: 'half',
        } as RequestInit);
        expect([chunked.status, await chunked.text()]).toEqual([413, expect.stringContaining('20000 bytes')]);
      });
    });

    it('R-001 come as SCIM or plain JSON with any parameter, and as nothing else', async () => {
      const types = [
        'application/scim+json; charset=utf-8',
        'application/json',
        'Application/JSON;charset="utf-8";x=y',
      ];
      for (const [index, type] of types.entries()) {
        expect((await post(`{"userName":"type${index}"}`, { 'content-type': type })).status).toBe(201);
      }
      await nothingHappens(async () => {
        for (const type of [
          'text/plain',
          'application/x-www-form-urlencoded',
          'multipart/form-data; boundary=x',
          'json',
          ';',
        ]) {
          expectScimError(await post('{"userName":"x"}', { 'content-type': type }), 415);
        }
      });
    });

    it('need no content type where there is no body', async () => {
      const headers = { 'content-type': 'text/html' };
      expect((await tenant.scim('GET', '/Users', undefined, headers)).status).toBe(200);
      expect((await tenant.scim('DELETE', `/Users/${userId}`, undefined, headers)).status).toBe(204);
    });

    it('R-202 may have the keys of every object in JavaScript, which mean nothing', async () => {
      const reply = await post(
        '{"userName":"proto","__proto__":{"active":false,"displayName":"x"},"constructor":{"prototype":{"y":1}},"name":{"__proto__":{"familyName":"z"}},"toString":"s"}',
      );
      expect(reply.status).toBe(201);
      expect(reply.json).toMatchObject({ userName: 'proto', active: true });
      expect(Object.keys(reply.json).sort()).toEqual(['active', 'id', 'meta', 'schemas', 'userName']);
      expect(({} as Record<string, unknown>)['displayName']).toBeUndefined();
    });

    const wrong: [what: string, body: object, scimType: string][] = [
      ['no userName', {}, 'invalidValue'],
      ['an empty userName', { userName: '' }, 'invalidValue'],
      ['a blank userName', { userName: '  ' }, 'invalidValue'],
      ['null as userName', { userName: null }, 'invalidValue'],
      ['a number as userName', { userName: 7 }, 'invalidValue'],
      ['an object as userName', { userName: { value: 'x' } }, 'invalidValue'],
      ['a text as active', { userName: 'x', active: 'perhaps' }, 'invalidValue'],
      ['a number as active', { userName: 'x', active: 1 }, 'invalidValue'],
      ['a text as name', { userName: 'x', name: 'Barbara' }, 'invalidValue'],
      ['a number as e-mail', { userName: 'x', emails: [{ value: 7 }] }, 'invalidValue'],
      [
        'two primary e-mails',
        {
          userName: 'x',
          emails: [
            { value: 'a', primary: true },
            { value: 'b', primary: true },
          ],
        },
        'invalidValue',
      ],
      ['U+0000', { userName: 'a\0b' }, 'invalidValue'],
      ['half a surrogate pair', { userName: 'x', displayName: '\ud800' }, 'invalidValue'],
    ];
    it.each(wrong)('with %s are refused', async (_what, body, scimType) => {
      await nothingHappens(async () => {
        expectScimError(await tenant.scim('POST', '/Users', body), 400, scimType);
        expectScimError(await tenant.scim('PUT', `/Users/${userId}`, body), 400, scimType);
      });
    });

    const wrongPatches: [what: string, body: object, scimType: string][] = [
      ['no Operations', {}, 'invalidSyntax'],
      ['a text as Operations', { Operations: 'x' }, 'invalidSyntax'],
      ['an operation that is none', { Operations: [7] }, 'invalidSyntax'],
      ['an unknown op', { Operations: [{ op: 'move', path: 'title', value: 'x' }] }, 'invalidSyntax'],
      ['no op', { Operations: [{ path: 'title', value: 'x' }] }, 'invalidSyntax'],
      ['remove without path', { Operations: [{ op: 'remove' }] }, 'noTarget'],
      ['a path that is none', { Operations: [{ op: 'replace', path: 'emails[', value: 'x' }] }, 'invalidPath'],
      ['an unknown path', { Operations: [{ op: 'replace', path: 'shoeSize', value: 'x' }] }, 'invalidPath'],
      ['__proto__ as path', { Operations: [{ op: 'add', path: '__proto__.x', value: 'x' }] }, 'invalidPath'],
      ['a readOnly path', { Operations: [{ op: 'replace', path: 'id', value: 'x' }] }, 'mutability'],
      ['groups as path', { Operations: [{ op: 'add', path: 'groups', value: [{ value: 'x' }] }] }, 'mutability'],
      ['removal of userName', { Operations: [{ op: 'remove', path: 'userName' }] }, 'mutability'],
      ['an empty userName', { Operations: [{ op: 'replace', path: 'userName', value: '' }] }, 'invalidValue'],
      ['a wrong type', { Operations: [{ op: 'replace', path: 'active', value: 'perhaps' }] }, 'invalidValue'],
      ['U+0000', { Operations: [{ op: 'replace', path: 'title', value: 'a\0' }] }, 'invalidValue'],
    ];
    it.each(wrongPatches)('of a PATCH with %s are refused', async (_what, body, scimType) => {
      await nothingHappens(async () => {
        expectScimError(await tenant.scim('PATCH', `/Users/${userId}`, body), 400, scimType);
      });
    });

    it('of groups are refused likewise', async () => {
      await nothingHappens(async () => {
        for (const body of [
          {},
          { displayName: '' },
          { displayName: 7 },
          { displayName: 'x', members: [{ display: 'x' }] },
        ]) {
          expectScimError(await tenant.scim('POST', '/Groups', body), 400, 'invalidValue');
        }
      });
    });
  });

  describe('queries', () => {
    const wrong: [query: string, scimType: string][] = [
      ['filter=userName', 'invalidFilter'],
      ['filter=userName eq', 'invalidFilter'],
      ['filter=eq "x"', 'invalidFilter'],
      ['filter=userName regex "x"', 'invalidFilter'],
      ['filter=(userName eq "x"', 'invalidFilter'],
      ['filter=userName eq "x', 'invalidFilter'],
      ['filter=active gt true', 'invalidFilter'],
      ['filter=x509Certificates.value lt "x"', 'invalidFilter'],
      ['filter=password eq "x"', 'invalidFilter'],
      ['filter=shoeSize eq 7', 'invalidFilter'],
      ['filter=meta.created gt "yesterday"', 'invalidFilter'],
      ['filter=meta eq "W/"', 'invalidFilter'],
      ['count=ten', 'invalidValue'],
      ['startIndex=1.5', 'invalidValue'],
      ['sortBy=shoeSize', 'invalidValue'],
      ['sortBy=name', 'invalidValue'],
      ['sortBy=password', 'invalidValue'],
      ['sortBy=addresses', 'invalidValue'],
      ['sortBy=meta', 'invalidValue'],
      ['sortBy=members', 'invalidValue'],
      ['sortBy=userName&sortOrder=up', 'invalidValue'],
      ['attributes=userName&excludedAttributes=name', 'invalidValue'],
    ];
    it.each(wrong)('%s', async (query, scimType) => {
      expectScimError(await tenant.scim('GET', `/Users?${query}`), 400, scimType);
    });
  });

  it('R-080 refuses filters that are too deep or too long to be meant', async () => {
    const deep = `${'not ('.repeat(500)}userName pr${')'.repeat(500)}`;
    const long = Array.from({ length: 300 }, () => 'title pr').join(' or ');
    for (const filter of [deep, long]) {
      expectScimError(await tenant.scim('GET', `/Users?filter=${encodeURIComponent(filter)}`), 400, 'invalidFilter');
    }
  });

  describe('addresses and methods', () => {
    it('R-005, R-122 answers 404 to what is nowhere, in SCIM form', async () => {
      for (const path of [
        '/scim',
        '/scim/',
        '/scim/v2',
        '/scim/v2/',
        '/scim/v2/Nothing',
        '/scim/v2/users',
        '/scim/v2/Users/x/y',
        '/scim/v1/Users',
        '/scim/v3',
        '/scim/Users',
        '/scim/v2/Schemas/urn:x',
        '/scim/v2/ResourceTypes/Device',
      ]) {
        expectScimError(await request(server, 'GET', path, { token: tenant.token }), 404);
      }
      expectScimError(await request(server, 'PUT', '/scim/v2/Nothing', { body: {}, token: tenant.token }), 404);
    });

    it('R-008, R-186 answers 405 with the methods there are', async () => {
      for (const [method, path, allow] of [
        ['PUT', '/Users', 'GET, HEAD, POST'],
        ['DELETE', '/Groups', 'GET, HEAD, POST'],
        ['POST', `/Users/${userId}`, 'GET, HEAD, PUT, PATCH, DELETE'],
        ['OPTIONS', '/Users', 'GET, HEAD, POST'],
        ['POST', '/ServiceProviderConfig', 'GET, HEAD'],
        ['DELETE', '/Schemas', 'GET, HEAD'],
        ['PATCH', '/Schemas/urn:ietf:params:scim:schemas:core:2.0:User', 'GET, HEAD'],
        ['PUT', '/ResourceTypes/User', 'GET, HEAD'],
        ['GET', '/Bulk', 'POST'],
        ['PUT', '/Bulk', 'POST'],
      ] as const) {
        const body = ['PUT', 'POST', 'PATCH'].includes(method) ? {} : undefined;
        const reply = await tenant.scim(method, path, body);
        expectScimError(reply, 405);
        expect(reply.headers.get('allow')).toBe(allow);
      }
    });

    it('R-008, R-170 answers 501 to what the standard has and this server does not offer', async () => {
      expectScimError(await tenant.scim('GET', '/Me'), 501);
      expectScimError(await tenant.scim('PATCH', '/Me', { Operations: [] }), 501);
    });

    it('answers HEAD like GET, without the body', async () => {
      for (const [path, status] of [
        ['/Users', 200],
        [`/Users/${userId}`, 200],
        ['/Users/x', 404],
        ['/Nothing', 404],
      ] as const) {
        const reply = await tenant.scim('HEAD', path);
        expect([reply.status, reply.body, reply.headers.get('content-type')]).toEqual([
          status,
          '',
          'application/scim+json; charset=utf-8',
        ]);
      }
    });

    /** As bytes, because every HTTP client corrects what it sends. */
    async function raw(target: string, method = 'GET'): Promise<{ status: number; body: string }> {
      const { hostname, port } = new URL(server.url);
      const answer = await new Promise<string>((resolve, reject) => {
        const socket = net.connect(Number(port), hostname);
        let text = '';
        socket.on('data', (chunk) => (text += chunk.toString()));
        socket.on('close', () => resolve(text));
        socket.on('error', reject);
        socket.write(
          `${method} ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer ${tenant.token}\r\n\r\n`,
        );
      });
      return { status: Number(answer.slice(9, 12)), body: answer.slice(answer.indexOf('\r\n\r\n') + 4) };
    }

    it('answers 400 to an address with a broken escape', async () => {
      const { status, body } = await raw('/scim/v2/Users/%zz');
      expect(status).toBe(400);
      expect(JSON.parse(body)).toMatchObject({ schemas: [ERROR], status: '400' });
    });

    it('R-004 understands the addresses that clients really send', async () => {
      await tenant.scim('POST', '/Users', { userName: 'a b@example.com' });
      for (const target of [
        '/scim/v2/Users?',
        '/scim/v2/Users/?',
        '/scim/v2/Users?&',
        '//scim//v2//Users//',
        '/scim/v2/Users?aadOptscim062020',
        '/scim/v2/Users?aadOptscim062020&filter=&count=&unknown=%22',
        '/scim/v2/Users?STARTINDEX=1&Count=100',
      ]) {
        const { status, body } = await raw(target);
        expect([target, status, (JSON.parse(body) as { totalResults: number }).totalResults]).toEqual([target, 200, 2]);
      }
      for (const target of [
        '/scim/v2/Users?filter=userName+eq+"a+b%40example.com"',
        '/scim/v2/Users?filter=userName%20EQ%20%22A%20b@example.com%22&',
        '/scim/v2/Users?filter=UserName++eq++"A+B@EXAMPLE.COM"',
      ]) {
        const { status, body } = await raw(target);
        expect([target, status, (JSON.parse(body) as { totalResults: number }).totalResults]).toEqual([target, 200, 1]);
      }
    });
  });
});
