import { ConnectionsService } from '../../src/organizations/connections.service.js';
import { SpKeys } from '../../src/organizations/sp-keys.service.js';
import type { SamlSettings } from '../../src/organizations/connection.js';
import { startTestServer, type TestServer } from '../support/app.js';
import { createSamlTenant, lastRecord, type Answer, type SamlTenant } from '../support/saml-sign-in.js';
import { TEST_OPERATOR } from '../support/scenario.js';
import { makeIdpKey } from '../support/test-idp.js';
import { describeWithPeer, type Peer, type PeerOptions } from './peer.js';
import { missingForPysaml2, startPysaml2 } from './pysaml2.js';
import { missingForSimpleSamlPhp, startSimpleSamlPhp } from './simplesamlphp.js';
import { Visitor } from './visitor.js';

const PERSON = { uid: ['jroe'], mail: ['jane@example.com'], givenName: ['Jane'], sn: ['Roe'], groups: ['Engineering'] };

const PEERS = [
  { name: 'SimpleSAMLphp', missing: missingForSimpleSamlPhp, start: startSimpleSamlPhp },
  { name: 'pysaml2', missing: missingForPysaml2, start: startPysaml2 },
];

describe.each(PEERS)('$name', ({ name, missing, start }) => {
  describeWithPeer(`an IdP over ${name}`, missing, () => {
    let server: TestServer;
    let idp: Peer;
    let tenant: SamlTenant;
    beforeAll(async () => {
      server = await startTestServer();
      const key = await makeIdpKey();
      idp = await start(key, PERSON);
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

    const setUp = async (options: PeerOptions, saml: Partial<SamlSettings> = {}) => {
      const { organization, connection, spEntityId, acsUrl } = tenant;
      const settings = { saml: { ...connection.saml!, ...saml } };
      await server.app.get(ConnectionsService).update(organization.id, connection.id, settings, TEST_OPERATOR);
      idp.register(
        await (await fetch(spEntityId)).text(),
        { sp: spEntityId, acs: acsUrl, slo: `${server.url}/saml/${connection.id}/slo` },
        options,
      );
    };
    const loginUrl = () => `${server.url}/saml/${tenant.connection.id}/login?targetUrl=/apps/wiki`;
    const signIn = () => new Visitor(server).walk(loginUrl());
    const expectIn = async (answer: Answer, path: string) => {
      expect(await lastRecord(server, tenant)).toMatchObject({ outcome: 'accepted' });
      expect([answer.status, answer.status === 303 ? '' : answer.body]).toEqual([303, '']);
      expect(answer.headers.get('location')).toBe(server.url + path);
    };

    it.each<[string, PeerOptions]>([
      ['its assertion', { signAssertion: true, signResponse: false }],
      ['its response', { signAssertion: false, signResponse: true }],
      ['both', { signAssertion: true, signResponse: true }],
    ])('#1 signs %s, and the person is in', async (_name, options) => {
      await setUp(options);
      await expectIn(await signIn(), '/apps/wiki');
    });

    it.each<[string, PeerOptions]>([
      ['its assertion', { signAssertion: true, signResponse: false, encrypt: true }],
      ['its response', { signAssertion: false, signResponse: true, encrypt: true }],
      ['both', { signAssertion: true, signResponse: true, encrypt: true }],
    ])('#1, #21 signs %s and encrypts the assertion, while our keys follow each other', async (_name, options) => {
      const { organization, connection } = tenant;
      const keys = server.app.get(SpKeys);
      const isIn = async () => {
        const answer = await signIn();
        if (!idp.knowsOnlyCbc || options.signResponse) return expectIn(answer, '/apps/wiki');
        // It would be an oracle for whoever can change what it decrypts to.
        expect(answer.status).toBe(403);
        expect(await lastRecord(server, tenant)).toMatchObject({ reason: 'algorithm-not-allowed' });
      };
      const first = await keys.create(organization.id, connection.id, 'encryption', TEST_OPERATOR);
      await setUp(options);
      await isIn();
      const second = await keys.create(organization.id, connection.id, 'encryption', TEST_OPERATOR);
      await isIn();
      await keys.activate(organization.id, connection.id, second.id, TEST_OPERATOR);
      await setUp(options);
      await isIn();
      for (const { id } of [first, second]) await keys.retire(organization.id, connection.id, id, TEST_OPERATOR);
    });

    it('#15 begins by itself, where the connection allows it', async () => {
      await setUp({ signAssertion: true, signResponse: false });
      const answer = await new Visitor(server).walk(idp.startUrl(tenant.spEntityId));
      expect(answer.status).toBe(200);
      expect(await lastRecord(server, tenant)).toMatchObject({ outcome: 'accepted' });
    });

    const SIGNS = { signAssertion: true, signResponse: false };
    const singleLogout = (binding: 'redirect' | 'post') => ({
      singleLogout: { url: idp.sloUrl, responseUrl: null, binding },
    });
    const isSignedIn = async (visitor: Visitor) => (await visitor.get('/session')).status === 200;
    const lastLogout = async () =>
      (await server.sql<{ outcome: string }>(`SELECT * FROM logouts ORDER BY id DESC LIMIT 1`))[0];

    it.each(['redirect', 'post'] as const)('#22 logs out, by %s, whoever signs out here', async (binding) => {
      await setUp({ ...SIGNS, logoutBinding: binding }, singleLogout(binding));
      const visitor = new Visitor(server);
      await visitor.walk(loginUrl());
      expect(await isSignedIn(visitor)).toBe(true);
      const form = new URLSearchParams({ everywhere: 'yes' });
      const left = await visitor.post('/sign-out', form, { 'sec-fetch-site': 'same-origin' });
      expect(await isSignedIn(visitor)).toBe(false);
      const landed = await visitor.follow(`${server.url}/sign-out`, left);
      expect(visitor.visited).toContainEqual(expect.stringContaining(idp.sloUrl));
      expect([landed.status, new URL(visitor.visited.at(-1)!).pathname]).toEqual([200, '/signed-out']);
      expect(landed.body).toContain('says that you are signed out there');
    });

    it.each(['redirect', 'post'] as const)('#22 logs out here by itself, by %s', async (binding) => {
      await setUp({ ...SIGNS, logoutBinding: binding }, singleLogout(binding));
      const [visitor, other] = [new Visitor(server), new Visitor(server)];
      await visitor.walk(loginUrl());
      await other.walk(loginUrl());
      expect([await isSignedIn(visitor), await isSignedIn(other)]).toEqual([true, true]);
      const landed = await visitor.walk(idp.logoutUrl);
      expect([landed.status, await isSignedIn(visitor)]).toEqual([200, false]);
      expect(await lastLogout()).toMatchObject({ outcome: 'accepted' });
      // Whoever names no session means all of the person.
      expect(await isSignedIn(other)).toBe(idp.namesSessions);
    });

    it.each(['redirect', 'post'] as const)('#25 takes our signed questions by %s', async (requestBinding) => {
      const options = { signAssertion: true, signResponse: false, wantSigned: true };
      await setUp(options, { requestBinding, signRequests: true });
      await expectIn(await signIn(), '/apps/wiki');
      // Without a signature it would not.
      await setUp(options, { requestBinding, signRequests: false });
      const visitor = new Visitor(server);
      const refused = await visitor.walk(`${server.url}/saml/${tenant.connection.id}/login`);
      expect(visitor.visited.at(-1)).toContain(idp.ssoUrl);
      expect(refused.body).not.toContain('SAMLResponse');
    });
  });
});
