import { createVerify, X509Certificate } from 'node:crypto';
import { inflateRawSync } from 'node:zlib';
import type { SamlSettings } from '../../src/organizations/connection.js';
import { SpKeys } from '../../src/organizations/sp-keys.service.js';
import { startTestServer, type TestServer } from '../support/app.js';
import { createSamlTenant, lastRecord, responseOf, TestBrowser, type SamlTenant } from '../support/saml-sign-in.js';
import { TEST_OPERATOR } from '../support/scenario.js';
import { at } from '../support/test-idp.js';
import {
  describeWithXmlTools,
  validateAgainstSchema,
  verifyWithOpenssl,
  verifyWithXmlsec,
} from '../support/xml-tools.js';

/** What we send to an IdP, judged by tools that are not ours. */

const PROTOCOL = 'urn:oasis:names:tc:SAML:2.0:protocol';
const METADATA = 'urn:oasis:names:tc:SAML:2.0:metadata';
const MFA = 'https://refeds.org/profile/mfa';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const loginPath = ({ connection }: SamlTenant, query = '') => `/saml/${connection.id}/login${query}`;
const signingCertificate = async ({ connection }: SamlTenant) => {
  const keys = await server.app.get(SpKeys).published(connection.organizationId, connection.id);
  return keys.find(({ use }) => use === 'signing')!.certificate;
};
/** The query as it is on the wire. */
const rawQuery = (location: string): Map<string, string> => {
  const [, query] = location.split('?');
  return new Map(query!.split('&').map((pair) => pair.split('=') as [string, string]));
};
const inflate = (raw: string) => inflateRawSync(Buffer.from(decodeURIComponent(raw), 'base64')).toString();
const postForm = (page: string) => ({
  action: /<form method="post" action="([^"]+)"/.exec(page)![1]!.replaceAll('&amp;', '&'),
  fields: Object.fromEntries(
    [...page.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)"/g)].map(([, name, value]) => [name!, value!]),
  ) as Readonly<Record<string, string>>,
});
const ask = async (tenant: SamlTenant, query = '') => new TestBrowser(server).get(loginPath(tenant, query));

