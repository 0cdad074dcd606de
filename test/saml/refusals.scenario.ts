import { randomBytes } from 'node:crypto';
import { startTestServer, type TestServer } from '../support/app.js';
import { sideEffects } from '../support/side-effects.js';
import {
  addSamlConnection,
  createSamlTenant,
  lastRecord,
  responseOf,
  TestBrowser,
  type Answer,
  type SamlTenant,
} from '../support/saml-sign-in.js';
import { encode, makeIdpKey, type ResponseOptions } from '../support/test-idp.js';
import { ONE_RECORD, refusalsOf, withoutCode } from './expect-refused.js';

let server: TestServer;
let tenant: SamlTenant;
beforeAll(async () => {
  server = await startTestServer();
  tenant = await createSamlTenant(server);
  expectRefused = refusalsOf(server);
});
afterAll(() => server.close());

let expectRefused: ReturnType<typeof refusalsOf>;

describe('an answer that is refused', () => {
  it('#17 as the no of an IdP, whose words are on no page', async () => {
    const browser = new TestBrowser(server);
    const { id, relayState } = await browser.begin(tenant);
    const words = '<samlp:StatusMessage>&lt;script&gt;alert(1)&lt;/script&gt; call 0800-EVIL</samlp:StatusMessage>';
    const xml = responseOf(tenant, id)
      .replace(/<saml:Assertion .*<\/saml:Assertion>/, '')
      .replace(
        'status:Success"/>',
        `status:Requester"><samlp:StatusCode Value="x:RequestDenied"/></samlp:StatusCode>${words}`,
      );
    const { body } = await expectRefused(tenant, 'status-not-success', () => browser.answer(tenant, xml, relayState));
    expect(body).not.toMatch(/alert|EVIL|RequestDenied/);
  });

  it('#17 as the NoPassive of an IdP', async () => {
    const browser = new TestBrowser(server);
    const { id, relayState } = await browser.begin(tenant);
    const passive = 'urn:oasis:names:tc:SAML:2.0:status:NoPassive';
    const xml = responseOf(tenant, id)
      .replace(/<saml:Assertion .*<\/saml:Assertion>/, '')
      .replace('status:Success"/>', `status:Responder"><samlp:StatusCode Value="${passive}"/></samlp:StatusCode>`);
    await expectRefused(tenant, 'status-not-success', () => browser.answer(tenant, xml, relayState));
    const record = await lastRecord(server, tenant);
    expect(JSON.stringify(record.decision)).toContain(passive);
    // The question is still there to be answered.
    expect((await browser.answer(tenant, responseOf(tenant, id), relayState)).status).toBe(303);
  });

  it('#3 because another key signed it', async () => {
    const browser = new TestBrowser(server);
    const { id, relayState } = await browser.begin(tenant);
    const xml = responseOf(tenant, id, { key: await makeIdpKey() });
    await expectRefused(tenant, 'signature-invalid', () => browser.answer(tenant, xml, relayState));
  });

  it('because the connection demands another signature', async () => {
    for (const [wantSigned, signs] of [
      ['assertion', 'response'],
      ['response', 'assertion'],
      ['both', 'assertion'],
    ] as const) {
      const strict = await createSamlTenant(server, { wantSigned });
      const browser = new TestBrowser(server);
      const { id, relayState } = await browser.begin(strict);
      const xml = responseOf(strict, id, { signs });
      await expectRefused(strict, 'signature-invalid', () => browser.answer(strict, xml, relayState));
    }
  });

  it('#14 because it came from a browser that did not ask', async () => {
    const asking = new TestBrowser(server);
    const { id, relayState } = await asking.begin(tenant);
    const xml = responseOf(tenant, id);
    await expectRefused(tenant, 'login-request-unknown', () => new TestBrowser(server).answer(tenant, xml, relayState));
    const other = new TestBrowser(server);
    await other.begin(tenant);
    await expectRefused(tenant, 'login-request-unknown', () => other.answer(tenant, xml, relayState));
    // Nothing was used up by that: the browser that asked is let in.
    expect((await asking.answer(tenant, xml, relayState)).status).toBe(303);
  });

  it('#14 because another connection asked, of another organization or of the same', async () => {
    const neighbours = [await createSamlTenant(server), await addSamlConnection(server, tenant.organization)];
    for (const neighbour of neighbours) {
      const browser = new TestBrowser(server);
      const { id, relayState } = await browser.begin(tenant);
      const xml = responseOf(neighbour, id);
      await expectRefused(neighbour, 'login-request-unknown', () => browser.answer(neighbour, xml, relayState));
    }
  });

  it('#11, #13 because it was made for another connection of the same IdP', async () => {
    const twin = await addSamlConnection(server, tenant.organization, { idpEntityId: tenant.idpEntityId });
    const browser = new TestBrowser(server);
    const { id, relayState } = await browser.begin(twin);
    // The right request, but the assertion names the other audience and the other address.
    const xml = responseOf(tenant, id, { destination: twin.acsUrl });
    await expectRefused(twin, 'recipient-mismatch', () => browser.answer(twin, xml, relayState));
  });

  it('#14 because the question was put too long ago', async () => {
    const browser = new TestBrowser(server);
    const { id, relayState } = await browser.begin(tenant);
    server.clock.advance(601);
    const xml = responseOf(tenant, id, { now: server.clock.now() });
    await expectRefused(tenant, 'login-request-unknown', () => browser.answer(tenant, xml, relayState));
  });

  it('#19 because its RelayState is not the one of the question', async () => {
    const browser = new TestBrowser(server);
    const { id, relayState } = await browser.begin(tenant);
    const xml = responseOf(tenant, id, { now: server.clock.now() });
    for (const wrong of [undefined, '', 'x', `${relayState}x`, '/session', '\r\nx', 'x'.repeat(10_000)]) {
      await expectRefused(tenant, 'relay-state-mismatch', () => browser.answer(tenant, xml, wrong));
    }
  });

  it('#8, #14 because it is used a second time', async () => {
    const browser = new TestBrowser(server);
    const { id, relayState } = await browser.begin(tenant);
    const xml = responseOf(tenant, id, { now: server.clock.now() });
    const cookies = new Map(browser.cookies);
    expect((await browser.answer(tenant, xml, relayState)).status).toBe(303);
    const again = new TestBrowser(server);
    for (const [name, value] of cookies) again.cookies.set(name, value);
    await expectRefused(tenant, 'login-request-unknown', () => again.answer(tenant, xml, relayState));
  });

  it('#8 because its assertion was used before, in another envelope', async () => {
    const browser = new TestBrowser(server);
    const assertionId = `_${randomBytes(16).toString('hex')}`;
    const now = server.clock.now();
    expect((await browser.signIn(tenant, { now, assertionId })).status).toBe(303);
    const { id, relayState } = await browser.begin(tenant);
    const answer = await browser.answer(tenant, responseOf(tenant, id, { now, assertionId }), relayState);
    expect(answer.status).toBe(403);
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect(await lastRecord(server, tenant)).toMatchObject({ outcome: 'rejected', reason: 'replay' });
  });

  it('#8 nineteen times of twenty, when it is posted twenty times at once', async () => {
    const browser = new TestBrowser(server);
    const { id, relayState } = await browser.begin(tenant);
    const xml = responseOf(tenant, id, { now: server.clock.now(), nameId: 'many@example.com' });
    const form = new URLSearchParams({ SAMLResponse: encode(xml), RelayState: relayState }).toString();
    const posts = Array.from({ length: 20 }, () => {
      const copy = new TestBrowser(server);
      for (const [name, value] of browser.cookies) copy.cookies.set(name, value);
      return copy;
    });
    const effects = await sideEffects(server, async () => {
      const answers = await Promise.all(posts.map((copy) => copy.post(`/saml/${tenant.connection.id}/acs`, form)));
      expect(answers.map(({ status }) => status).sort()).toEqual([303, ...Array<number>(19).fill(403)]);
    });
    expect(effects.rows).toMatchObject({
      sessions: '+1',
      users: '+1',
      identities: '+1',
      used_assertions: '+1',
      sign_ins: '+20',
    });
    expect(effects.columns).toEqual({ login_requests: ['consumed_at'] });
    expect(effects.events.map(([type]) => type).sort()).toEqual(['session.opened', 'user.created']);
  });
});

