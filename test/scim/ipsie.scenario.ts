import { AdminTokensService } from '../../src/organizations/admin-tokens.service.js';
import { startTestServer, type TestServer } from '../support/app.js';
import { askToken, byAssertion, claimsOf, createClient, makeKey, sign, toJwks } from '../support/oauth-client.js';
import { createScimToken, request, TEST_OPERATOR } from '../support/scenario.js';
import type { JsonObject, Reply, Tenant } from '../support/scenario.js';
import { createSamlTenant, lastRecord, TestBrowser, type SamlTenant } from '../support/saml-sign-in.js';
import { expectNoEffects, sideEffects } from '../support/side-effects.js';

const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const PATCH_OP = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

interface Found {
  readonly totalResults: number;
  readonly itemsPerPage: number;
  readonly Resources: readonly JsonObject[];
}

/**
 * What the IPSIE AL profile and the interoperability profile ask, of a strict connection. That a tolerant one takes what is refused here
 * is in dialects.scenario.ts. docs/ipsie-conformance.md is made of the titles.
 */
let server: TestServer;
let operator: string;
let tenant: Tenant & SamlTenant;

beforeAll(async () => {
  server = await startTestServer();
  operator = (await server.app.get(AdminTokensService).create('test', null, TEST_OPERATOR)).token;
});
afterAll(() => server.close());
beforeEach(async () => {
  const saml = await createSamlTenant(server, {}, { scim: true, provisioning: { dialect: 'strict' } });
  const token = await createScimToken(server, saml.connection);
  tenant = {
    ...saml,
    token,
    scim: (method, path, body, headers) => request(server, method, `/scim/v2${path}`, { token, body, headers }),
  };
});

const user = (more: JsonObject = {}): JsonObject => ({ schemas: [USER], userName: 'ada@example.com', ...more });
const addUser = async (more: JsonObject = {}): Promise<string> => idOf(await tenant.scim('POST', '/Users', user(more)));
const addGroup = async (more: JsonObject = {}): Promise<string> =>
  idOf(await tenant.scim('POST', '/Groups', { schemas: [GROUP], displayName: 'Sales', ...more }));
const patch = (path: string, ...Operations: JsonObject[]) =>
  tenant.scim('PATCH', path, { schemas: [PATCH_OP], Operations });
const find = async (path: string, filter: string, more = '') =>
  (await tenant.scim<Found>('GET', `${path}?filter=${encodeURIComponent(filter)}${more}`)).json;
const admin = (method: string, path: string, body?: unknown) =>
  request(server, method, `/admin/v1/organizations/${tenant.organization.id}${path}`, { token: operator, body });

function idOf(reply: Reply): string {
  expect([reply.status, reply.body]).toEqual([201, expect.any(String)]);
  return reply.json['id'] as string;
}
function expectRefusal(reply: Reply, status: number, scimType?: string): void {
  expect([reply.status, reply.json['scimType']]).toEqual([status, scimType]);
}

