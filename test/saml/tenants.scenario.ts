import { startTestServer, type TestServer } from '../support/app.js';
import { OperatorReconciler } from '../../src/reconciliation/operator.reconciler.js';
import { TEST_OPERATOR, createScimToken, request } from '../support/scenario.js';
import { DomainsService } from '../../src/organizations/domains.service.js';
import {
  addSamlConnection,
  createSamlTenant,
  lastRecord,
  responseOf,
  TestBrowser,
  type Answer,
  type SamlTenant,
} from '../support/saml-sign-in.js';
import { expectEvents, expectNoEffects, sideEffects } from '../support/side-effects.js';
import { makeIdpKey, type ResponseOptions } from '../support/test-idp.js';

/** Whose person somebody is: of one organization, by the subject that its IdP names, and never by what an address seems to say. */

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const PERSISTENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent';
const TRANSIENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient';
const EMAIL = 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress';

interface Person {
  readonly id: string;
  readonly userName: string;
  readonly email: string | null;
  readonly organization: { readonly id: string };
}

async function signIn(
  tenant: SamlTenant,
  changes: Partial<ResponseOptions>,
): Promise<{ answer: Answer; person: Person | undefined }> {
  const browser = new TestBrowser(server);
  const answer = await browser.signIn(tenant, { now: server.clock.now(), ...changes });
  if (answer.status !== 303) {
    expect(answer.headers.getSetCookie()).toEqual([]);
    return { answer, person: undefined };
  }
  const { body } = await browser.get('/session', { accept: 'application/json' });
  return { answer, person: JSON.parse(body) as Person };
}

async function expectRefused(tenant: SamlTenant, reason: string, changes: Partial<ResponseOptions>): Promise<void> {
  const effects = await sideEffects(server, async () => {
    const { answer } = await signIn(tenant, changes);
    expect(answer.status).toBe(403);
  });
  // The question was put and answered, and its assertion is used up; nobody is made, linked or let in.
  expect(effects).toMatchObject({ events: [], audit: [] });
  expect(Object.keys(effects.rows).sort()).toEqual(['login_requests', 'sign_ins', 'used_assertions']);
  expect(await lastRecord(server, tenant)).toMatchObject({ outcome: 'rejected', reason });
}

const verifiedDomain = async ({ organization }: SamlTenant, name: string): Promise<string> => {
  const domains = server.app.get(DomainsService);
  await domains.claim(organization.id, name, TEST_OPERATOR);
  await domains.verify(organization.id, name, 'operator', TEST_OPERATOR);
  return name;
};

describe('two organizations', () => {
  it('#13 the IdP of one names a person of the other: at home it is somebody of its own', async () => {
    const victim = await createSamlTenant(server);
    const evil = await createSamlTenant(server, { certificates: [(await makeIdpKey()).certificate] });
    const key = await makeIdpKey();
    const evilTenant: SamlTenant = {
      ...(await addSamlConnection(server, evil.organization, { certificates: [key.certificate] })),
      key,
    };
    const claims = { nameId: 'ceo@example.com', nameIdFormat: EMAIL, attributes: { email: ['ceo@example.com'] } };
    const { person: ceo } = await signIn(victim, claims);
    const effects = await sideEffects(
      server,
      async () => {
        const { person } = await signIn(evilTenant, claims);
        expect(person).toMatchObject({ userName: 'ceo@example.com', organization: { id: evil.organization.id } });
        expect(person!.id).not.toBe(ceo!.id);
      },
      victim.organization.id,
    );
    expectNoEffects(effects);
    // At the victim's address the key is nobody's.
    const browser = new TestBrowser(server);
    const { id, relayState } = await browser.begin(victim);
    const forged = responseOf({ ...victim, key }, id, { now: server.clock.now(), ...claims });
    expect((await browser.answer(victim, forged, relayState)).status).toBe(403);
    expect(await lastRecord(server, victim)).toMatchObject({ reason: 'signature-invalid' });
  });

  it('#13 with the name and the certificate of the other’s IdP, an assertion made for the other is worth nothing', async () => {
    const victim = await createSamlTenant(server);
    const evil = await createSamlTenant(server, { idpEntityId: victim.idpEntityId });
    const made = responseOf(victim, undefined, { now: server.clock.now(), responseInResponseTo: undefined });
    const browser = new TestBrowser(server);
    const { id, relayState } = await browser.begin(evil);
    for (const xml of [made, made.replace('<samlp:Response ', `<samlp:Response InResponseTo="${id}" `)]) {
      const effects = await sideEffects(server, async () => {
        expect((await browser.answer(evil, xml, relayState)).status).toBe(403);
      });
      expect(effects).toEqual({ rows: { sign_ins: '+1' }, columns: {}, events: [], audit: [] });
    }
  });

  it('#13 whose IdPs go by one name (JumpCloud) work independently', async () => {
    const keys = [await makeIdpKey(), await makeIdpKey()];
    const tenants = await Promise.all(
      keys.map(async (key): Promise<SamlTenant> => ({
        ...(await createSamlTenant(server, { idpEntityId: 'JumpCloud', certificates: [key.certificate] })),
        key,
      })),
    );
    const people = [];
    for (const tenant of tenants) {
      const claims = { nameId: 'ada', attributes: { email: ['ada@example.com'] } };
      people.push((await signIn(tenant, claims)).person!);
    }
    expect(people.map(({ organization }) => organization.id)).toEqual(
      tenants.map(({ organization }) => organization.id),
    );
    expect(people[0]!.id).not.toBe(people[1]!.id);
    const [one, other] = tenants as [SamlTenant, SamlTenant];
    const browser = new TestBrowser(server);
    const { id, relayState } = await browser.begin(one);
    expect((await browser.answer(one, responseOf({ ...one, key: other.key }, id), relayState)).status).toBe(403);
  });
});

