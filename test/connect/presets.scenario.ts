import { AdminTokensService } from '../../src/organizations/admin-tokens.service.js';
import { IDP_PRESETS, PRESET_NAMES, type PresetName } from '../../src/organizations/idp-presets/presets.js';
import { startTestServer, type TestServer } from '../support/app.js';
import { PUBLISHED, type IdpShape } from '../support/idp-metadata.js';
import { TestBrowser, type SamlTenant } from '../support/saml-sign-in.js';
import { createOrganization, request, type JsonObject, TEST_OPERATOR } from '../support/scenario.js';
import { makeIdpKey, type IdpKey, type Signs } from '../support/test-idp.js';
import { standingAlone, STATEMENTS } from '../saml/attribute-statements.js';

/** What each product signs and sends unless somebody changes that, and whom it makes. */
const SENDS: Readonly<
  Record<IdpShape, { signs: Signs; user: JsonObject; group?: { displayName: string; externalId?: string } }>
> = {
  okta: { signs: 'both', user: { userName: 'ada@example.com' }, group: { displayName: 'Engineering' } },
  entra: {
    signs: 'assertion',
    user: { userName: 'ada.l@contoso.onmicrosoft.com' },
    group: { displayName: 'Sales', externalId: '0a1b2c3d-0000-4000-8000-000000000002' },
  },
  google: { signs: 'assertion', user: { userName: 'ada@example.com' }, group: { displayName: 'Engineering' } },
  jumpcloud: { signs: 'assertion', user: { userName: 'ada' }, group: { displayName: 'Engineering' } },
  onelogin: { signs: 'response', user: { userName: 'ada@example.com' }, group: { displayName: 'Engineering' } },
  adfs: { signs: 'assertion', user: { userName: 'ada@corp.example.com' }, group: { displayName: 'Engineering' } },
  ping: { signs: 'assertion', user: { userName: 'ada@example.com' }, group: { displayName: 'Engineering' } },
  auth0: { signs: 'assertion', user: { userName: 'ada@example.com' } },
  keycloak: { signs: 'response', user: { userName: 'ada@example.com' } },
  shibboleth: {
    signs: 'response',
    user: { userName: 'ada@example.edu' },
    group: { displayName: 'urn:example:engineering' },
  },
  simplesamlphp: { signs: 'both', user: { userName: 'ada' }, group: { displayName: 'Engineering' } },
};