describe('IPSIE 4: how client and server speak', () => {
  it('IPSIE-101 a client finds the token endpoint, signs an assertion, and gets a token for SCIM and nothing else', async () => {
    const metadata = (await request(server, 'GET', '/.well-known/oauth-authorization-server')).json;
    expect(metadata).toMatchObject({
      token_endpoint: `${server.url}/oauth/token`,
      grant_types_supported: ['client_credentials'],
      scopes_supported: ['scim'],
      token_endpoint_auth_methods_supported: expect.arrayContaining(['private_key_jwt']) as string[],
    });
    const key = await makeKey('ES256');
    const { clientId } = await createClient(server, tenant.connection, { jwks: toJwks(key) });
    const ask = async () => askToken(server, byAssertion(await sign(key, claimsOf(server, clientId))));
    const { json } = await ask();
    expect(json).toMatchObject({ token_type: 'Bearer', scope: 'scim' });
    const token = String(json['access_token']);
    expect((await request(server, 'GET', '/scim/v2/ServiceProviderConfig', { token })).json).toMatchObject({
      interopProfileConformant: true,
    });
    expect((await request(server, 'GET', '/scim/v2/Users', { token })).status).toBe(200);
    expect((await request(server, 'GET', '/admin/v1/organizations', { token })).status).toBe(401);
  });

  it('IPSIE-106 Bulk does what the single requests do, and refuses what they refuse', async () => {
    const operation = (bulkId: string, data: JsonObject) => ({ method: 'POST', path: '/Users', bulkId, data });
    const { status, json } = await tenant.scim<{ Operations: { status: string; response?: JsonObject }[] }>(
      'POST',
      '/Bulk',
      {
        schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
        Operations: [
          operation('ada', user()),
          operation('bad', user({ userName: 'bad', shoeSize: 42 })),
          {
            method: 'POST',
            path: '/Groups',
            bulkId: 'sales',
            data: { schemas: [GROUP], displayName: 'Sales', members: [{ value: 'bulkId:ada' }] },
          },
          {
            method: 'PATCH',
            path: '/Users/bulkId:ada',
            data: { schemas: [PATCH_OP], Operations: [{ op: 'Replace', path: 'title', value: 'x' }] },
          },
        ],
      },
    );
    expect([status, json.Operations.map((each) => [each.status, each.response?.['scimType']])]).toEqual([
      200,
      [
        ['201', undefined],
        ['400', 'invalidSyntax'],
        ['201', undefined],
        ['400', 'invalidSyntax'],
      ],
    ]);
    const [ada] = (await find('/Users', 'userName eq "ada@example.com"')).Resources;
    expect(await find('/Groups', 'displayName eq "Sales"')).toMatchObject({
      Resources: [{ members: [{ value: ada!['id'] }] }],
    });
    expect((await tenant.scim('GET', '/ServiceProviderConfig')).json['bulk']).toMatchObject({ supported: true });
    expectRefusal(await tenant.scim('POST', '/Bulk', { Operations: [] }), 400, 'invalidSyntax');
  });

  it('IPSIE-103 an operator cannot create, change or deactivate by hand what SCIM manages', async () => {
    const id = await addUser({ displayName: 'Ada' });
    const group = await addGroup();
    const effects = await sideEffects(server, async () => {
      for (const [method, path, body] of [
        ['POST', '/users', { userName: 'ada@example.com' }],
        ['PATCH', `/users/${id}`, { active: false }],
        ['PATCH', `/groups/${group}`, { displayName: 'X' }],
        ['POST', `/groups/${group}/members`, { userIds: [id] }],
        ['POST', `/groups/${group}/members/remove`, { userIds: [id] }],
        ['DELETE', `/groups/${group}`, undefined],
      ] as const) {
        expect([path, (await admin(method, path, body)).status]).toEqual([path, 409]);
      }
      // Nor is there an operation that deletes people.
      expect((await admin('DELETE', `/users/${id}`)).status).toBe(404);
    });
    expectNoEffects(effects);
  });

  it('IPSIE-105 no connection can be set to serve fewer than 25 requests a second', async () => {
    const path = `/connections/${tenant.connection.id}`;
    const limit = (requestsPerSecond: number) => admin('PATCH', path, { provisioning: { requestsPerSecond } });
    expect([(await limit(24)).status, (await limit(25)).status]).toEqual([422, 200]);
    await expect(startTestServer({ SCIM_REQUESTS_PER_SECOND: '24' })).rejects.toThrow('SCIM_REQUESTS_PER_SECOND');
    const replies = await Promise.all(Array.from({ length: 25 }, () => tenant.scim('GET', '/Users?count=0')));
    expect(replies.map(({ status }) => status)).toEqual(Array.from({ length: 25 }, () => 200));
  });

  it('IPSIE-107 one PATCH changes several attributes, or none of them', async () => {
    const id = await addUser();
    const title = { op: 'replace', path: 'title', value: 'Countess' };
    const name = { op: 'add', path: 'name.givenName', value: 'Ada' };
    const department = { op: 'add', path: `${ENTERPRISE}:department`, value: 'Engines' };
    const wrong = { op: 'replace', path: 'active', value: 'maybe' };
    expectNoEffects(
      await sideEffects(server, async () =>
        expectRefusal(await patch(`/Users/${id}`, title, name, wrong), 400, 'invalidValue'),
      ),
    );
    expect((await patch(`/Users/${id}`, title, name, department)).json).toMatchObject({
      title: 'Countess',
      name: { givenName: 'Ada' },
      [ENTERPRISE]: { department: 'Engines' },
    });
  });
});

