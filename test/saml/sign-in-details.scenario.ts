import { AdminTokensService } from '../../src/organizations/admin-tokens.service.js';
import { SignInRecords } from '../../src/audit/sign-in-records.service.js';
import { UnitOfWork } from '../../src/database/unit-of-work.service.js';
import { newIncidentCode } from '../../src/platform/incident-code.js';
import { ExpiredRecordsPurger } from '../../src/saml/expired-records.purger.js';
import type { SignInDetail } from '../../src/sessions/sign-in-detail.js';
import { SignInDetails } from '../../src/sessions/sign-in-details.service.js';
import { startTestServer, type TestServer } from '../support/app.js';
import { recordStatements } from '../support/count-statements.js';
import { createSamlTenant, responseOf, TestBrowser, type SamlTenant } from '../support/saml-sign-in.js';
import { request, TEST_OPERATOR } from '../support/scenario.js';

/** What was received and checked at the last sign-ins of a connection. */

let server: TestServer;
let details: SignInDetails;
let admin: string;
beforeAll(async () => {
  server = await startTestServer();
  details = server.app.get(SignInDetails);
  admin = (await server.app.get(AdminTokensService).create('test', null, TEST_OPERATOR)).token;
});
afterAll(() => server.close());

interface SignInJson {
  readonly id: string;
  readonly outcome: string;
  readonly reason: string | null;
  readonly received: SignInDetail | null;
}

const base = ({ organization }: SamlTenant) => `/admin/v1/organizations/${organization.id}`;
const signInsOf = async (tenant: SamlTenant) => {
  await details.settled();
  const path = `${base(tenant)}/connections/${tenant.connection.id}/sign-ins?limit=200`;
  return (await request<{ items: SignInJson[] }>(server, 'GET', path, { token: admin })).json.items;
};
const stored = async (tenant: SamlTenant) => {
  await details.settled();
  return server.sql<{ sign_in_id: string; text: string }>(
    `SELECT sign_in_id, encode(detail, 'escape') AS text FROM sign_in_details WHERE connection_id = $1 ORDER BY sign_in_id`,
    [tenant.connection.id],
  );
};

it('are kept of accepted and refused sign-ins, encrypted, and read with the record', async () => {
  const tenant = await createSamlTenant(server);
  await new TestBrowser(server).signIn(tenant, { attributes: { email: ['ada@example.com'], apiToken: ['abcdefgh'] } });
  const refused = await new TestBrowser(server).signIn(tenant, { recipient: 'https://other.example/acs' });
  const code = /<code>([A-Z0-9-]+)<\/code>/.exec(refused.body)![1]!;

  const [latest, first] = await signInsOf(tenant);
  expect(first).toMatchObject({
    outcome: 'accepted',
    received: {
      subject: { value: 'ada@example.com' },
      attributes: [
        { name: 'email', values: ['ada@example.com'], shortened: false },
        { name: 'apiToken', values: ['abcd… (8 characters)'], shortened: true },
      ],
    },
  });
  expect(first!.received!.checks.map(({ state }) => state)).toEqual(first!.received!.checks.map(() => 'passed'));
  expect(latest).toMatchObject({ outcome: 'rejected', reason: 'recipient-mismatch' });
  const failed = latest!.received!.checks.find(({ state }) => state === 'failed');
  expect(failed).toMatchObject({ name: 'recipient', got: 'https://other.example/acs', wanted: tenant.acsUrl });
  expect(latest!.received!.hints[0]).toContain(tenant.acsUrl);

  const byCode = await request<SignInJson>(server, 'GET', `${base(tenant)}/sign-ins/${code}`, { token: admin });
  expect(byCode.json).toEqual(latest);
  const typed = code.replaceAll('-', '').toLowerCase();
  const incident = await request(server, 'GET', `/admin/v1/incidents/${typed}`, { token: admin });
  expect(incident.json).toEqual({
    kind: 'sign-in',
    incidentCode: code,
    at: expect.any(String) as string,
    organizationId: tenant.organization.id,
    organization: tenant.organization.slug,
    connectionId: tenant.connection.id,
    connectionName: tenant.connection.name,
    named: 'ada@example.com',
    userId: null,
    outcome: 'rejected',
    reason: 'recipient-mismatch',
    detail: { check: 'Recipient', got: 'https://other.example/acs', wanted: tenant.acsUrl },
    hints: latest!.received!.hints,
    correlationId: expect.any(String) as string,
    more: `sign-in get ${tenant.organization.slug} ${code}`,
  });
  for (const { text } of await stored(tenant)) expect(text).not.toContain('example');
});

it('of an assertion that is used a second time end at its first use', async () => {
  const tenant = await createSamlTenant(server, { allowIdpInitiated: true });
  const xml = responseOf(tenant, undefined);
  expect((await new TestBrowser(server).answer(tenant, xml, undefined)).status).toBe(303);
  expect((await new TestBrowser(server).answer(tenant, xml, undefined)).status).toBe(403);
  const [latest] = await signInsOf(tenant);
  expect(latest!.received!.checks.at(-1)).toMatchObject({ name: 'first-use', state: 'failed', reason: 'replay' });
});