describe('#23 connecting a product by its preset', () => {
  let server: TestServer;
  let token: string;
  let key: IdpKey;
  beforeAll(async () => {
    server = await startTestServer();
    token = (await server.app.get(AdminTokensService).create('test', null, TEST_OPERATOR)).token;
    key = await makeIdpKey();
  });
  afterAll(() => server.close());

  const call = async (method: string, path: string, body?: unknown) => {
    const reply = await request<JsonObject>(server, method, `/admin/v1${path}`, { token, body });
    expect({ path, status: reply.status, detail: reply.json['detail'] }).toMatchObject({ path, detail: undefined });
    return reply.json;
  };

  it.each(Object.keys(SENDS) as IdpShape[])(
    '%s: from a preset and its metadata to a person with groups',
    async (name) => {
      const { signs, user, group } = SENDS[name];
      const published = PUBLISHED[name];
      const organization = await createOrganization(server);
      const base = `/organizations/${organization.id}`;
      const created = await call('POST', `${base}/connections`, { name, preset: name });
      expect(created).toMatchObject({ preset: name, attributeMapping: IDP_PRESETS[name].attributeMapping });
      const id = String(created['id']);
      const configured = await call('PUT', `${base}/connections/${id}/saml`, {
        metadataXml: published.xml({ certificates: [key.certificate] }),
      });
      expect(configured['saml']).toMatchObject({ ...IDP_PRESETS[name].saml, idpEntityId: published.entityId });
      const made = group && (await call('POST', `${base}/groups`, { displayName: group.displayName }));
      if (made && group.externalId) {
        await server.sql(`UPDATE groups SET external_id = $2 WHERE id = $1`, [made['id'], group.externalId]);
      }

      const at = `${server.url}/saml/${id}`;
      const tenant = {
        connection: { id },
        organization,
        key,
        idpEntityId: published.entityId,
        acsUrl: `${at}/acs`,
        spEntityId: `${at}/metadata`,
      } as unknown as SamlTenant;
      const browser = new TestBrowser(server);
      const signedIn = await browser.signIn(tenant, {
        signs,
        nameId: 'subject-of-ada',
        attributes: {},
        attributeXml: standingAlone(STATEMENTS[name]),
      });
      expect(signedIn.status).toBe(303);
      const [found] = (await call('GET', `${base}/users`))['items'] as JsonObject[];
      expect(found).toMatchObject({ ...user, provenance: 'jit' });
      if (made) {
        const members = (await call('GET', `${base}/groups/${String(made['id'])}/members`))['items'] as JsonObject[];
        expect(members).toHaveLength(1);
      }
    },
  );

  it('the sheet has the values of the connection under the names of the form; another product can be asked for', async () => {
    const organization = await createOrganization(server);
    const path = `/organizations/${organization.id}/connections`;
    const created = await call('POST', path, { name: 'x', preset: 'entra' });
    const { acsUrl, entityId, scimBaseUrl } = created['serviceProvider'] as Record<string, string>;
    const sheet = `${path}/${String(created['id'])}/connect-sheet`;
    expect(await call('GET', sheet)).toMatchObject({
      title: 'Microsoft Entra ID',
      paste: expect.arrayContaining([
        { label: 'Identifier (Entity ID)', value: entityId },
        { label: 'Reply URL (Assertion Consumer Service URL)', value: acsUrl },
      ]) as unknown,
      scim: expect.arrayContaining([{ label: 'Tenant URL', value: scimBaseUrl }]) as unknown,
      traps: expect.arrayContaining([expect.stringContaining('appid')]) as unknown,
      options: { wantSigned: 'assertion' },
    });
    expect(await call('GET', `${sheet}?preset=okta`)).toMatchObject({
      paste: expect.arrayContaining([
        { label: 'Single sign-on URL', value: acsUrl },
        { label: 'Audience URI (SP Entity ID)', value: entityId },
      ]) as unknown,
    });
    const unnamed = await call('POST', path, { name: 'y' });
    expect(unnamed).toMatchObject({ preset: null, attributeMapping: {} });
    expect(await call('GET', `${path}/${String(unnamed['id'])}/connect-sheet`)).toMatchObject({
      title: IDP_PRESETS.generic.title,
    });
    const wrong = await request(server, 'POST', `/admin/v1${path}`, { token, body: { name: 'z', preset: 'myspace' } });
    expect(wrong.status).toBe(422);
  });

  it('what an operator says counts more than the preset', async () => {
    const organization = await createOrganization(server);
    const path = `/organizations/${organization.id}/connections`;
    const mapping = { email: ['mail'] };
    const created = await call('POST', path, { name: 'x', preset: 'okta', attributeMapping: mapping });
    expect(created['attributeMapping']).toEqual(mapping);
    const metadataXml = PUBLISHED.okta.xml({ certificates: [key.certificate] });
    const saml = `${path}/${String(created['id'])}/saml`;
    expect((await call('PUT', saml, { metadataXml, wantSigned: 'either' }))['saml']).toMatchObject({
      wantSigned: 'either',
      loginHint: 'login_hint',
    });
    // A second look at the metadata does not bring the preset back.
    expect((await call('PUT', saml, { metadataXml }))['saml']).toMatchObject({ wantSigned: 'either' });
  });

  it('every preset has a shape that its metadata and answers were tried in, but for the general one', () => {
    expect(PRESET_NAMES.filter((name) => name !== 'generic').sort()).toEqual(
      (Object.keys(SENDS) as PresetName[]).sort(),
    );
  });
});