describeWithXmlTools('questions to the IdP', () => {
  it('#25 questions are signed with RSA-SHA256 over the raw query, as OpenSSL and node:crypto verify', async () => {
    const tenant = await createSamlTenant(server, { signRequests: true });
    const { status, headers } = await ask(tenant);
    expect(status).toBe(303);
    const query = rawQuery(headers.get('location')!);
    expect([...query.keys()]).toEqual(['tenant', 'SAMLRequest', 'RelayState', 'SigAlg', 'Signature']);
    const names = ['SAMLRequest', 'RelayState', 'SigAlg'];
    const octets = names.map((name) => `${name}=${query.get(name)!}`).join('&');
    expect(decodeURIComponent(query.get('SigAlg')!)).toBe('http://www.w3.org/2001/04/xmldsig-more#rsa-sha256');
    const signature = Buffer.from(decodeURIComponent(query.get('Signature')!), 'base64');
    const certificate = new X509Certificate(await signingCertificate(tenant));
    const publicKey = certificate.publicKey.export({ type: 'spki', format: 'pem' }).toString();
    expect(verifyWithOpenssl(octets, signature, publicKey)).toBe(true);
    expect(verifyWithOpenssl(`${octets}x`, signature, publicKey)).toBe(false);
    expect(createVerify('sha256').update(octets).verify(certificate.publicKey, signature)).toBe(true);
    const xml = inflate(query.get('SAMLRequest')!);
    validateAgainstSchema(xml, 'protocol');
    expect(xml).not.toContain('Signature');
    expect(xml).not.toContain('RequestedAuthnContext');
  });

  it('#25 questions go by POST with an enveloped signature that xmlsec1 verifies, not deflated, from a page that needs no script', async () => {
    const tenant = await createSamlTenant(server, {
      signRequests: true,
      requestBinding: 'post',
      forceAuthn: true,
      nameIdFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
      requestedAuthnContext: [MFA, 'urn:oasis:names:tc:SAML:2.0:ac:classes:X509'],
    });
    const { status, headers, body } = await ask(tenant);
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; script-src 'sha256-[^']+'; form-action 'self' https:; base-uri 'none'; frame-ancestors 'none'$/,
    );
    expect(body).toMatch(/<button type="submit">/);
    const { action, fields } = postForm(body);
    expect(action).toBe('https://idp.example.com/sso?tenant=1');
    expect(fields['RelayState']).toMatch(/^[A-Za-z0-9_-]{43}$/);
    const xml = Buffer.from(fields['SAMLRequest']!, 'base64').toString('utf8');
    validateAgainstSchema(xml, 'protocol');
    const certificate = await signingCertificate(tenant);
    verifyWithXmlsec(xml, certificate, [PROTOCOL, 'AuthnRequest']);
    expect(() =>
      verifyWithXmlsec(xml.replace('ForceAuthn="true"', 'ForceAuthn="false"'), certificate, [PROTOCOL, 'AuthnRequest']),
    ).toThrow();
    expect(xml).toContain('ForceAuthn="true"');
    expect(xml).toContain('Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent" AllowCreate="true"');
    expect(xml).toMatch(new RegExp(`RequestedAuthnContext Comparison="exact"><saml:AuthnContextClassRef>${MFA}<`));
    expect(/Signature(Method|Value)/.exec(xml)).not.toBeNull();
    expect(xml).toContain('xmldsig-more#rsa-sha256');
    expect(xml).toContain('xmlenc#sha256');
  });

  it('#25 questions are valid and unsigned where nothing is set, each with an id of its own and the time of the server', async () => {
    const tenant = await createSamlTenant(server);
    const questions = await Promise.all(
      [1, 2].map(async () => {
        const query = rawQuery((await ask(tenant)).headers.get('location')!);
        expect([...query.keys()]).toEqual(['tenant', 'SAMLRequest', 'RelayState']);
        return inflate(query.get('SAMLRequest')!);
      }),
    );
    for (const xml of questions) validateAgainstSchema(xml, 'protocol');
    const ids = questions.map((xml) => / ID="(_[0-9a-f]{40})"/.exec(xml)![1]);
    expect(new Set(ids).size).toBe(2);
    const issued = Date.parse(/IssueInstant="([^"]+)"/.exec(questions[0]!)![1]!);
    expect(Math.abs(issued - server.clock.now().getTime())).toBeLessThan(60_000);
  });

  it('#25 metadata is valid, also with every kind of key and signed, and xmlsec1 verifies it', async () => {
    const tenant = await createSamlTenant(server, { wantSigned: 'both', signRequests: true });
    const keys = server.app.get(SpKeys);
    const { id: connectionId, organizationId } = tenant.connection;
    const read = async (query = '') => {
      const response = await fetch(`${server.url}/saml/${connectionId}/metadata${query}`);
      expect(response.headers.get('content-type')).toMatch(/^application\/samlmetadata\+xml/);
      return response.text();
    };
    validateAgainstSchema(await read(), 'metadata');
    for (const use of ['signing', 'encryption', 'encryption'] as const) {
      await keys.create(organizationId, connectionId, use, TEST_OPERATOR);
    }
    const plain = await read();
    validateAgainstSchema(plain, 'metadata');
    expect(plain).not.toContain('SignatureValue');
    expect(plain.match(/use="signing"/g)).toHaveLength(2);
    expect(plain.match(/use="encryption"/g)).toHaveLength(2);
    expect(plain).toContain('AuthnRequestsSigned="true" WantAssertionsSigned="true"');
    const methods = [...plain.matchAll(/EncryptionMethod Algorithm="[^"]*[#]([^"]+)"/g)].map(([, name]) => name);
    expect([...new Set(methods)]).toEqual(
      'aes256-gcm aes192-gcm aes128-gcm aes256-cbc aes192-cbc aes128-cbc rsa-oaep-mgf1p rsa-oaep'.split(' '),
    );
    const signed = await read('?signed=true');
    validateAgainstSchema(signed, 'metadata');
    const certificate = await signingCertificate(tenant);
    verifyWithXmlsec(signed, certificate, [METADATA, 'EntityDescriptor']);
    const altered = signed.replace('AuthnRequestsSigned="true"', 'AuthnRequestsSigned="false"');
    expect(() => verifyWithXmlsec(altered, certificate, [METADATA, 'EntityDescriptor'])).toThrow();
  });

  it('#25 metadata is signed without being asked where the connection says so, and names the format that is wanted', async () => {
    const tenant = await createSamlTenant(server, { signMetadata: true, nameIdFormat: 'urn:example:format' });
    const xml = await (await fetch(`${server.url}/saml/${tenant.connection.id}/metadata`)).text();
    verifyWithXmlsec(xml, await signingCertificate(tenant), [METADATA, 'EntityDescriptor']);
    expect(xml.match(/<md:NameIDFormat>[^<]+</g)).toEqual(['<md:NameIDFormat>urn:example:format<']);
    // CBC is offered only where the response must be signed.
    await server.app.get(SpKeys).create(tenant.organization.id, tenant.connection.id, 'encryption', TEST_OPERATOR);
    const withKey = await (await fetch(`${server.url}/saml/${tenant.connection.id}/metadata`)).text();
    expect(withKey).toContain('aes256-gcm');
    expect(withKey).not.toContain('-cbc');
  });
});