describe('IPSIE 5: the life of a person', () => {
  it('IPSIE-108 PATCH deactivates and reactivates; a deactivated person stays readable and can be found', async () => {
    const id = await addUser();
    for (const active of [false, true]) {
      const reply = await patch(`/Users/${id}`, { op: 'replace', path: 'active', value: active });
      expect([reply.status, reply.json['active']]).toEqual([200, active]);
      expect((await tenant.scim('GET', `/Users/${id}`)).json['active']).toBe(active);
      expect(await find('/Users', 'userName eq "ada@example.com"')).toMatchObject({ Resources: [{ id, active }] });
    }
  });

  it('IPSIE-109 deactivation ends the sessions with the next request, and refuses to sign in', async () => {
    const id = await addUser({ emails: [{ type: 'work', value: 'ada@example.com', primary: true }] });
    const browser = new TestBrowser(server);
    const signIn = () =>
      browser.signIn(tenant, { nameId: 'ada@example.com', attributes: { email: ['ada@example.com'] } });
    const session = async () => (await browser.get('/session', { accept: 'application/json' })).status;
    await signIn();
    expect([await lastRecord(server, tenant), await session()]).toMatchObject([{ outcome: 'accepted' }, 200]);
    await patch(`/Users/${id}`, { op: 'replace', path: 'active', value: false });
    expect(await session()).toBe(401);
    await signIn();
    expect([await lastRecord(server, tenant), await session()]).toMatchObject([{ outcome: 'rejected' }, 401]);
  });

  it('IPSIE-110, INTEROP-15 DELETE removes for good: nowhere to be found, and the userName and externalId are free', async () => {
    const id = await addUser({ externalId: 'e-1' });
    expect((await tenant.scim('DELETE', `/Users/${id}`)).status).toBe(204);
    for (const method of ['GET', 'DELETE']) expectRefusal(await tenant.scim(method, `/Users/${id}`), 404);
    expectRefusal(await tenant.scim('PUT', `/Users/${id}`, user()), 404);
    expectRefusal(await patch(`/Users/${id}`, { op: 'replace', path: 'active', value: true }), 404);
    expect((await find('/Users', 'userName eq "ada@example.com"')).totalResults).toBe(0);
    expect(await addUser({ externalId: 'e-1' })).not.toBe(id);
  });

  it('INTEROP-15 no PATCH deletes', async () => {
    const id = await addUser();
    const whole = { op: 'remove', path: 'userName' };
    expectRefusal(await patch(`/Users/${id}`, whole), 400, 'mutability');
    await patch(`/Users/${id}`, { op: 'replace', path: 'active', value: false });
    expect((await tenant.scim('GET', `/Users/${id}`)).status).toBe(200);
  });

  it('IPSIE-111 a person is read by id', async () => {
    const id = await addUser({ displayName: 'Ada' });
    expect((await tenant.scim('GET', `/Users/${id}`)).json).toMatchObject({ id, ...user(), displayName: 'Ada' });
  });

  it.each([
    'userName eq "ada@example.com"',
    'userName eq "ADA@EXAMPLE.COM"',
    'externalId eq "e-1"',
    'emails[value eq "ada@home.example"]',
    'emails[type eq "home" and value eq "ada@home.example"]',
    'userName eq "ada@example.com" and externalId eq "e-1"',
  ])('IPSIE-112 people are found by %s', async (filter) => {
    const emails = [{ type: 'home', value: 'ada@home.example' }];
    const id = await addUser({ externalId: 'e-1', emails });
    await addUser({ userName: 'other', externalId: 'E-1', emails: [{ type: 'home', value: 'other@home.example' }] });
    expect(await find('/Users', filter)).toMatchObject({ totalResults: 1, Resources: [{ id }] });
  });
});

