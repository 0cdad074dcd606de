import { SignInDetails } from '../../src/sessions/sign-in-details.service.js';
import { startTestServer, type TestServer } from '../support/app.js';
import { isStatement, recordStatements } from '../support/count-statements.js';
import { Engine, OPERATOR, SCIM_CLIENT } from '../support/engine.js';
import { createSamlTenant, TestBrowser, responseOf, type SamlTenant } from '../support/saml-sign-in.js';
import { sideEffects } from '../support/side-effects.js';

/** What one answer of an IdP costs, from the request at the ACS to the redirect, BEGIN and COMMIT not counted. */
describe('the statements of a sign-in', () => {
  let server: TestServer;
  let engine: Engine;
  let tenant: SamlTenant;
  let sent: readonly string[];
  const names = Array.from({ length: 55 }, (_, n) => `Group ${n}`);

  beforeAll(async () => {
    server = await startTestServer();
    engine = new Engine(server);
    tenant = await createSamlTenant(server);
    for (const displayName of names) {
      await engine.operator.createGroup(tenant.organization.id, { displayName }, OPERATOR);
    }
    sent = recordStatements(server);
  });
  afterAll(() => server.close());

  /** Those of the answer alone. */
  async function statementsOf(nameId: string, groups: readonly string[]): Promise<readonly string[]> {
    const browser = new TestBrowser(server);
    const { id, relayState } = await browser.begin(tenant);
    const xml = responseOf(tenant, id, { nameId, attributes: { email: [nameId], groups } });
    const before = sent.length;
    const { status, headers } = await browser.answer(tenant, xml, relayState);
    expect(status).toBe(303);
    expect(headers.getSetCookie().join()).toContain('session');
    await server.app.get(SignInDetails).settled();
    const statements = sent.slice(before).filter(isStatement);
    // Behind the answer, which waits for none of it: the detail of the sign-in, and the key that it is sealed with while that is new.
    const behind = statements.filter((sql) => /sign_in_details|data_keys/.test(sql));
    expect(behind.filter((sql) => sql.includes('sign_in_details')).length).toBe(1);
    return statements.filter((sql) => !behind.includes(sql));
  }

  it('one that changes nothing needs at most 6, with one group or with fifty', async () => {
    await statementsOf('ada@example.com', names.slice(0, 50));
    await statementsOf('bob@example.com', names.slice(0, 1));
    const effects = await sideEffects(
      server,
      async () => {
        const fifty = await statementsOf('ada@example.com', names.slice(0, 50));
        expect(fifty.length).toBeLessThanOrEqual(6);
        expect(await statementsOf('bob@example.com', names.slice(0, 1))).toEqual(fifty);
      },
      tenant.organization.id,
    );
    expect(effects.events.map(([type]) => type)).toEqual(['session.opened', 'session.opened']);
    expect(effects.rows).toEqual({
      login_requests: '+2',
      used_assertions: '+2',
      sessions: '+2',
      sign_ins: '+2',
      audit_entries: '+2',
    });
  });

  it('one of somebody under SCIM, whose drift it notes, needs at most 6 too', async () => {
    const connection = await engine.update(tenant.connection, { scim: true, provisioning: { requireScim: false } });
    const document = { userName: 'eve@example.com', externalId: null, active: true, attributes: {} };
    await engine.users.create(connection, document, SCIM_CLIENT);
    await statementsOf('eve@example.com', names);
    expect((await statementsOf('eve@example.com', names)).length).toBeLessThanOrEqual(6);
    await engine.update(tenant.connection, { scim: false });
  });

  it('one that resets five of fifty groups, or creates a person, needs as many as with one group', async () => {
    await statementsOf('cyd@example.com', names.slice(0, 50));
    const five = await statementsOf('cyd@example.com', names.slice(5, 55));
    await statementsOf('dee@example.com', names.slice(0, 2));
    expect(await statementsOf('dee@example.com', names.slice(1, 3))).toEqual(five);
    expect(five.length).toBeLessThanOrEqual(13);
    const newcomer = await statementsOf('fay@example.com', names.slice(0, 50));
    expect(newcomer.length).toBeLessThanOrEqual(13);
    expect(await statementsOf('gus@example.com', names.slice(0, 1))).toEqual(newcomer);
  });
});
