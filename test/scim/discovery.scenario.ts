import { startTestServer, type TestServer } from '../support/app.js';
import { createTenant, request, type JsonObject, type Tenant } from '../support/scenario.js';

const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';

describe('discovery', () => {
  let server: TestServer;
  let tenant: Tenant;

  beforeAll(async () => {
    server = await startTestServer({ PUBLIC_URL: 'https://sso.example.com/base/' });
    // The address it listens on is another than the one it is known by.
    server = { ...server, url: await server.app.getUrl() };
    tenant = await createTenant(server);
  });
  afterAll(() => server.close());

  const at = 'https://sso.example.com/base/scim/v2';
  const get = async (path: string) => {
    const reply = await tenant.scim('GET', path);
    expect([path, reply.status, reply.headers.get('content-type')]).toEqual([
      path,
      200,
      'application/scim+json; charset=utf-8',
    ]);
    expect(reply.body).not.toContain('null');
    return reply.json;
  };

  it('R-180, R-141, C-08, C-10 ServiceProviderConfig says what is there and what is not', async () => {
    expect(await get('/ServiceProviderConfig')).toEqual({
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
      patch: { supported: true },
      bulk: { supported: true, maxOperations: 1000, maxPayloadSize: 8_388_608 },
      filter: { supported: true, maxResults: 1000 },
      changePassword: { supported: false },
      sort: { supported: true },
      etag: { supported: true },
      pagination: {
        cursor: true,
        index: true,
        defaultPaginationMethod: 'index',
        defaultPageSize: 100,
        maxPageSize: 1000,
        cursorTimeout: 86400,
      },
      authenticationSchemes: [
        {
          type: 'oauthbearertoken',
          name: 'Bearer token',
          description: 'A token that an operator of the service issues for one connection.',
          specUri: 'https://www.rfc-editor.org/rfc/rfc6750',
          primary: true,
        },
        {
          type: 'oauth2',
          name: 'OAuth 2.0 client credentials',
          description:
            'Access tokens of scope scim for a client that an operator of the service makes for one connection.',
          specUri: 'https://www.rfc-editor.org/rfc/rfc6749#section-4.4',
        },
      ],
      meta: { resourceType: 'ServiceProviderConfig', location: `${at}/ServiceProviderConfig` },
    });
  });

  it('R-180 ServiceProviderConfig is open to strangers, but not to a wrong token; the rest asks for a token', async () => {
    const status = async (path: string, token?: string) =>
      (await request(server, 'GET', `/scim/v2${path}`, { token })).status;
    expect(await status('/ServiceProviderConfig')).toBe(200);
    expect(await status('/ServiceProviderConfig', 'wrong')).toBe(401);
    expect([await status('/Schemas'), await status('/ResourceTypes')]).toEqual([401, 401]);
  });

  it('R-101, R-082 maxResults is what a page holds at most', async () => {
    const { organizationId, id } = tenant.connection;
    await server.sql(
      `INSERT INTO users (organization_id, id, connection_id, provenance, active, user_name, user_name_key, email_keys, attributes, role, created_at, updated_at)
       SELECT $1, gen_random_uuid(), $2, 'scim', true, n::text, n::text, '{}', '{}', 'member', now(), now() FROM generate_series(1, 1005) n`,
      [organizationId, id],
    );
    expect(await get('/Users?count=5000&attributes=id')).toMatchObject({ totalResults: 1005, itemsPerPage: 1000 });
    expect(await get('/Users?startIndex=1001&count=5000&attributes=id')).toMatchObject({
      totalResults: 1005,
      itemsPerPage: 5,
    });
  });

  it('R-181, R-184, R-187 ResourceTypes and Schemas list the same documents that stand alone', async () => {
    for (const [path, ids] of [
      ['/ResourceTypes', ['User', 'Group']],
      ['/Schemas', [USER, ENTERPRISE, GROUP]],
    ] as const) {
      const listed = (await get(path)) as { totalResults: number; Resources: JsonObject[] };
      expect(listed.Resources.map(({ id }) => id)).toEqual(ids);
      expect(listed.totalResults).toBe(ids.length);
      for (const resource of listed.Resources) {
        const id = resource['id'] as string;
        expect(await get(`${path}/${id}`)).toEqual(resource);
        expect(await get(`${path}/${encodeURIComponent(id)}`)).toEqual(resource);
        expect(resource['meta']).toMatchObject({ location: `${at}${path}/${id}` });
      }
    }
    expect(await get('/ResourceTypes/User')).toMatchObject({
      endpoint: '/Users',
      schema: USER,
      schemaExtensions: [{ schema: ENTERPRISE, required: false }],
    });
  });

  it('R-185, R-037 the name of a group is unique to those connections for which it is', async () => {
    const uniqueness = async (of: Tenant) => {
      const schema = (await of.scim<{ attributes: JsonObject[] }>('GET', `/Schemas/${GROUP}`)).json;
      return schema.attributes.find(({ name }) => name === 'displayName')!['uniqueness'];
    };
    const found = async (of: Tenant) => {
      const statuses = [];
      for (const displayName of ['Twice', 'twice'])
        statuses.push((await of.scim('POST', '/Groups', { displayName })).status);
      return [await uniqueness(of), ...statuses];
    };
    for (const dialect of ['tolerant', 'strict'] as const) {
      const shared = await createTenant(server, { provisioning: { duplicateGroupNames: true, dialect } });
      expect(await uniqueness(shared)).toBe('none');
    }
    expect(await found(await createTenant(server))).toEqual(['server', 201, 409]);
    expect(await found(await createTenant(server, { provisioning: { duplicateGroupNames: true } }))).toEqual([
      'none',
      201,
      201,
    ]);
  });

  it('R-182 ignores other parameters and refuses filters', async () => {
    expect(await get('/Schemas?attributes=id&count=1')).toMatchObject({ totalResults: 3 });
    for (const path of [
      '/ServiceProviderConfig',
      '/ResourceTypes',
      '/ResourceTypes/User',
      '/Schemas',
      `/Schemas/${USER}`,
    ]) {
      const reply = await tenant.scim('GET', `${path}?Filter=id pr`);
      expect([reply.status, reply.json['status']]).toEqual([403, '403']);
    }
  });

  it('R-009 addresses of resources are the public ones, wherever the request came in', async () => {
    const reply = await tenant.scim<{ id: string; meta: { location: string } }>('POST', '/Users', { userName: 'x' });
    expect(reply.headers.get('location')).toBe(`${at}/Users/${reply.json.id}`);
    expect(reply.json.meta.location).toBe(`${at}/Users/${reply.json.id}`);
  });
});