describe('IPSIE 6: people and groups', () => {
  it('IPSIE-201 people are there, and as they are pushed, before they sign in', async () => {
    const given = { displayName: 'Ada', active: false, externalId: 'e-1' };
    const id = await addUser(given);
    expect((await tenant.scim('GET', `/Users/${id}`)).json).toMatchObject({ ...user(), ...given });
    const changed = { userName: 'countess@example.com', displayName: 'Countess', active: true, externalId: 'e-2' };
    const operations = Object.entries(changed).map(([path, value]) => ({ op: 'replace', path, value }));
    expect((await patch(`/Users/${id}`, ...operations)).json).toMatchObject(changed);
  });

  it('IPSIE-202 password is unknown, and no schema has it or another attribute that is never returned', async () => {
    const { Resources } = (await tenant.scim<Found>('GET', '/Schemas')).json;
    const text = JSON.stringify(Resources);
    expect([text.includes('"password"'), text.includes('"never"'), text.includes('"writeOnly"')]).toEqual([
      false,
      false,
      false,
    ]);
    expectRefusal(await tenant.scim('POST', '/Users', user({ password: 'x' })), 400, 'invalidSyntax');
    const { json } = await tenant.scim('GET', '/ServiceProviderConfig');
    expect(json['changePassword']).toEqual({ supported: false });
  });

  it('IPSIE-203, INTEROP-09 a page holds 100 unasked, as many as asked for, and never more than 1000', async () => {
    const { organizationId, id } = tenant.connection;
    await server.sql(
      `INSERT INTO users (organization_id, id, connection_id, provenance, active, user_name, user_name_key, email_keys, attributes, role, created_at, updated_at)
       SELECT $1, gen_random_uuid(), $2, 'scim', true, n::text, n::text, '{}', '{}', 'member', now(), now() FROM generate_series(1, 1005) n`,
      [organizationId, id],
    );
    const size = async (query: string) => {
      const { totalResults, itemsPerPage, Resources } = (await tenant.scim<Found>('GET', `/Users${query}`)).json;
      expect([totalResults, Resources.length]).toEqual([1005, itemsPerPage]);
      return itemsPerPage;
    };
    expect([await size(''), await size('?count=100'), await size('?count=500')]).toEqual([100, 100, 500]);
    expect([await size('?count=1000'), await size('?count=5000')]).toEqual([1000, 1000]);
    expect(await size('?startIndex=1001&count=1000')).toBe(5);
  });

  it('IPSIE-204 lists can be read by cursor', async () => {
    for (const userName of ['a', 'b', 'c']) await addUser({ userName });
    const pages: unknown[] = [];
    let cursor: string | undefined = '';
    while (cursor !== undefined) {
      const page: Reply<Found & { nextCursor?: string }> = await tenant.scim('GET', `/Users?count=2&cursor=${cursor}`);
      pages.push(page.json.Resources.map(({ userName }) => userName));
      cursor = page.json.nextCursor;
    }
    expect(pages).toEqual([['a', 'b'], ['c']]);
  });

  it('IPSIE-205 a group begins without members, and gets and loses them', async () => {
    const id = await addUser();
    const group = await addGroup({ externalId: 'g-1' });
    const members = async () => (await tenant.scim<JsonObject>('GET', `/Groups/${group}`)).json['members'];
    expect((await tenant.scim('GET', `/Groups/${group}`)).json).toMatchObject({
      displayName: 'Sales',
      externalId: 'g-1',
    });
    expect(await members()).toEqual([]);
    await patch(`/Groups/${group}`, { op: 'add', path: 'members', value: [{ value: id }] });
    expect(await members()).toMatchObject([{ value: id, type: 'User' }]);
    await patch(`/Groups/${group}`, { op: 'remove', path: `members[value eq "${id}"]` });
    expect(await members()).toEqual([]);
  });

  it('IPSIE-206 groups are found by displayName, externalId and member, with and without their members', async () => {
    const id = await addUser();
    const group = await addGroup({ externalId: 'g-1', members: [{ value: id }] });
    await addGroup({ displayName: 'Other', externalId: 'G-1' });
    for (const filter of ['displayName eq "sales"', 'externalId eq "g-1"', `members[value eq "${id}"]`]) {
      expect(await find('/Groups', filter)).toMatchObject({
        totalResults: 1,
        Resources: [{ id: group, members: [{ value: id }] }],
      });
      const short = await find('/Groups', filter, '&excludedAttributes=members');
      expect(short.Resources).toMatchObject([{ id: group }]);
      expect(short.Resources[0]).not.toHaveProperty('members');
    }
  });

  it('IPSIE-207 one PATCH takes 100 operations that add and remove members', async () => {
    const ids = await Promise.all(Array.from({ length: 60 }, (_each, at) => addUser({ userName: `u${at}` })));
    const [leaving, coming] = [ids.slice(0, 50), ids.slice(10)];
    const group = await addGroup({ members: leaving.map((value) => ({ value })) });
    const reply = await patch(
      `/Groups/${group}`,
      ...leaving.map((id) => ({ op: 'remove', path: `members[value eq "${id}"]` })),
      ...coming.map((id) => ({ op: 'add', path: 'members', value: [{ value: id }] })),
    );
    expect(reply.status).toBe(200);
    const members = (reply.json['members'] as { value: string }[]).map(({ value }) => value);
    expect(members.sort()).toEqual([...coming].sort());
  });

  it('IPSIE-208 a group that an operator gives a role gives it to the members that SCIM puts in', async () => {
    const id = await addUser();
    const group = await addGroup();
    const role = async () => (await admin('GET', `/users/${id}`)).json['effectiveRole'];
    expect((await admin('PATCH', `/groups/${group}`, { role: 'admin' })).status).toBe(200);
    expect(await role()).toBe('member');
    await patch(`/Groups/${group}`, { op: 'add', path: 'members', value: [{ value: id }] });
    expect(await role()).toBe('admin');
  });
});

