import { AdminTokensService } from '../../src/organizations/admin-tokens.service.js';
import { startTestServer, type TestServer } from '../support/app.js';
import { request, TEST_OPERATOR, type JsonObject } from '../support/scenario.js';
import { makeIdpKey } from '../support/test-idp.js';
import { TestBrowser, responseOf } from '../support/saml-sign-in.js';

/** An operator's day over the REST API: a customer is connected, provisioned, looked at, and parted from. */
describe('the operators’ REST API', () => {
  let server: TestServer;
  let token: string;
  beforeAll(async () => {
    server = await startTestServer();
    token = (await server.app.get(AdminTokensService).create('test', null, TEST_OPERATOR)).token;
  });
  afterAll(() => server.close());

  const call = async (
    method: string,
    path: string,
    body?: unknown,
    status = method === 'POST' ? 201 : 200,
    headers: Record<string, string> = {},
  ) => {
    const reply = await request(server, method, `/admin/v1${path}`, { token, body, headers });
    expect({ path, status: reply.status, body: reply.status === status ? '' : reply.body }).toEqual({
      path,
      status,
      body: '',
    });
    return reply.json;
  };
  const items = async (path: string) => (await call('GET', path))['items'] as JsonObject[];

  it('connects a customer, from nothing to a signed-in person, and can say why they have what they have', async () => {
    const organization = await call('POST', '/organizations', { slug: 'acme', name: 'Acme' });
    expect(organization).toMatchObject({ slug: 'acme', roles: ['admin', 'member'] });
    const connection = await call('POST', '/organizations/acme/connections', {
      name: 'Okta',
      attributeMapping: { groups: ['groups'] },
    });
    const path = `/organizations/acme/connections/${String(connection['id'])}`;
    expect(connection).toMatchObject({
      enabled: true,
      serviceProvider: {
        acsUrl: `${server.url}/saml/${String(connection['id'])}/acs`,
        scimBaseUrl: `${server.url}/scim/v2`,
      },
    });

    const key = await makeIdpKey();
    const certificate = key.certificate.replace(/-----[^-]+-----/g, '');
    const metadata =
      `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.acme.example/"><md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">` +
      `<md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>${certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>` +
      `<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.acme.example/sso"/></md:IDPSSODescriptor></md:EntityDescriptor>`;
    const configured = await call('PUT', `${path}/saml`, metadata, 200, { 'content-type': 'text/xml' });
    expect(configured).toMatchObject({
      saml: { idpEntityId: 'https://idp.acme.example/', ssoUrl: 'https://idp.acme.example/sso' },
    });
    await call('PUT', `${path}/saml`, metadata.replace('https://idp.acme.example/sso', 'javascript:alert(1)'), 422, {
      'content-type': 'text/xml',
    });

    const group = await call('POST', '/organizations/acme/groups', { displayName: 'Engineering', role: 'admin' });
    const browser = new TestBrowser(server);
    const tenant = {
      connection: { id: String(connection['id']) } as never,
      organization: organization as never,
      key,
      idpEntityId: 'https://idp.acme.example/',
      acsUrl: `${server.url}/saml/${String(connection['id'])}/acs`,
      spEntityId: `${server.url}/saml/${String(connection['id'])}/metadata`,
    };
    const { id, relayState } = await browser.begin(tenant);
    const xml = responseOf(tenant, id, {
      nameId: 'ada@acme.example',
      attributes: { email: ['ada@acme.example'], groups: ['Engineering', 'Nowhere'] },
    });
    expect((await browser.answer(tenant, xml, relayState)).status).toBe(303);

    const [user] = await items('/organizations/acme/users');
    expect(user).toMatchObject({ userName: 'ada@acme.example', provenance: 'jit', active: true });
    const detail = await call('GET', `/organizations/acme/users/${String(user!['id'])}`);
    expect(JSON.stringify(detail)).toContain(`jit:${String(connection['id'])}`);
    expect(detail).toMatchObject({ effectiveRole: 'admin' });
    const [signIn] = await items('/organizations/acme/sign-ins');
    expect(signIn).toMatchObject({ outcome: 'accepted', userId: user!['id'] });
    const whole = await call('GET', `/organizations/acme/sign-ins/${String(signIn!['id'])}`);
    expect(whole).toMatchObject({
      decision: { kind: 'create', rule: '9', groups: { plan: { unknown: ['Nowhere'] } } },
    });
    expect((await items(`/organizations/acme/groups/${String(group['id'])}/members`))[0]).toMatchObject({
      origins: [`jit:${String(connection['id'])}`],
    });
    const events = await items('/organizations/acme/events');
    expect(events.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['user.created', 'group.members-added', 'session.opened']),
    );

    expect(
      await call('POST', `/organizations/acme/users/${String(user!['id'])}/revoke-sessions`, undefined, 200),
    ).toEqual({ revoked: 1 });
    expect((await browser.get('/session', { accept: 'application/json' })).status).toBe(401);
  });

  it('rotates a token without a gap, and never shows one again', async () => {
    await call('POST', '/organizations', { slug: 'tokens', name: 'Tokens' });
    const connection = await call('POST', '/organizations/tokens/connections', { name: 'c', scim: true });
    const path = `/organizations/tokens/connections/${String(connection['id'])}/scim-tokens`;
    const works = async (secret: unknown) =>
      (await request(server, 'GET', '/scim/v2/Users', { token: String(secret) })).status;
    const first = await call('POST', path, { name: 'one' });
    const second = await call('POST', path, { name: 'two' });
    await call('POST', path, { name: 'three' }, 409);
    expect([await works(first['token']), await works(second['token'])]).toEqual([200, 200]);
    const third = await call('POST', `${path}/rotate`, { name: 'three' });
    expect([await works(first['token']), await works(second['token']), await works(third['token'])]).toEqual([
      401, 200, 200,
    ]);
    const list = await items(path);
    expect(list).toHaveLength(3);
    expect(JSON.stringify(list)).not.toContain('rc_scim_');
    const newest = list[0]!;
    await call('POST', `${path}/${String(newest['id'])}/revoke`, undefined, 200);
    expect(await works(third['token'])).toBe(401);
    const audit = await items('/organizations/tokens/audit-entries');
    expect(audit.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['scim-token.created', 'scim-token.revoked']),
    );
    expect(JSON.stringify(audit)).not.toContain('rc_scim_');
  });

  it('a disabled connection takes neither sign-ins nor SCIM, and says so to its client', async () => {
    await call('POST', '/organizations', { slug: 'off', name: 'Off' });
    const connection = await call('POST', '/organizations/off/connections', { name: 'c', scim: true });
    const path = `/organizations/off/connections/${String(connection['id'])}`;
    const { token: scim } = await call('POST', `${path}/scim-tokens`, { name: 'x' });
    await call('POST', `${path}/disable`, { reason: 'contract ended' }, 200);
    const refused = await request(server, 'GET', '/scim/v2/Users', { token: String(scim) });
    expect(refused.status).toBe(403);
    expect((await new TestBrowser(server).get(`/saml/${String(connection['id'])}/login`)).status).toBe(403);
    await call('POST', `${path}/enable`, undefined, 200);
    expect((await request(server, 'GET', '/scim/v2/Users', { token: String(scim) })).status).toBe(200);
  });

  it('lists page by page', async () => {
    await call('POST', '/organizations', { slug: 'pages', name: 'Pages' });
    for (let n = 0; n < 5; n++) await call('POST', '/organizations/pages/groups', { displayName: `g${n}` });
    const seen: unknown[] = [];
    let after: string | null = '';
    while (after !== null) {
      const page: JsonObject = await call(
        'GET',
        `/organizations/pages/groups?limit=2${after ? `&after=${encodeURIComponent(after)}` : ''}`,
      );
      seen.push(...(page['items'] as JsonObject[]).map(({ displayName }) => displayName));
      after = page['next'] as string | null;
    }
    expect(seen).toEqual(['g0', 'g1', 'g2', 'g3', 'g4']);
  });

  it('describes itself completely', async () => {
    const reply = await fetch(`${server.url}/admin/v1/openapi.json`);
    const document = (await reply.json()) as { paths: Record<string, object> };
    expect(Object.keys(document.paths).length).toBeGreaterThan(20);
    expect(JSON.stringify(document)).not.toMatch(/undefined|\[object/);
    const page = await fetch(`${server.url}/admin/v1/docs`);
    expect(page.headers.get('content-type')).toMatch(/^text\/html/);
    expect(await page.text()).not.toMatch(/https?:\/\/(?!127\.0\.0\.1|localhost)[^"' ]+\.(js|css)/);
  });
});
