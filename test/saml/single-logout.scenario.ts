import { createVerify, X509Certificate } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { SamlSettings } from '../../src/organizations/connection.js';
import { SpKeys } from '../../src/organizations/sp-keys.service.js';
import { onPostgres, freshDatabase, startTestServer, type TestServer } from '../support/app.js';
import {
  addSamlConnection,
  createSamlTenant,
  lastRecord,
  responseOf,
  TestBrowser,
  type Answer,
  type SamlTenant,
} from '../support/saml-sign-in.js';
import { expectEvents, sideEffects } from '../support/side-effects.js';
import { at, makeIdpKey, type IdpKey, type ResponseOptions } from '../support/test-idp.js';
import {
  lowerCase,
  makeLogoutRequest,
  signMessage,
  toForm,
  toQuery,
  type LogoutOptions,
  type QueryOptions,
} from '../support/test-idp-logout.js';

/** What an IdP says at our logout address. */

const SLO = 'https://idp.example.com/slo?tenant=1';
const STATUS = 'urn:oasis:names:tc:SAML:2.0:status:';

let server: TestServer;
let stranger: IdpKey;
beforeAll(async () => {
  server = await startTestServer();
  stranger = await makeIdpKey();
});
afterAll(() => server.close());

const singleLogout = { url: SLO, responseUrl: null, binding: 'redirect' } as const;
const tenantWithLogout = (saml: Partial<SamlSettings> = {}) => createSamlTenant(server, { singleLogout, ...saml });

async function signedIn(tenant: SamlTenant, nameId: string, sessionIndex: string | undefined): Promise<TestBrowser> {
  const browser = new TestBrowser(server);
  const { status } = await browser.signIn(tenant, { nameId, sessionIndex, now: server.clock.now() });
  expect(status).toBe(303);
  return browser;
}

const isIn = async (browser: TestBrowser, url = server.url): Promise<boolean> => {
  const elsewhere = new TestBrowser({ url });
  for (const [name, value] of browser.cookies) elsewhere.cookies.set(name, value);
  return (await elsewhere.get('/session', { accept: 'application/json' })).status === 200;
};
const areIn = (browsers: readonly TestBrowser[]) => Promise.all(browsers.map((browser) => isIn(browser)));

const slo = ({ connection }: SamlTenant) => `/saml/${connection.id}/slo`;
const requestOf = (tenant: SamlTenant, changes: Partial<LogoutOptions> = {}) =>
  makeLogoutRequest({
    now: server.clock.now(),
    issuer: tenant.idpEntityId,
    destination: `${server.url}${slo(tenant)}`,
    ...changes,
  });
const byRedirect = (tenant: SamlTenant, xml: string, query: Partial<QueryOptions> = {}) =>
  new TestBrowser(server).get(`${slo(tenant)}?${toQuery(xml, { key: tenant.key, ...query })}`);
const byPost = (tenant: SamlTenant, signed: string, relayState?: string) =>
  new TestBrowser(server).post(slo(tenant), toForm(signed, relayState));

/** What a strict IdP reads of our answer: verified over the octets as they are in the address. */
async function answerOf(tenant: SamlTenant, { status, headers }: Answer) {
  expect(status).toBe(303);
  const location = headers.get('location')!;
  expect(location.startsWith(`${SLO}&SAMLResponse=`)).toBe(true);
  const raw = new Map(
    location
      .split('?')[1]!
      .split('&')
      .map((pair) => pair.split(/=(.*)/s, 2) as [string, string]),
  );
  const octets = ['SAMLResponse', 'RelayState', 'SigAlg']
    .filter((name) => raw.has(name))
    .map((name) => `${name}=${raw.get(name)!}`);
  const keys = await server.app.get(SpKeys).published(tenant.connection.organizationId, tenant.connection.id);
  const { publicKey } = new X509Certificate(keys.find(({ use }) => use === 'signing')!.certificate);
  const signature = Buffer.from(decodeURIComponent(raw.get('Signature')!), 'base64');
  expect(createVerify('sha256').update(octets.join('&')).verify(publicKey, signature)).toBe(true);
  expect(decodeURIComponent(raw.get('SigAlg')!)).toBe('http://www.w3.org/2001/04/xmldsig-more#rsa-sha256');
  const xml = inflateRawSync(Buffer.from(decodeURIComponent(raw.get('SAMLResponse')!), 'base64')).toString();
  const state = raw.get('RelayState');
  return { xml, relayState: state === undefined ? undefined : decodeURIComponent(state) };
}

