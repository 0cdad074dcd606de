import { X509Certificate } from 'node:crypto';
import { inflateRawSync } from 'node:zlib';
import { AdminTokensService } from '../../src/organizations/admin-tokens.service.js';
import type { SamlSettings } from '../../src/organizations/connection.js';
import { SpKeys } from '../../src/organizations/sp-keys.service.js';
import { startTestServer, type TestServer } from '../support/app.js';
import { createSamlTenant, TestBrowser, type Answer, type SamlTenant } from '../support/saml-sign-in.js';
import { request, TEST_OPERATOR } from '../support/scenario.js';
import { expectEvents, sideEffects } from '../support/side-effects.js';
import { makeIdpKey, type IdpKey } from '../support/test-idp.js';
import { makeLogoutResponse, signMessage, toForm, toQuery } from '../support/test-idp-logout.js';
import {
  describeWithXmlTools,
  validateAgainstSchema,
  verifyWithOpenssl,
  verifyWithXmlsec,
} from '../support/xml-tools.js';

/** A person who signs out here and at their IdP. */

const SLO = 'https://idp.example.com/slo?tenant=1';
const PROTOCOL = 'urn:oasis:names:tc:SAML:2.0:protocol';
const OURS = { 'sec-fetch-site': 'same-origin' };

let server: TestServer;
let stranger: IdpKey;
beforeAll(async () => {
  server = await startTestServer();
  stranger = await makeIdpKey();
});
afterAll(() => server.close());

const tenantWithLogout = (binding: 'redirect' | 'post' = 'redirect', saml: Partial<SamlSettings> = {}) =>
  createSamlTenant(server, { singleLogout: { url: SLO, responseUrl: null, binding }, ...saml });

async function signedIn(tenant: SamlTenant, changes: object = {}): Promise<TestBrowser> {
  const browser = new TestBrowser(server);
  expect((await browser.signIn(tenant, { now: server.clock.now(), sessionIndex: '_s1', ...changes })).status).toBe(303);
  return browser;
}
const page = async (browser: TestBrowser) => (await browser.get('/session', { accept: 'text/html' })).body;
const isIn = async (browser: TestBrowser) => (await browser.get('/session')).status === 200;
const signOut = (browser: TestBrowser) => browser.post('/sign-out', new URLSearchParams({ everywhere: 'yes' }), OURS);
const certificateOf = async ({ connection }: SamlTenant) => {
  const keys = await server.app.get(SpKeys).published(connection.organizationId, connection.id);
  return keys.find(({ use }) => use === 'signing')!.certificate;
};
const parametersOf = (answer: Answer) =>
  new Map(
    answer.headers
      .get('location')!
      .split('?')[1]!
      .split('&')
      .map((pair) => pair.split(/=(.*)/s, 2) as [string, string]),
  );
const requestIn = (answer: Answer) =>
  inflateRawSync(Buffer.from(decodeURIComponent(parametersOf(answer).get('SAMLRequest')!), 'base64')).toString();
const idOf = (xml: string) => /\sID="([^"]+)"/.exec(xml)![1]!;
const slo = ({ connection }: SamlTenant) => `/saml/${connection.id}/slo`;
const responseTo = (tenant: SamlTenant, inResponseTo: string, status?: string, second?: string) =>
  makeLogoutResponse({
    now: server.clock.now(),
    issuer: tenant.idpEntityId,
    destination: `${server.url}${slo(tenant)}`,
    inResponseTo,
    ...(status === undefined ? {} : { status }),
    ...(second === undefined ? {} : { second }),
  });
/** The page where the person lands with this answer. */
async function landing(browser: TestBrowser, answer: Answer): Promise<string> {
  expect(answer.status).toBe(303);
  const { status, body } = await browser.get(answer.headers.get('location')!);
  expect(status).toBe(200);
  return body;
}

