import { startTestServer, type TestServer } from '../support/app.js';
import { createTenant, request, type JsonObject, type Reply, type Tenant } from '../support/scenario.js';
import { expectNoEffects, sideEffects } from '../support/side-effects.js';

/** What holds for every request of the SCIM door, whatever it is about: media types, methods, error bodies, addresses. */

const ERROR = 'urn:ietf:params:scim:api:messages:2.0:Error';
const SCIM = 'application/scim+json; charset=utf-8';
const JSON_TYPE = 'application/json; charset=utf-8';
const NOBODY = '0199a4ff-0000-7000-8000-000000000000';

let server: TestServer;
let tenant: Tenant;
let userId: string;
let groupId: string;

beforeAll(async () => {
  server = await startTestServer({ SCIM_BODY_LIMIT_BYTES: '20000' });
  tenant = await createTenant(server);
  const user = await tenant.scim<{ id: string }>('POST', '/Users', {
    userName: 'ada@example.com',
    'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User': { manager: { value: NOBODY } },
  });
  userId = user.json.id;
  const group = await tenant.scim<{ id: string }>('POST', '/Groups', {
    displayName: 'Sales',
    members: [{ value: userId }],
  });
  groupId = group.json.id;
});
afterAll(() => server.close());

describe('the Accept header', () => {
  it.each<[accept: string, type: string]>([
    ['application/scim+json', SCIM],
    ['application/json', JSON_TYPE],
    ['APPLICATION/JSON; charset=utf-8', JSON_TYPE],
    ['*/*', SCIM],
    ['', SCIM],
    ['application/*', SCIM],
    ['application/json, text/plain, */*', SCIM],
    ['application/json, application/scim+json', SCIM],
    ['application/json;q=0.9, application/scim+json;q=0.5', JSON_TYPE],
    ['application/scim+json;q=0, */*', JSON_TYPE],
    ['text/html, image/gif, *; q=.2, */*; q=.2', SCIM],
    ['application/json;q=high', JSON_TYPE],
  ])('R-001 "%s" is answered with %s', async (accept, type) => {
    for (const [method, path, body] of [
      ['GET', `/Users/${userId}`, undefined],
      ['GET', '/Users', undefined],
      ['POST', '/Users', { userName: '' }],
      ['GET', '/Nothing', undefined],
      ['PATCH', `/Users/${userId}`, { Operations: [] }],
      ['GET', '/Schemas', undefined],
    ] as const) {
      const reply = await tenant.scim(method, path, body, { accept });
      expect([method, path, reply.headers.get('content-type')]).toEqual([method, path, type]);
    }
  });

  it('R-001 that takes no JSON gets SCIM JSON from a tolerant connection: many libraries send it without meaning it', async () => {
    for (const accept of ['text/html', 'application/xml', 'application/json;q=0', 'text/*, image/png', ';', ',,']) {
      const reply = await tenant.scim('GET', '/Users', undefined, { accept });
      expect([accept, reply.status, reply.headers.get('content-type')]).toEqual([accept, 200, SCIM]);
    }
  });
});

/** The body of RFC 7644 section 3.12, with nothing of the inside of the server in it. */
function expectError(reply: Reply, status: number, scimType?: string): void {
  expect([reply.status, reply.headers.get('content-type')]).toEqual([status, SCIM]);
  expect(reply.json).toEqual({
    schemas: [ERROR],
    status: String(status),
    ...(scimType === undefined ? {} : { scimType }),
    detail: expect.stringMatching(/^\S.{9,}$/s) as string,
  });
  expect(reply.body).not.toMatch(/node_modules|SELECT|INSERT|\.ts:|\.js:/);
}

describe('errors', () => {
  const failing: [status: number, scimType: string | undefined, ask: () => Promise<Reply>][] = [
    [400, 'invalidFilter', () => tenant.scim('GET', '/Users?filter=x')],
    [400, 'invalidSyntax', () => tenant.scim('POST', '/Users', '{')],
    [400, 'invalidValue', () => tenant.scim('POST', '/Users', {})],
    [400, 'invalidPath', () => patch({ op: 'add', path: 'x[', value: 1 })],
    [400, 'noTarget', () => patch({ op: 'remove' })],
    [400, 'mutability', () => patch({ op: 'replace', path: 'id', value: 'x' })],
    [401, undefined, () => request(server, 'GET', '/scim/v2/Users', { token: 'wrong' })],
    [403, undefined, () => tenant.scim('GET', '/Schemas?filter=id%20pr')],
    [404, undefined, () => tenant.scim('GET', `/Users/${NOBODY}`)],
    [404, undefined, () => tenant.scim('GET', '/Nothing')],
    [405, undefined, () => tenant.scim('DELETE', '/Users')],
    [409, 'uniqueness', () => tenant.scim('POST', '/Users', { userName: 'ADA@example.com' })],
    [412, undefined, () => tenant.scim('DELETE', `/Users/${userId}`, undefined, { 'if-match': 'W/"77"' })],
    [413, undefined, () => tenant.scim('POST', '/Users', { userName: 'x'.repeat(30_000) })],
    [415, undefined, () => tenant.scim('POST', '/Users', '<user/>', { 'content-type': 'application/xml' })],
    [501, undefined, () => tenant.scim('GET', '/Me')],
  ];
  const patch = (operation: JsonObject) => tenant.scim('PATCH', `/Users/${userId}`, { Operations: [operation] });

  it.each(failing)('R-002, R-003 %s %s has the body of a SCIM error, and nothing is done', async (...row) => {
    const [status, scimType, ask] = row;
    const effects = await sideEffects(server, async () => expectError(await ask(), status, scimType));
    expectNoEffects(effects);
  });
});