async function lastLogout(tenant: SamlTenant) {
  const [row] = await server.sql<Record<string, unknown>>(
    `SELECT outcome, reason, incident_code, detail, sessions_ended FROM logouts WHERE connection_id = $1 ORDER BY id DESC LIMIT 1`,
    [tenant.connection.id],
  );
  return row!;
}

describe('#22 a signed logout', () => {
  it.each(['redirect', 'post'] as const)(
    'by %s ends the sessions it names and no others, without any cookie, and is answered signed',
    async (binding) => {
      const tenant = await tenantWithLogout();
      const second = await addSamlConnection(server, tenant.organization, { idpEntityId: tenant.idpEntityId });
      const named = await signedIn(tenant, 'ada@example.com', '_s1');
      const others = [
        await signedIn(tenant, 'ada@example.com', '_s2'),
        await signedIn(tenant, 'eve@example.com', '_s1'),
        await signedIn(second, 'zoe@example.com', '_s1'),
        await signedIn(await tenantWithLogout(), 'ada@example.com', '_s1'),
      ];
      const id = `_${binding}`;
      const xml = requestOf(tenant, { id, sessionIndexes: ['_s1', '_unknown'] });
      let answer!: Answer;
      const effects = await sideEffects(server, async () => {
        answer =
          binding === 'redirect'
            ? await byRedirect(tenant, xml, { relayState: 'state of the IdP' })
            : await byPost(tenant, signMessage(xml, tenant.key), 'state of the IdP');
      });
      expect(effects.rows).toEqual({
        sp_keys: '+1',
        ...(effects.rows['data_keys'] === undefined ? {} : { data_keys: '+1' }),
        sessions: '~1',
        logouts: '+1',
        audit_entries: '+2',
      });
      expectEvents(effects, ['session.revoked', 'sp-key.published']);
      expect([await isIn(named), ...(await areIn(others))]).toEqual([false, true, true, true, true]);
      const [entry] = await server.sql(
        `SELECT actor_kind, actor_id, changes FROM audit_entries WHERE action = 'session.revoked' ORDER BY id DESC LIMIT 1`,
      );
      expect(entry).toMatchObject({
        actor_kind: 'idp',
        actor_id: tenant.connection.id,
        changes: { reason: [null, 'single-logout'] },
      });
      expect(await lastLogout(tenant)).toMatchObject({ outcome: 'accepted', sessions_ended: 1 });
      const { xml: response, relayState } = await answerOf(tenant, answer);
      expect(relayState).toBe('state of the IdP');
      expect(response).toContain(`InResponseTo="${id}"`);
      expect(response).toContain(`Destination="${SLO.replaceAll('&', '&amp;')}"`);
      expect(response).toContain(`<saml:Issuer>${tenant.spEntityId}</saml:Issuer>`);
      expect(response).toMatch(new RegExp(`<samlp:Status><samlp:StatusCode Value="${STATUS}Success"/></samlp:Status>`));
    },
  );

  it('without an index ends all sessions of the person at this connection', async () => {
    const tenant = await tenantWithLogout();
    const own = [
      await signedIn(tenant, 'ada@example.com', '_s1'),
      await signedIn(tenant, 'ada@example.com', undefined),
    ];
    const other = await signedIn(tenant, 'eve@example.com', '_s1');
    await answerOf(tenant, await byRedirect(tenant, requestOf(tenant, { sessionIndexes: [] })));
    expect(await areIn([...own, other])).toEqual([false, false, true]);
  });

  it('is verified over the octets: lower-case escapes, any order, without RelayState, RSA-SHA512', async () => {
    const tenant = await tenantWithLogout();
    const send = async (query: string) => {
      const browser = await signedIn(tenant, 'ada@example.com', '_s1');
      await answerOf(tenant, await new TestBrowser(server).get(`${slo(tenant)}?${query}`));
      expect(await isIn(browser)).toBe(false);
    };
    const { key } = tenant;
    await send(toQuery(requestOf(tenant, { sessionIndexes: ['_s1'] }), { key, encode: lowerCase, relayState: 'a/b=' }));
    const shuffled = toQuery(requestOf(tenant, { sessionIndexes: ['_s1'] }), { key, relayState: 'x' }).split('&');
    await send([...shuffled.reverse(), 'via=balancer'].join('&'));
    const algorithm = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512';
    await send(toQuery(requestOf(tenant, { sessionIndexes: ['_s1'] }), { key, algorithm }));
  });

  it('knows the name with the qualifier that may be left out, and in any format where none is given', async () => {
    const tenant = await tenantWithLogout();
    for (const changes of [{ nameQualifier: tenant.idpEntityId }, { format: undefined }]) {
      const browser = await signedIn(tenant, 'ada@example.com', '_s1');
      await answerOf(tenant, await byRedirect(tenant, requestOf(tenant, { ...changes, sessionIndexes: ['_s1'] })));
      expect(await isIn(browser)).toBe(false);
    }
  });

  it('that gives no format knows an e-mail address in any case, and all other names exactly', async () => {
    const tenant = await tenantWithLogout();
    const email = { nameIdFormat: 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress', nameId: 'Alice@Corp.com' };
    const enter = async (changes: Partial<ResponseOptions>) => {
      const browser = new TestBrowser(server);
      expect((await browser.signIn(tenant, { now: server.clock.now(), ...changes })).status).toBe(303);
      return browser;
    };
    const order = { nameId: email.nameId, format: undefined };
    const [alice, nameless, lower] = [
      await enter({ ...email, sessionIndex: '_s1' }),
      await enter({ ...email, sessionIndex: undefined }),
      await enter({ nameId: 'alice@corp.com', attributes: { email: ['other@corp.com'] }, sessionIndex: '_s1' }),
    ];
    const late = new TestBrowser(server);
    const { id, relayState } = await late.begin(tenant);
    const now = server.clock.now();
    const lateXml = responseOf(tenant, id, { ...email, now, authnInstant: at(now, -60), sessionIndex: '_s1' });
    const answer = await byRedirect(tenant, requestOf(tenant, { ...order, sessionIndexes: ['_s1'] }));
    expect((await answerOf(tenant, answer)).xml).toContain('PartialLogout');
    expect(await lastLogout(tenant)).toMatchObject({ outcome: 'accepted', sessions_ended: 1 });
    expect(await areIn([alice, nameless, lower])).toEqual([false, true, true]);
    expect((await late.answer(tenant, lateXml, relayState)).status).toBe(403);
    expect(await lastRecord(server, tenant)).toMatchObject({ reason: 'logged-out' });
    const all = await byRedirect(tenant, requestOf(tenant, { ...order, sessionIndexes: [] }));
    expect((await answerOf(tenant, all)).xml).toContain(`${STATUS}Success`);
    expect(await areIn([nameless, lower])).toEqual([false, true]);
    const persistent = requestOf(tenant, { nameId: 'Alice@Corp.com', sessionIndexes: [] });
    await answerOf(tenant, await byRedirect(tenant, persistent));
    expect(await lastLogout(tenant)).toMatchObject({ sessions_ended: 0 });
  });

  it('that names sessions ends those; what the IdP gave no name may live, and the answer says so', async () => {
    const tenant = await tenantWithLogout();
    const nameless = await signedIn(tenant, 'ada@example.com', undefined);
    const named = await signedIn(tenant, 'ada@example.com', '_s1');
    const answer = await byRedirect(tenant, requestOf(tenant, { sessionIndexes: ['_s1'] }));
    const { xml } = await answerOf(tenant, answer);
    expect(xml).toContain(`"${STATUS}Responder"><samlp:StatusCode Value="${STATUS}PartialLogout"/>`);
    expect(await areIn([nameless, named])).toEqual([true, false]);
  });

  it('goes to the address for answers by the binding of the IdP, with an enveloped signature from a page', async () => {
    const responseUrl = 'https://idp.example.com/slo/done';
    const tenant = await tenantWithLogout({ singleLogout: { url: SLO, responseUrl, binding: 'post' } });
    const { status, body, headers } = await byPost(tenant, signMessage(requestOf(tenant), tenant.key), 'r');
    expect(status).toBe(200);
    expect(body).toContain(`action="${responseUrl}"`);
    expect(body).toContain('name="RelayState" value="r"');
    expect(headers.get('content-security-policy')).toContain("form-action 'self' https:");
    const xml = Buffer.from(/name="SAMLResponse" value="([^"]+)"/.exec(body)![1]!, 'base64').toString();
    expect(xml).toMatch(new RegExp(`Destination="${responseUrl}".*</saml:Issuer><ds:Signature .*<samlp:Status>`, 's'));
  });

  it('is taken where the IdP has no address for answers, wants none, or the connection is disabled', async () => {
    const silent = await tenantWithLogout({ singleLogout: null });
    const extensions =
      '<samlp:Extensions><aslo:Asynchronous xmlns:aslo="urn:oasis:names:tc:SAML:2.0:protocol:ext:async-slo"/></samlp:Extensions>';
    const asynchronous = await tenantWithLogout();
    const disabled = await tenantWithLogout();
    for (const [tenant, changes] of [
      [silent, {}],
      [asynchronous, { extensions }],
      [disabled, { extensions }],
    ] as const) {
      const browser = await signedIn(tenant, 'ada@example.com', '_s1');
      if (tenant === disabled)
        await server.sql(`UPDATE connections SET enabled = false WHERE id = $1`, [disabled.connection.id]);
      const answer = await byRedirect(tenant, requestOf(tenant, { ...changes, sessionIndexes: ['_s1'] }));
      expect(answer.headers.get('location')).toBe(`${server.url}/signed-out?connection=${tenant.connection.id}`);
      expect(await isIn(browser)).toBe(false);
    }
  });

  it('of Entra ID comes in the name of its sign-in service, which signs in nobody', async () => {
    const tail = '1c3d5f70-0a1b-4c2d-9e8f-7a6b5c4d3e2f/';
    const tenant = await tenantWithLogout({ idpEntityId: `https://sts.windows.net/${tail}` });
    const issuer = `https://login.microsoftonline.com/${tail}`;
    const browser = await signedIn(tenant, 'ada@example.com', '_s1');
    await answerOf(tenant, await byRedirect(tenant, requestOf(tenant, { issuer, sessionIndexes: ['_s1'] })));
    expect(await isIn(browser)).toBe(false);
    const signIn = await new TestBrowser(server).signIn(tenant, { assertionIssuer: issuer, now: server.clock.now() });
    expect(signIn.status).toBe(403);
    const other = issuer.replace('1c3d', '2222');
    expect((await byRedirect(tenant, requestOf(tenant, { issuer: other }))).status).toBe(400);
  });

  it('counts for an assertion that comes late, and not for a sign-in of afterwards', async () => {
    const tenant = await tenantWithLogout();
    const browser = new TestBrowser(server);
    const { id, relayState } = await browser.begin(tenant);
    const now = server.clock.now();
    const late = responseOf(tenant, id, { now, authnInstant: at(now, -60), sessionIndex: '_s1' });
    await byRedirect(tenant, requestOf(tenant, { sessionIndexes: ['_s1'] }));
    expect((await browser.answer(tenant, late, relayState)).status).toBe(403);
    const [record] = await server.sql(`SELECT reason FROM sign_ins WHERE connection_id = $1 ORDER BY id DESC LIMIT 1`, [
      tenant.connection.id,
    ]);
    expect(record).toEqual({ reason: 'logged-out' });
    server.clock.advance(1);
    expect(await isIn(await signedIn(tenant, 'ada@example.com', '_s1'))).toBe(true);
    expect(await isIn(await signedIn(tenant, 'eve@example.com', '_s1'))).toBe(true);
  });
});

