import { AdminTokensService } from '../../src/organizations/admin-tokens.service.js';
import { ConnectionsService } from '../../src/organizations/connections.service.js';
import { CHECKS } from '../../src/saml/protocol/checks.js';
import { startTestServer, type TestServer } from '../support/app.js';
import { Engine, OPERATOR } from '../support/engine.js';
import { createSamlTenant, responseOf, TestBrowser, type Answer, type SamlTenant } from '../support/saml-sign-in.js';
import { request, TEST_OPERATOR, type Reply } from '../support/scenario.js';
import { sideEffects, type SideEffects } from '../support/side-effects.js';
import { at, makeIdpKey, type ResponseOptions } from '../support/test-idp.js';
import { standingAlone, STATEMENTS } from './attribute-statements.js';

/** Sign-ins of operators that change nothing. */

let server: TestServer;
let admin: string;
beforeAll(async () => {
  server = await startTestServer();
  admin = (await server.app.get(AdminTokensService).create('test', null, TEST_OPERATOR)).token;
});
afterAll(() => server.close());

interface TestView {
  readonly id: string;
  readonly address: string | null;
  readonly expiresAt: string;
  readonly state: string;
  readonly outcome: string | null;
  readonly reason: string | null;
  readonly received: Received | null;
  readonly preview: Record<string, unknown> | null;
}
interface Received {
  readonly checks: readonly { name: string; state: string; got: unknown; wanted: unknown; reason: string | null }[];
  readonly subject: { readonly value: string } | null;
  readonly attributes: readonly { name: string; values: readonly string[]; shortened: boolean }[] | null;
  readonly mapping: readonly { field: string; foundIn: readonly string[]; values: readonly string[] }[] | null;
  readonly hints: readonly string[];
}

const pathOf = ({ organization, connection }: SamlTenant) =>
  `/admin/v1/organizations/${organization.id}/connections/${connection.id}/test-sign-ins`;
const create = (tenant: SamlTenant): Promise<Reply<TestView>> =>
  request<TestView>(server, 'POST', pathOf(tenant), { token: admin });
const resultOf = async (tenant: SamlTenant, id: string) =>
  (await request<TestView>(server, 'GET', `${pathOf(tenant)}/${id}`, { token: admin })).json;
const failedOf = ({ received }: TestView) => received?.checks.find(({ state }) => state === 'failed');

/** Opens the address and begins; where the browser is sent, with the ids that an answer needs. */
async function begin(browser: TestBrowser, address: string) {
  const path = new URL(address).pathname;
  const offer = await browser.get(path);
  expect(offer.status).toBe(200);
  expect(offer.body).toContain(`action="${address}"`);
  const { status, headers } = await browser.post(path, '');
  expect(status).toBe(303);
  return browser.questionAt(headers.get('location')!);
}

interface Run {
  readonly id: string;
  readonly answer: Answer;
  readonly effects: SideEffects;
  readonly result: TestView;
}

/** A whole test; the side effects are those from the opened address on. */
async function run(
  tenant: SamlTenant,
  browser: TestBrowser,
  changes: Partial<ResponseOptions> = {},
  alter: (xml: string) => string = (xml) => xml,
): Promise<Run> {
  const { json: test } = await create(tenant);
  let answer!: Answer;
  const effects = await sideEffects(
    server,
    async () => {
      const { id, relayState } = await begin(browser, test.address!);
      answer = await browser.answer(
        tenant,
        alter(responseOf(tenant, id, { now: server.clock.now(), ...changes })),
        relayState,
      );
    },
    tenant.organization.id,
  );
  return { id: test.id, answer, effects, result: await resultOf(tenant, test.id) };
}

/** Nothing but its own: the request that was asked, and its record. */
const OWN = {
  rows: { login_requests: '+1', test_sign_ins: '~1' },
  columns: { test_sign_ins: ['ended_at', 'result', 'started_at'] },
  events: [],
  audit: [],
};

