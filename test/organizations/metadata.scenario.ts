import { X509Certificate } from 'node:crypto';
import { AdminTokensService } from '../../src/organizations/admin-tokens.service.js';
import { MetadataRefresher } from '../../src/organizations/metadata-refresher.service.js';
import { SpKeys } from '../../src/organizations/sp-keys.service.js';
import { SignInDetails } from '../../src/sessions/sign-in-details.service.js';
import { startTestServer, type TestServer } from '../support/app.js';
import { encryptAssertion } from '../support/encrypt-assertion.js';
import { aggregate, PUBLISHED, signMetadata } from '../support/idp-metadata.js';
import { startMetadataServer, type MetadataServer } from '../support/metadata-server.js';
import { lastRecord, responseOf, TestBrowser, type SamlTenant } from '../support/saml-sign-in.js';
import {
  createConnection,
  createOrganization,
  createScimToken,
  request,
  TEST_OPERATOR,
  type JsonObject,
} from '../support/scenario.js';
import { expectEvents, expectNoEffects, sideEffects } from '../support/side-effects.js';
import { makeIdpKey, type IdpKey } from '../support/test-idp.js';

const HOURS = 3600;
const { okta, keycloak } = PUBLISHED;

/** What is known of an IdP from its metadata at an address, and how it stays so. */
describe('#23 metadata by address', () => {
  let server: TestServer;
  let idp: MetadataServer;
  let token: string;
  let [first, second, third]: IdpKey[] = [];
  let tenant: SamlTenant;
  let path: string;

  beforeAll(async () => {
    idp = await startMetadataServer();
    server = await startTestServer(idp.settings);
    token = (await server.app.get(AdminTokensService).create('test', null, TEST_OPERATOR)).token;
    [first, second, third] = await Promise.all([makeIdpKey(), makeIdpKey(), makeIdpKey()]);
  });
  afterAll(async () => {
    await server.close();
    await idp.close();
  });
  beforeEach(async () => {
    // What earlier tests have set up is not to be fetched again.
    await server.sql(`UPDATE connections SET enabled = false`);
    const organization = await createOrganization(server);
    const connection = await createConnection(server, organization, {
      scim: true,
      provisioning: { requireScim: false },
    });
    const base = `${server.url}/saml/${connection.id}`;
    const idpEntityId = okta.entityId;
    tenant = {
      organization,
      connection,
      key: first!,
      idpEntityId,
      acsUrl: `${base}/acs`,
      spEntityId: `${base}/metadata`,
    };
    path = `/admin/v1/organizations/${organization.id}/connections/${connection.id}`;
    idp.publish(document([first!]));
    idp.requests.length = 0;
  });

  // What is kept of a sign-in behind its answer is not an effect of the next test.
  afterEach(() => server.app.get(SignInDetails).settled());

  const pems = (keys: readonly IdpKey[]) => keys.map(({ certificate }) => certificate);
  const document = (keys: readonly IdpKey[], more: { validUntil?: string } = {}) =>
    okta.xml({ certificates: pems(keys), ...more });
  const configure = (body: JsonObject = {}) =>
    request<JsonObject>(server, 'PUT', `${path}/saml`, { token, body: { metadataUrl: idp.url(), ...body } });
  const connect = async (body: JsonObject = {}) => {
    const reply = await configure(body);
    expect({ status: reply.status, detail: reply.json['detail'] }).toEqual({ status: 200, detail: undefined });
    return reply;
  };
  interface SamlState extends JsonObject {
    certificates: { fingerprint: string }[];
    metadata: Record<string, string | null> & { leaving: { fingerprint: string }[]; held: JsonObject | null };
  }
  const state = async () => {
    const reply = await request<{ saml: SamlState }>(server, 'GET', path, { token });
    return reply.json.saml;
  };
  const post = (what: string, body: JsonObject = {}) =>
    request<JsonObject>(server, 'POST', `${path}/saml/metadata/${what}`, { token, body });
  const refreshNow = (body?: JsonObject) => post('refresh', body);
  const refreshDue = () => server.app.get(MetadataRefresher).refreshDue();
  const later = async (hours: number) => {
    server.clock.advance(hours * HOURS);
    await refreshDue();
  };
  const fingerprint = ({ certificate }: IdpKey) => new X509Certificate(certificate).fingerprint256;
  const believed = async () => (await state()).certificates.map((one) => one.fingerprint).sort();
  const fingerprints = (...keys: IdpKey[]) => keys.map(fingerprint).sort();
  const signInBy = async (key: IdpKey) => {
    const now = server.clock.now();
    return (await new TestBrowser(server).signIn({ ...tenant, key }, { now })).status;
  };
  const events = async (type: string) =>
    (
      await server.sql<{ data: JsonObject }>(
        `SELECT data FROM outbox_events WHERE subject_id = $1 AND type = $2 ORDER BY id`,
        [tenant.connection.id, type],
      )
    ).map(({ data }) => data);

  it('is fetched at once, seen in the connection, written down, and signs people in', async () => {
    const effects = await sideEffects(server, () => connect({ fingerprints: [fingerprint(first!)] }));
    expect(effects.rows).toEqual({ connections: '~1', metadata_sources: '+1', audit_entries: '+2' });
    const { id } = tenant.connection;
    expect(effects.audit).toEqual([
      ['connection.updated', id],
      ['connection.metadata-source-changed', id],
    ]);
    expect(await state()).toMatchObject({
      idpEntityId: okta.entityId,
      ssoUrl: okta.ssoUrl,
      validUntil: null,
      metadata: { url: idp.url(), signerFingerprint: null, lastError: null, leaving: [], held: null },
    });
    const list = await request<{ items: { saml: SamlState }[] }>(server, 'GET', path.replace(/\/[^/]+$/, ''), {
      token,
    });
    expect(list.json.items[0]!.saml.metadata.url).toBe(idp.url());
    expect(await signInBy(first!)).toBe(303);
    expect(await signInBy(second!)).toBe(403);
  });

  it.each<[string, JsonObject | (() => void), RegExp]>([
    ['an address that is not public', { metadataUrl: 'https://localhost/metadata' }, /could not be fetched/],
    ['an address at another port', { metadataUrl: 'https://localhost:1/metadata' }, /must use port 443/],
    ['the metadata service of a cloud', { metadataUrl: 'https://169.254.169.254/latest/' }, /IP address/],
    ['http', { metadataUrl: 'http://idp.example/metadata' }, /must be https/],
    ['both an address and a document', { metadataXml: '<a/>' }, /not both/],
    ['other fingerprints', { fingerprints: [Array(32).fill('00').join(':')] }, /fingerprint/],
    ['a document that never expires, which is for uploads', { ignoreValidUntil: true }, /ignoreValidUntil/],
    ['a signer that is no certificate', { metadataSigner: 'x' }, /certificate cannot be used/],
    [
      'nothing there',
      () => void (idp.answer = (_request, response) => void response.writeHead(404).end()),
      /status 404/,
    ],
    ['no metadata there', () => idp.publish('<html></html>'), /no IdP/],
    [
      'a document type',
      () => idp.publish(`<!DOCTYPE x SYSTEM "${idp.url('/canary')}">${document([first!])}`),
      /document type/,
    ],
    ['no certificate', () => idp.publish(document([])), /no signing certificate/],
    ['an expired document', () => idp.publish(document([first!], { validUntil: '2020-01-01T00:00:00Z' })), /expired/],
    [
      'several IdPs',
      () => idp.publish(aggregate([document([first!]), keycloak.xml({ certificates: pems([first!]) })])),
      /choose one/,
    ],
    [
      'our own address',
      () => idp.publish(document([first!]).replaceAll(okta.ssoUrl, `${server.url}/saml/x/login`)),
      /address of this server/,
    ],
    [
      'a script for an address',
      () => idp.publish(document([first!]).replaceAll(okta.ssoUrl, 'javascript:alert(1)//')),
      /must be https/,
    ],
  ])('refuses %s, and nothing is changed', async (_what, how, text) => {
    if (typeof how === 'function') how();
    const effects = await sideEffects(server, async () => {
      const reply = await configure(typeof how === 'function' ? {} : how);
      expect({ status: reply.status, detail: reply.json['detail'] }).toEqual({
        status: 422,
        detail: expect.stringMatching(text) as string,
      });
    });
    expectNoEffects(effects);
    expect(idp.requests.filter(({ url }) => url === '/canary')).toEqual([]);
  });

  it('rollover old, both, new: nobody is refused, whichever of them signs while it is published or just was', async () => {
    await connect();
    const statuses: number[] = [];
    const signIns = async (...keys: IdpKey[]) => {
      for (const key of keys) statuses.push(await signInBy(key));
    };
    await signIns(first!);
    // The IdP publishes the next certificate days before it uses it, as AD FS does.
    idp.publish(document([first!, second!]));
    await signIns(first!);
    await later(7);
    expect(await believed()).toEqual(fingerprints(first!, second!));
    expect(await events('connection.certificates-changed')).toEqual([{ added: [fingerprint(second!)], removed: [] }]);
    await signIns(first!, second!);
    // It signs with the new one and takes the old one away; answers it had signed are still under way.
    idp.publish(document([second!]));
    await signIns(second!, first!);
    await later(7);
    expect((await state()).metadata.leaving).toMatchObject([{ fingerprint: fingerprint(first!) }]);
    await signIns(second!, first!);
    await later(7);
    await signIns(second!, first!);
    expect(new Set(statuses)).toEqual(new Set([303]));
    expect(statuses).toHaveLength(10);
    // A day after it left, the old one is believed no more.
    for (let round = 0; round < 3; round++) await later(7);
    expect(await believed()).toEqual(fingerprints(second!));
    expect(await signInBy(first!)).toBe(403);
    expect(await signInBy(second!)).toBe(303);
    expect((await events('connection.certificates-changed')).at(-1)).toEqual({
      added: [],
      removed: [fingerprint(first!)],
    });
    const audited = await server.sql<{ kind: string }>(
      `SELECT actor_kind AS kind FROM audit_entries WHERE target_id = $1 AND action = 'connection.updated' ORDER BY id`,
      [tenant.connection.id],
    );
    expect(audited.map(({ kind }) => kind)).toEqual(['operator', 'system', 'system']);
  });

  it('a certificate that comes back in time stays, and one that must go goes at once when an operator says so', async () => {
    await connect();
    idp.publish(document([second!]));
    await later(7);
    idp.publish(document([second!, first!]));
    await later(20);
    expect((await state()).metadata.leaving).toEqual([]);
    await later(30);
    expect(await believed()).toEqual(fingerprints(first!, second!));
    idp.publish(document([third!]));
    expect((await refreshNow()).status).toBe(200);
    expect(await believed()).toEqual(fingerprints(first!, second!, third!));
    const effects = await sideEffects(server, () => refreshNow({ dropLeaving: true }));
    expectEvents(effects, ['connection.certificates-changed']);
    expect(await believed()).toEqual(fingerprints(third!));
    expect([await signInBy(first!), await signInBy(third!)]).toEqual([403, 303]);
  });

  it('asks whether the document is still the same, and a document that is changes nothing', async () => {
    await connect();
    const before = await state();
    const effects = await sideEffects(server, () => later(7));
    expect(effects.rows).toEqual({ metadata_sources: '~1' });
    expect(idp.requests.at(-1)!.headers['if-none-match']).toMatch(/^"\d+"$/);
    const after = await state();
    expect(after.metadata.lastSucceededAt).not.toBe(before.metadata.lastSucceededAt);
    expect(after.certificates).toEqual(before.certificates);
    // Due is due: a minute later nobody is asked.
    idp.requests.length = 0;
    await later(1 / 60);
    expect(idp.requests).toEqual([]);
  });

  const broken: [string, () => void, RegExp][] = [
    ['an IdP that is down', () => void (idp.answer = (request) => request.socket.destroy()), /could not be fetched/],
    ['status 500', () => void (idp.answer = (_request, response) => void response.writeHead(500).end()), /status 500/],
    ['a login page', () => idp.publish('<html><body>Sign in</body></html>'), /no IdP/],
    ['no XML', () => idp.publish('Bad gateway'), /well-formed/],
    ['no certificate any more', () => idp.publish(document([])), /no signing certificate/],
    [
      'a weak certificate',
      () => idp.publish(okta.xml({ certificates: ['AAAA'] })),
      /No signing certificate can be used/,
    ],
    [
      'a document that has expired',
      () => idp.publish(document([second!], { validUntil: '2020-01-01T00:00:00Z' })),
      /expired/,
    ],
    ['another IdP', () => idp.publish(keycloak.xml({ certificates: pems([second!]) })), /does not describe/],
    ['a document type', () => idp.publish(`<!DOCTYPE x>${document([second!])}`), /document type/],
    [
      'an address of ours',
      () => idp.publish(document([second!]).replaceAll(okta.ssoUrl, `${server.url}/x`)),
      /of this server/,
    ],
    ['a document without end', () => idp.publish(document([second!]) + ' '.repeat(1024 * 1024)), /larger than/],
  ];
  it('what cannot be fetched or read leaves the last good state, and is tried again soon', async () => {
    await connect();
    for (const [what, breakIt, text] of broken) {
      breakIt();
      await refreshNow();
      const { metadata, ssoUrl } = await state();
      expect({ what, error: metadata.lastError, ssoUrl }).toEqual({
        what,
        error: expect.stringMatching(text) as string,
        ssoUrl: okta.ssoUrl,
      });
      expect(await believed()).toEqual(fingerprints(first!));
      const wait = Date.parse(metadata.nextFetchAt!) - server.clock.now().getTime();
      expect(wait).toBeLessThan(7 * HOURS * 1000);
      expect(wait).toBeGreaterThan(3 * 60_000);
    }
    expect(await signInBy(first!)).toBe(303);
    idp.publish(document([first!, second!]));
    await later(7);
    expect((await state()).metadata.lastError).toBeNull();
    expect(await believed()).toEqual(fingerprints(first!, second!));
    expect(await events('connection.metadata-failing')).toEqual([]);
  });

  it('tells operators when it has failed for a day, once, and when it works again', async () => {
    await connect();
    idp.answer = (_request, response) => void response.writeHead(503).end();
    for (let round = 0; round < 5; round++) await later(7);
    expect(await events('connection.metadata-failing')).toMatchObject([
      { error: 'The address answered with status 503' },
    ]);
    expect(await signInBy(first!)).toBe(303);
    idp.publish(document([first!]));
    await later(7);
    await later(7);
    expect(await events('connection.metadata-recovered')).toHaveLength(1);
    expect(await events('connection.metadata-failing')).toHaveLength(1);
  });

  it('addresses change by themselves at a host that is known; at another host they wait for an operator', async () => {
    await connect();
    const moved = okta.ssoUrl.replace('/sso/saml', '/sso/saml2');
    idp.publish(document([first!]).replaceAll(okta.ssoUrl, moved));
    await later(7);
    expect((await state()).ssoUrl).toBe(moved);
    expect(await events('connection.endpoints-changed')).toHaveLength(1);

    const elsewhere = 'https://corp.okta-emea.com/sso/saml';
    idp.publish(document([first!, second!]).replaceAll(okta.ssoUrl, elsewhere));
    const held = await sideEffects(server, () => later(7));
    // The certificates are taken all the same.
    expectEvents(held, ['connection.certificates-changed', 'connection.endpoints-held']);
    expect(await state()).toMatchObject({ ssoUrl: moved, metadata: { lastError: null, held: { ssoUrl: elsewhere } } });
    expect((await new TestBrowser(server).begin(tenant)).location.host).toBe('corp.okta.com');
    expectEvents(await sideEffects(server, () => later(7)), []);

    const wrong = await post('approve', { ssoUrl: 'https://else.example/' });
    expect([wrong.status, wrong.json['detail']]).toEqual([409, expect.stringContaining(elsewhere)]);
    const approved = await sideEffects(server, () => post('approve', { ssoUrl: elsewhere }));
    expect(approved.rows).toEqual({ connections: '~1', metadata_sources: '~1', audit_entries: '+1' });
    expectEvents(approved, ['connection.endpoints-changed']);
    expect(await state()).toMatchObject({ ssoUrl: elsewhere, metadata: { held: null } });
    expect((await new TestBrowser(server).begin(tenant)).location.host).toBe('corp.okta-emea.com');
    expect((await post('approve', { ssoUrl: elsewhere })).status).toBe(409);
  });

  it('addresses that wait and are taken back by the IdP wait no more', async () => {
    await connect();
    idp.publish(document([first!]).replaceAll(okta.ssoUrl, 'https://elsewhere.example/sso'));
    await later(7);
    expect((await state()).metadata.held).not.toBeNull();
    idp.publish(document([first!]));
    await later(7);
    expect((await state()).metadata.held).toBeNull();
  });

  it('an address for logging out at another host waits as well', async () => {
    await connect();
    const slo = `<md:SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://elsewhere.example/slo"/>`;
    const own = slo.replace('elsewhere.example', 'corp.okta.com');
    idp.publish(document([first!]).replace('<md:NameIDFormat>', `${slo}<md:NameIDFormat>`));
    await later(7);
    expect(await state()).toMatchObject({
      singleLogout: null,
      metadata: { held: { singleLogout: { url: 'https://elsewhere.example/slo' } } },
    });
    idp.publish(document([first!]).replace('<md:NameIDFormat>', `${own}<md:NameIDFormat>`));
    await later(7);
    expect(await state()).toMatchObject({
      singleLogout: { url: 'https://corp.okta.com/slo' },
      metadata: { held: null },
    });
  });

  it('metadata that have expired end sign-ins and nothing else, until they are renewed', async () => {
    const validUntil = (hours: number) => new Date(server.clock.now().getTime() + hours * HOURS * 1000).toISOString();
    idp.publish(document([first!], { validUntil: validUntil(48) }));
    await connect();
    expect((await state())['validUntil']).not.toBeNull();
    idp.answer = (_request, response) => void response.writeHead(503).end();
    for (let round = 0; round < 7; round++) await later(6.5);
    expect(await signInBy(first!)).toBe(303);
    expect(await events('connection.metadata-expiring')).toHaveLength(1);
    const browser = new TestBrowser(server);
    const { id, relayState } = await browser.begin(tenant);
    server.clock.advance(4 * HOURS);
    const answer = await browser.answer(tenant, responseOf(tenant, id, { now: server.clock.now() }), relayState);
    expect(answer.status).toBe(403);
    expect(await lastRecord(server, tenant)).toMatchObject({ reason: 'idp-metadata-expired' });
    expect((await new TestBrowser(server).get(`/saml/${tenant.connection.id}/login`)).status).toBe(403);
    const scim = await createScimToken(server, tenant.connection);
    expect((await request(server, 'GET', '/scim/v2/Users', { token: scim })).status).toBe(200);
    idp.publish(document([first!], { validUntil: validUntil(48) }));
    await later(7);
    expect(await signInBy(first!)).toBe(303);
  });

  it('a document that says it is still the same and has expired counts as a failure', async () => {
    idp.publish(
      document([first!], { validUntil: new Date(server.clock.now().getTime() + 5 * HOURS * 1000).toISOString() }),
    );
    await connect();
    await later(6);
    expect((await state()).metadata.lastError).toMatch(/expired/);
  });

  it('an uploaded document is believed until its day, which operators are told of, or beyond where they say so', async () => {
    const validUntil = new Date(server.clock.now().getTime() + 20 * 24 * HOURS * 1000).toISOString();
    const upload = (body: JsonObject = {}) =>
      connect({ metadataUrl: undefined, metadataXml: document([first!], { validUntil }), ...body });
    await upload();
    expect(await state()).toMatchObject({ validUntil, metadata: null });
    await refreshDue();
    expect(await events('connection.metadata-expiring')).toEqual([]);
    await later(7 * 24);
    await later(24);
    expect(await events('connection.metadata-expiring')).toEqual([{ validUntil }]);
    expect(await signInBy(first!)).toBe(303);
    server.clock.advance(13 * 24 * HOURS);
    expect((await new TestBrowser(server).get(`/saml/${tenant.connection.id}/login`)).status).toBe(403);
    expect((await configure({ metadataUrl: undefined, metadataXml: document([first!], { validUntil }) })).status).toBe(
      422,
    );
  });

  it('ignoreValidUntil takes an uploaded document for good', async () => {
    const validUntil = new Date(server.clock.now().getTime() + 24 * HOURS * 1000).toISOString();
    await connect({ metadataUrl: undefined, metadataXml: document([first!], { validUntil }), ignoreValidUntil: true });
    server.clock.advance(48 * HOURS);
    expect(await signInBy(first!)).toBe(303);
  });

  it('one node at a time fetches what is due, however many try', async () => {
    await connect();
    idp.requests.length = 0;
    server.clock.advance(7 * HOURS);
    await Promise.all(Array.from({ length: 6 }, refreshDue));
    expect(idp.requests).toHaveLength(1);
  });

  it('a node that died at it is followed after a minute', async () => {
    await connect();
    server.clock.advance(7 * HOURS);
    const claimed = new Date(server.clock.now().getTime() + 60_000);
    await server.sql(`UPDATE metadata_sources SET claim = connection_id, claimed_until = $2 WHERE connection_id = $1`, [
      tenant.connection.id,
      claimed,
    ]);
    idp.requests.length = 0;
    await refreshDue();
    expect((await refreshNow()).status).toBe(409);
    expect(idp.requests).toHaveLength(0);
    await later(1 / 30);
    expect(idp.requests).toHaveLength(1);
  });

  it('what an operator says while it is being fetched counts', async () => {
    await connect();
    const xml = document([second!]);
    let reached: () => void;
    const asked = new Promise<void>((resolve) => (reached = resolve));
    let release: () => void;
    idp.answer = (_request, response) => {
      release = () => void response.end(xml);
      reached();
    };
    server.clock.advance(7 * HOURS);
    const refreshing = refreshDue();
    await asked;
    await connect({ metadataUrl: undefined, certificates: pems([third!]) });
    release!();
    await refreshing;
    expect(await believed()).toEqual(fingerprints(third!));
    expect((await state()).metadata).toBeNull();
    expect((await refreshNow()).status).toBe(409);
  });

  it('a connection that is switched off is not fetched for; an option changed alone keeps the source', async () => {
    await connect();
    await connect({ metadataUrl: undefined, forceAuthn: true });
    expect((await state()).metadata.url).toBe(idp.url());
    await request(server, 'POST', `${path}/disable`, { token, body: { reason: 'contract ended' } });
    idp.requests.length = 0;
    await later(48);
    expect(idp.requests).toEqual([]);
    await request(server, 'POST', `${path}/enable`, { token });
    await refreshDue();
    expect(idp.requests).toHaveLength(1);
  });

  it('one IdP of a federation stays the one that was chosen', async () => {
    const others = keycloak.xml({ certificates: pems([third!]) });
    idp.publish(aggregate([others, document([first!])]));
    await connect({ idpEntityId: okta.entityId });
    idp.publish(aggregate([document([first!, second!]), others]));
    await later(7);
    expect(await believed()).toEqual(fingerprints(first!, second!));
    idp.publish(aggregate([others]));
    await later(7);
    expect((await state()).metadata.lastError).toMatch(/does not describe/);
    expect(await believed()).toEqual(fingerprints(first!, second!));
  });

  it('what a federation signs is taken only with its signature, now and later', async () => {
    const file = (keys: IdpKey[]) => aggregate([document(keys)], ' ID="_file"');
    idp.publish(file([first!]));
    const unsigned = await configure({ metadataSigner: third!.certificate });
    expect([unsigned.status, unsigned.json['detail']]).toEqual([422, 'The metadata is not signed.']);
    idp.publish(signMetadata(file([first!]), third!));
    await connect({ metadataSigner: third!.certificate });
    expect((await state()).metadata['signerFingerprint']).toBe(fingerprint(third!));
    idp.publish(signMetadata(file([first!, second!]), second!));
    await later(7);
    expect((await state()).metadata.lastError).toMatch(/not signed by the certificate/);
    expect(await believed()).toEqual(fingerprints(first!));
    idp.publish(signMetadata(file([first!, second!]), third!));
    await later(7);
    expect(await believed()).toEqual(fingerprints(first!, second!));
  });

  it('an IdP that signs with another certificate from one moment to the next: the answers themselves bring it about', async () => {
    await connect();
    server.clock.advance(600);
    idp.publish(document([second!]));
    idp.requests.length = 0;
    expect(await Promise.all([1, 2, 3].map(() => signInBy(second!)))).toEqual([303, 303, 303]);
    expect(idp.requests).toHaveLength(1);
    expect(await believed()).toEqual(fingerprints(first!, second!));
    expect(await signInBy(first!)).toBe(303);
    // Forged answers do not make us ask again and again.
    for (let round = 0; round < 3; round++) expect(await signInBy(third!)).toBe(403);
    expect(idp.requests).toHaveLength(1);
    expect(await lastRecord(server, tenant)).toMatchObject({ reason: 'signature-invalid' });
    server.clock.advance(301);
    expect([await signInBy(third!), await signInBy(third!)]).toEqual([403, 403]);
    expect(idp.requests).toHaveLength(2);
    idp.answer = (request) => request.socket.destroy();
    server.clock.advance(301);
    expect([await signInBy(third!), await signInBy(second!)]).toEqual([403, 303]);
  });

  it('what could be decrypted and is not signed does not show by a fetch', async () => {
    await connect();
    const { organization, connection } = tenant;
    await server.app.get(SpKeys).create(organization.id, connection.id, 'encryption', TEST_OPERATOR);
    const metadata = await (await fetch(tenant.spEntityId)).text();
    const der = /use="encryption">[\s\S]*?<ds:X509Certificate>([^<]+)</.exec(metadata)![1]!;
    const certificates = [`-----BEGIN CERTIFICATE-----\n${der}\n-----END CERTIFICATE-----`];
    server.clock.advance(600);
    idp.requests.length = 0;
    const browser = new TestBrowser(server);
    const { id, relayState } = await browser.begin(tenant);
    const forged = responseOf({ ...tenant, key: third! }, id, { now: server.clock.now() });
    const answer = await browser.answer(tenant, encryptAssertion(forged, { certificates }), relayState);
    expect(answer.status).toBe(403);
    expect(await lastRecord(server, tenant)).toMatchObject({ reason: 'signature-invalid' });
    expect(idp.requests).toEqual([]);
  });
});
