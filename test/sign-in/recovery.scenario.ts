import { ConnectionsService } from '../../src/organizations/connections.service.js';
import { OperatorReconciler } from '../../src/reconciliation/operator.reconciler.js';
import { startTestServer, type TestServer } from '../support/app.js';
import { freshAddress, pathOf, Recovery, typedBy, type Person } from '../support/recovery.js';
import { createOrganization, createTenant, request, TEST_OPERATOR, type JsonObject } from '../support/scenario.js';
import { createSamlTenant, TestBrowser } from '../support/saml-sign-in.js';
import { expectNoEffects, sideEffects } from '../support/side-effects.js';

let server: TestServer;
let recovery: Recovery;
beforeAll(async () => {
  server = await startTestServer({ TRUST_PROXY: 'loopback' });
  recovery = await Recovery.of(server);
});
afterAll(() => server.close());

describe('recovery codes', () => {
  it('are made for an active break-glass person, shown once and kept as hashes', async () => {
    const person = await recovery.newPerson();
    let codes: readonly string[] = [];
    const effects = await sideEffects(server, async () => {
      const reply = await request(server, 'POST', `${pathOf(person)}/recovery-codes`, {
        token: recovery.admin,
        body: {},
      });
      codes = reply.json['codes'] as string[];
      expect(reply.json).toMatchObject({
        signInUrl: `${server.url}/o/${person.organization.slug}?noLoginRedirect`,
        userName: person.userName,
      });
      const days = (Date.parse(String(reply.json['expiresAt'])) - server.clock.now().getTime()) / 86_400_000;
      expect(Math.round(days)).toBe(90);
    });
    expect(effects).toMatchObject({
      rows: { recovery_codes: '+10', audit_entries: '+1' },
      events: [['user.recovery-codes-issued', person.id]],
      audit: [['user.recovery-codes-issued', person.id]],
    });
    expect(new Set(codes).size).toBe(10);
    for (const code of codes) expect(code).toMatch(/^([2-9A-HJ-NP-Z]{4}-){4}[2-9A-HJ-NP-Z]{4}$/);
    const stored = JSON.stringify(
      await server.sql(
        `SELECT (SELECT json_agg(c) FROM recovery_codes c), (SELECT json_agg(e) FROM outbox_events e), (SELECT json_agg(a) FROM audit_entries a)`,
      ),
    );
    for (const code of codes) {
      expect(stored).not.toContain(code);
      expect(stored).not.toContain(code.slice(0, 14));
    }
    const list = await request(server, 'GET', `${pathOf(person)}/recovery-codes?limit=3`, { token: recovery.admin });
    expect(list.json['items']).toHaveLength(3);
    expect(list.json['next']).toEqual(expect.any(String));
    expect(codes.map((code) => code.slice(-4))).toContain((list.json['items'] as JsonObject[])[0]!['lastFour']);
  });

  it('are made for nobody else, and not for ever', async () => {
    const person = await recovery.createPerson(await createOrganization(server), false);
    const inactive = await recovery.newPerson();
    await server.app
      .get(OperatorReconciler)
      .setUser(inactive.organization.id, inactive.id, { active: false }, TEST_OPERATOR);
    const exempt = await recovery.newPerson();
    const create = (whose: Person, body: JsonObject) =>
      request(server, 'POST', `${pathOf(whose)}/recovery-codes`, { token: recovery.admin, body });
    expectNoEffects(
      await sideEffects(server, async () => {
        expect((await create(person, {})).json).toMatchObject({
          status: 409,
          type: expect.stringContaining('not-exempt') as string,
        });
        expect((await create(inactive, {})).status).toBe(409);
        for (const expiresAt of ['2020-01-01T00:00:00Z', '2099-01-01T00:00:00Z', '2026-02-30T25:00:00Z', 'tomorrow']) {
          expect((await create(exempt, { expiresAt })).status).toBe(422);
        }
        for (const wrong of [0, 51, 1.5, '1']) expect((await create(exempt, { count: wrong })).status).toBe(422);
      }),
    );
  });

  it('are a set: new ones end the old ones, and all end when an operator says so', async () => {
    const person = await recovery.newPerson();
    const [old] = await recovery.issue(person, { count: 2 });
    const effects = await sideEffects(server, () => recovery.issue(person, { count: 3 }));
    expect(effects.rows).toEqual({ recovery_codes: '+3 ~2', audit_entries: '+1' });
    expect((await recovery.enter(typedBy(person, old!))).status).toBe(403);
    const revoke = () =>
      request(server, 'POST', `${pathOf(person)}/recovery-codes/revoke`, { token: recovery.admin, body: {} });
    const revoked = await sideEffects(server, async () => {
      expect((await revoke()).json).toEqual({ revoked: 3 });
      expect((await revoke()).json).toEqual({ revoked: 0 });
    });
    expect(revoked).toMatchObject({
      rows: { recovery_codes: '~3', audit_entries: '+1' },
      columns: { recovery_codes: ['revoked_at'] },
      events: [['user.recovery-codes-revoked', person.id]],
    });
  });

  it.each([
    ['is no break-glass person any more', { breakGlass: false }],
    ['is deactivated', { active: false }],
  ])('end with the transaction in which their person %s', async (_how, change) => {
    const person = await recovery.newPerson();
    const [code] = await recovery.issue(person, { count: 1 });
    const operator = server.app.get(OperatorReconciler);
    const effects = await sideEffects(server, () =>
      operator.setUser(person.organization.id, person.id, change, TEST_OPERATOR),
    );
    expect(effects.rows['recovery_codes']).toBe('~1');
    expect(effects.events.map(([type]) => type)).toContain('user.recovery-codes-revoked');
    await operator.setUser(person.organization.id, person.id, { breakGlass: true, active: true }, TEST_OPERATOR);
    const refused = await recovery.enter(typedBy(person, code!));
    expect(await recovery.incidentOf(refused)).toMatchObject({ reason: 'code-revoked', userId: person.id });
  });
});

