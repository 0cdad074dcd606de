import { AdminTokensService } from '../../src/organizations/admin-tokens.service.js';
import { ConnectionsService } from '../../src/organizations/connections.service.js';
import type { Organization } from '../../src/organizations/connection.js';
import { startDnsServer } from '../organizations/dns-server.js';
import { DomainsService, TxtRecords } from '../../src/organizations/domains.service.js';
import { startTestServer, type TestServer } from '../support/app.js';
import { countStatements } from '../support/count-statements.js';
import { createConnection, createOrganization, request, TEST_OPERATOR } from '../support/scenario.js';
import { addSamlConnection, createSamlTenant, TestBrowser } from '../support/saml-sign-in.js';
import { expectNoEffects, sideEffects } from '../support/side-effects.js';

let server: TestServer;
let domains: DomainsService;
beforeAll(async () => {
  server = await startTestServer();
  domains = server.app.get(DomainsService);
});
afterAll(() => server.close());

const OURS = { 'sec-fetch-site': 'same-origin' };
let count = 0;

/** A domain of the organization, proved on an operator's word. */
async function verifiedDomain({ id }: Pick<Organization, 'id'>): Promise<string> {
  const domain = `company-${++count}.example`;
  await domains.claim(id, domain, TEST_OPERATOR);
  await domains.verify(id, domain, 'operator', TEST_OPERATOR);
  return domain;
}

const enter = (fields: Record<string, string>, headers: Record<string, string> = OURS) =>
  new TestBrowser(server).post('/sign-in', new URLSearchParams(fields), headers);

/** Where an address leads, without what is carried along. */
async function wayOf(email: string): Promise<string> {
  const { status, headers } = await enter({ email });
  expect(status).toBe(303);
  const location = new URL(headers.get('location')!);
  expect(location.origin).toBe(server.url);
  return location.pathname;
}

describe('the page that asks for an e-mail address', () => {
  it('is the same at / and at /sign-in, names nobody and runs no script', async () => {
    const { organization, connection } = await createSamlTenant(server);
    const browser = new TestBrowser(server);
    const root = await browser.get('/');
    const page = await browser.get('/sign-in');
    expect([root.status, page.status]).toEqual([200, 200]);
    expect(root.body).toBe(page.body);
    for (const secret of [organization.name, connection.id, connection.name]) expect(page.body).not.toContain(secret);
    expect(page.body).not.toContain('<script');
    expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-[^']+'; form-/);
  });

  it('carries along where the person wanted to go, and nothing that leads elsewhere', async () => {
    const browser = new TestBrowser(server);
    const hidden = async (targetUrl: string) =>
      /name="targetUrl" value="([^"]*)"/.exec(
        (await browser.get(`/sign-in?${new URLSearchParams({ targetUrl }).toString()}`)).body,
      )?.[1];
    expect(await hidden('/session?a=1&b="2"')).toBe('/session?a=1&amp;b=%222%22');
    for (const foreign of [
      'https://evil.example/',
      '//evil.example',
      '/\\evil.example',
      'javascript:alert(1)',
      '/\0',
    ]) {
      expect(await hidden(foreign)).toBeUndefined();
    }
  });
});