describe('what the answer address does not take', () => {
  const acs = () => `/saml/${tenant.connection.id}/acs`;

  it('parameters that come twice, or no answer', async () => {
    const browser = new TestBrowser(server);
    const { id, relayState } = await browser.begin(tenant);
    const answer = encodeURIComponent(encode(responseOf(tenant, id, { now: server.clock.now() })));
    const state = encodeURIComponent(relayState);
    for (const body of [
      `SAMLResponse=${answer}&SAMLResponse=${answer}&RelayState=${state}`,
      `SAMLResponse=${answer}&RelayState=${state}&RelayState=${state}`,
      `SAMLResponse=${answer}&RelayState=${state}&%53AMLResponse=x`,
      `SAMLResponse[]=${answer}&RelayState=${state}`,
      `SAMLRequest=${answer}&RelayState=${state}`,
      `SAMLResponse=&RelayState=${state}`,
      'SAMLResponse=%FF%FE&RelayState=x',
      'SAMLResponse=not*base64',
      '',
    ]) {
      await expectRefused(tenant, 'response-malformed', () => browser.post(acs(), body));
    }
  });

  it('other methods: 405', async () => {
    const browser = new TestBrowser(server);
    const { id } = await browser.begin(tenant);
    const query = new URLSearchParams({ SAMLResponse: encode(responseOf(tenant, id, { now: server.clock.now() })) });
    const answer = await browser.get(`${acs()}?${query.toString()}`);
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toBe('POST');
    expect(answer.headers.getSetCookie()).toEqual([]);
  });

  it('an answer in the query of a POST', async () => {
    const browser = new TestBrowser(server);
    const { id, relayState } = await browser.begin(tenant);
    const xml = responseOf(tenant, id, { now: server.clock.now() });
    const query = new URLSearchParams({ SAMLResponse: encode(xml), RelayState: relayState }).toString();
    await expectRefused(tenant, 'response-malformed', () => browser.post(`${acs()}?${query}`, ''));
  });

  it.each([
    ['application/json', '{"SAMLResponse":"x"}'],
    ['application/json', '{'],
    ['application/scim+json', '{"SAMLResponse":"x"}'],
    ['text/plain', 'SAMLResponse=x'],
    ['text/xml', '<x/>'],
    ['multipart/form-data; boundary=x', '--x--'],
    ['application/x-www-form-urlencodedx', 'SAMLResponse=x'],
    ['', 'SAMLResponse=x'],
  ])('other content: 415 for %s', async (type, body) => {
    const effects = await sideEffects(server, async () => {
      const { status } = await new TestBrowser(server).post(acs(), body, { 'content-type': type });
      expect(status).toBe(415);
    });
    expect(effects.rows).toEqual({});
  });

  it('more than 256 kB: 413', async () => {
    const { status, headers } = await new TestBrowser(server).post(acs(), `SAMLResponse=${'A'.repeat(256 * 1024)}`);
    expect(status).toBe(413);
    expect(headers.get('content-type')).toMatch(/^text\/html/);
  });

  it('unknown connections: the page of any other address that is not there', async () => {
    const strange = '0192f5a0-0000-7000-8000-000000000000';
    const browser = new TestBrowser(server);
    const answers = [
      await browser.post(`/saml/${strange}/acs`, 'SAMLResponse=x'),
      await browser.post('/saml/not-an-id/acs', 'SAMLResponse=x'),
      await browser.get(`/saml/${strange}/login`),
      await browser.get(`/saml/${strange}/metadata`),
      await browser.get('/saml/nothing'),
    ];
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404]);
    expect(new Set(answers.map(({ body }) => body)).size).toBe(1);
  });
});

