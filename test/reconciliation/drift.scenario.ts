import { AdminTokensService } from '../../src/organizations/admin-tokens.service.js';
import type { Connection } from '../../src/organizations/connection.js';
import type { LoginClaims } from '../../src/reconciliation/changes.js';
import { startTestServer, type TestServer } from '../support/app.js';
import { countStatements } from '../support/count-statements.js';
import { Engine, OPERATOR, SCIM_CLIENT, subject } from '../support/engine.js';
import { expectNoEffects, sideEffects } from '../support/side-effects.js';
import { request, TEST_OPERATOR, type JsonObject } from '../support/scenario.js';

/** drift(organization): people whose last assertion disagrees with SCIM state. */

let server: TestServer;
let engine: Engine;
let admin: string;
let connection: Connection;

beforeAll(async () => {
  server = await startTestServer();
  engine = new Engine(server);
  admin = (await server.app.get(AdminTokensService).create('test', null, TEST_OPERATOR)).token;
});
afterAll(() => server.close());
beforeEach(async () => {
  connection = await engine.tenant({ provisioning: { requireScim: false } });
});

interface Answer extends JsonObject {
  readonly items: (JsonObject & { userName: string; kinds: string[] })[];
  readonly next: string | null;
}

const get = (path: string, headers: Record<string, string> = {}) =>
  request<Answer>(server, 'GET', `/admin/v1/organizations/${connection.organizationId}/${path}`, {
    token: admin,
    headers,
  });
const listed = async (query = '') =>
  (await get(`drift${query}`)).json.items.map(({ userName, kinds }) => [userName, kinds]);

const push = async (name: string, more: { displayName?: string; externalId?: string; active?: boolean } = {}) => {
  const { displayName, externalId = null, active = true } = more;
  const attributes = {
    ...(displayName ? { displayName } : {}),
    emails: [{ value: `${name}@example.com`, primary: true }],
  };
  const { user } = await engine.users.create(
    connection,
    { userName: name, externalId, active, attributes },
    SCIM_CLIENT,
  );
  return user.id;
};
const pushGroup = async (displayName: string, members: string[]) =>
  (await engine.groups.create(connection, { displayName, externalId: null, attributes: {} }, members, SCIM_CLIENT))
    .group.id;
const setActive = (id: string, active: boolean) =>
  engine.users.change(connection, id, (current) => ({ ...current, active }), SCIM_CLIENT);
const assert = (name: string, groups: string[] = [], more: Partial<LoginClaims> = {}) =>
  engine.signIn(connection, {
    subject: subject(name),
    userName: name,
    email: `${name}@example.com`,
    groups: { kind: 'listed', values: groups },
    ...more,
  });