describe('an e-mail address', () => {
  it('leads to the only connection of the organization that has verified its domain, with what is carried along', async () => {
    const { organization, connection } = await createSamlTenant(server);
    const domain = await verifiedDomain(organization);
    const effects = await sideEffects(server, async () => {
      const answer = await enter({ email: ` Ada@${domain.toUpperCase()} `, targetUrl: '/session?tab=2' });
      expect(answer.status).toBe(303);
      expect(answer.headers.get('cache-control')).toBe('no-store');
      const location = new URL(answer.headers.get('location')!);
      expect(`${location.origin}${location.pathname}`).toBe(`${server.url}/saml/${connection.id}/login`);
      expect(Object.fromEntries(location.searchParams)).toEqual({
        targetUrl: '/session?tab=2',
        loginHint: `Ada@${domain.toUpperCase()}`,
      });
    });
    expectNoEffects(effects);
  });

  it('leads to the link of the organization where there are several, and from there to each', async () => {
    const { organization, connection } = await createSamlTenant(server);
    const second = await addSamlConnection(server, organization, {}, { name: 'Second <IdP>' });
    const domain = await verifiedDomain(organization);
    const browser = new TestBrowser(server);
    const { headers } = await browser.post(
      '/sign-in',
      new URLSearchParams({ email: `ada@${domain}`, targetUrl: '/session' }),
      OURS,
    );
    const link = new URL(headers.get('location')!);
    expect(link.pathname).toBe(`/o/${organization.slug}`);
    const { status, body } = await browser.get(link.pathname + link.search);
    expect(status).toBe(200);
    expect(body).toContain('Sign in with Second &lt;IdP&gt;');
    const ways = [...body.matchAll(/href="([^"]*\/login[^"]*)"/g)].map(([, href]) => href!.replaceAll('&amp;', '&'));
    const query = `targetUrl=%2Fsession&loginHint=ada%40${domain}`;
    expect(ways).toEqual([connection, second.connection].map(({ id }) => `${server.url}/saml/${id}/login?${query}`));
    for (const way of ways) expect((await browser.get(way.slice(server.url.length))).status).toBe(303);
  });

  it('leads home from the moment DNS proves its domain, and not before', async () => {
    const dns = await startDnsServer();
    try {
      server.app.get(TxtRecords).resolver.setServers([dns.address]);
      const { organization, connection } = await createSamlTenant(server);
      const domain = `company-${++count}.example`;
      const { txtRecord } = await domains.claim(organization.id, domain, TEST_OPERATOR);
      expect((await enter({ email: `ada@${domain}` })).status).toBe(200);
      dns.records.set(domain, [txtRecord]);
      expect((await enter({ email: `ada@${domain}` })).status).toBe(200);
      await domains.verify(organization.id, domain, 'dns', TEST_OPERATOR);
      expect(await wayOf(`ada@${domain}`)).toBe(`/saml/${connection.id}/login`);
      expect((await enter({ email: `ada@sub.${domain}` })).status).toBe(200);
      await domains.release(organization.id, domain, TEST_OPERATOR);
      expect((await enter({ email: `ada@${domain}` })).status).toBe(200);
    } finally {
      await dns.close();
    }
  });

  it('reaches the IdP, where that takes it', async () => {
    const { organization } = await createSamlTenant(server, { loginHint: 'login_hint' });
    const domain = await verifiedDomain(organization);
    const { headers } = await enter({ email: `ada@${domain}` });
    const question = await new TestBrowser(server).get(headers.get('location')!);
    expect(new URL(question.headers.get('location')!).searchParams.get('login_hint')).toBe(`ada@${domain}`);
  });

  it('leads over the connection an operator chose for its domain, while that one can be used', async () => {
    const { organization, connection: first } = await createSamlTenant(server);
    const { connection: chosen } = await addSamlConnection(server, organization);
    const domain = await verifiedDomain(organization);
    const other = await verifiedDomain(organization);
    const { token } = await server.app.get(AdminTokensService).create('test', null, TEST_OPERATOR);
    const path = `/admin/v1/organizations/${organization.slug}/domains/${domain}`;
    const choose = (connectionId: string | null) => request(server, 'PATCH', path, { token, body: { connectionId } });

    const effects = await sideEffects(server, async () => {
      expect(await choose(chosen.id)).toMatchObject({ status: 200, json: { domain, connectionId: chosen.id } });
      expect((await choose(chosen.id)).status).toBe(200);
    });
    expect(effects).toMatchObject({
      rows: { domains: '~1', audit_entries: '+1' },
      columns: { domains: ['connection_id'] },
      audit: [['domain.updated', domain]],
    });
    expect(await wayOf(`ada@${domain}`)).toBe(`/saml/${chosen.id}/login`);
    expect(await wayOf(`ada@${other}`)).toBe(`/o/${organization.slug}`);

    const connections = server.app.get(ConnectionsService);
    await connections.disable(organization.id, chosen.id, 'gone', TEST_OPERATOR);
    expect(await wayOf(`ada@${domain}`)).toBe(`/saml/${first.id}/login`);
    await connections.enable(organization.id, chosen.id, TEST_OPERATOR);
    const validFor = (seconds: number) =>
      server.sql(`UPDATE connections SET metadata_valid_until = $2 WHERE id = $1`, [
        chosen.id,
        new Date(server.clock.now().getTime() + seconds * 1000),
      ]);
    await validFor(-1);
    expect(await wayOf(`ada@${domain}`)).toBe(`/saml/${first.id}/login`);
    expect(await wayOf(`ada@${other}`)).toBe(`/saml/${first.id}/login`);
    await validFor(600);
    expect(await wayOf(`ada@${domain}`)).toBe(`/saml/${chosen.id}/login`);
    expect((await choose(null)).status).toBe(200);
    expect(await wayOf(`ada@${domain}`)).toBe(`/o/${organization.slug}`);

    const foreign = await createSamlTenant(server);
    expectNoEffects(
      await sideEffects(server, async () => {
        expect((await choose(foreign.connection.id)).status).toBe(422);
      }),
    );
  });

  it('that leads nowhere is answered alike, whatever the cause, and byte for byte', async () => {
    const { organization } = await createSamlTenant(server);
    const domain = `company-${++count}.example`;
    const email = `ada@${domain}`;
    const answers: string[] = [];
    const sent = countStatements(server);
    const ask = async () => {
      const before = sent();
      const { status, headers, body } = await enter({ email });
      answers.push(
        JSON.stringify([
          status,
          headers.get('content-security-policy'),
          headers.get('set-cookie'),
          body,
          sent() - before,
        ]),
      );
    };
    await ask();
    await domains.claim(organization.id, domain, TEST_OPERATOR);
    await ask();
    const empty = await createOrganization(server);
    await domains.claim(empty.id, domain, TEST_OPERATOR);
    await domains.verify(empty.id, domain, 'operator', TEST_OPERATOR);
    await ask();
    const withoutIdp = await createConnection(server, empty);
    await ask();
    await server.app.get(ConnectionsService).disable(empty.id, withoutIdp.id, 'x', TEST_OPERATOR);
    await ask();
    expect(answers).toHaveLength(5);
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toContain('Nobody signs in here with this address');
    expect(await wayOf(`ada@${await verifiedDomain(organization)}`)).toContain('/saml/');
  });

  it('is answered the same for a person who is here and one who is not', async () => {
    const tenant = await createSamlTenant(server);
    const domain = await verifiedDomain(tenant.organization);
    await new TestBrowser(server).signIn(tenant, { nameId: `here@${domain}`, now: server.clock.now() });
    const [here, gone] = await Promise.all([`here@${domain}`, `gone@${domain}`].map((email) => enter({ email })));
    expect(here!.headers.get('location')!.replace('here', 'gone')).toBe(gone!.headers.get('location'));
    expect(here!.headers.get('set-cookie')).toBe(gone!.headers.get('set-cookie'));
  });

  it('that is none is asked for again, with what was typed', async () => {
    for (const email of [
      '',
      'ada',
      '@example.com',
      'ada@',
      'ada@localhost',
      'a b@example.com',
      'a@b@example.com',
      '"><b',
    ]) {
      const { status, body } = await enter({ email });
      expect([email, status]).toEqual([email, 400]);
      expect(body).toContain('That is not an e-mail address');
      expect(body).toContain(
        `value="${email.replaceAll('"', '&quot;').replaceAll('>', '&gt;').replaceAll('<', '&lt;')}"`,
      );
    }
    expect(
      (await new TestBrowser(server).post('/sign-in', 'email=a%40b.example&email=c%40d.example', OURS)).status,
    ).toBe(400);
    expect(
      (await request(server, 'POST', '/sign-in', { body: { email: 'a@b.example' }, headers: OURS })).status,
    ).toBeLessThan(500);
  });

  it('is taken from no other site', async () => {
    const foreign: Record<string, string>[] = [
      {},
      { 'sec-fetch-site': 'cross-site' },
      { origin: 'https://evil.example' },
    ];
    for (const headers of foreign) {
      expect((await enter({ email: 'ada@example.com' }, headers)).status).toBe(403);
    }
  });
});