describe('#22 signing out at the IdP too', () => {
  it('is offered where the IdP has an address for it, beside signing out here only', async () => {
    expect(await page(await signedIn(await createSamlTenant(server)))).not.toContain('everywhere');
    const browser = await signedIn(await tenantWithLogout());
    expect(await page(browser)).toContain('name="everywhere"');
    const here = await browser.post('/sign-out', '', OURS);
    expect(here.headers.get('location')).toBe(`${server.url}/`);
  });

  it('ends the session here first, and then asks the IdP, signed, in the words of the sign-in', async () => {
    const tenant = await tenantWithLogout();
    const certificate = await certificateOf(tenant);
    const browser = await signedIn(tenant, { nameId: 'ada&co@example.com' });
    const elsewhere = await signedIn(tenant, { nameId: 'ada&co@example.com', sessionIndex: '_s2' });
    let answer!: Answer;
    const effects = await sideEffects(server, async () => {
      answer = await signOut(browser);
    });
    expect(effects.rows).toEqual({ sessions: '~1', logout_requests: '+1', audit_entries: '+1' });
    expectEvents(effects, ['session.revoked']);
    expect(answer.status).toBe(303);
    expect(answer.headers.get('location')!.startsWith(`${SLO}&SAMLRequest=`)).toBe(true);
    expect(browser.cookies.has('rc_session')).toBe(false);
    expect(await isIn(elsewhere)).toBe(true);
    const xml = requestIn(answer);
    expect(xml).toContain(`<saml:Issuer>${tenant.spEntityId}</saml:Issuer>`);
    expect(xml).toContain(`Destination="${SLO}"`);
    expect(xml).toContain(
      `<saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">ada&amp;co@example.com</saml:NameID>`,
    );
    expect(xml).toContain('<samlp:SessionIndex>_s1</samlp:SessionIndex></samlp:LogoutRequest>');
    expect([...parametersOf(answer).keys()]).toEqual(['tenant', 'SAMLRequest', 'SigAlg', 'Signature']);
    expect(certificate).toContain('BEGIN CERTIFICATE');
  });

  it('names the person letter by letter as the IdP did, and in the spelling we know where that was not kept', async () => {
    const tenant = await tenantWithLogout();
    const email = 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress';
    const sent =
      `<saml:NameID NameQualifier="${tenant.idpEntityId}" SPNameQualifier="${tenant.spEntityId}" Format="${email}">` +
      `Ada.Lovelace@Example.com</saml:NameID>`;
    const browser = await signedIn(tenant, { nameIdElement: sent });
    expect(requestIn(await signOut(browser))).toContain(`</saml:Issuer>${sent}<samlp:SessionIndex>`);
    const attributes = { email: ['grace@example.com'] };
    const noFormat = { nameIdFormat: undefined, sessionIndex: undefined };
    const bare = await signedIn(tenant, { ...noFormat, nameId: 'grace', attributes });
    expect(requestIn(await signOut(bare))).toContain('<saml:NameID>grace</saml:NameID></samlp:LogoutRequest>');
    const old = await signedIn(tenant, { nameIdElement: sent });
    await server.sql(`UPDATE sessions SET sent_name = NULL`);
    expect(requestIn(await signOut(old))).toContain(`Format="${email}">ada.lovelace@example.com</saml:NameID>`);
  });

  it.each([
    ['confirms it', 'Success', undefined, 'says that you are signed out there'],
    ['could not end all of it', 'Success', 'PartialLogout', 'could not sign you out everywhere'],
    ['refuses', 'Responder', undefined, 'did <strong>not</strong> sign you out'],
    ['refuses for part of it', 'Responder', 'PartialLogout', 'could not sign you out everywhere'],
  ])('an IdP that %s is quoted plainly', async (_what, status, second, said) => {
    const tenant = await tenantWithLogout();
    for (const binding of ['redirect', 'post'] as const) {
      const browser = await signedIn(tenant);
      const id = idOf(requestIn(await signOut(browser)));
      const xml = responseTo(tenant, id, status, second);
      let answer!: Answer;
      const effects = await sideEffects(server, async () => {
        answer =
          binding === 'redirect'
            ? await browser.get(`${slo(tenant)}?${toQuery(xml, { key: tenant.key, kind: 'SAMLResponse' })}`)
            : await browser.post(slo(tenant), toForm(signMessage(xml, tenant.key), undefined, 'SAMLResponse'));
      });
      expect(effects.columns).toEqual({ logout_requests: ['outcome'] });
      expect(effects.rows).toEqual({ logout_requests: '~1' });
      expect(await landing(browser, answer)).toContain(said);
    }
  });

  it('an answer that is not believed confirms nothing, changes nothing, and is on record', async () => {
    const tenant = await tenantWithLogout();
    const other = await tenantWithLogout();
    const browser = await signedIn(tenant);
    const bystander = await signedIn(tenant);
    const id = idOf(requestIn(await signOut(browser)));
    const good = responseTo(tenant, id);
    const query = (xml: string, key: IdpKey | undefined) => toQuery(xml, { key, kind: 'SAMLResponse' });
    // Some IdPs never sign: that alone is not worth a record.
    const unsigned = await sideEffects(server, async () => {
      const answer = await browser.get(`${slo(tenant)}?${query(good, undefined)}`);
      expect(await landing(browser, answer)).toContain('<strong>not confirmed</strong>');
    });
    expect(unsigned.rows).toEqual({});
    const attempts: [string, string][] = [
      ['signature-invalid', query(good, stranger)],
      ['issuer-mismatch', query(good.replace(tenant.idpEntityId, other.idpEntityId), tenant.key)],
      ['destination-mismatch', query(good.replace(slo(tenant), slo(other)), tenant.key)],
      ['structure', query(good.replace(/<samlp:Status>.*<\/samlp:Status>/, ''), tenant.key)],
    ];
    for (const [reason, text] of attempts) {
      const effects = await sideEffects(server, async () => {
        const answer = await browser.get(`${slo(tenant)}?${text}`);
        expect(await landing(browser, answer)).toContain('<strong>not confirmed</strong>');
      });
      expect(effects).toEqual({ rows: { logouts: '+1' }, columns: {}, events: [], audit: [] });
      const [row] = await server.sql(`SELECT reason FROM logouts ORDER BY id DESC LIMIT 1`);
      expect(row).toEqual({ reason });
    }
    // A good one to a question that nobody asked, or at another connection.
    const unasked = await browser.get(`${slo(tenant)}?${query(responseTo(tenant, '_unasked'), tenant.key)}`);
    expect(await landing(browser, unasked)).toContain('may still be signed in');
    expect(await isIn(bystander)).toBe(true);
    const [open] = await server.sql(`SELECT outcome FROM logout_requests WHERE id = $1`, [id]);
    expect(open).toEqual({ outcome: null });
    // The first answer counts.
    await browser.get(`${slo(tenant)}?${query(good, tenant.key)}`);
    await browser.get(`${slo(tenant)}?${query(responseTo(tenant, id, 'Responder'), tenant.key)}`);
    const [first] = await server.sql(`SELECT outcome FROM logout_requests WHERE id = $1`, [id]);
    expect(first).toEqual({ outcome: 'confirmed' });
  });

  it('where the IdP cannot be asked, the session here has ended all the same, and the page says so', async () => {
    const tenant = await tenantWithLogout();
    const browser = await signedIn(tenant);
    await server.sql(`UPDATE connections SET saml = saml || '{"singleLogout": null}' WHERE id = $1`, [
      tenant.connection.id,
    ]);
    const answer = await signOut(browser);
    expect(await landing(browser, answer)).toContain('may still be signed in');
    expect(await isIn(browser)).toBe(false);
  });

  it('is not begun for other sites, and the page of it is not for those who are signed in', async () => {
    const tenant = await tenantWithLogout();
    const browser = await signedIn(tenant);
    const form = new URLSearchParams({ everywhere: 'yes' });
    expect((await browser.post('/sign-out', form, { origin: 'https://evil.example' })).status).toBe(403);
    const { status, headers } = await browser.get(`/signed-out?connection=${tenant.connection.id}`);
    expect([status, headers.get('location')]).toEqual([303, `${server.url}/session`]);
    for (const query of ['', '?connection=x&request=y', '?connection=a&connection=b', '?request=%00']) {
      expect((await new TestBrowser(server).get(`/signed-out${query}`)).status).toBe(200);
    }
  });

  it('operators read what became of logout messages, by the code a person was shown too', async () => {
    const tenant = await tenantWithLogout();
    const token = (await server.app.get(AdminTokensService).create('test', null, TEST_OPERATOR)).token;
    const { body } = await new TestBrowser(server).get(`${slo(tenant)}?SAMLRequest=AAAA`);
    const code = /<code>([^<]+)<\/code>/.exec(body)![1]!;
    const base = `/admin/v1/organizations/${tenant.organization.slug}/logouts`;
    const list = await request<{ items: object[] }>(server, 'GET', `${base}?outcome=rejected`, { token });
    expect(list.json.items).toMatchObject([{ incidentCode: code, reason: 'response-malformed', sessionsEnded: null }]);
    const one = await request(server, 'GET', `${base}/${code.toLowerCase()}`, { token });
    expect(one.json).toMatchObject({ incidentCode: code, detail: { check: 'DEFLATE' } });
    expect((await request(server, 'GET', `${base}/nothing`, { token })).status).toBe(404);
    const incident = await request(server, 'GET', `/admin/v1/incidents/${code.replaceAll('-', '')}`, { token });
    expect(incident.json).toEqual({
      kind: 'logout',
      incidentCode: code,
      at: one.json['at'],
      organizationId: tenant.organization.id,
      organization: tenant.organization.slug,
      connectionId: tenant.connection.id,
      connectionName: tenant.connection.name,
      named: null,
      userId: null,
      outcome: 'rejected',
      reason: 'response-malformed',
      detail: { check: 'DEFLATE' },
      hints: [one.json['hint']],
      correlationId: one.json['correlationId'],
      more: `logout get ${tenant.organization.slug} ${code}`,
    });
    expect(one.json).toMatchObject({ hint: expect.stringContaining('No IdP sends that') as string });
    for (const unknown of ['2222-2222-22', 'nothing', '%00', '7KQ2-M9XD-4HX']) {
      expect((await request(server, 'GET', `/admin/v1/incidents/${unknown}`, { token })).status).toBe(404);
    }
  });
});

