import { startTestServer, type TestServer } from '../support/app.js';
import { formOf } from '../support/foreign-idp.js';
import { createSamlTenant, lastRecord, TestBrowser, type Answer, type SamlTenant } from '../support/saml-sign-in.js';
import { makeIdpKey } from '../support/test-idp.js';
import { describeWithPeer } from './peer.js';
import { missingForPysaml2, startPysaml2, type Pysaml2, type Pysaml2Options } from './pysaml2.js';

const PERSON = { uid: ['jroe'], mail: ['jane@example.com'], givenName: ['Jane'], sn: ['Roe'], groups: ['Engineering'] };

describeWithPeer('pysaml2', missingForPysaml2, () => {
  let server: TestServer;
  let idp: Pysaml2;
  let tenant: SamlTenant;
  beforeAll(async () => {
    server = await startTestServer();
    const key = await makeIdpKey();
    idp = await startPysaml2(key, PERSON);
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

  const register = async (options: Pysaml2Options) => {
    const metadata = await (await fetch(tenant.spEntityId)).text();
    idp.register(metadata, { sp: tenant.spEntityId, acs: tenant.acsUrl, ...options });
  };

  /** From the IdP's page to the session. */
  async function visit(browser: TestBrowser, location: string): Promise<Answer> {
    const page = await fetch(location);
    const text = await page.text();
    expect([page.status, page.status === 200 ? '' : text]).toEqual([200, '']);
    const { action, fields } = formOf(text);
    expect(action).toBe(tenant.acsUrl);
    return browser.post(new URL(action).pathname, fields);
  }

  it.each<[string, Pysaml2Options]>([
    ['its assertion', { signAssertion: true, signResponse: false }],
    ['its response', { signAssertion: false, signResponse: true }],
    ['both', { signAssertion: true, signResponse: true }],
  ])('#1 signs %s, and the person is in', async (_name, options) => {
    await register(options);
    const browser = new TestBrowser(server);
    const { location } = await browser.begin(tenant, '/apps/wiki');
    const answer = await visit(browser, location.href);
    expect(await lastRecord(server, tenant)).toMatchObject({ outcome: 'accepted' });
    expect([answer.status, answer.headers.get('location')]).toEqual([303, `${server.url}/apps/wiki`]);
  });

  it('#15 begins by itself, where the connection allows it', async () => {
    await register({ signAssertion: true, signResponse: false });
    const answer = await visit(new TestBrowser(server), idp.startUrl);
    expect(await lastRecord(server, tenant)).toMatchObject({ outcome: 'accepted' });
    expect(answer.status).toBe(303);
  });
});
