import { Log } from '../../src/platform/logger.js';
import { startTestServer, type TestServer } from '../support/app.js';
import { Recovery, typedBy } from '../support/recovery.js';
import { createSamlTenant, responseOf, TestBrowser, type SamlTenant } from '../support/saml-sign-in.js';
import { request } from '../support/scenario.js';
import { encode, makeIdpKey, type ResponseOptions } from '../support/test-idp.js';
import { makeLogoutRequest, toQuery } from '../support/test-idp-logout.js';

/** What the log says of sign-ins at its most talkative, also where things break: nothing of anybody, and nothing that opens anything. */

const lines: string[] = [];
/** Whatever must not be in it, by what it is. */
const secrets = new Map<string, string>();

let server: TestServer;
let tenant: SamlTenant;
beforeAll(async () => {
  const log = Log.create('trace', { write: (line: string) => void lines.push(line) });
  server = await startTestServer({ TRUST_PROXY: 'loopback' }, undefined, log);
  tenant = await createSamlTenant(server);
});
afterAll(() => server.close());

const PERSON = {
  nameId: 'subject-of-ada',
  sessionIndex: '_index-of-ada',
  attributes: { email: ['ada@private.example'], groups: ['Works council'], phone: ['+49 170 5550199'] },
} as const;

/** The whole way, noting what is carried on it. */
async function signIn(what: string, changes: Partial<ResponseOptions> = {}): Promise<number> {
  const browser = new TestBrowser(server);
  const { id, relayState } = await browser.begin(tenant, '/apps/private-wiki');
  const note = () => browser.cookies.forEach((value, name) => value !== '1' && secrets.set(`${what}: ${name}`, value));
  note();
  const xml = responseOf(tenant, id, { now: server.clock.now(), ...PERSON, ...changes });
  const answer = await browser.answer(tenant, xml, relayState);
  note();
  secrets.set(`${what}: document`, encode(xml).slice(40, 140));
  secrets.set(`${what}: RelayState`, relayState);
  return answer.status;
}

const brokenWithout = async (table: string, work: () => Promise<void>) => {
  await server.sql(`ALTER TABLE ${table} RENAME TO elsewhere`);
  await work().finally(() => server.sql(`ALTER TABLE elsewhere RENAME TO ${table}`));
};

it('#25 the log has no assertion, nobody’s data and no secret in it, whatever happens', async () => {
  secrets.set('NameID', PERSON.nameId);
  secrets.set('SessionIndex', PERSON.sessionIndex);
  secrets.set('address', 'private.example');
  secrets.set('group', 'Works council');
  secrets.set('phone', '5550199');

  expect(await signIn('accepted')).toBe(303);
  expect(await signIn('refused', { spEntityId: 'https://another.example/' })).toBe(403);
  expect(await signIn('of a stranger', { key: await makeIdpKey() })).toBe(403);
  for (const table of ['sessions', 'identities', 'sign_in_details', 'login_requests']) {
    await brokenWithout(table, async () => {
      if (table === 'login_requests') {
        const path = `/saml/${tenant.connection.id}/login?loginHint=ada@private.example`;
        expect((await new TestBrowser(server).get(path)).status).toBe(403);
      } else await signIn(`without ${table}`, { nameId: `${PERSON.nameId}-${table}` });
    });
  }

  const slo = `/saml/${tenant.connection.id}/slo`;
  const parties = { now: server.clock.now(), issuer: tenant.idpEntityId, destination: `${server.url}${slo}` };
  const logout = makeLogoutRequest({ ...parties, nameId: PERSON.nameId, sessionIndexes: [PERSON.sessionIndex] });
  for (const key of [await makeIdpKey(), tenant.key]) {
    const query = toQuery(logout, { key });
    secrets.set('logout', query.slice(20, 120));
    await new TestBrowser(server).get(`${slo}?${query}`);
    await brokenWithout('logouts', async () => void (await new TestBrowser(server).get(`${slo}?${query}`)));
  }

  const recovery = await Recovery.of(server);
  const person = await recovery.newPerson();
  const [first, second] = await recovery.issue(person);
  secrets.set('code', first!).set('other code', second!).set('token', recovery.admin).set('user name', person.userName);
  expect((await recovery.enter(typedBy(person, first!))).status).toBe(303);
  expect((await recovery.enter(typedBy(person, first!))).status).toBe(403);
  await brokenWithout('recovery_codes', async () => {
    expect((await recovery.enter(typedBy(person, second!))).status).toBe(500);
  });

  const path = `/admin/v1/organizations/${tenant.organization.id}/connections/${tenant.connection.id}/test-sign-ins`;
  const test = await request<{ address: string }>(server, 'POST', path, { token: recovery.admin });
  secrets.set('address of a test', test.json.address.split('/').at(-1)!);
  await brokenWithout('test_sign_ins', async () => {
    await new TestBrowser(server).get(new URL(test.json.address).pathname);
  });

  const log = lines.join('');
  // It does say that things broke, and under which id.
  expect(lines.filter((line) => line.includes('does not exist')).length).toBeGreaterThan(5);
  expect([...secrets].filter(([, secret]) => log.includes(secret)).map(([what]) => what)).toEqual([]);
});
