import { newReadableCode } from '../../src/platform/readable-code.js';
import { ExpiredRecordsPurger } from '../../src/saml/expired-records.purger.js';
import { onPostgres, startTestServer, type TestServer } from '../support/app.js';
import { countStatements } from '../support/count-statements.js';
import { freshAddress, INCIDENT_CODE, Recovery, typedBy, type Person, type Typed } from '../support/recovery.js';
import { createOrganization } from '../support/scenario.js';
import { TestBrowser } from '../support/saml-sign-in.js';
import { expectNoEffects, sideEffects } from '../support/side-effects.js';

let server: TestServer;
let recovery: Recovery;
beforeAll(async () => {
  server = await startTestServer({ TRUST_PROXY: 'loopback' });
  recovery = await Recovery.of(server);
});
afterAll(() => server.close());

describe('a recovery code that is not taken', () => {
  /** Every cause, each with its name and code as they are typed. */
  const CAUSES: Readonly<Record<string, () => Promise<Typed>>> = {
    'unknown-person': async () => ({ ...typedBy(await recovery.newPerson(), newReadableCode(20)), userName: 'nobody' }),
    'not-exempt': async () => {
      const person = await recovery.createPerson(await createOrganization(server), false);
      return typedBy(person, newReadableCode(20));
    },
    deactivated: async () => {
      const person = await recovery.newPerson();
      const [code] = await recovery.issue(person);
      await server.sql(`UPDATE users SET active = false WHERE id = $1`, [person.id]);
      return typedBy(person, code!);
    },
    'code-unknown': async () => typedBy(await recovery.newPerson(), newReadableCode(20)),
    'code-revoked': async () => {
      const person = await recovery.newPerson();
      const [code] = await recovery.issue(person);
      await recovery.issue(person);
      return typedBy(person, code!);
    },
    'code-used': async () => {
      const person = await recovery.newPerson();
      const [code] = await recovery.issue(person);
      expect((await recovery.enter(typedBy(person, code!))).status).toBe(303);
      return typedBy(person, code!);
    },
    'code-expired': async () => {
      const person = await recovery.newPerson();
      const [code] = await recovery.issue(person);
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
        const answer = await recovery.enter(typed);
        statements.add(sent() - before);
        expect(answer.status).toBe(403);
        expect(answer.headers.get('set-cookie')).toBeNull();
        const code = INCIDENT_CODE.exec(answer.body)![0];
        pages.add(answer.body.replace(code, 'CODE').replaceAll(typed.organization, 'SLUG'));
        expect(await recovery.incidentOf(answer)).toMatchObject({
          reason,
          outcome: 'rejected',
          connectionId: null,
          organization: typed.organization,
          userId: reason === 'unknown-person' ? null : (expect.any(String) as string),
          detail: { check: 'recovery-code', address: expect.any(String) as string },
        });
      });
      expect([reason, effects.rows]).toEqual([reason, { recovery_attempts: '+2', sign_ins: '+1' }]);
    }
    expect(pages.size).toBe(1);
    expect([...pages][0]).toContain('/o/SLUG?noLoginRedirect"');
    expect(statements.size).toBe(1);
  });

  it('is that of another person, of whatever organization', async () => {
    const person = await recovery.newPerson();
    const colleague = await recovery.createPerson(person.organization);
    const stranger = await recovery.newPerson();
    const [code] = await recovery.issue(stranger);
    const [own] = await recovery.issue(person);
    for (const typed of [
      typedBy(person, code!),
      typedBy(colleague, own!),
      typedBy({ ...stranger, organization: person.organization }, code!),
    ]) {
      expect(await recovery.incidentOf(await recovery.enter(typed))).toMatchObject({ outcome: 'rejected' });
    }
    expect((await recovery.enter(typedBy(stranger, code!))).status).toBe(303);
  });

  it('is a typing error when it can be none: said so, and not counted', async () => {
    const person = await recovery.newPerson();
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
          const answer = await recovery.enter({ ...typedBy(person, code), targetUrl: '/session' });
          expect([code, answer.status]).toEqual([code, 400]);
          expect(answer.body).toContain(`value="${person.userName}"`);
          expect(answer.body).toContain('name="targetUrl" value="/session"');
          if (code !== '') expect(answer.body).not.toContain(code);
        }
        const incomplete = await recovery.enter({
          organization: '',
          userName: person.userName,
          code: newReadableCode(20),
        });
        expect([incomplete.status, incomplete.body.includes('id="organization"')]).toEqual([400, true]);
        expect((await recovery.enter({ ...typedBy(person, newReadableCode(20)), organization: 'nobody' })).status).toBe(
          404,
        );
      }),
    );
  });

  it('is read from a form of our page, and not from one of thousands of fields or of 17 kB', async () => {
    const person = await recovery.newPerson();
    const [code] = await recovery.issue(person);
    const form = new URLSearchParams({ ...typedBy(person, code!) }).toString();
    const post = (body: string) =>
      new TestBrowser(server).post('/sign-in/recovery', body, { 'sec-fetch-site': 'same-origin' });
    expectNoEffects(
      await sideEffects(server, async () => {
        expect((await post(`${form}${'&x'.repeat(5000)}`)).status).toBe(400);
        expect((await post(`${form}&x=${'x'.repeat(17_000)}`)).status).toBe(413);
      }),
    );
    expect((await post(`${form}&x=${'x'.repeat(15_000)}`)).status).toBe(303);
  });

  it('is taken from no other site', async () => {
    const person = await recovery.newPerson();
    const [code] = await recovery.issue(person);
    const form = new URLSearchParams({ ...typedBy(person, code!) });
    const foreign: Record<string, string>[] = [{}, { 'sec-fetch-site': 'cross-site' }, { origin: 'null' }];
    for (const headers of foreign) {
      expect((await new TestBrowser(server).post('/sign-in/recovery', form, headers)).status).toBe(403);
    }
    expect((await recovery.enter(typedBy(person, code!))).status).toBe(303);
  });
});