describe('IPSIE 8: security', () => {
  it('IPSIE-209 errors are SCIM errors and tell nothing of the inside', async () => {
    for (const reply of [
      await tenant.scim('GET', '/Users/none'),
      await tenant.scim('GET', '/Nothing'),
      await tenant.scim('POST', '/Users', '{'),
      await tenant.scim('DELETE', '/Users'),
      await request(server, 'GET', '/scim/v2/Users', { token: 'wrong' }),
    ]) {
      expect(reply.json).toMatchObject({
        schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
        status: String(reply.status),
        detail: expect.stringMatching(/./) as string,
      });
      expect(reply.body).not.toMatch(/node_modules|SELECT|INSERT|\.ts:|\.js:|fastify|nest/i);
    }
  });

  it('IPSIE-210 every change is in the audit log, with the client that made it', async () => {
    const id = await addUser();
    const group = await addGroup();
    await patch(`/Users/${id}`, { op: 'replace', path: 'title', value: 'Countess' });
    await patch(`/Groups/${group}`, { op: 'add', path: 'members', value: [{ value: id }] });
    await tenant.scim('DELETE', `/Groups/${group}`);
    await tenant.scim('DELETE', `/Users/${id}`);
    const entries = (await admin('GET', '/audit-entries?limit=100')).json['items'] as JsonObject[];
    const ofClient = entries.filter(({ actorKind }) => actorKind === 'scim-client');
    expect(ofClient.map(({ action, targetId }) => [action, targetId])).toEqual(
      expect.arrayContaining([
        ['user.created', id],
        ['user.updated', id],
        ['user.deleted', id],
        ['group.created', group],
        ['group.deleted', group],
      ]),
    );
    expect(ofClient.every(({ actorId }) => typeof actorId === 'string')).toBe(true);
  });
});

