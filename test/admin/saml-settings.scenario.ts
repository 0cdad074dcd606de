import { X509Certificate } from 'node:crypto';
import { AdminTokensService } from '../../src/organizations/admin-tokens.service.js';
import { startTestServer, type TestServer } from '../support/app.js';
import { aggregate, PUBLISHED } from '../support/idp-metadata.js';
import { createConnection, createOrganization, request, TEST_OPERATOR, type JsonObject } from '../support/scenario.js';
import { expectNoEffects, sideEffects } from '../support/side-effects.js';
import { makeIdpKey, type IdpKey } from '../support/test-idp.js';

/** How an operator tells a connection its IdP: by hand, and by a document. */
describe('the IdP of a connection', () => {
  let server: TestServer;
  let token: string;
  let key: IdpKey;
  let next: IdpKey;
  let path: string;

  beforeAll(async () => {
    server = await startTestServer();
    token = (await server.app.get(AdminTokensService).create('test', null, TEST_OPERATOR)).token;
    [key, next] = await Promise.all([makeIdpKey(), makeIdpKey()]);
  });
  afterAll(() => server.close());
  beforeEach(async () => {
    const organization = await createOrganization(server);
    const connection = await createConnection(server, organization);
    path = `/admin/v1/organizations/${organization.id}/connections/${connection.id}/saml`;
  });

  const configure = (body: unknown, headers?: Record<string, string>) =>
    request<JsonObject>(server, 'PUT', path, { token, body, headers });
  const refused = async (body: unknown, text: RegExp) => {
    const effects = await sideEffects(server, async () => {
      const reply = await configure(body);
      expect({ status: reply.status, detail: reply.json['detail'] }).toEqual({
        status: 422,
        detail: expect.stringMatching(text) as string,
      });
    });
    expectNoEffects(effects);
  };
  const samlOf = (reply: { json: JsonObject }) => reply.json['saml'] as JsonObject;
  const fingerprint = (pem: string) => new X509Certificate(pem).fingerprint256;
  const byHand = () => ({
    idpEntityId: 'https://idp.example.com/',
    ssoUrl: 'https://idp.example.com/sso',
    certificates: [key.certificate],
  });

  it('#23 by hand: entity ID, address and a certificate whose fingerprint was read elsewhere', async () => {
    await refused({ ...byHand(), fingerprints: [fingerprint(next.certificate)] }, /fingerprint/);
    await refused({ ...byHand(), fingerprints: ['ab:cd'] }, /no SHA-256 fingerprint/);
    await refused({ ...byHand(), certificates: ['nonsense'] }, /certificate cannot be used/);
    for (const missing of ['idpEntityId', 'ssoUrl', 'certificates'] as const) {
      await refused({ ...byHand(), [missing]: undefined }, new RegExp(`${missing} is needed`));
    }
    for (const ssoUrl of ['http://idp.example.com/', 'javascript:alert(1)', `${server.url}/saml/x/login`]) {
      await refused({ ...byHand(), ssoUrl }, /ssoUrl/);
    }
    const reply = await configure({ ...byHand(), fingerprints: [fingerprint(key.certificate).toLowerCase()] });
    expect(reply.status).toBe(200);
    expect(samlOf(reply)).toMatchObject({
      idpEntityId: 'https://idp.example.com/',
      ssoUrl: 'https://idp.example.com/sso',
      singleLogout: null,
      certificates: [{ fingerprint: fingerprint(key.certificate) }],
    });
  });

  it('#23 by hand: what is not given stays, so that a certificate or an option can be changed alone', async () => {
    const singleLogout = { url: 'https://idp.example.com/slo', responseUrl: null, binding: 'redirect' };
    await configure({ ...byHand(), singleLogout: { url: singleLogout.url }, clockSkewSeconds: 60 });
    const both = await configure({ certificates: [key.certificate, next.certificate] });
    expect(samlOf(both)).toMatchObject({ ...byHand(), certificates: [{}, {}], singleLogout, clockSkewSeconds: 60 });
    const option = await configure({ forceAuthn: true });
    expect(samlOf(option)).toMatchObject({
      ssoUrl: byHand().ssoUrl,
      certificates: [{}, {}],
      singleLogout,
      forceAuthn: true,
    });
    await refused({ singleLogout: { url: 'http://idp.example.com/slo' } }, /singleLogout.url must be https/);
    await refused({ singleLogout: { url: `${server.url}/slo` } }, /an address of this server/);
    expect(samlOf(await configure({ singleLogout: null }))).toMatchObject({ singleLogout: null });
    // Of another IdP nothing stays.
    await refused({ idpEntityId: 'https://other.example/', replaceIdp: true }, /ssoUrl is needed/);
  });

  it('#23 a federation file is refused with its candidates until one is chosen', async () => {
    const { okta, keycloak } = PUBLISHED;
    const file = aggregate([okta, keycloak].map((idp) => idp.xml({ certificates: [key.certificate] })));
    await refused({ metadataXml: file }, new RegExp(`choose one.*${okta.entityId}, ${keycloak.entityId}`));
    await refused({ metadataXml: file, idpEntityId: 'https://nowhere.example' }, /does not describe/);
    const reply = await configure({ metadataXml: file, idpEntityId: keycloak.entityId });
    expect(samlOf(reply)).toMatchObject({
      idpEntityId: keycloak.entityId,
      ssoUrl: keycloak.ssoUrl,
      singleLogout: keycloak.singleLogout,
    });
    await refused({ metadataXml: file, ssoUrl: 'https://idp.example.com/' }, /not both/);
    expect((await configure({ metadataXml: file, idpEntityId: okta.entityId })).status).toBe(409);
  });
});
