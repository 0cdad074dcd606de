import { AdminTokensService } from '../../src/organizations/admin-tokens.service.js';
import { ConnectionsService } from '../../src/organizations/connections.service.js';
import type { Organization } from '../../src/organizations/connection.js';
import { newReadableCode } from '../../src/platform/readable-code.js';
import { OperatorReconciler } from '../../src/reconciliation/operator.reconciler.js';
import { ExpiredRecordsPurger } from '../../src/saml/expired-records.purger.js';
import { onPostgres, startTestServer, type TestServer } from '../support/app.js';
import { countStatements } from '../support/count-statements.js';
import { createOrganization, createTenant, request, TEST_OPERATOR, type JsonObject } from '../support/scenario.js';
import { createSamlTenant, TestBrowser, type Answer } from '../support/saml-sign-in.js';
import { expectNoEffects, sideEffects } from '../support/side-effects.js';

let server: TestServer;
let admin: string;
beforeAll(async () => {
  server = await startTestServer({ TRUST_PROXY: 'loopback' });
  admin = (await server.app.get(AdminTokensService).create('test', null, TEST_OPERATOR)).token;
});
afterAll(() => server.close());

let count = 0;
/** An address that nobody came from before. */
const freshAddress = () => `192.0.${Math.floor(++count / 250)}.${(count % 250) + 1}`;

interface Person {
  readonly organization: Organization;
  readonly id: string;
  readonly userName: string;
}

async function createPerson(organization: Organization, breakGlass = true): Promise<Person> {
  const operator = server.app.get(OperatorReconciler);
  const userName = `Glass-${++count}`;
  const attributes = { emails: [{ value: `${userName}@glass.example`, primary: true }] };
  const { user } = await operator.createUser(organization.id, { userName, attributes }, TEST_OPERATOR);
  if (breakGlass) await operator.setUser(organization.id, user.id, { breakGlass }, TEST_OPERATOR);
  return { organization, id: user.id, userName };
}

const newPerson = async () => createPerson(await createOrganization(server));
const pathOf = ({ organization, id }: Person) => `/admin/v1/organizations/${organization.slug}/users/${id}`;

async function issue(person: Person, body: JsonObject = {}): Promise<readonly string[]> {
  const reply = await request(server, 'POST', `${pathOf(person)}/recovery-codes`, { token: admin, body });
  expect(reply.status).toBe(201);
  return reply.json['codes'] as string[];
}

interface Typed {
  readonly organization: string;
  readonly userName: string;
  readonly code: string;
  readonly targetUrl?: string;
}

async function enter(
  { targetUrl, ...typed }: Typed,
  { address = freshAddress(), browser = new TestBrowser(server) } = {},
): Promise<Answer> {
  const form = new URLSearchParams({ ...typed, ...(targetUrl === undefined ? {} : { targetUrl }) });
  const headers = { 'sec-fetch-site': 'same-origin', 'x-forwarded-for': address };
  return browser.post('/sign-in/recovery', form, headers);
}

const typedBy = ({ organization, userName }: Person, code: string): Typed => ({
  organization: organization.slug,
  userName,
  code,
});