describe('a test sign-in', () => {
  it('goes the way of a real one, changes nothing but its own record, and shows what would be', async () => {
    const tenant = await createSamlTenant(server);
    const engine = new Engine(server);
    const group = await engine.operator.createGroup(tenant.organization.id, { displayName: 'Engineering' }, OPERATOR);
    const browser = new TestBrowser(server);
    const { id, answer, effects, result } = await run(tenant, browser, {
      attributes: { mail: ['ada@example.com'], firstName: ['Ada'], groups: ['Engineering', 'Nobody knows'] },
    });
    expect(answer.status).toBe(303);
    expect(answer.headers.get('location')).toBe(`${server.url}/saml/${tenant.connection.id}/test-result/${id}`);
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect(effects).toEqual(OWN);

    expect(result).toMatchObject({ state: 'ended', outcome: 'accepted', reason: null, address: null });
    expect(result.received!.checks.map(({ name, state }) => `${name} ${state}`)).toEqual(
      Object.keys(CHECKS).map((name) => `${name} passed`),
    );
    expect(result.received).toMatchObject({
      subject: { value: 'ada@example.com' },
      attributes: [
        { name: 'mail', values: ['ada@example.com'], shortened: false },
        { name: 'firstName', values: ['Ada'] },
        { name: 'groups', values: ['Engineering', 'Nobody knows'] },
      ],
    });
    expect(result.received!.mapping!.map(({ field, foundIn }) => [field, ...foundIn])).toEqual([
      ['userName', 'mail'],
      ['email', 'mail'],
      ['givenName', 'firstName'],
      ['familyName'],
      ['displayName', 'firstName'],
      ['externalId'],
      ['role'],
      ['groups', 'groups'],
    ]);
    expect(result.preview).toMatchObject({
      decision: 'create',
      rule: '9',
      matchedBy: null,
      claims: { userName: 'ada@example.com', groups: { kind: 'listed' } },
      groups: {
        added: [
          {
            id: group.id,
            displayName: 'Engineering',
            because: 'named',
            named: [{ value: 'Engineering', by: 'displayName' }],
          },
        ],
        unknown: ['Nobody knows'],
      },
    });

    const page = await browser.get(`/saml/${tenant.connection.id}/test-result/${id}`);
    expect(page.status).toBe(200);
    for (const text of ['would be accepted', 'firstName', 'Engineering (displayName)', 'Nobody knows', 'row 9']) {
      expect(page.body).toContain(text);
    }
    expect(page.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-[^;]+; form-action 'self'/,
    );
    expect(page.body).not.toContain('<script');
  });

  it('says of somebody who is there by what they are recognised, and what they would gain and lose', async () => {
    const tenant = await createSamlTenant(server);
    const engine = new Engine(server);
    for (const displayName of ['Red', 'Blue']) {
      await engine.operator.createGroup(tenant.organization.id, { displayName }, OPERATOR);
    }
    const attributes = { email: ['ada@example.com'], groups: ['Red'] };
    await new TestBrowser(server).signIn(tenant, { attributes });
    const { effects, result } = await run(tenant, new TestBrowser(server), {
      attributes: { ...attributes, displayName: ['Ada King'], groups: ['Blue'] },
    });
    expect(effects).toEqual(OWN);
    expect(result.preview).toMatchObject({
      decision: 'update',
      matchedBy: 'identity',
      changes: { displayName: [null, 'Ada King'] },
      groups: {
        added: [{ displayName: 'Blue', because: 'named' }],
        removed: [{ displayName: 'Red', because: 'not-asserted' }],
      },
    });
  });

  it('that the decision would refuse has passed every check, and says what to do', async () => {
    const tenant = await createSamlTenant(server, {}, { jit: false });
    const { effects, result } = await run(tenant, new TestBrowser(server));
    expect(effects).toEqual(OWN);
    expect(result).toMatchObject({ outcome: 'rejected', reason: 'not-provisioned', preview: { rule: '11' } });
    expect(failedOf(result)).toBeUndefined();
    expect(result.received!.hints[0]).toMatch(/Nobody here is this person/);
  });

  const now = () => server.clock.now();
  it.each<[string, string, () => Partial<ResponseOptions>, RegExp]>([
    ['signature', 'signature-invalid', () => ({ attributes: { email: ['x'] } }), /View IdP metadata/],
    [
      'status',
      'status-not-success',
      () => ({ statusCode: 'urn:oasis:names:tc:SAML:2.0:status:Responder' }),
      /System Log/,
    ],
    ['assertion-issuer', 'issuer-mismatch', () => ({ assertionIssuer: 'http://www.okta.com/other' }), /Issuer/],
    ['age', 'too-old', () => ({ issueInstant: at(now(), -9000) }), /clocks/],
    ['recipient', 'recipient-mismatch', () => ({ recipient: 'https://other.example/acs' }), /Single sign-on URL/],
    ['not-on-or-after', 'expired', () => ({ notOnOrAfter: at(now(), -600) }), /clocks/],
    ['audience', 'audience-mismatch', () => ({ spEntityId: 'https://other.example' }), /Audience URI/],
    ['login-request', 'unsolicited', () => ({ responseInResponseTo: undefined }), /allowIdpInitiated/],
  ])('that stops at the check %s shows it, with what to click at the IdP', async (name, reason, changes, hint) => {
    const tenant = await createSamlTenant(server, { idpEntityId: 'http://www.okta.com/exk1' });
    const browser = new TestBrowser(server);
    const forge = (xml: string) => (name === 'signature' ? xml.replace('>x<', '>y<') : xml);
    const { id, answer, effects, result } = await run(tenant, browser, changes(), forge);
    expect(answer.status).toBe(303);
    expect(effects).toEqual(OWN);
    expect(result).toMatchObject({ state: 'ended', outcome: 'rejected', preview: null });
    expect(result.reason).toBe(reason);
    expect(failedOf(result)).toMatchObject({ name, reason });
    expect(result.received!.hints[0]).toMatch(hint);
    // What a certificate signed is shown also when it is refused; what none did is not.
    const verified = result.received!.checks.some((check) => check.name === 'signature' && check.state === 'passed');
    expect(result.received!.attributes !== null).toBe(verified);
    const page = await browser.get(`/saml/${tenant.connection.id}/test-result/${id}`);
    expect(page.body).toContain('would be refused');
    expect(page.body).toContain(reason);
  });

  it('is known by its RelayState also when the document cannot be read, and by the browser when nothing is named', async () => {
    const tenant = await createSamlTenant(server);
    const broken = await run(tenant, new TestBrowser(server), {}, (xml) =>
      xml.replace('<samlp:Status>', '<!-- x --><samlp:Status>'),
    );
    expect(broken.effects).toEqual(OWN);
    expect(broken.result).toMatchObject({ reason: 'comment', received: { attributes: null } });
    expect(failedOf(broken.result)).toMatchObject({ name: 'document' });

    const { json: test } = await create(tenant);
    const browser = new TestBrowser(server);
    await begin(browser, test.address!);
    await browser.answer(tenant, responseOf(tenant, undefined), undefined);
    expect(await resultOf(tenant, test.id)).toMatchObject({ state: 'ended', reason: 'unsolicited' });
  });

  it('is begun once, in time, and its result is for the browser that began it', async () => {
    const tenant = await createSamlTenant(server);
    const browser = new TestBrowser(server);
    const { json: test } = await create(tenant);
    const left = Date.parse(test.expiresAt) - server.clock.now().getTime();
    expect(left).toBeLessThanOrEqual(15 * 60_000);
    expect(left).toBeGreaterThan(14 * 60_000);
    const path = new URL(test.address!).pathname;
    // Whatever follows addresses by itself does not use it up.
    for (let count = 0; count < 3; count++) expect((await new TestBrowser(server).get(path)).status).toBe(200);
    const question = await begin(browser, test.address!);
    expect((await browser.get(path)).status).toBe(404);
    expect((await new TestBrowser(server).post(path, '')).status).toBe(404);

    const xml = responseOf(tenant, question.id);
    // Another browser's answer is nobody's test, and no sign-in.
    expect((await new TestBrowser(server).answer(tenant, xml, question.relayState)).status).toBe(403);
    expect(await resultOf(tenant, test.id)).toMatchObject({ state: 'under-way', received: null });
    const first = await browser.answer(tenant, xml, question.relayState);
    expect(first.status).toBe(303);
    const result = await resultOf(tenant, test.id);
    expect((await browser.answer(tenant, xml, question.relayState)).status).toBe(403);
    expect(await resultOf(tenant, test.id)).toEqual(result);

    const place = new URL(first.headers.get('location')!).pathname;
    expect((await browser.get(place)).status).toBe(200);
    expect((await new TestBrowser(server).get(place)).status).toBe(404);
    const foreign = await createSamlTenant(server);
    expect((await browser.get(place.replace(tenant.connection.id, foreign.connection.id))).status).toBe(404);
    const elsewhere = await request(server, 'GET', `${pathOf(foreign)}/${test.id}`, { token: admin });
    expect(elsewhere.status).toBe(404);

    const { json: late } = await create(tenant);
    server.clock.advance(15 * 60 + 1);
    expect((await browser.get(new URL(late.address!).pathname)).status).toBe(404);
    expect((await browser.post(new URL(late.address!).pathname, '')).status).toBe(404);
    expect(await resultOf(tenant, late.id)).toMatchObject({ state: 'expired' });
    expect((await browser.get(place)).status).toBe(404);
  });

  it('works while the connection is disabled, and lets nobody in by it', async () => {
    const tenant = await createSamlTenant(server);
    const { organizationId, id } = tenant.connection;
    const browser = new TestBrowser(server);
    const real = await browser.begin(tenant);
    await server.app.get(ConnectionsService).disable(organizationId, id, 'not yet', TEST_OPERATOR);
    const { effects, result } = await run(tenant, browser);
    expect(effects).toEqual(OWN);
    expect(result).toMatchObject({ outcome: 'accepted', preview: { decision: 'create' } });
    // A real sign-in that was under way stays refused, also in a browser with a test under way.
    const { json: test } = await create(tenant);
    await begin(browser, test.address!);
    const refused = await browser.answer(tenant, responseOf(tenant, real.id), real.relayState);
    expect(refused.status).toBe(403);
    expect(await server.sql(`SELECT 1 FROM sessions WHERE organization_id = $1`, [organizationId])).toEqual([]);
  });

  it('needs a connection that knows its IdP, and an operator', async () => {
    const tenant = await createSamlTenant(server);
    await server.app
      .get(ConnectionsService)
      .update(tenant.organization.id, tenant.connection.id, { saml: null }, TEST_OPERATOR);
    expect((await create(tenant)).status).toBe(409);
    expect((await request(server, 'POST', pathOf(tenant), {})).status).toBe(401);
  });

  it('leaves the trace of the operator who made it', async () => {
    const tenant = await createSamlTenant(server);
    const effects = await sideEffects(server, () => create(tenant), tenant.organization.id);
    expect(effects).toMatchObject({
      rows: { test_sign_ins: '+1', audit_entries: '+1' },
      events: [],
      audit: [['connection.test-sign-in-created', tenant.connection.id]],
    });
  });

  it('keeps no secret that an IdP sends along, nor anything in the clear', async () => {
    const tenant = await createSamlTenant(server);
    const { result } = await run(tenant, new TestBrowser(server), {
      attributes: {},
      attributeXml: standingAlone(STATEMENTS.auth0),
    });
    const token = result.received!.attributes!.find(({ name }) => name.endsWith('access_token'))!;
    expect(token).toMatchObject({ values: ['eyJh… (30 characters)'], shortened: true });
    const [row] = await server.sql<{ text: string }>(
      `SELECT encode(result, 'escape') AS text FROM test_sign_ins WHERE id = $1`,
      [result.id],
    );
    expect(row!.text).not.toContain('ada@example.com');
  });

  it('escapes what the IdP says', async () => {
    const tenant = await createSamlTenant(server);
    const browser = new TestBrowser(server);
    const evil = '<img src=x onerror=alert(1)>';
    const { answer } = await run(tenant, browser, {
      attributes: { email: ['ada@example.com'], [evil]: [evil], groups: [evil] },
    });
    const page = await browser.get(new URL(answer.headers.get('location')!).pathname);
    expect(page.body).not.toContain('<img');
    expect(page.body).toContain('&lt;img src=x');
  });

  it('signed with another key says so, and disables nothing', async () => {
    const { result, effects } = await run(await createSamlTenant(server), new TestBrowser(server), {
      key: await makeIdpKey(),
    });
    expect(failedOf(result)).toMatchObject({ name: 'signature', reason: 'signature-invalid' });
    expect(effects).toEqual(OWN);
  });
});