describe('the report of drift', () => {
  it('names whose last assertion disagrees with SCIM state, and in what; the state now counts, and nothing is written', async () => {
    const ada = await push('ada', { displayName: 'Ada' });
    const bob = await push('bob');
    const cyd = await push('cyd');
    await push('eve');
    await push('never-signed-in');
    const red = await pushGroup('Red', [ada, bob]);
    const blue = await pushGroup('Blue', []);
    await assert('ada', ['Red'], { displayName: 'Countess' });
    await assert('ada', ['Red'], { displayName: 'Ada King' });
    await assert('bob', ['Blue']);
    await assert('cyd', ['Green']);
    await assert('eve');
    await assert('jit-person', ['Nothing']);

    const effects = await sideEffects(server, async () => {
      const { status, json } = await get('drift');
      expect(status).toBe(200);
      expect(json).toEqual({
        next: null,
        items: [
          expect.objectContaining({
            userId: ada,
            userName: 'ada',
            connectionId: connection.id,
            kinds: ['profile'],
            profile: { displayName: ['Ada', 'Ada King'] },
            groups: { assertedOnly: [], storedOnly: [], unknown: [] },
            refused: null,
          }),
          expect.objectContaining({
            userId: bob,
            kinds: ['groups'],
            profile: {},
            groups: {
              assertedOnly: [{ id: blue, displayName: 'Blue' }],
              storedOnly: [{ id: red, displayName: 'Red' }],
              unknown: [],
            },
          }),
          expect.objectContaining({
            userId: cyd,
            kinds: ['unknown-groups'],
            groups: { assertedOnly: [], storedOnly: [], unknown: ['Green'] },
          }),
        ],
      });
      const [latest] = await server.sql<{ id: string }>(
        `SELECT id FROM sign_ins WHERE organization_id = $1 AND user_id = $2 ORDER BY id DESC LIMIT 1`,
        [connection.organizationId, ada],
      );
      expect(json.items[0]!['signInId']).toBe(latest!.id);
    });
    expectNoEffects(effects);
    expect((await get('drift/count')).json).toEqual({
      compared: 4,
      people: 3,
      kinds: { groups: 1, 'unknown-groups': 1, profile: 1, active: 0 },
    });
    expect((await get(`users/${ada}/drift`)).json).toEqual((await get('drift')).json.items[0]);
    // The state of now: SCIM has caught up.
    await engine.users.change(
      connection,
      ada,
      (current) => ({ ...current, attributes: { ...current.attributes, displayName: 'Ada King' } }),
      SCIM_CLIENT,
    );
    await pushGroup('Green', [cyd]);
    expect(await listed()).toEqual([['bob', ['groups']]]);
    expect((await get(`users/${ada}/drift`)).json).toMatchObject({ kinds: [], signInId: expect.any(String) as string });
    expect((await get(`users/00000000-0000-7000-8000-000000000000/drift`)).status).toBe(404);
  });

  it('is filtered by connection, kind and time, and told apart from another organization', async () => {
    const other = await engine.rival(connection);
    await push('ada');
    await assert('ada', ['Nothing'], { displayName: 'Ada' });
    await engine.users.create(other, { userName: 'zed', externalId: null, active: true, attributes: {} }, SCIM_CLIENT);
    await engine.signIn(other, { subject: subject('zed'), userName: 'zed', displayName: 'Zed' });
    expect(await listed(`?connection=${other.id}`)).toEqual([['zed', ['profile']]]);
    expect(await listed(`?connection=${connection.id}&kind=profile`)).toEqual([['ada', ['unknown-groups', 'profile']]]);
    expect(await listed('?kind=groups')).toEqual([]);
    server.clock.advance(60);
    const since = server.clock.now().toISOString();
    expect(await listed(`?since=${since}`)).toEqual([]);
    await assert('ada', ['Nothing']);
    expect(await listed(`?since=${since}`)).toEqual([['ada', ['unknown-groups']]]);
    expect((await get(`drift/count?connection=${other.id}`)).json).toMatchObject({ compared: 1, people: 1 });
    expect((await get('drift?kind=nothing')).status).toBe(422);
    connection = await engine.tenant();
    expect(await listed()).toEqual([]);
  });

  it('has those whose access SCIM ended and whom the IdP goes on asserting', async () => {
    const [ada, bob, cyd] = [await push('ada'), await push('bob'), await push('cyd')];
    for (const name of ['ada', 'bob', 'cyd']) await assert(name);
    for (const id of [ada, bob, cyd]) await setActive(id, false);
    // Deactivated, and not asserted since.
    expect(await listed()).toEqual([]);
    await assert('ada');
    await assert('bob', [], { displayName: 'Robert' });
    expect(await listed()).toEqual([
      ['ada', ['active']],
      ['bob', ['active']],
    ]);
    expect((await get(`users/${ada}/drift`)).json).toMatchObject({ kinds: ['active'], refused: 'deactivated' });
    // Came back, left again: the refusal was before that.
    await setActive(ada, true);
    expect(await listed()).toEqual([['bob', ['active']]]);
    await setActive(ada, false);
    expect(await listed('?kind=active')).toEqual([['bob', ['active']]]);
    await engine.users.remove(connection, bob, SCIM_CLIENT);
    expect(await listed()).toEqual([]);
    await assert('bob');
    expect((await get('drift')).json.items).toMatchObject([
      { userId: bob, kinds: ['active'], refused: 'deprovisioned' },
    ]);
    // Another person of the name: the old one is nobody's business any more.
    await push('bob');
    expect(await listed()).toEqual([]);
  });

  it('is complete as CSV, one line a disagreement, in which nothing is a formula', async () => {
    const ada = await push('ada', { displayName: 'Ada' });
    await pushGroup('Red', [ada]);
    await assert('ada', ['=cmd()'], { displayName: '@Ada, "Countess"' });
    const answer = await get('drift', { accept: 'text/csv' });
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename="drift.csv"');
    const record = (await get('drift')).json.items[0]!;
    const end = `${String(record['signInId'])},${String(record['assertedAt'])}`;
    expect(answer.body.split('\r\n')).toEqual([
      'kind,userId,userName,connectionId,what,stored,asserted,signInId,assertedAt',
      `groups,${ada},ada,${connection.id},Red,yes,no,${end}`,
      `unknown-groups,${ada},ada,${connection.id},'=cmd(),no,yes,${end}`,
      `profile,${ada},ada,${connection.id},displayName,Ada,"'@Ada, ""Countess""",${end}`,
      '',
    ]);
    expect((await get('drift?kind=active', { accept: 'text/csv' })).body.split('\r\n')).toHaveLength(2);
  });

  it('of many people goes page by page, in as many statements for a thousand as for one', async () => {
    const { organizationId, id } = connection;
    const insert = async (from: number, to: number, displayName: string) => {
      await server.sql(
        `INSERT INTO users (organization_id, id, connection_id, provenance, active, user_name, user_name_key, email_keys, attributes, role, created_at, updated_at)
         SELECT $1, ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, $2, 'scim', true, 'u' || n, 'u' || n, '{}', '{"displayName": "Stored"}', 'member', now(), now()
         FROM generate_series($3::integer, $4::integer) n`,
        [organizationId, id, from, to],
      );
      await server.sql(
        `INSERT INTO sign_ins (organization_id, id, connection_id, incident_code, at, outcome, user_id, claims, decision, correlation_id)
         SELECT $1, gen_random_uuid(), $2, 'c' || n, now(), 'accepted', ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid,
           jsonb_build_object('displayName', $5::text, 'roles', '[]'::jsonb, 'groups', '{"kind": "listed", "values": []}'::jsonb), '{}', 'test'
         FROM generate_series($3::integer, $4::integer) n`,
        [organizationId, id, from, to, displayName],
      );
    };
    const count = countStatements(server);
    const statementsOf = async (work: () => Promise<unknown>) => {
      const before = count();
      await work();
      return count() - before;
    };
    await insert(1, 1, 'Asserted');
    const one = await statementsOf(() => get('drift?limit=1'));
    await insert(2, 900, 'Asserted');
    expect(await statementsOf(() => get('drift?limit=200'))).toBe(one);
    // So many agree that a page can end before it is full.
    await insert(1000, 21_000, 'Stored');
    await insert(21_001, 21_001, 'Asserted');
    const sizes: number[] = [];
    const names = new Set<string>();
    for (let after: string | null = ''; after !== null;) {
      const page: Answer = (await get(`drift?limit=200${after ? `&after=${after}` : ''}`)).json;
      sizes.push(page.items.length);
      for (const { userName } of page.items) names.add(userName);
      after = page.next;
    }
    expect(sizes).toEqual([200, 200, 200, 200, 100, 1]);
    expect(names.size).toBe(901);
    expect((await get('drift/count')).json).toMatchObject({ compared: 20_902, people: 901 });
    expect((await get('drift', { accept: 'text/csv' })).body.trimEnd().split('\r\n')).toHaveLength(902);
    await engine.operator.createUser(organizationId, { userName: 'by-hand', attributes: {} }, OPERATOR);
    expect((await get('drift/count')).json).toMatchObject({ compared: 20_902 });
  });
});