describe('methods', () => {
  const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;
  const ALLOWED: Readonly<Record<string, readonly string[]>> = {
    '/Users': ['GET', 'HEAD', 'POST'],
    '/Groups': ['GET', 'HEAD', 'POST'],
    [`/Users/${NOBODY}`]: ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE'],
    [`/Groups/${NOBODY}`]: ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE'],
    '/.search': ['POST'],
    '/Users/.search': ['POST'],
    '/Groups/.search': ['POST'],
    '/ServiceProviderConfig': ['GET', 'HEAD'],
    '/ResourceTypes': ['GET', 'HEAD'],
    '/ResourceTypes/User': ['GET', 'HEAD'],
    '/Schemas': ['GET', 'HEAD'],
    '/Schemas/urn:ietf:params:scim:schemas:core:2.0:User': ['GET', 'HEAD'],
  };
  const bodyOf = (method: string) => (['POST', 'PUT', 'PATCH'].includes(method) ? {} : undefined);

  it.each(Object.entries(ALLOWED))('R-008, R-186 %s takes %j, and answers 405 to the others', async (path, allowed) => {
    const effects = await sideEffects(server, async () => {
      for (const method of METHODS) {
        const reply = await tenant.scim(method, path, bodyOf(method));
        expect([method, reply.status === 405]).toEqual([method, !allowed.includes(method)]);
        if (reply.status === 405) expect(reply.headers.get('allow')?.split(', ')).toEqual(allowed);
      }
    });
    expectNoEffects(effects);
  });

  it('R-170 /Me is 501 with every method, with a token and without, and says why', async () => {
    for (const method of METHODS) {
      for (const path of ['/Me', '/Me/', '/Me/emails', '/Me?attributes=userName']) {
        const reply = await tenant.scim(method, path, bodyOf(method));
        expect([method, path, reply.status]).toEqual([method, path, 501]);
        if (method !== 'HEAD') expectError(reply, 501);
      }
    }
    expectError(await request(server, 'GET', '/scim/v2/Me'), 501);
  });
});

describe('addresses', () => {
  it('R-009, R-031 of every resource that names one lead to it, whatever Host the client wrote', async () => {
    const found = new Set<string>();
    for (const path of [
      '/Users',
      '/Groups',
      '/Schemas',
      '/ResourceTypes',
      '/ServiceProviderConfig',
      `/Users/${userId}`,
    ]) {
      const reply = await tenant.scim('GET', path, undefined, { 'x-forwarded-host': 'evil.example' });
      for (const [, address] of reply.body.matchAll(/"(?:location|\$ref)":"([^"]+)"/g)) found.add(address!);
    }
    // The user, the manager nobody knows, the group, three schemas, two resource types, the configuration.
    expect(found.size).toBe(9);
    for (const address of found) {
      expect(address.startsWith(`${server.url}/scim/v2/`)).toBe(true);
      const reply = await tenant.scim('GET', address.slice(`${server.url}/scim/v2`.length));
      expect([address, reply.status]).toEqual([address, address.endsWith(NOBODY) ? 404 : 200]);
    }
    expect([...found].some((address) => address.endsWith(groupId))).toBe(true);
  });

  it.each(['/scim/v1/Users', '/scim/v3/Users', '/scim/v22/Users', '/scim/v2.0/Users', '/scim/V2/Users', '/scim/Users'])(
    'R-005 %s is no version that answers',
    async (path) => {
      expectError(await request(server, 'GET', path, { token: tenant.token }), 404);
    },
  );

  it('R-004 parameters that nobody knows change nothing, on reads and on writes', async () => {
    const plain = await tenant.scim('GET', `/Users/${userId}`);
    const odd = '?api-version=2&aadOptscim062020&x[]=1&__proto__=1&constructor=2';
    expect((await tenant.scim('GET', `/Users/${userId}${odd}`)).json).toEqual(plain.json);
    expect((await tenant.scim('PATCH', `/Users/${userId}${odd}`, { Operations: [] })).json).toEqual(plain.json);
    expect((await tenant.scim('POST', `/Users${odd}`, { userName: 'odd' })).status).toBe(201);
  });
});