describe('a connection that cannot be used', () => {
  it('is refused with a record when it is disabled, and still shows its metadata', async () => {
    const off = await createSamlTenant(server);
    const browser = new TestBrowser(server);
    const { id, relayState } = await browser.begin(off);
    await server.sql(`UPDATE connections SET enabled = false, disabled_reason = 'maintenance' WHERE id = $1`, [
      off.connection.id,
    ]);
    for (const send of [
      () => browser.answer(off, responseOf(off, id, { now: server.clock.now() }), relayState),
      () => browser.get(`/saml/${off.connection.id}/login`),
    ]) {
      let answer!: Answer;
      const effects = await sideEffects(server, async () => {
        answer = await send();
      });
      expect(effects).toEqual(ONE_RECORD);
      expect(answer.status).toBe(403);
      expect(answer.body).not.toContain('maintenance');
      expect(answer.body).not.toContain('Start again');
      expect(await lastRecord(server, off)).toMatchObject({
        reason: 'connection-disabled',
        decision: { detail: { got: 'maintenance' } },
      });
    }
    expect((await browser.get(`/saml/${off.connection.id}/metadata`)).status).toBe(200);
  });

  it('is refused with a record before it knows its IdP', async () => {
    const bare = await createSamlTenant(server, {}, { saml: null });
    const { status } = await new TestBrowser(server).get(`/saml/${bare.connection.id}/login`);
    expect(status).toBe(403);
    expect(await lastRecord(server, bare)).toMatchObject({ reason: 'connection-without-idp' });
  });

  it.each([
    ['#3 no certificate', { certificates: [] }],
    ['a certificate that is none', { certificates: ['-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'] }],
    ['certificates that are no list', { certificates: 'x' }],
    ['no address of the IdP', { ssoUrl: '' }],
    ['no name of the IdP', { idpEntityId: '' }],
  ])('disables itself with %s, and no other one', async (_name, broken) => {
    const bad = await createSamlTenant(server);
    await server.sql(`UPDATE connections SET saml = saml || $2::jsonb WHERE id = $1`, [
      bad.connection.id,
      JSON.stringify(broken),
    ]);
    const { status } = await new TestBrowser(server).get(`/saml/${bad.connection.id}/login`);
    expect(status).toBe(403);
    const [row] = await server.sql(`SELECT enabled, disabled_reason FROM connections WHERE id = $1`, [
      bad.connection.id,
    ]);
    expect(row).toMatchObject({ enabled: false, disabled_reason: expect.stringMatching(/saml/i) as string });
    expect(await lastRecord(server, bad)).toMatchObject({ reason: 'connection-disabled' });
    expect((await new TestBrowser(server).signIn(tenant, { now: server.clock.now() })).status).toBe(303);
  });
});

