import { AdminTokensService } from '../../src/organizations/admin-tokens.service.js';
import type { Connection } from '../../src/organizations/connection.js';
import { startTestServer, type TestServer } from '../support/app.js';
import { Engine, OPERATOR, SCIM_CLIENT, subject } from '../support/engine.js';
import { fingerprint } from '../support/fingerprint.js';
import { expectEvents, expectNoEffects, sideEffects } from '../support/side-effects.js';
import { request, TEST_OPERATOR, type JsonObject } from '../support/scenario.js';

/** Before a SCIM client takes over: whom it will find here; and afterwards, what sign-ins left behind. */

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

const post = (path: string, body: JsonObject, headers: Record<string, string> = {}) =>
  request<JsonObject & { people: JsonObject[] }>(
    server,
    'POST',
    `/admin/v1/organizations/${connection.organizationId}/connections/${connection.id}/take-over/${path}`,
    { token: admin, body, headers },
  );
const signIn = async (name: string, nameId = name, groups: string[] = []) => {
  const outcome = await engine.signIn(connection, {
    subject: subject(nameId),
    userName: name,
    email: name,
    groups: { kind: 'listed', values: groups },
  });
  if (outcome.kind !== 'accepted') throw new Error(outcome.reason);
  return outcome.userId;
};
const push = (userName: string, externalId: string | null = null) =>
  engine.users.create(connection, { userName, externalId, active: true, attributes: {} }, SCIM_CLIENT);

async function populate() {
  await engine.operator.createGroup(connection.organizationId, { displayName: 'G' }, OPERATOR);
  const ids = {
    ada: await signIn('ada@example.com'),
    bob: await signIn('bob@example.com', 'bob-id', ['G']),
    cyd: await signIn('cyd@example.com'),
    dee: await signIn('dee@example.com', 'dee-id'),
    unlisted: await signIn('unlisted@example.com'),
  };
  await engine.operator.createUser(
    connection.organizationId,
    { userName: 'hand@example.com', attributes: {} },
    OPERATOR,
  );
  return ids;
}

const LIST = [
  { userName: 'ADA@example.com', externalId: 'whatever', email: 'ada@example.com' },
  { userName: 'robert@example.com', externalId: 'bob-id' },
  { userName: 'c.smith@example.com', externalId: 'c-1', email: 'CYD@example.com' },
  { userName: 'ada@example.com', externalId: 'dee-id' },
  { userName: 'hand@example.com' },
  { userName: '=cmd@example.com' },
];

describe('a list of the people a SCIM client has', () => {
  it('is compared with who is here, and what SCIM then does is what was said', async () => {
    const ids = await populate();
    const before = await fingerprint(server, ['admin_tokens']);
    const { status, json } = await post('match', { people: LIST });
    expect(await fingerprint(server, ['admin_tokens'])).toEqual(before);
    expect(status).toBe(200);
    expect(json).toMatchObject({
      exact: 2,
      differing: 2,
      ambiguous: 1,
      missing: 1,
      people: [
        { match: 'exact', scim: 'adopt', found: [{ id: ids.ada }], differs: [] },
        { match: 'differs', scim: 'adopt', found: [{ id: ids.bob }], differs: ['userName'] },
        { match: 'differs', scim: 'create', found: [{ id: ids.cyd }], differs: ['userName', 'externalId'] },
        { match: 'ambiguous', scim: 'refuse', detail: expect.stringContaining('somebody else') as unknown },
        { match: 'exact', scim: 'refuse', detail: expect.stringContaining('by hand') as unknown },
        { match: 'missing', scim: 'create', found: [] },
      ],
      unlisted: [{ userId: ids.unlisted, userName: 'unlisted@example.com' }],
      leftovers: [{ userId: ids.bob, displayName: 'G', handed: false }],
    });
    for (const [index, { userName, externalId }] of LIST.entries()) {
      const pushed = await push(userName, externalId ?? null).then(
        ({ user }) => (Object.values(ids).includes(user.id) ? 'adopt' : 'create'),
        () => 'refuse',
      );
      // The fourth is decided after the first has become a SCIM user.
      expect([index, pushed]).toEqual([index, json.people[index]!['scim']]);
    }
  });

  it('may be CSV, and the answer too, in which nothing is a formula', async () => {
    const ids = await populate();
    const csv = `UserName,Email,externalId\r\n${LIST.map((one) => `"${one.userName}",${one.email ?? ''},${one.externalId ?? ''}`).join('\r\n')}`;
    const { json } = await post('match', { csv });
    expect(json.people).toEqual((await post('match', { people: LIST })).json.people);
    const answer = await post('match', { csv }, { accept: 'text/csv' });
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    const lines = answer.body.split('\r\n');
    expect(lines[0]).toBe('kind,userName,externalId,email,differs,foundIds,foundUserNames,scim,detail');
    expect(lines[2]).toBe(`differs,robert@example.com,bob-id,,userName,${ids.bob},bob@example.com,adopt,`);
    expect(lines[6]).toBe(`missing,'=cmd@example.com,,,,,,create,`);
    expect(lines.slice(7)).toEqual([
      `unlisted,,,,,${ids.unlisted},unlisted@example.com,,`,
      `leftover,,,,,${ids.bob},bob@example.com,,G`,
      '',
    ]);
  });

  it('is refused when it is no list', async () => {
    for (const body of [{}, { csv: 'name\na' }, { csv: 'userName\n"a' }, { csv: 'userName', people: [] }]) {
      expect((await post('match', body)).status).toBe(422);
    }
  });
});

describe('leftovers', () => {
  it('are dropped with one action, of people who are under SCIM and nothing else', async () => {
    const group = await engine.operator.createGroup(connection.organizationId, { displayName: 'G' }, OPERATOR);
    const [bob, cyd] = [await signIn('bob@example.com', 'bob', ['G']), await signIn('cyd@example.com', 'cyd', ['G'])];
    const both = await signIn('dee@example.com', 'dee', ['G']);
    await engine.operator.addMembers(connection.organizationId, group.id, [both], OPERATOR);
    for (const name of ['bob@example.com', 'dee@example.com']) await push(name);
    const effects = await sideEffects(server, () => post('drop-leftovers', {}), connection.organizationId);
    expectEvents(effects, [['group.members-removed', group.id]]);
    expect(effects.rows).toEqual({ memberships: '-1', groups: '~1', audit_entries: '+1' });
    const left = await server.sql(`SELECT user_id FROM memberships WHERE group_id = $1 ORDER BY 1`, [group.id]);
    expect(left).toEqual([cyd, both].sort().map((id) => ({ user_id: id })));
    expect(left).not.toContainEqual({ user_id: bob });
    expectNoEffects(await sideEffects(server, () => post('drop-leftovers', {}), connection.organizationId));
  });
});