it('that cannot be kept lose no sign-in', async () => {
  const tenant = await createSamlTenant(server);
  await server.sql(`ALTER TABLE sign_in_details RENAME TO elsewhere`);
  try {
    expect((await new TestBrowser(server).signIn(tenant)).status).toBe(303);
    await details.settled();
  } finally {
    await server.sql(`ALTER TABLE elsewhere RENAME TO sign_in_details`);
  }
  expect((await signInsOf(tenant)).map(({ outcome, received }) => [outcome, received])).toEqual([['accepted', null]]);
  await new TestBrowser(server).signIn(tenant);
  expect((await signInsOf(tenant))[0]!.received).not.toBeNull();
});

it('are the last 50 of each connection, for seven days, after each write, for readers, and after the purge', async () => {
  const [tenant, other] = [await createSamlTenant(server), await createSamlTenant(server)];
  await new TestBrowser(server).signIn(other);
  const ids: string[] = [];
  for (let count = 0; count < 60; count++) ids.push(await keepOne(tenant, count));
  expect((await stored(tenant)).map((row) => row.sign_in_id)).toEqual(ids.slice(-50));
  await new TestBrowser(server).signIn(tenant);
  expect(await stored(tenant)).toHaveLength(50);
  expect(await stored(other)).toHaveLength(1);

  // Many at once are written as one, and no more of them than stay.
  for (let count = 0; count < 60; count++) ids.push(await keepOne(tenant, count, false));
  expect((await stored(tenant)).map((row) => row.sign_in_id)).toEqual(ids.slice(-50));

  await server.sql(`INSERT INTO sign_in_details SELECT organization_id, connection_id, id, at, '\\x00' FROM sign_ins
    WHERE connection_id = '${tenant.connection.id}' AND id = '${ids[0]}'`);
  expect(await stored(tenant)).toHaveLength(51);
  await server.app.get(ExpiredRecordsPurger).purge();
  expect((await stored(tenant)).map((row) => row.sign_in_id)).toEqual(ids.slice(-50));

  server.clock.advance(7 * 24 * 60 * 60 + 1);
  expect((await signInsOf(tenant)).filter(({ received }) => received !== null)).toEqual([]);
  await server.app.get(ExpiredRecordsPurger).purge();
  expect(await stored(tenant)).toEqual([]);
  expect(await server.sql(`SELECT 1 FROM test_sign_ins`)).toEqual([]);
});

it('that cannot be made lose no others', async () => {
  const tenant = await createSamlTenant(server);
  const ids = [await recordOne(tenant, 0), await recordOne(tenant, 1), await recordOne(tenant, 2)];
  for (const id of ids) {
    keepDetail(tenant, id, () => {
      if (id === ids[1]) throw new Error('no such document');
      return DETAIL;
    });
  }
  expect((await stored(tenant)).map((row) => row.sign_in_id)).toEqual([ids[0], ids[2]]);
});

it('wait a hundred at a time, each made in a turn of its own', async () => {
  const tenants = [await createSamlTenant(server), await createSamlTenant(server), await createSamlTenant(server)];
  const ids: string[] = [];
  for (let count = 0; count < 120; count++) ids.push(await recordOne(tenants[count % 3]!, count));
  let [turns, made] = [0, 0];
  let counting = true;
  const count = () => {
    turns++;
    if (counting) setImmediate(count);
  };
  setImmediate(count);
  const turnsOf: number[] = [];
  for (const [index, id] of ids.entries()) {
    keepDetail(tenants[index % 3]!, id, () => {
      made++;
      turnsOf.push(turns);
      return DETAIL;
    });
  }
  await details.settled();
  counting = false;
  expect(made).toBe(100);
  expect(new Set(turnsOf).size).toBe(100);
  const kept = await Promise.all(tenants.map(stored));
  expect(
    kept
      .flat()
      .map((row) => row.sign_in_id)
      .sort(),
  ).toEqual(ids.slice(20).sort());
});

it('of a moment go with one statement', async () => {
  const tenant = await createSamlTenant(server);
  const ids = [await recordOne(tenant, 0), await recordOne(tenant, 1)];
  const sent = recordStatements(server);
  for (const id of ids) {
    keepDetail(tenant, id, () => DETAIL);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  await details.settled();
  expect(sent.filter((sql) => sql.includes('INSERT INTO sign_in_details'))).toHaveLength(1);
  expect((await stored(tenant)).map((row) => row.sign_in_id)).toEqual(ids);
});

/** A sign-in record with its detail, as the door keeps it. */
async function keepOne(tenant: SamlTenant, count: number, wait = true): Promise<string> {
  const signInId = await recordOne(tenant, count);
  keepDetail(tenant, signInId, () => DETAIL);
  if (wait) await details.settled();
  return signInId;
}

const DETAIL: SignInDetail = { checks: [], subject: null, attributes: null, mapping: null, hints: [] };

function keepDetail({ connection }: SamlTenant, signInId: string, detail: () => SignInDetail): void {
  const { organizationId, id: connectionId } = connection;
  details.keep({ organizationId, connectionId, signInId, at: server.clock.now(), detail });
}

async function recordOne({ connection }: SamlTenant, count: number): Promise<string> {
  const { organizationId, id: connectionId } = connection;
  const at = server.clock.now();
  return server.app.get(SignInRecords).append(server.app.get(UnitOfWork).read, organizationId, {
    connectionId,
    incidentCode: newIncidentCode(),
    at,
    outcome: 'rejected',
    reason: 'expired',
    matchedBy: null,
    userId: null,
    sessionId: null,
    claims: null,
    decision: {},
    correlationId: `test-${count}`,
  });
}