describe('a person whom the directory does not let in', () => {
  it('reads one text, whatever the cause', async () => {
    const strict = await createSamlTenant(server, {}, { attributeMapping: {}, jit: true });
    const now = server.clock.now();
    const bodies: string[] = [];
    const tell = async (reason: string, changes: Partial<ResponseOptions>) => {
      const { status, body, headers } = await new TestBrowser(server).signIn(strict, { now, ...changes });
      expect(status).toBe(403);
      expect(headers.getSetCookie()).toEqual([]);
      expect(await lastRecord(server, strict)).toMatchObject({ reason });
      bodies.push(withoutCode(body));
    };
    expect((await new TestBrowser(server).signIn(strict, { now, nameId: 'gone@example.com' })).status).toBe(303);
    await server.sql(`UPDATE users SET active = false WHERE user_name = 'gone@example.com' AND organization_id = $1`, [
      strict.organization.id,
    ]);
    await tell('deactivated', { nameId: 'gone@example.com' });
    await server.sql(`UPDATE connections SET jit = false WHERE id = $1`, [strict.connection.id]);
    await tell('not-provisioned', { nameId: 'new@example.com' });
    expect(new Set(bodies).size).toBe(1);
    expect(bodies[0]).toContain('has not given you access');
    await server.sql(`UPDATE connections SET jit = true WHERE id = $1`, [strict.connection.id]);
    const { body } = await new TestBrowser(server).signIn(strict, {
      now,
      nameId: 'opaque-7',
      attributes: { email: [] },
    });
    expect(await lastRecord(server, strict)).toMatchObject({ reason: 'attribute-missing' });
    expect(body).toContain('did not send everything');
    expect(body).not.toContain('opaque-7');
  });
});