/** What an incident code leads to. */
async function incidentOf({ body }: Answer): Promise<JsonObject> {
  const [code] = /[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{2}/.exec(body)!;
  const reply = await request(server, 'GET', `/admin/v1/incidents/${code.toLowerCase()}`, { token: admin });
  expect(reply.status).toBe(200);
  return reply.json;
}

describe('recovery codes', () => {
  it('are made for an active break-glass person, shown once and kept as hashes', async () => {
    const person = await newPerson();
    let codes: readonly string[] = [];
    const effects = await sideEffects(server, async () => {
      const reply = await request(server, 'POST', `${pathOf(person)}/recovery-codes`, { token: admin, body: {} });
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
    const list = await request(server, 'GET', `${pathOf(person)}/recovery-codes?limit=3`, { token: admin });
    expect(list.json['items']).toHaveLength(3);
    expect(list.json['next']).toEqual(expect.any(String));
    expect(codes.map((code) => code.slice(-4))).toContain((list.json['items'] as JsonObject[])[0]!['lastFour']);
  });

  it('are made for nobody else, and not for ever', async () => {
    const person = await createPerson(await createOrganization(server), false);
    const inactive = await newPerson();
    await server.app
      .get(OperatorReconciler)
      .setUser(inactive.organization.id, inactive.id, { active: false }, TEST_OPERATOR);
    const exempt = await newPerson();
    const create = (whose: Person, body: JsonObject) =>
      request(server, 'POST', `${pathOf(whose)}/recovery-codes`, { token: admin, body });
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
    const person = await newPerson();
    const [old] = await issue(person, { count: 2 });
    const effects = await sideEffects(server, () => issue(person, { count: 3 }));
    expect(effects.rows).toEqual({ recovery_codes: '+3 ~2', audit_entries: '+1' });
    expect((await enter(typedBy(person, old!))).status).toBe(403);
    const revoke = () => request(server, 'POST', `${pathOf(person)}/recovery-codes/revoke`, { token: admin, body: {} });
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
    const person = await newPerson();
    const [code] = await issue(person, { count: 1 });
    const operator = server.app.get(OperatorReconciler);
    const effects = await sideEffects(server, () =>
      operator.setUser(person.organization.id, person.id, change, TEST_OPERATOR),
    );
    expect(effects.rows['recovery_codes']).toBe('~1');
    expect(effects.events.map(([type]) => type)).toContain('user.recovery-codes-revoked');
    await operator.setUser(person.organization.id, person.id, { breakGlass: true, active: true }, TEST_OPERATOR);
    const refused = await enter(typedBy(person, code!));
    expect(await incidentOf(refused)).toMatchObject({ reason: 'code-revoked', userId: person.id });
  });
});

describe('a sign-in with a recovery code', () => {
  it('opens a short session without any connection, uses the code up, and changes nothing of the person', async () => {
    const person = await newPerson();
    const [code] = await issue(person);
    const browser = new TestBrowser(server);
    const address = freshAddress();
    const effects = await sideEffects(server, async () => {
      const typed = { ...typedBy(person, code!), targetUrl: '/session?from=recovery' };
      const answer = await enter(typed, { browser, address });
      expect(answer.status).toBe(303);
      expect(answer.headers.get('location')).toBe(`${server.url}/session?from=recovery`);
      expect(answer.headers.get('set-cookie')).toMatch(/^rc_session=rc_sess_.*HttpOnly; SameSite=Lax$/);
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
    const signIns = await request(server, 'GET', `${organization}/sign-ins?user=${person.id}`, { token: admin });
    expect(signIns.json['items']).toMatchObject([
      { outcome: 'accepted', connectionId: null, matchedBy: 'recovery-code', userId: person.id },
    ]);
    const sessions = await request(server, 'GET', `${organization}/sessions?user=${person.id}`, { token: admin });
    expect(sessions.json['items']).toMatchObject([{ connectionId: null, nameId: null, userName: person.userName }]);
    const timeline = await request(server, 'GET', `${pathOf(person)}/timeline`, { token: admin });
    expect(timeline.json['items']).toContainEqual(
      expect.objectContaining({ kind: 'sign-in', what: 'accepted', by: 'recovery-code' }),
    );
    expect((await request(server, 'GET', `${pathOf(person)}/explain`, { token: admin })).status).toBe(200);
  });

  it('takes a code as people type it, and an e-mail address for a name', async () => {
    const person = await newPerson();
    const [first, second, third] = await issue(person);
    const { organization, userName } = person;
    const typed = [
      { ...typedBy(person, first!.toLowerCase().replaceAll('-', '')), userName: userName.toUpperCase() },
      { ...typedBy(person, ` ${second!.replaceAll('-', ' ')} `), userName: `${userName.toLowerCase()}@GLASS.example` },
      { ...typedBy(person, third!), organization: organization.slug.toUpperCase() },
    ];
    for (const each of typed) expect((await enter(each)).status).toBe(303);
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
    const [code] = await issue(person, { count: 1 });
    await server.app
      .get(ConnectionsService)
      .disable(tenant.organization.id, tenant.connection.id, 'The IdP is down', TEST_OPERATOR);
    const effects = await sideEffects(server, async () => {
      expect((await enter(typedBy(person, code!))).status).toBe(303);
    });
    expect(effects.rows).not.toHaveProperty('users');
    const drift = await request(server, 'GET', `${pathOf(person)}/drift`, { token: admin });
    expect(drift.status).toBeLessThan(500);
  });

  it('works once, however many try the code at once', async () => {
    const person = await newPerson();
    const [code] = await issue(person, { count: 1 });
    const effects = await sideEffects(server, async () => {
      const answers = await Promise.all(Array.from({ length: 8 }, () => enter(typedBy(person, code!))));
      expect(answers.map(({ status }) => status).sort()).toEqual([303, ...Array<number>(7).fill(403)]);
    });
    expect(effects.rows).toMatchObject({ sessions: '+1', sign_ins: '+8', recovery_codes: '~1' });
  });
});

describe('a recovery code that is not taken', () => {
  /** Every cause, each with its name and code as they are typed. */
  const CAUSES: Readonly<Record<string, () => Promise<Typed>>> = {
    'unknown-person': async () => ({ ...typedBy(await newPerson(), newReadableCode(20)), userName: 'nobody' }),
    'not-exempt': async () => {
      const person = await createPerson(await createOrganization(server), false);
      return typedBy(person, newReadableCode(20));
    },
    deactivated: async () => {
      const person = await newPerson();
      const [code] = await issue(person);
      await server.sql(`UPDATE users SET active = false WHERE id = $1`, [person.id]);
      return typedBy(person, code!);
    },
    'code-unknown': async () => typedBy(await newPerson(), newReadableCode(20)),
    'code-revoked': async () => {
      const person = await newPerson();
      const [code] = await issue(person);
      await issue(person);
      return typedBy(person, code!);
    },
    'code-used': async () => {
      const person = await newPerson();
      const [code] = await issue(person);
      expect((await enter(typedBy(person, code!))).status).toBe(303);
      return typedBy(person, code!);
    },
    'code-expired': async () => {
      const person = await newPerson();
      const [code] = await issue(person);
      await server.sql(`UPDATE recovery_codes SET expires_at = created_at WHERE user_id = $1`, [person.id]);
      return typedBy(person, code!);
    },
  };

  it('looks the same for every cause, takes the same statements, and leaves the cause to the operator', async () => {
    const pages = new Set<string>();
    const statements = new Set<number>();
    const sent = countStatements(server);
    for (const [reason, make] of Object.entries(CAUSES)) {
      const typed = await make();
      const effects = await sideEffects(server, async () => {
        const before = sent();
        const answer = await enter(typed);
        statements.add(sent() - before);
        expect(answer.status).toBe(403);
        expect(answer.headers.get('set-cookie')).toBeNull();
        const code = /[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{2}/.exec(answer.body)![0];
        pages.add(answer.body.replace(code, 'CODE').replaceAll(typed.organization, 'SLUG'));
        expect(await incidentOf(answer)).toMatchObject({
          reason,
          outcome: 'rejected',
          connectionId: null,
          organization: typed.organization,
          userId: reason === 'unknown-person' ? null : (expect.any(String) as string),
          decision: {
            kind: 'reject',
            reason,
            detail: { check: 'recovery-code', address: expect.any(String) as string },
          },
        });
      });
      expect([reason, effects.rows]).toEqual([reason, { recovery_attempts: '+2', sign_ins: '+1' }]);
    }
    expect(pages.size).toBe(1);
    expect([...pages][0]).toContain('/o/SLUG?noLoginRedirect"');
    expect(statements.size).toBe(1);
  });

  it('is that of another person, of whatever organization', async () => {
    const person = await newPerson();
    const colleague = await createPerson(person.organization);
    const stranger = await newPerson();
    const [code] = await issue(stranger);
    const [own] = await issue(person);
    for (const typed of [
      typedBy(person, code!),
      typedBy(colleague, own!),
      typedBy({ ...stranger, organization: person.organization }, code!),
    ]) {
      expect(await incidentOf(await enter(typed))).toMatchObject({ outcome: 'rejected' });
    }
    expect((await enter(typedBy(stranger, code!))).status).toBe(303);
  });

  it('is a typing error when it can be none: said so, and not counted', async () => {
    const person = await newPerson();
    expectNoEffects(
      await sideEffects(server, async () => {
        for (const code of [
          '',
          '1234',
          'O'.repeat(20),
          newReadableCode(19),
          `${newReadableCode(20)}X`,
          'ü'.repeat(20),
        ]) {
          const answer = await enter({ ...typedBy(person, code), targetUrl: '/session' });
          expect([code, answer.status]).toEqual([code, 400]);
          expect(answer.body).toContain(`value="${person.userName}"`);
          expect(answer.body).toContain('name="targetUrl" value="/session"');
          if (code !== '') expect(answer.body).not.toContain(code);
        }
        const incomplete = await enter({ organization: '', userName: person.userName, code: newReadableCode(20) });
        expect([incomplete.status, incomplete.body.includes('id="organization"')]).toEqual([400, true]);
        expect((await enter({ ...typedBy(person, newReadableCode(20)), organization: 'nobody' })).status).toBe(404);
      }),
    );
  });

  it('is taken from no other site', async () => {
    const person = await newPerson();
    const [code] = await issue(person);
    const form = new URLSearchParams({ ...typedBy(person, code!) });
    const foreign: Record<string, string>[] = [{}, { 'sec-fetch-site': 'cross-site' }, { origin: 'null' }];
    for (const headers of foreign) {
      expect((await new TestBrowser(server).post('/sign-in/recovery', form, headers)).status).toBe(403);
    }
    expect((await enter(typedBy(person, code!))).status).toBe(303);
  });
});

describe('attempts', () => {
  const wrong = (person: Person) => typedBy(person, newReadableCode(20));

  it('of one address for one name are limited, told of once an hour, and open nothing until it is time', async () => {
    const person = await newPerson();
    const [code] = await issue(person);
    const address = freshAddress();
    for (let n = 0; n < 5; n++) expect((await enter(wrong(person), { address })).status).toBe(403);
    const effects = await sideEffects(server, async () => {
      const answer = await enter(typedBy(person, code!), { address });
      expect(answer.status).toBe(429);
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(answer.body).toContain('Too many at once');
      expect((await enter(wrong(person), { address })).status).toBe(429);
    });
    expect(effects).toMatchObject({
      rows: { recovery_attempts: '~1', audit_entries: '+1' },
      columns: { recovery_attempts: ['told_at'] },
      events: [['recovery.attempts-exceeded', person.organization.id]],
      audit: [['recovery.attempts-exceeded', person.organization.id]],
    });
    const [event] = await server.sql<{ data: unknown }>(
      `SELECT data FROM outbox_events WHERE type = 'recovery.attempts-exceeded' AND organization_id = $1`,
      [person.organization.id],
    );
    expect(event!.data).toEqual({ address, by: ['person'], userId: person.id });
    server.clock.advance(200);
    expect((await enter(typedBy(person, code!), { address })).status).toBe(303);
  });

  it('of whoever knows a name do not keep its person out', async () => {
    const person = await newPerson();
    const [code] = await issue(person);
    const guesser = freshAddress();
    for (let n = 0; n < 8; n++) await enter(wrong(person), { address: guesser });
    expect((await enter(typedBy(person, code!), { address: guesser })).status).toBe(429);
    expect((await enter(typedBy(person, code!))).status).toBe(303);
  });

  it('of one address for many names are limited too, an IPv6 network being one address; those that were right do not count', async () => {
    const person = await newPerson();
    const codes = await issue(person, { count: 30 });
    for (const code of codes.slice(0, 25)) {
      expect((await enter(typedBy(person, code), { address: '2001:db8:1:1::1' })).status).toBe(303);
    }
    for (let n = 0; n < 20; n++) {
      const typed = { ...wrong(person), userName: `name-${n}` };
      expect((await enter(typed, { address: `2001:db8:1:1::${n}` })).status).toBe(403);
    }
    const refused = await sideEffects(server, async () => {
      for (let n = 20; n < 30; n++) {
        const typed = { ...wrong(person), userName: `name-${n}` };
        expect((await enter(typed, { address: '2001:db8:1:1::ffff' })).status).toBe(429);
      }
      expect((await enter(typedBy(person, codes[29]!), { address: '2001:db8:1:1::ffff' })).status).toBe(429);
    });
    expect(refused.rows).toEqual({ recovery_attempts: '~1', audit_entries: '+1' });
    expect((await enter(typedBy(person, codes[29]!), { address: '2001:db8:1:2::1' })).status).toBe(303);
  });

  (onPostgres ? it : it.skip)('are counted for all nodes together', async () => {
    const settings = { TRUST_PROXY: 'loopback' };
    const node = await startTestServer(settings, { environment: server.environment, drop: async () => undefined });
    try {
      node.clock.set(server.clock.now());
      const person = await newPerson();
      const address = freshAddress();
      const browser = new TestBrowser(node);
      for (let n = 0; n < 3; n++) expect((await enter(wrong(person), { address })).status).toBe(403);
      for (let n = 0; n < 2; n++) expect((await enter(wrong(person), { address, browser })).status).toBe(403);
      expect((await enter(wrong(person), { address, browser })).status).toBe(429);
      expect((await enter(wrong(person), { address })).status).toBe(429);
    } finally {
      await node.close();
    }
  });
});

describe('what is left of attempts', () => {
  it('is deleted after a day', async () => {
    const person = await newPerson();
    await enter(typedBy(person, newReadableCode(20)));
    const left = async () => {
      await server.app.get(ExpiredRecordsPurger).purge();
      return server.sql(`SELECT key FROM recovery_attempts WHERE organization_id = $1`, [person.organization.id]);
    };
    server.clock.advance(86_400 - 60);
    expect(await left()).toHaveLength(2);
    server.clock.advance(120);
    expect(await left()).toEqual([]);
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