describe('a sign-in with a recovery code', () => {
  it('ends the session that the browser had, whoever was in it', async () => {
    const [former, person] = [await recovery.newPerson(), await recovery.newPerson()];
    const [[one], [other]] = [await recovery.issue(former), await recovery.issue(person)];
    const browser = new TestBrowser(server);
    expect((await recovery.enter(typedBy(former, one!), { browser })).status).toBe(303);
    const left = new TestBrowser(server);
    left.cookies.set('rc_session', browser.cookies.get('rc_session')!);
    expect((await recovery.enter(typedBy(person, other!), { browser })).status).toBe(303);
    expect((await left.get('/session')).status).toBe(401);
    expect((await browser.get('/session')).status).toBe(200);
  });

  it('opens a short session without any connection, uses the code up, and changes nothing of the person', async () => {
    const person = await recovery.newPerson();
    const [code] = await recovery.issue(person);
    const browser = new TestBrowser(server);
    const address = freshAddress();
    const effects = await sideEffects(server, async () => {
      const typed = { ...typedBy(person, code!), targetUrl: '/session?from=recovery' };
      const answer = await recovery.enter(typed, { browser, address });
      expect(answer.status).toBe(303);
      expect(answer.headers.get('location')).toBe(`${server.url}/session?from=recovery`);
      expect(answer.headers.getSetCookie()).toEqual([
        expect.stringMatching(/^rc_session=rc_sess_.*HttpOnly; SameSite=Lax$/),
        'rc_signed_in=1; Max-Age=600; Path=/; HttpOnly; SameSite=Lax',
      ]);
    });
    expect(effects).toEqual({
      rows: { recovery_attempts: '+2', recovery_codes: '~1', sessions: '+1', sign_ins: '+1', audit_entries: '+2' },
      columns: { recovery_codes: ['used_at'] },
      events: [
        ['user.recovery-code-used', person.id],
        ['session.opened', person.id],
      ],
      audit: [
        ['user.recovery-code-used', person.id],
        ['session.opened', person.id],
      ],
    });
    const session = JSON.parse((await browser.get('/session', { accept: 'application/json' })).body) as {
      id: string;
      session: Record<string, string>;
    };
    expect(session).toMatchObject({ id: person.id, session: { authenticatedBy: 'recovery-code' } });
    expect(Date.parse(session.session['expiresAt']!) - Date.parse(session.session['signedInAt']!)).toBe(3_600_000);
    expect((await browser.get('/session')).body).toContain('with a recovery code');

    const [used] = await server.sql<{ data: unknown }>(
      `SELECT data FROM outbox_events WHERE type = 'user.recovery-code-used' AND subject_id = $1`,
      [person.id],
    );
    expect(used!.data).toEqual({ codeId: expect.any(String) as string, left: 9, address });
    const organization = `/admin/v1/organizations/${person.organization.slug}`;
    const signIns = await request(server, 'GET', `${organization}/sign-ins?user=${person.id}`, {
      token: recovery.admin,
    });
    expect(signIns.json['items']).toMatchObject([
      { outcome: 'accepted', connectionId: null, matchedBy: 'recovery-code', userId: person.id },
    ]);
    const sessions = await request(server, 'GET', `${organization}/sessions?user=${person.id}`, {
      token: recovery.admin,
    });
    expect(sessions.json['items']).toMatchObject([{ connectionId: null, nameId: null, userName: person.userName }]);
    const timeline = await request(server, 'GET', `${pathOf(person)}/timeline`, { token: recovery.admin });
    expect(timeline.json['items']).toContainEqual(
      expect.objectContaining({ kind: 'sign-in', what: 'accepted', by: 'recovery-code' }),
    );
    expect((await request(server, 'GET', `${pathOf(person)}/explain`, { token: recovery.admin })).status).toBe(200);
  });

  it('takes a code as people type it, and an e-mail address for a name', async () => {
    const person = await recovery.newPerson();
    const [first, second, third] = await recovery.issue(person);
    const { organization, userName } = person;
    const typed = [
      { ...typedBy(person, first!.toLowerCase().replaceAll('-', '')), userName: userName.toUpperCase() },
      { ...typedBy(person, ` ${second!.replaceAll('-', ' ')} `), userName: `${userName.toLowerCase()}@GLASS.example` },
      { ...typedBy(person, third!), organization: organization.slug.toUpperCase() },
    ];
    for (const each of typed) expect((await recovery.enter(each)).status).toBe(303);
  });

  it('asks no IdP: the connection may be disabled, and the person under SCIM, which the sign-in leaves alone', async () => {
    const tenant = await createTenant(server);
    const { json } = await tenant.scim('POST', '/Users', {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
      userName: 'root',
    });
    const person = { organization: tenant.organization, id: String(json['id']), userName: 'root' };
    await server.app
      .get(OperatorReconciler)
      .setUser(person.organization.id, person.id, { breakGlass: true }, TEST_OPERATOR);
    const [code] = await recovery.issue(person, { count: 1 });
    await server.app
      .get(ConnectionsService)
      .disable(tenant.organization.id, tenant.connection.id, 'The IdP is down', TEST_OPERATOR);
    const effects = await sideEffects(server, async () => {
      expect((await recovery.enter(typedBy(person, code!))).status).toBe(303);
    });
    expect(effects.rows).not.toHaveProperty('users');
    const drift = await request(server, 'GET', `${pathOf(person)}/drift`, { token: recovery.admin });
    expect(drift.status).toBeLessThan(500);
  });

  it('works once, however many try the code at once', async () => {
    const person = await recovery.newPerson();
    const [code] = await recovery.issue(person, { count: 1 });
    const effects = await sideEffects(server, async () => {
      const answers = await Promise.all(Array.from({ length: 8 }, () => recovery.enter(typedBy(person, code!))));
      expect(answers.map(({ status }) => status).sort()).toEqual([303, ...Array<number>(7).fill(403)]);
    });
    expect(effects.rows).toMatchObject({ sessions: '+1', sign_ins: '+8', recovery_codes: '~1' });
  });
});

describe('?noLoginRedirect', () => {
  it('shows the form at every address where a sign-in begins, and nowhere else', async () => {
    const { organization, connection } = await createSamlTenant(server);
    const empty = await createOrganization(server);
    const browser = new TestBrowser(server);
    const form = 'action="' + server.url + '/sign-in/recovery"';
    for (const path of ['/', '/sign-in', `/o/${organization.slug}`, `/o/${empty.slug}`]) {
      expect((await browser.get(`${path}?noLoginRedirect`)).body).toContain(form);
      expect((await browser.get(path)).body).not.toContain(form);
    }
    await server.app.get(ConnectionsService).disable(organization.id, connection.id, 'x', TEST_OPERATOR);
    expect((await browser.get(`/o/${organization.slug}?noLoginRedirect`)).body).toContain(form);
  });
});