describe('the link of an organization', () => {
  it('leads straight on where there is one way, and stays when asked to', async () => {
    const { organization, connection } = await createSamlTenant(server);
    const browser = new TestBrowser(server);
    const straight = await browser.get(`/o/${organization.slug}?targetUrl=/session`);
    expect(straight.status).toBe(303);
    expect(straight.headers.get('location')).toBe(`${server.url}/saml/${connection.id}/login?targetUrl=%2Fsession`);
    for (const query of ['noLoginRedirect', 'noLoginRedirect=', 'noLoginRedirect=true']) {
      const stays = await browser.get(`/o/${organization.slug}?${query}`);
      expect(stays.status).toBe(200);
      expect(stays.body).toContain(`href="${server.url}/saml/${connection.id}/login"`);
    }
    const foreign = await browser.get(`/o/${organization.slug}?targetUrl=//evil.example&loginHint=<script>`);
    expect(foreign.headers.get('location')).toBe(`${server.url}/saml/${connection.id}/login`);
  });

  it('says so where nobody can sign in', async () => {
    const organization = await createOrganization(server, { name: 'Acme & Sons' });
    const { status, body } = await new TestBrowser(server).get(`/o/${organization.slug}`);
    expect(status).toBe(200);
    expect(body).toContain('Sign in to Acme &amp; Sons');
    expect(body).toContain('Nobody can sign in here at the moment');
  });

  it('that names nobody is the page of every address that is not there', async () => {
    const browser = new TestBrowser(server);
    const { organization } = await createSamlTenant(server);
    const nowhere = await browser.get('/session/nowhere');
    expect(nowhere.status).toBe(404);
    for (const slug of ['nobody', organization.id, 'UPPER', '%00', 'a%20b', `${organization.slug}/x`, '']) {
      const { status, body } = await browser.get(`/o/${slug}`);
      expect([slug, status, body]).toEqual([slug, 404, nowhere.body]);
    }
  });
});
