import { AdminTokensService } from '../../src/organizations/admin-tokens.service.js';
import { startTestServer, type TestServer } from '../support/app.js';
import { createTenant, request, TEST_OPERATOR, type JsonObject, type Tenant } from '../support/scenario.js';
import { expectNoEffects, sideEffects } from '../support/side-effects.js';

const HR = 'urn:example:params:scim:hr:1.0:User';
const BODY = {
  resourceType: 'User',
  name: 'HR',
  attributes: [
    { name: 'badge', uniqueness: 'server', description: 'The number on the badge' },
    { name: 'desk', type: 'complex', subAttributes: [{ name: 'room' }, { name: 'floor', type: 'integer' }] },
  ],
};

/** Operators declare extension schemas over REST. */
describe('extension schemas in the admin API', () => {
  let server: TestServer;
  let tenant: Tenant;
  let token: string;
  beforeAll(async () => {
    server = await startTestServer();
    token = (await server.app.get(AdminTokensService).create('test', null, TEST_OPERATOR)).token;
  });
  afterAll(() => server.close());
  beforeEach(async () => {
    tenant = await createTenant(server);
  });

  const call = (method: string, path: string, body?: unknown) => {
    const { organization, connection } = tenant;
    const base = `/admin/v1/organizations/${organization.slug}/connections/${connection.id}/schemas`;
    return request<JsonObject & { detail: string; items: JsonObject[] }>(server, method, `${base}${path}`, {
      token,
      body,
    });
  };

  it('declares, shows, changes and deletes one, and clients see it with the next request', async () => {
    const declared = await call('PUT', `/${HR}`, BODY);
    expect(declared).toMatchObject({
      status: 200,
      json: { id: HR, resourceType: 'User', required: false, name: 'HR' },
    });
    expect((declared.json['attributes'] as JsonObject[])[0]).toEqual({
      name: 'badge',
      type: 'string',
      multiValued: false,
      description: 'The number on the badge',
      required: false,
      caseExact: false,
      mutability: 'readWrite',
      returned: 'default',
      uniqueness: 'server',
    });
    const user = await tenant.scim('POST', '/Users', { userName: 'ada', [HR]: { badge: '7', desk: { floor: 3 } } });
    expect(user.json[HR]).toEqual({ badge: '7', desk: { floor: 3 } });
    expect((await call('GET', `/${encodeURIComponent(HR.toUpperCase())}`)).json).toEqual(declared.json);
    await call('PUT', '/urn:example:another', { ...BODY, resourceType: 'Group' });
    const first = await call('GET', '?limit=1');
    expect(first.json).toMatchObject({ items: [{ id: 'urn:example:another' }], next: 'urn:example:another' });
    expect((await call('GET', `?after=${String(first.json['next'])}`)).json).toMatchObject({
      items: [{ id: HR }],
      next: null,
    });
    // Names of schemas ignore case; the first spelling stays.
    const again = await sideEffects(server, () => call('PUT', `/${HR.toUpperCase()}`, { ...BODY, name: 'People' }));
    expect(again).toEqual({
      rows: { connections: '~1', audit_entries: '+1' },
      columns: { connections: ['declared_schemas', 'updated_at'] },
      events: [],
      audit: [['connection.schema-declared', tenant.connection.id]],
    });
    const gone = await sideEffects(server, async () => expect((await call('DELETE', `/${HR}`)).status).toBe(204));
    expect(gone).toEqual({
      rows: { organizations: '~1', connections: '~1', unique_values: '-1', audit_entries: '+1' },
      columns: { organizations: ['unique_attributes'], connections: ['declared_schemas', 'updated_at'] },
      events: [],
      audit: [['connection.schema-removed', tenant.connection.id]],
    });
    expect([(await call('GET', `/${HR}`)).status, (await call('DELETE', `/${HR}`)).status]).toEqual([404, 404]);
    expect((await tenant.scim('GET', '/Users')).body).not.toContain(HR);
  });

  it('refuses what is wrong, naming it, and does nothing', async () => {
    await call('PUT', `/${HR}`, BODY);
    const effects = await sideEffects(server, async () => {
      const refusals: [string, unknown, number, string][] = [
        ['urn:ietf:params:scim:schemas:core:2.0:User', BODY, 422, 'belongs to the standard'],
        ['hr', BODY, 422, 'is not a URN'],
        [`${HR}:badge`, BODY, 422, 'begin alike'],
        [HR, { ...BODY, resourceType: 'Group' }, 409, 'delete it first'],
        [HR, { ...BODY, attributes: [{ name: 'sharedSecret' }] }, 422, 'credential'],
        [HR, { ...BODY, attributes: [{ name: 'a', type: 'text' }] }, 422, 'type must be one of'],
        [HR, { ...BODY, attributes: [{ name: 'a', nullable: true }] }, 422, 'nullable is not known here'],
        [
          HR,
          { ...BODY, attributes: [{ name: 'a', type: 'complex', subAttributes: [{ name: 'b', subAttributes: [] }] }] },
          422,
          'subAttributes',
        ],
        [HR, { ...BODY, attributes: undefined }, 422, 'attributes'],
      ];
      for (const [urn, body, status, words] of refusals) {
        const reply = await call('PUT', `/${urn}`, body);
        expect([urn, body, reply.status, reply.json.detail]).toEqual([
          urn,
          body,
          status,
          expect.stringContaining(words),
        ]);
      }
    });
    expectNoEffects(effects);
  });
});