describe('a hint who wants to sign in', () => {
  it.each([
    ['login_hint', 'ada@example.com', 'login_hint=ada%40example.com'],
    ['Email', 'ada@example.com', 'Email=ada%40example.com'],
    ['whr', 'ada@example.com', 'whr=example.com'],
    ['domain_hint', 'example.com', 'domain_hint=example.com'],
  ])('reaches the IdP as %s', async (loginHint, hint, expected) => {
    for (const requestBinding of ['redirect', 'post'] as const) {
      const tenant = await createSamlTenant(server, { loginHint, requestBinding, signRequests: true });
      const { headers, body } = await ask(tenant, `?loginHint=${encodeURIComponent(hint)}`);
      const address = headers.get('location') ?? postForm(body).action;
      expect(address.split('?')[1]!.split('&').slice(0, 2)).toEqual(['tenant=1', expected]);
    }
  });

  it.each([
    ['a connection whose IdP takes none', null, '?loginHint=ada%40example.com'],
    ['an empty one', 'login_hint', '?loginHint='],
    ['a long one', 'login_hint', `?loginHint=${'a'.repeat(300)}`],
    ['two of them', 'login_hint', '?loginHint=a&loginHint=b'],
    ['one with a line break', 'login_hint', '?loginHint=a%0d%0ab'],
  ])('is left out of %s', async (_what, loginHint, query) => {
    const tenant = await createSamlTenant(server, { loginHint });
    const { headers } = await ask(tenant, query);
    expect([...rawQuery(headers.get('location')!).keys()]).toEqual(['tenant', 'SAMLRequest', 'RelayState']);
  });
});

describe('an answer to what was demanded', () => {
  const context = (name: string) =>
    `<saml:AuthnStatement AuthnInstant="${at(server.clock.now())}"><saml:AuthnContext><saml:AuthnContextClassRef>${name}</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>`;
  const signIn = async (settings: Partial<SamlSettings>, authnStatement: (now: Date) => string) => {
    const tenant = await createSamlTenant(server, settings);
    const browser = new TestBrowser(server);
    const { id, relayState } = await browser.begin(tenant);
    const xml = responseOf(tenant, id, { authnStatement: authnStatement(server.clock.now()) });
    await browser.answer(tenant, xml, relayState);
    return lastRecord(server, tenant);
  };

  it('is taken with the authentication context that was asked for, and with no other', async () => {
    const settings = { requestedAuthnContext: ['urn:example:phishing-resistant', MFA] };
    expect(await signIn(settings, () => context(MFA))).toMatchObject({ outcome: 'accepted' });
    expect(await signIn(settings, () => context('urn:example:password'))).toMatchObject({
      outcome: 'rejected',
      reason: 'authn-context-mismatch',
    });
    expect(await signIn({}, () => context('urn:example:password'))).toMatchObject({ outcome: 'accepted' });
  });

  it('is refused where the person should have authenticated anew and did not', async () => {
    const old = (now: Date) => context(MFA).replace(/AuthnInstant="[^"]+"/, `AuthnInstant="${at(now, -900)}"`);
    expect(await signIn({ forceAuthn: true }, old)).toMatchObject({ reason: 'reauthentication-missing' });
    expect(await signIn({ forceAuthn: true }, () => context(MFA))).toMatchObject({ outcome: 'accepted' });
    expect(await signIn({}, old)).toMatchObject({ outcome: 'accepted' });
  });
});