describe('attempts', () => {
  const wrong = (person: Person) => typedBy(person, newReadableCode(20));

  it('of one address for one name are limited, told of once an hour, and open nothing until it is time', async () => {
    const person = await recovery.newPerson();
    const [code] = await recovery.issue(person);
    const address = freshAddress();
    for (let n = 0; n < 5; n++) expect((await recovery.enter(wrong(person), { address })).status).toBe(403);
    const effects = await sideEffects(server, async () => {
      const answer = await recovery.enter(typedBy(person, code!), { address });
      expect(answer.status).toBe(429);
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(answer.body).toContain('Too many at once');
      expect((await recovery.enter(wrong(person), { address })).status).toBe(429);
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
    expect((await recovery.enter(typedBy(person, code!), { address })).status).toBe(303);
  });

  it('of whoever knows a name do not keep its person out', async () => {
    const person = await recovery.newPerson();
    const [code] = await recovery.issue(person);
    const guesser = freshAddress();
    for (let n = 0; n < 8; n++) await recovery.enter(wrong(person), { address: guesser });
    expect((await recovery.enter(typedBy(person, code!), { address: guesser })).status).toBe(429);
    expect((await recovery.enter(typedBy(person, code!))).status).toBe(303);
  });

  it('of one address for many names are limited too, an IPv6 network being one address; those that were right do not count', async () => {
    const person = await recovery.newPerson();
    const codes = await recovery.issue(person, { count: 30 });
    for (const code of codes.slice(0, 25)) {
      expect((await recovery.enter(typedBy(person, code), { address: '2001:db8:1:1::1' })).status).toBe(303);
    }
    for (let n = 0; n < 20; n++) {
      const typed = { ...wrong(person), userName: `name-${n}` };
      expect((await recovery.enter(typed, { address: `2001:db8:1:1::${n}` })).status).toBe(403);
    }
    const refused = await sideEffects(server, async () => {
      for (let n = 20; n < 30; n++) {
        const typed = { ...wrong(person), userName: `name-${n}` };
        expect((await recovery.enter(typed, { address: '2001:db8:1:1::ffff' })).status).toBe(429);
      }
      expect((await recovery.enter(typedBy(person, codes[29]!), { address: '2001:db8:1:1::ffff' })).status).toBe(429);
    });
    expect(refused.rows).toEqual({ recovery_attempts: '~1', audit_entries: '+1' });
    expect((await recovery.enter(typedBy(person, codes[29]!), { address: '2001:db8:1:2::1' })).status).toBe(303);
  });

  (onPostgres ? it : it.skip)('are counted for all nodes together', async () => {
    const settings = { TRUST_PROXY: 'loopback' };
    const node = await startTestServer(settings, { environment: server.environment, drop: async () => undefined });
    try {
      node.clock.set(server.clock.now());
      const person = await recovery.newPerson();
      const address = freshAddress();
      const browser = new TestBrowser(node);
      for (let n = 0; n < 3; n++) expect((await recovery.enter(wrong(person), { address })).status).toBe(403);
      for (let n = 0; n < 2; n++) expect((await recovery.enter(wrong(person), { address, browser })).status).toBe(403);
      expect((await recovery.enter(wrong(person), { address, browser })).status).toBe(429);
      expect((await recovery.enter(wrong(person), { address })).status).toBe(429);
    } finally {
      await node.close();
    }
  });
});

describe('what is left of attempts', () => {
  it('is deleted after a day', async () => {
    const person = await recovery.newPerson();
    await recovery.enter(typedBy(person, newReadableCode(20)));
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
