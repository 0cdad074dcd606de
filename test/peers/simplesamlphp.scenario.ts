import { startTestServer, type TestServer } from '../support/app.js';
import { formOf } from '../support/foreign-idp.js';
import { createSamlTenant, lastRecord, TestBrowser, type Answer, type SamlTenant } from '../support/saml-sign-in.js';
import { makeIdpKey } from '../support/test-idp.js';
import { describeWithPeer } from './peer.js';
import { missingForSimpleSamlPhp, startSimpleSamlPhp, type SimpleSamlPhp } from './simplesamlphp.js';

const PERSON = { uid: ['jroe'], mail: ['jane@example.com'], givenName: ['Jane'], sn: ['Roe'], groups: ['Engineering'] };

describeWithPeer('SimpleSAMLphp', missingForSimpleSamlPhp, () => {
  let server: TestServer;
  let idp: SimpleSamlPhp;
  let tenant: SamlTenant;
  beforeAll(async () => {
    server = await startTestServer();
    const key = await makeIdpKey();
    idp = await startSimpleSamlPhp(key, PERSON);
    tenant = await createSamlTenant(
      server,
      { idpEntityId: idp.entityId, ssoUrl: idp.ssoUrl, certificates: [key.certificate], allowIdpInitiated: true },
      { attributeMapping: { userName: ['uid'], email: ['mail'], groups: ['groups'] } },
    );
  });
  afterAll(async () => {
    await idp.close();
    await server.close();
  });

  const register = (options: object = {}) =>
    idp.register({
      [tenant.spEntityId]: {
        AssertionConsumerService: tenant.acsUrl,
        NameIDFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
        'simplesaml.nameidattribute': 'uid',
        ...options,
      },
    });

  /** From the IdP's page to the session. */
  async function visit(browser: TestBrowser, location: string): Promise<Answer> {
    const page = await fetch(location);
    const text = await page.text();
    expect([page.status, page.status === 200 ? '' : text]).toEqual([200, '']);
    const { action, fields } = formOf(text);
    expect(action).toBe(tenant.acsUrl);
    return browser.post(new URL(action).pathname, fields);
  }

  it.each([
    ['its assertion', { 'saml20.sign.assertion': true, 'saml20.sign.response': false }],
    ['its response', { 'saml20.sign.assertion': false, 'saml20.sign.response': true }],
    ['both', { 'saml20.sign.assertion': true, 'saml20.sign.response': true }],
  ])('#1 signs %s, and the person is in', async (_name, options) => {
    register(options);
    const browser = new TestBrowser(server);
    const { location } = await browser.begin(tenant, '/apps/wiki');
    const answer = await visit(browser, location.href);
    expect(await lastRecord(server, tenant)).toMatchObject({ outcome: 'accepted' });
    expect([answer.status, answer.headers.get('location')]).toEqual([303, `${server.url}/apps/wiki`]);
  });

  it('#15 begins by itself, where the connection allows it', async () => {
    register();
    const answer = await visit(new TestBrowser(server), idp.startOf(tenant.spEntityId));
    expect(await lastRecord(server, tenant)).toMatchObject({ outcome: 'accepted' });
    expect(answer.status).toBe(303);
  });
});