describe('#22 nobody is logged out by', () => {
  let tenant: SamlTenant;
  let other: SamlTenant;
  let browser: TestBrowser;
  beforeAll(async () => {
    tenant = await tenantWithLogout();
    other = await tenantWithLogout();
    // The key that signs answers is made, so that only what a message does is left to see.
    await server.app.get(SpKeys).published(tenant.connection.organizationId, tenant.connection.id);
    browser = await signedIn(tenant, 'ada@example.com', '_session');
  });

  type Send = () => Promise<Answer>;
  const redirect = (changes: Partial<LogoutOptions> = {}, query: Partial<QueryOptions> = {}): Promise<Answer> =>
    byRedirect(tenant, requestOf(tenant, changes), query);
  const post = (changes: Partial<LogoutOptions> = {}, alter: (signed: string) => string = (signed) => signed) =>
    byPost(tenant, alter(signMessage(requestOf(tenant, changes), tenant.key)));
  const altered = (alter: (query: string) => string, relayState: string | undefined) =>
    new TestBrowser(server).get(`${slo(tenant)}?${alter(toQuery(requestOf(tenant), { key: tenant.key, relayState }))}`);
  const rawly = (alter: (query: string) => string) => altered(alter, 'state');
  const now = () => server.clock.now();
  const legitimateResponse = () =>
    toQuery(`<samlp:LogoutResponse xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_r"/>`, {
      key: tenant.key,
      kind: 'SAMLResponse',
    });
  const forged = () => toQuery(requestOf(tenant), { key: undefined });
  const inName = (inner: string) => (signed: string) => signed.replace('>ada@example.com<', `>${inner}<`);

  const REFUSED: readonly [what: string, reason: string, send: Send][] = [
    ['a request that nobody signed', 'signature-missing', () => redirect({}, { key: undefined })],
    ['a signature of another key', 'signature-invalid', () => redirect({}, { key: stranger })],
    [
      'a signature by SHA-1',
      'algorithm-not-allowed',
      () => redirect({}, { algorithm: 'http://www.w3.org/2000/09/xmldsig#rsa-sha1' }),
    ],
    [
      'an algorithm that is not the one signed with',
      'signature-invalid',
      () => rawly((query) => query.replace('rsa-sha256', 'rsa-sha512')),
    ],
    [
      'another RelayState than was signed',
      'signature-invalid',
      () => rawly((query) => query.replace('RelayState=state', 'RelayState=other')),
    ],
    [
      'a RelayState that was not signed',
      'signature-invalid',
      () => altered((query) => query.replace('&SigAlg=', '&RelayState=x&SigAlg='), undefined),
    ],
    [
      'an algorithm without a signature',
      'signature-missing',
      () => rawly((query) => query.replace(/&Signature=.*/, '')),
    ],
    [
      'the signature of an answer under an encoded name',
      'response-malformed',
      () =>
        new TestBrowser(server).get(
          `${slo(tenant)}?${forged().replace('SAMLRequest', '%53AMLRequest')}&${legitimateResponse()}`,
        ),
    ],
    [
      'a request beside a signed answer',
      'response-malformed',
      () => new TestBrowser(server).get(`${slo(tenant)}?${forged()}&${legitimateResponse()}`),
    ],
    ['a second request in the query', 'response-malformed', () => rawly((query) => `${query}&${forged()}`)],
    ['a second signature', 'response-malformed', () => rawly((query) => `${query}&Signature=AAAA`)],
    [
      'a name with a bracket',
      'response-malformed',
      () => rawly((query) => query.replace('SAMLRequest=', 'SAMLRequest[]=')),
    ],
    ['seventeen parameters', 'response-malformed', () => rawly((query) => query + '&a=b'.repeat(17))],
    ['another encoding than DEFLATE', 'response-malformed', () => rawly((query) => `${query}&SAMLEncoding=none`)],
    [
      'a message that is not deflated',
      'response-malformed',
      () =>
        rawly((query) =>
          query.replace(
            /SAMLRequest=[^&]+/,
            `SAMLRequest=${encodeURIComponent(Buffer.from(requestOf(tenant)).toString('base64'))}`,
          ),
        ),
    ],
    [
      'a request of an hour ago',
      'too-old',
      () => redirect({ issueInstant: at(now(), -3600), notOnOrAfter: undefined }),
    ],
    ['a request of tomorrow', 'not-yet-valid', () => redirect({ issueInstant: at(now(), 86_400) })],
    ['a request that has expired', 'expired', () => redirect({ notOnOrAfter: at(now(), -121) })],
    ['a request without its time', 'time-malformed', () => redirect({ issueInstant: 'yesterday' })],
    [
      'the address of another connection',
      'destination-mismatch',
      () => redirect({ destination: `${server.url}${slo(other)}` }),
    ],
    ['the address of sign-ins', 'destination-mismatch', () => redirect({ destination: tenant.acsUrl })],
    ['no address', 'destination-mismatch', () => redirect({ destination: undefined })],
    ['another IdP', 'issuer-mismatch', () => redirect({ issuer: other.idpEntityId })],
    [
      'a request for another service provider',
      'name-id-invalid',
      () => redirect({ spNameQualifier: other.spEntityId }),
    ],
    ['SAML 1.1', 'version', () => redirect({ version: '1.1' })],
    ['an ID that is none', 'structure', () => redirect({ id: '1 or 2' })],
    ['nobody’s name', 'structure', () => redirect({ nameIdElement: '' })],
    [
      'two names',
      'structure',
      () => redirect({ nameIdElement: '<saml:NameID>ada@example.com</saml:NameID>'.repeat(2) }),
    ],
    ['an encrypted name', 'encryption-not-supported', () => redirect({ nameIdElement: '<saml:EncryptedID/>' })],
    ['a name with an element in it', 'structure', () => redirect({ nameId: 'ada@<saml:x/>example.com' })],
    ['a name with a comment in it', 'comment', () => redirect({ nameId: 'ada@example.com<!-- -->.evil.example' })],
    [
      'an answer in place of a request',
      'structure',
      () =>
        byRedirect(
          tenant,
          requestOf(tenant)
            .replaceAll('LogoutRequest', 'LogoutResponse')
            .replace(/<saml:NameID.*<\/samlp:SessionIndex>/s, ''),
        ),
    ],
    ['a form that nobody signed', 'signature-missing', () => byPost(tenant, requestOf(tenant))],
    [
      'a form signed by another key',
      'signature-invalid',
      () => byPost(tenant, signMessage(requestOf(tenant), stranger)),
    ],
    [
      'another name than was signed',
      'signature-invalid',
      () => post({ nameId: 'eve@example.com' }, (signed) => signed.replace('eve@', 'ada@')),
    ],
    [
      'a name cut by a processing instruction',
      'processing-instruction',
      () =>
        post({ nameId: 'ada@example.com.evil.example' }, (signed) =>
          signed.replace('.evil.example', '<?x .evil.example?>'),
        ),
    ],
    [
      'a name cut by a comment',
      'comment',
      () =>
        post({ nameId: 'ada@example.com.evil.example' }, (signed) =>
          signed.replace('.evil.example', '<!-- -->.evil.example'),
        ),
    ],
    ['a name in CDATA', 'cdata', () => post({}, inName('<![CDATA[ada@example.com]]>'))],
    [
      'a document type',
      'document-type',
      () => post({}, (signed) => `<!DOCTYPE x SYSTEM "http://127.0.0.1:9/">${signed}`),
    ],
    [
      'a signed request within a forged one',
      'structure',
      () =>
        post({ nameId: 'eve@example.com', id: '_inner' }, (signed) =>
          requestOf(tenant, { extensions: `<samlp:Extensions>${signed}</samlp:Extensions>` }),
        ),
    ],
    [
      'a forged request around the signature of another',
      'signature-misplaced',
      () =>
        post({ nameId: 'eve@example.com', id: '_inner' }, (signed) =>
          requestOf(tenant, { extensions: /<ds:Signature.*<\/ds:Signature>/s.exec(signed)![0] }),
        ),
    ],
    [
      'the assertion of a sign-in',
      'structure',
      () =>
        byPost(
          tenant,
          requestOf(tenant, {
            extensions: `<samlp:Extensions>${/<saml:Assertion.*<\/saml:Assertion>/s.exec(responseOf(tenant, '_x', { now: now() }))![0]}</samlp:Extensions>`,
          }),
        ),
    ],
    [
      'the response of a sign-in',
      'structure',
      () => byPost(tenant, responseOf(tenant, '_x', { now: now(), signs: 'response' })),
    ],
    [
      'SHA-1 in a form',
      'algorithm-not-allowed',
      () => byPost(tenant, signMessage(requestOf(tenant), tenant.key, 'http://www.w3.org/2000/09/xmldsig#rsa-sha1')),
    ],
    ['an empty form', 'response-malformed', () => new TestBrowser(server).post(slo(tenant), '')],
    ['an address without a message', 'response-malformed', () => new TestBrowser(server).get(slo(tenant))],
  ];

  it.each(REFUSED)('%s: %s, in a record that only the operator reads', async (_what, reason, send) => {
    let answer!: Answer;
    const effects = await sideEffects(server, async () => {
      answer = await send();
    });
    expect(answer.status).toBe(400);
    const record = await lastLogout(tenant);
    expect(record).toMatchObject({ outcome: 'rejected', reason, sessions_ended: null });
    expect(effects).toEqual({ rows: { logouts: '+1' }, columns: {}, events: [], audit: [] });
    expect(await isIn(browser)).toBe(true);
    expect(answer.body).toContain(String(record['incident_code']));
    expect(answer.body).not.toContain(reason);
    expect(answer.headers.get('set-cookie')).toBeNull();
  });

  const ELSEWHERE: readonly [what: string, changes: Partial<LogoutOptions>][] = [
    ['the name of somebody else', { nameId: 'eve@example.com' }],
    ['the name in another case', { nameId: 'Ada@example.com' }],
    ['another session', { sessionIndexes: ['_other', '_Session'] }],
    ['another format of the name', { format: 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient' }],
    ['another qualifier of the name', { nameQualifier: 'https://other.example/' }],
  ];
  it.each(ELSEWHERE)('a good request with %s, which ends nothing', async (_what, changes) => {
    const effects = await sideEffects(server, async () => {
      await answerOf(tenant, await redirect(changes));
    });
    expect(effects).toEqual({ rows: { logouts: '+1' }, columns: {}, events: [], audit: [] });
    expect(await lastLogout(tenant)).toMatchObject({ outcome: 'accepted', sessions_ended: 0 });
    expect(await isIn(browser)).toBe(true);
  });

  it('a good request at the connection of another tenant', async () => {
    const query = toQuery(requestOf(tenant), { key: tenant.key });
    expect((await new TestBrowser(server).get(`${slo(other)}?${query}`)).status).toBe(400);
    // Also when that tenant's own IdP asks for the same name, which is somebody else there.
    await answerOf(other, await byRedirect(other, requestOf(other)));
    expect(await isIn(browser)).toBe(true);
  });

  it('a request that was taken before, in the same bytes or by the other binding, one after the other or at once', async () => {
    const again = await tenantWithLogout();
    const xml = requestOf(again, { id: '_once', sessionIndexes: [] });
    const query = toQuery(xml, { key: again.key });
    const first = await signedIn(again, 'ada@example.com', '_s1');
    const send = () => new TestBrowser(server).get(`${slo(again)}?${query}`);
    const answers = await Promise.all(Array.from({ length: 8 }, send));
    expect(answers.map(({ status }) => status).sort()).toEqual([303, ...Array<number>(7).fill(400)]);
    expect(await isIn(first)).toBe(false);
    server.clock.advance(2);
    const back = await signedIn(again, 'ada@example.com', '_s2');
    expect((await send()).status).toBe(400);
    expect((await byPost(again, signMessage(xml, again.key))).status).toBe(400);
    expect(await lastLogout(again)).toMatchObject({ reason: 'replay' });
    expect(await isIn(back)).toBe(true);
    // Where the memory ends, the message is too old.
    server.clock.advance(300 + 121);
    expect((await send()).status).toBe(400);
    expect(await isIn(back)).toBe(true);
  });

  it('anything at all where there is no such connection, or none that knows its IdP', async () => {
    const bare = await createSamlTenant(server, {}, { saml: null });
    for (const { connection } of [bare, { connection: { id: tenant.organization.id } }]) {
      expect((await new TestBrowser(server).get(`/saml/${connection.id}/slo?${forged()}`)).status).toBe(404);
    }
  });
});

it('#22 an address whose messages are refused again and again is turned away, unread and without a record', async () => {
  const strict = await startTestServer({ SAML_REFUSALS_AT_ONCE: '10' });
  try {
    strict.clock.hold();
    const tenant = await createSamlTenant(strict, { singleLogout });
    const statuses: number[] = [];
    for (let round = 0; round < 12; round++) {
      statuses.push((await new TestBrowser(strict).get(`${slo(tenant)}?SAMLRequest=AAAA`)).status);
    }
    expect(statuses).toEqual([...Array<number>(10).fill(400), 429, 429]);
    const [row] = await strict.sql(`SELECT count(*)::int AS count FROM logouts`);
    expect(row).toEqual({ count: 10 });
    // A good one is taken as soon as the address may speak again.
    strict.clock.advance(30);
    const parties = { now: strict.clock.now(), issuer: tenant.idpEntityId, destination: `${strict.url}${slo(tenant)}` };
    const good = toQuery(makeLogoutRequest(parties), { key: tenant.key });
    expect((await new TestBrowser(strict).get(`${slo(tenant)}?${good}`)).status).toBe(303);
  } finally {
    await strict.close();
  }
});

describe('#20 limits of a logout message', () => {
  it('a bomb of 60 MB is refused before it is inflated, while others are answered', async () => {
    const tenant = await tenantWithLogout();
    const bomb = deflateRawSync(Buffer.alloc(60 * 1024 * 1024, 0x20), { level: 9 }).toString('base64');
    // The shape that passes the limit on the parameter: as much as fits into it.
    const small = deflateRawSync(Buffer.alloc(5 * 1024 * 1024, 0x20), { level: 9 }).toString('base64');
    expect(small.length).toBeLessThan(8 * 1024);
    const times: number[] = [];
    for (const message of [small, small, small, bomb.slice(0, 12_000)]) {
      const started = performance.now();
      const query = `SAMLRequest=${encodeURIComponent(message)}&SigAlg=x&Signature=AAAA`;
      const { status } = await new TestBrowser(server).get(`${slo(tenant)}?${query}`);
      times.push(performance.now() - started);
      expect(status).toBe(400);
      expect(await lastLogout(tenant)).toMatchObject({ reason: 'too-large' });
    }
    // The best of several: what else the machine does is not ours to measure.
    expect(Math.min(...times)).toBeLessThan(100);
  });

  it('a message of very many elements, and one of very great depth, are refused by either binding', async () => {
    const tenant = await tenantWithLogout();
    const many = requestOf(tenant, { sessionIndexes: Array.from({ length: 600 }, (_, n) => `_${n}`) });
    const deep = requestOf(tenant, {
      extensions: `<samlp:Extensions>${'<a>'.repeat(50)}${'</a>'.repeat(50)}</samlp:Extensions>`,
    });
    for (const xml of [many, deep]) {
      expect((await byRedirect(tenant, xml)).status).toBe(400);
      expect(await lastLogout(tenant)).toMatchObject({ reason: 'too-complex' });
      expect((await byPost(tenant, xml)).status).toBe(400);
      expect(await lastLogout(tenant)).toMatchObject({ reason: 'too-complex' });
    }
    expect((await byPost(tenant, `${requestOf(tenant)}${' '.repeat(70_000)}`)).status).toBe(400);
    expect(await lastLogout(tenant)).toMatchObject({ reason: 'too-large' });
  });
});

// The embedded database is one process's alone: several nodes there are only on PostgreSQL.
const ofPostgres = onPostgres ? it : it.skip;
ofPostgres('#22 a logout at one node ends the session at the other, with no cookie', async () => {
  const database = await freshDatabase();
  const first = await startTestServer({}, database);
  try {
    const second = await startTestServer({ PUBLIC_URL: first.url }, database);
    try {
      const tenant = await createSamlTenant(first, { singleLogout });
      const browser = new TestBrowser(first);
      await browser.signIn(tenant, { nameId: 'ada@example.com', sessionIndex: '_s1', now: first.clock.now() });
      const secondUrl = await second.app.getUrl();
      expect(await isIn(browser, secondUrl)).toBe(true);
      const destination = `${first.url}${slo(tenant)}`;
      const parties = { now: first.clock.now(), issuer: tenant.idpEntityId, destination };
      const query = toQuery(makeLogoutRequest({ ...parties, sessionIndexes: ['_s1'] }), { key: tenant.key });
      expect((await new TestBrowser({ url: secondUrl }).get(`${slo(tenant)}?${query}`)).status).toBe(303);
      expect(await isIn(browser, first.url)).toBe(false);
      expect(await isIn(browser, secondUrl)).toBe(false);
    } finally {
      await second.close();
    }
  } finally {
    await first.close();
    await database.drop();
  }
});
