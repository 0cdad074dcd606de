import { startTestServer, type TestServer } from '../support/app.js';
import { formOf, startForeignIdp, type ForeignIdp, type ForeignUser } from '../support/foreign-idp.js';
import { createSamlTenant, lastRecord, TestBrowser, type Answer, type SamlTenant } from '../support/saml-sign-in.js';
import { makeIdpKey } from '../support/test-idp.js';

const ISSUER = 'urn:example:foreign-idp';

const JANE: ForeignUser = {
  id: 'foreign|0001',
  displayName: 'Jane Roe',
  name: { givenName: 'Jane', familyName: 'Roe' },
  emails: [{ value: 'jane@example.com' }],
  groups: ['Engineering', 'Not here'],
};

let server: TestServer;
let idp: ForeignIdp;
let tenant: SamlTenant;
beforeAll(async () => {
  server = await startTestServer();
  const key = await makeIdpKey();
  idp = await startForeignIdp(ISSUER, key, () => tenant.acsUrl);
  tenant = await createSamlTenant(
    server,
    { idpEntityId: ISSUER, ssoUrl: idp.ssoUrl, certificates: [key.certificate] },
    {
      attributeMapping: {
        userName: ['http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress'],
        groups: ['http://schemas.passportjs.com/groups'],
      },
    },
  );
});
afterAll(async () => {
  await idp.close();
  await server.close();
});

/** Redirect to the IdP, its form, the POST that its page makes. */
async function visit(browser: TestBrowser): Promise<Answer> {
  const { location } = await browser.begin(tenant, '/apps/wiki');
  const page = await fetch(location);
  expect(page.status).toBe(200);
  const { action, fields } = formOf(await page.text());
  expect(action).toBe(tenant.acsUrl);
  return browser.post(new URL(action).pathname, fields);
}

describe('an IdP that this project did not write (samlp)', () => {
  it.each([
    ['its assertion', { signAssertion: true }],
    ['its response', { signAssertion: false, signResponse: true }],
    ['both', { signAssertion: true, signResponse: true }],
    ['with prefixes of its own', { signatureNamespacePrefix: 'sig', signResponse: true }],
  ])('signs %s, and the person is in', async (_name, options) => {
    idp.user = JANE;
    idp.options = options;
    const browser = new TestBrowser(server);
    const answer = await visit(browser);
    expect(await lastRecord(server, tenant)).toMatchObject({ outcome: 'accepted' });
    expect(answer.headers.get('location')).toBe(`${server.url}/apps/wiki`);
    const session = await browser.get('/session', { accept: 'application/json' });
    expect(JSON.parse(session.body)).toMatchObject({
      userName: 'jane@example.com',
      displayName: 'Jane Roe',
      email: 'jane@example.com',
    });
  });

  it('is one person at every sign-in, by the subject', async () => {
    idp.options = {};
    idp.user = { ...JANE, emails: [{ value: 'jane.doe@example.com' }], displayName: 'Jane Doe' };
    const browser = new TestBrowser(server);
    expect((await visit(browser)).status).toBe(303);
    const people = await server.sql(`SELECT user_name FROM users WHERE organization_id = $1`, [tenant.organization.id]);
    expect(people).toEqual([{ user_name: 'jane.doe@example.com' }]);
    expect(await lastRecord(server, tenant)).toMatchObject({
      decision: { kind: 'update', matchedBy: 'identity' },
      claims: { groups: { kind: 'listed', values: ['Engineering', 'Not here'] } },
    });
  });

  it.each([
    ['sends its answer elsewhere in name', 'destination-mismatch', { destination: 'https://other.example/acs' }],
    ['confirms the subject for another address', 'recipient-mismatch', { recipient: 'https://other.example/acs' }],
    ['means another audience', 'audience-mismatch', { audience: 'https://other.example/' }],
    ['calls itself otherwise', 'issuer-mismatch', { issuer: 'urn:example:other' }],
    ['answers another question', 'login-request-unknown', { inResponseTo: `_${'a'.repeat(40)}` }],
    ['still signs with SHA-1', 'algorithm-not-allowed', { signatureAlgorithm: 'rsa-sha1', digestAlgorithm: 'sha1' }],
    ['signs nothing', 'signature-missing', { signAssertion: false }],
    ['lets an assertion live for a week', 'lifetime-too-long', { lifetimeInSeconds: 7 * 86_400 }],
  ])('is refused when it %s', async (_name, reason, options) => {
    idp.user = JANE;
    idp.options = options;
    const browser = new TestBrowser(server);
    expect((await visit(browser)).status).toBe(403);
    expect(await lastRecord(server, tenant)).toMatchObject({ outcome: 'rejected', reason });
    expect(browser.cookies.has('rc_session')).toBe(false);
  });

  it('is understood when it says no', async () => {
    idp.user = undefined;
    idp.options = {};
    const browser = new TestBrowser(server);
    const answer = await visit(browser);
    expect(answer.status).toBe(403);
    expect(await lastRecord(server, tenant)).toMatchObject({ reason: 'status-not-success' });
  });
});