describeWithXmlTools('#22 what we say of logout, as others read it', () => {
  it('#25 requests and answers are valid and verify at OpenSSL and xmlsec1; metadata names the address for both bindings', async () => {
    const tenant = await tenantWithLogout();
    const answer = await signOut(await signedIn(tenant));
    const raw = parametersOf(answer);
    const octets = `SAMLRequest=${raw.get('SAMLRequest')!}&SigAlg=${raw.get('SigAlg')!}`;
    const signature = Buffer.from(decodeURIComponent(raw.get('Signature')!), 'base64');
    const certificate = await certificateOf(tenant);
    const publicKey = new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'pem' }).toString();
    expect(verifyWithOpenssl(octets, signature, publicKey)).toBe(true);
    validateAgainstSchema(requestIn(answer), 'protocol');

    const post = await tenantWithLogout('post');
    const form = await signOut(await signedIn(post));
    expect(form.status).toBe(200);
    const xml = Buffer.from(/name="SAMLRequest" value="([^"]+)"/.exec(form.body)![1]!, 'base64').toString();
    validateAgainstSchema(xml, 'protocol');
    verifyWithXmlsec(xml, await certificateOf(post), [PROTOCOL, 'LogoutRequest']);

    const metadata = await (await fetch(`${server.url}/saml/${tenant.connection.id}/metadata`)).text();
    validateAgainstSchema(metadata, 'metadata');
    for (const binding of ['HTTP-Redirect', 'HTTP-POST']) {
      expect(metadata).toContain(
        `<md:SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:${binding}" Location="${server.url}${slo(tenant)}"/>`,
      );
    }
  });
});