describe('the interoperability profile', () => {
  it('IPSIE-102, INTEROP-01 is said to be kept to the client of a strict connection', async () => {
    expect((await tenant.scim('GET', '/ServiceProviderConfig')).json['interopProfileConformant']).toBe(true);
    expect((await request(server, 'GET', '/scim/v2/ServiceProviderConfig')).json).not.toHaveProperty(
      'interopProfileConformant',
    );
  });

  it('INTEROP-02 discovery is there; a resource type goes by its name', async () => {
    const types = (await tenant.scim<Found>('GET', '/ResourceTypes')).json.Resources;
    expect(types.map(({ id, name, endpoint }) => [id, name, endpoint])).toEqual([
      ['User', 'User', '/Users'],
      ['Group', 'Group', '/Groups'],
    ]);
    const { Resources } = (await tenant.scim<Found>('GET', '/Schemas')).json;
    expect(Resources.map(({ id }) => id)).toEqual([USER, ENTERPRISE, GROUP]);
  });

  it('INTEROP-03, INTEROP-17 userName is one without regard to case, externalId and id with it', async () => {
    const id = await addUser({ externalId: 'e-1' });
    expectRefusal(await tenant.scim('POST', '/Users', user({ userName: 'ADA@example.com' })), 409, 'uniqueness');
    await addUser({ userName: 'other', externalId: 'E-1' });
    const ids = async (filter: string) => (await find('/Users', filter)).Resources.map((each) => each['id']);
    expect(await ids('userName eq "Ada@Example.com"')).toEqual([id]);
    expect(await ids('externalId eq "e-1"')).toEqual([id]);
    expect(await ids(`id eq "${id}"`)).toEqual([id]);
    expect(await ids(`id eq "${id.toUpperCase()}"`)).toEqual([]);
  });

  it('INTEROP-17 a rename onto a userName that is taken is 409 uniqueness too', async () => {
    await addUser();
    const id = await addUser({ userName: 'other' });
    const taken = { op: 'replace', path: 'userName', value: 'ADA@example.com' };
    expectRefusal(await patch(`/Users/${id}`, taken), 409, 'uniqueness');
    expectRefusal(await tenant.scim('PUT', `/Users/${id}`, user()), 409, 'uniqueness');
  });

  it('INTEROP-04 an unknown attribute or schema is invalidSyntax, in POST, PUT and PATCH', async () => {
    const id = await addUser();
    for (const more of [{ shoeSize: 42 }, { name: { shoe: 'x' } }, { schemas: [USER, 'urn:example:x'] }]) {
      expectRefusal(await tenant.scim('POST', '/Users', user({ userName: 'x', ...more })), 400, 'invalidSyntax');
      expectRefusal(await tenant.scim('PUT', `/Users/${id}`, user(more)), 400, 'invalidSyntax');
    }
    expectRefusal(await patch(`/Users/${id}`, { op: 'add', path: 'shoeSize', value: 42 }), 400, 'invalidSyntax');
  });

  it('INTEROP-05 every attribute "type" publishes canonicalValues', async () => {
    interface Published {
      readonly name: string;
      readonly canonicalValues?: readonly string[];
      readonly subAttributes?: readonly Published[];
    }
    const { Resources } = (await tenant.scim<Found>('GET', '/Schemas')).json;
    const all = (attributes: readonly Published[]): Published[] =>
      attributes.flatMap((each) => [each, ...all(each.subAttributes ?? [])]);
    const types = Resources.flatMap(({ attributes }) => all(attributes as Published[])).filter(
      ({ name }) => name === 'type',
    );
    expect(types.length).toBeGreaterThan(8);
    for (const { canonicalValues } of types) expect(canonicalValues?.length).toBeGreaterThan(0);
  });

  it('INTEROP-06 a resource has no address but its id', async () => {
    const id = await addUser({ externalId: 'e-1' });
    for (const path of ['/Users/ada@example.com', '/Users/e-1', `/Groups/${id}`, `/User/${id}`, `/People/${id}`]) {
      expectRefusal(await tenant.scim('GET', path), 404);
    }
    expect((await tenant.scim('GET', `/Users/${id}`)).status).toBe(200);
  });

  it.each(['shoeSize eq "42"', 'userName eq "x" and shoeSize eq "42"', 'emails[shoe eq "x"]', 'password eq "x"'])(
    'INTEROP-07 what has no meaning is invalidFilter: %s',
    async (filter) => {
      expectRefusal(await tenant.scim('GET', `/Users?filter=${encodeURIComponent(filter)}`), 400, 'invalidFilter');
    },
  );

  it('INTEROP-07 eq and "and" work', async () => {
    const id = await addUser({ title: 'Countess' });
    await addUser({ userName: 'other', title: 'Countess' });
    const filter = 'title eq "Countess" and userName eq "ada@example.com" and active eq true';
    expect(await find('/Users', filter)).toMatchObject({ totalResults: 1, Resources: [{ id }] });
  });

  it('INTEROP-08 a change with a filter is refused, and changes nothing', async () => {
    const id = await addUser();
    const effects = await sideEffects(server, async () => {
      const filter = `filter=${encodeURIComponent('userName pr')}`;
      expectRefusal(await tenant.scim('DELETE', `/Users/${id}?${filter}`), 400, 'invalidFilter');
      expectRefusal(await tenant.scim('PUT', `/Users/${id}?${filter}`, user({ title: 'x' })), 400, 'invalidFilter');
    });
    expectNoEffects(effects);
  });

  it('INTEROP-10 an operation without path is invalidSyntax', async () => {
    const id = await addUser();
    for (const operation of [
      { op: 'replace', value: { active: false } },
      { op: 'add', value: { title: 'x' } },
      { op: 'remove' },
    ]) {
      expectRefusal(await patch(`/Users/${id}`, operation), 400, 'invalidSyntax');
    }
  });

  it('INTEROP-11 add and replace of one simple value are the same, whatever was there', async () => {
    for (const op of ['add', 'replace']) {
      const id = await addUser({ userName: op });
      for (const value of ['first', 'second']) {
        expect((await patch(`/Users/${id}`, { op, path: 'title', value })).json['title']).toBe(value);
      }
    }
  });

  it('INTEROP-12 add merges a complex value, replace replaces it', async () => {
    const id = await addUser({ name: { givenName: 'Ada', familyName: 'Byron' } });
    const name = async (op: string, value: JsonObject) =>
      (await patch(`/Users/${id}`, { op, path: 'name', value })).json['name'];
    expect(await name('add', { familyName: 'Lovelace' })).toEqual({ givenName: 'Ada', familyName: 'Lovelace' });
    expect(await name('replace', { familyName: 'King' })).toEqual({ familyName: 'King' });
  });

  it('INTEROP-13 replace of a list replaces all of it', async () => {
    const id = await addUser({ emails: [{ value: 'a@x' }, { value: 'b@x' }] });
    const group = await addGroup({ members: [{ value: id }] });
    const emails = [{ value: 'c@x', type: 'work' }];
    const reply = await patch(`/Users/${id}`, { op: 'replace', path: 'emails', value: emails });
    expect(reply.json['emails']).toEqual(emails);
    expect((await patch(`/Groups/${group}`, { op: 'replace', path: 'members', value: [] })).json['members']).toEqual(
      [],
    );
  });

  it('INTEROP-14 a path with a filter ends in a sub-attribute, unless it removes', async () => {
    const id = await addUser({ emails: [{ type: 'work', value: 'a@x' }] });
    for (const op of ['add', 'replace']) {
      const whole = { op, path: 'emails[type eq "work"]', value: { value: 'b@x' } };
      expectRefusal(await patch(`/Users/${id}`, whole), 400, 'invalidPath');
    }
    const path = 'emails[type eq "work"].value';
    expect((await patch(`/Users/${id}`, { op: 'replace', path, value: 'b@x' })).json['emails']).toEqual([
      { type: 'work', value: 'b@x' },
    ]);
    const missing = { op: 'replace', path: 'emails[type eq "home"].value', value: 'c@x' };
    expectRefusal(await patch(`/Users/${id}`, missing), 400, 'noTarget');
    const removal = await patch(`/Users/${id}`, { op: 'remove', path: 'emails[type eq "work"]' });
    expect(removal.json).not.toHaveProperty('emails');
  });

  it('INTEROP-16 nothing needs an ETag', async () => {
    const id = await addUser();
    await patch(`/Users/${id}`, { op: 'replace', path: 'title', value: 'x' });
    expect((await tenant.scim('PUT', `/Users/${id}`, user({ title: 'y' }))).status).toBe(200);
    expect((await tenant.scim('DELETE', `/Users/${id}`)).status).toBe(204);
  });

  it('INTEROP-18 a bearer token is the only way in', async () => {
    const basic = `Basic ${Buffer.from(`client:${tenant.token}`).toString('base64')}`;
    for (const authorization of [basic, tenant.token]) {
      const reply = await request(server, 'GET', '/scim/v2/Users', { headers: { authorization } });
      expectRefusal(reply, 401);
      expect(reply.headers.get('www-authenticate')).toMatch(/^Bearer /);
    }
  });
});