describe('#24 somebody', () => {
  it('of a domain that another organization has verified is not let in', async () => {
    const owner = await createSamlTenant(server);
    const stranger = await createSamlTenant(server);
    const domain = await verifiedDomain(owner, 'owned.example');
    await expectRefused(stranger, 'domain-not-allowed', { nameId: `eve@${domain}` });
    await expectRefused(stranger, 'domain-not-allowed', {
      nameId: 'EVE@Owned.Example',
      nameIdFormat: EMAIL,
      attributes: {},
    });
    await expectRefused(stranger, 'domain-not-allowed', {
      nameId: 'opaque-1',
      attributes: { userName: ['eve'], email: [`eve@${domain}`] },
    });
    expect((await signIn(owner, { nameId: `ada@${domain}` })).person).toBeDefined();
  });

  it('made by hand is nobody’s by an address of a domain that is not verified, and linked where it is and may be', async () => {
    const tenant = await createSamlTenant(server, {}, { scim: false, provisioning: { linkManualUsers: true } });
    for (const [userName, email] of [
      ['root', 'root@unverified.example'],
      ['root2', 'root@verified-here.example'],
    ] as const) {
      const attributes = { emails: [{ value: email, primary: true }] };
      await server.app
        .get(OperatorReconciler)
        .createUser(tenant.organization.id, { userName, attributes }, TEST_OPERATOR);
    }
    const claims = (email: string) => ({
      nameId: 'subject-1',
      nameIdFormat: PERSISTENT,
      attributes: { userName: ['eve'], email: [email] },
    });
    await expectRefused(tenant, 'account-not-linked', claims('root@unverified.example'));
    await expectRefused(tenant, 'account-not-linked', {
      ...claims('x@unverified.example'),
      attributes: { userName: ['root'] },
    });
    await verifiedDomain(tenant, 'verified-here.example');
    const { person } = await signIn(tenant, claims('root@verified-here.example'));
    expect(await lastRecord(server, tenant)).toMatchObject({ decision: { kind: 'link', matchedBy: 'email' } });
    expect(person).toBeDefined();
  });

  it('stays the same person when their address changes, and leaves it behind', async () => {
    const tenant = await createSamlTenant(server);
    const { person: before } = await signIn(tenant, {
      nameId: 'subject-2',
      attributes: { userName: ['ada'], email: ['ada.roe@example.com'] },
    });
    const { person: after } = await signIn(tenant, {
      nameId: 'subject-2',
      attributes: { userName: ['ada'], email: ['ada.doe@example.com'] },
    });
    expect(after).toMatchObject({ id: before!.id, email: 'ada.doe@example.com' });
    const { person: next } = await signIn(tenant, {
      nameId: 'subject-3',
      attributes: { userName: ['anna'], email: ['ada.roe@example.com'] },
    });
    expect(next!.id).not.toBe(before!.id);
  });

  it('who gets the address of somebody else is not them', async () => {
    const tenant = await createSamlTenant(server);
    const claims = { attributes: { userName: ['sales@example.com'], email: ['sales@example.com'] } };
    await signIn(tenant, { nameId: 'subject-4', ...claims });
    await expectRefused(tenant, 'identity-conflict', { nameId: 'subject-5', ...claims });
  });

  it('who gets the address of somebody who was removed is another person, once they are provisioned', async () => {
    const tenant = await createSamlTenant(server, {}, { scim: true, provisioning: { requireScim: false } });
    const token = await createScimToken(server, tenant.connection);
    const created = await request<{ id: string }>(server, 'POST', '/scim/v2/Users', {
      token,
      body: { userName: 'support@example.com', externalId: 'subject-6' },
    });
    const first = await signIn(tenant, { nameId: 'subject-6', attributes: { email: ['support@example.com'] } });
    expect(first.person!.id).toBe(created.json.id);
    expect((await request(server, 'DELETE', `/scim/v2/Users/${created.json.id}`, { token })).status).toBe(204);
    await expectRefused(tenant, 'deprovisioned', {
      nameId: 'subject-6',
      attributes: { email: ['support@example.com'] },
    });
    const next = { nameId: 'subject-7', attributes: { email: ['support@example.com'] } };
    await expectRefused(tenant, 'deprovisioned', next);
    const hired = await request<{ id: string }>(server, 'POST', '/scim/v2/Users', {
      token,
      body: { userName: 'support@example.com', externalId: 'subject-7' },
    });
    expect((await signIn(tenant, next)).person!.id).toBe(hired.json.id);
    expect(hired.json.id).not.toBe(created.json.id);
    await expectRefused(tenant, 'identity-conflict', {
      nameId: 'subject-6',
      attributes: { email: ['support@example.com'] },
    });
  });

  it('whose NameID is transient is known by their user name, each time anew, and linked by none of them', async () => {
    const tenant = await createSamlTenant(server, {}, { scim: true, provisioning: { requireScim: false } });
    const passing = (nameId: string, userName: string) => ({
      nameId,
      nameIdFormat: TRANSIENT,
      attributes: { userName: [userName] },
    });
    const { person: first } = await signIn(tenant, passing('_1', 'ada'));
    const effects = await sideEffects(server, async () => {
      expect((await signIn(tenant, passing('_2', 'ada'))).person!.id).toBe(first!.id);
    });
    expect(effects.rows).not.toHaveProperty('identities');
    expectEvents(effects, ['session.opened']);
    const named = `SELECT count(*)::integer AS count FROM identities WHERE organization_id = $1`;
    expect(await server.sql(named, [tenant.organization.id])).toEqual([{ count: 0 }]);

    const token = await createScimToken(server, tenant.connection);
    const body = { userName: 'grace', externalId: 'object-1' };
    const { json } = await request<{ id: string }>(server, 'POST', '/scim/v2/Users', { token, body });
    for (const nameId of ['_3', '_4']) {
      expect((await signIn(tenant, passing(nameId, 'grace'))).person!.id).toBe(json.id);
    }
    // Once the IdP has a lasting name, that links; from then on a passing one is not believed about them.
    const lasting = { nameId: 'subject-8', nameIdFormat: PERSISTENT, attributes: { userName: ['ada'] } };
    expect((await signIn(tenant, lasting)).person!.id).toBe(first!.id);
    await expectRefused(tenant, 'identity-conflict', passing('_5', 'ada'));
  });

  it('is one however the IdP writes an address that is their name, and two where names are exact', async () => {
    const tenant = await createSamlTenant(server);
    const address = { nameIdFormat: EMAIL, attributes: { email: ['case@example.com'] } };
    const { person: lower } = await signIn(tenant, { nameId: 'case@example.com', ...address });
    const { person: upper } = await signIn(tenant, { nameId: 'Case@Example.COM', ...address });
    expect(upper!.id).toBe(lower!.id);
    const exact = (nameId: string, email: string) => ({
      nameId,
      nameIdFormat: PERSISTENT,
      attributes: { email: [email] },
    });
    const { person: one } = await signIn(tenant, exact('AbC', 'abc1@example.com'));
    const { person: two } = await signIn(tenant, exact('aBc', 'abc2@example.com'));
    expect(two!.id).not.toBe(one!.id);
  });

  it('who was deactivated stays out, and is not revived', async () => {
    const tenant = await createSamlTenant(server, {}, { scim: true });
    const token = await createScimToken(server, tenant.connection);
    const { json } = await request<{ id: string }>(server, 'POST', '/scim/v2/Users', {
      token,
      body: { userName: 'gone@example.com' },
    });
    expect((await signIn(tenant, { nameId: 'gone@example.com' })).person!.id).toBe(json.id);
    const off = {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
      Operations: [{ op: 'replace', path: 'active', value: false }],
    };
    expect((await request(server, 'PATCH', `/scim/v2/Users/${json.id}`, { token, body: off })).status).toBe(200);
    await expectRefused(tenant, 'deactivated', { nameId: 'gone@example.com' });
  });
});
