import { OperatorReconciler } from '../../src/reconciliation/operator.reconciler.js';
import { onPostgres, startTestServer, type TestServer } from '../support/app.js';
import { createSamlTenant, responseOf, TestBrowser, type SamlTenant } from '../support/saml-sign-in.js';
import { createScimToken, request, TEST_OPERATOR } from '../support/scenario.js';

/** Several at once. On PostgreSQL over several connections; on the embedded database over its one. */
describe('sign-ins at the same time', () => {
  let server: TestServer;
  let tenant: SamlTenant;

  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(() => server.close());
  beforeEach(async () => {
    tenant = await createSamlTenant(server, {}, { scim: true, provisioning: { requireScim: false } });
  });

  const count = async (table: string): Promise<number> => {
    const [row] = await server.sql<{ n: number }>(
      `SELECT count(*)::int AS n FROM ${table} WHERE organization_id = $1`,
      [tenant.organization.id],
    );
    return row!.n;
  };

  it('twenty posts of one response give one session', async () => {
    const browser = new TestBrowser(server);
    const { id, relayState } = await browser.begin(tenant);
    const xml = responseOf(tenant, id, {});
    const answers = await Promise.all(Array.from({ length: 20 }, () => browser.answer(tenant, xml, relayState)));
    expect(answers.filter(({ status }) => status === 303)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 403)).toHaveLength(19);
    expect(await count('sessions')).toBe(1);
    expect(await count('users')).toBe(1);
    expect(await count('sign_ins')).toBe(20);
  });

  it('ten first sign-ins of one person give one user and ten sessions', async () => {
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => new TestBrowser(server).signIn(tenant, { nameId: 'ada@example.com' })),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 303));
    expect(await count('users')).toBe(1);
    expect(await count('identities')).toBe(1);
    expect(await count('sessions')).toBe(10);
  });

  it('sign-ins and a SCIM client creating the same people leave each person once, under SCIM', async () => {
    const token = await createScimToken(server, tenant.connection);
    const people = Array.from({ length: 8 }, (_, n) => `p${n}@example.com`);
    const outcomes = await Promise.all(
      people.flatMap((userName) => [
        new TestBrowser(server).signIn(tenant, { nameId: userName }).then(({ status }) => status),
        request(server, 'POST', '/scim/v2/Users', { token, body: { userName, active: true } }).then(
          ({ status }) => status,
        ),
      ]),
    );
    expect(new Set(outcomes)).toEqual(new Set([303, 201]));
    const rows = await server.sql<{ user_name: string; provenance: string }>(
      `SELECT user_name, provenance FROM users WHERE organization_id = $1 ORDER BY user_name`,
      [tenant.organization.id],
    );
    expect(rows).toEqual(people.map((user_name) => ({ user_name, provenance: 'scim' })));
  });

  it('sign-ins, SCIM patches and edits by hand of one person and one group end in a state that some order explains', async () => {
    const token = await createScimToken(server, tenant.connection);
    const operator = server.app.get(OperatorReconciler);
    const organizationId = tenant.organization.id;
    const hand = await operator.createGroup(organizationId, { displayName: 'Hand' }, TEST_OPERATOR);
    await new TestBrowser(server).signIn(tenant, { nameId: 'ada@example.com' });
    const [user] = await server.sql<{ id: string }>(`SELECT id FROM users WHERE organization_id = $1`, [
      organizationId,
    ]);
    const pushed = await request(server, 'POST', '/scim/v2/Groups', { token, body: { displayName: 'Pushed' } });
    const path = `/scim/v2/Groups/${String(pushed.json['id'])}`;
    const patch = (op: string) => ({ Operations: [{ op, path: 'members', value: [{ value: user!.id }] }] });
    // On the embedded database requests take turns at its one connection: there is no more to be seen in many rounds.
    for (let round = 0; round < (onPostgres ? 200 : 10); round++) {
      const statuses = await Promise.all([
        new TestBrowser(server)
          .signIn(tenant, { attributes: { email: ['ada@example.com'], groups: ['Hand'] } })
          .then((answer) => answer.status),
        new TestBrowser(server)
          .signIn(tenant, { attributes: { email: ['ada@example.com'], groups: ['Pushed'] } })
          .then((answer) => answer.status),
        request(server, 'PATCH', path, { token, body: patch('add') }).then((reply) => reply.status),
        request(server, 'PATCH', path, { token, body: patch('remove') }).then((reply) => reply.status),
        operator.addMembers(organizationId, hand.id, [user!.id], TEST_OPERATOR).then(() => 200),
      ]);
      expect(statuses).toEqual([303, 303, 200, 200, 200]);
      const rows = await server.sql<{ group_id: string; origins: string[] }>(
        `SELECT group_id, origins FROM memberships WHERE organization_id = $1 AND user_id = $2`,
        [organizationId, user!.id],
      );
      // The pushed group is SCIM's alone; the other one has what sign-ins and hands left, whichever came last.
      for (const { group_id, origins } of rows) {
        const allowed = group_id === hand.id ? ['manual', `jit:${tenant.connection.id}`] : ['scim'];
        expect(origins.filter((origin) => !allowed.includes(origin))).toEqual([]);
        expect(new Set(origins).size).toBe(origins.length);
      }
      // Some order explains it: told as one history, the events come and go in turn and end where the rows are.
      for (const [groupId, events] of await comingsAndGoings(organizationId)) {
        const isMember = rows.some(({ group_id }) => group_id === groupId);
        expect({ round, comings: events.added - events.removed }).toEqual({ round, comings: isMember ? 1 : 0 });
      }
    }
  }, 300_000);

  const comingsAndGoings = async (organizationId: string) => {
    const rows = await server.sql<{ id: string; added: number; removed: number }>(
      `SELECT subject_id AS id, count(*) FILTER (WHERE type = 'group.members-added')::integer AS added,
         count(*) FILTER (WHERE type = 'group.members-removed')::integer AS removed
       FROM outbox_events WHERE organization_id = $1 AND type LIKE 'group.members-%' GROUP BY subject_id`,
      [organizationId],
    );
    return rows.map(({ id, ...counts }) => [id, counts] as const);
  };
});
