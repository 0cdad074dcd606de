import type { Connection } from '../../src/organizations/connection.js';
import { DomainsService } from '../../src/organizations/domains.service.js';
import { startTestServer, type TestServer } from '../support/app.js';
import { Engine, OPERATOR, SCIM_CLIENT, subject } from '../support/engine.js';
import { expectEvents, expectNoEffects, sideEffects } from '../support/side-effects.js';

/** Who may change whom: the rows of the tables that need stored facts, with their exact side effects. */

let server: TestServer;
let engine: Engine;
let connection: Connection;

beforeAll(async () => {
  server = await startTestServer();
  engine = new Engine(server);
});
afterAll(() => server.close());
beforeEach(async () => {
  connection = await engine.tenant({ provisioning: { requireScim: false } });
});

const effectsOf = (work: () => Promise<unknown>) => sideEffects(server, work, connection.organizationId);
/** Runs something that must be refused with this reason, and leaves nothing behind. */
async function refused(reason: string, work: () => Promise<unknown>): Promise<void> {
  const effects = await effectsOf(() => expect(work()).rejects.toMatchObject({ reason }));
  expectNoEffects(effects);
}

const document = (userName: string, more: object = {}) => ({
  userName,
  externalId: null,
  active: true,
  attributes: {},
  ...more,
});
const push = async (userName: string, more: object = {}, over = connection) =>
  (await engine.users.create(over, document(userName, more), SCIM_CLIENT)).user;
const byHand = async (userName: string, role?: string) =>
  (
    await engine.operator.createUser(
      connection.organizationId,
      { userName, attributes: {}, ...(role ? { role } : {}) },
      OPERATOR,
    )
  ).user;
const makeGroup = (displayName: string, more: object = {}) =>
  engine.operator.createGroup(connection.organizationId, { displayName, ...more }, OPERATOR);
const pushGroup = async (displayName: string, members: string[] = []) =>
  (await engine.groups.create(connection, { displayName, externalId: null, attributes: {} }, members, SCIM_CLIENT))
    .group;
const members =
  (add: string[], remove: string[] = [], replace?: string[]) =>
  () => ({ members: { add, remove, ...(replace ? { replace } : {}) } });
const signIn = (name: string, groups: string[], roles: string[] = [], over = connection) =>
  engine.signIn(over, {
    subject: subject(name),
    userName: name,
    email: name,
    roles,
    groups: { kind: 'listed', values: groups },
  });
const groupsOf = async (userId: string): Promise<string[]> =>
  (
    await server.sql<{ name: string }>(
      `SELECT g.display_name || ' ' || array_to_string(array(SELECT unnest(m.origins) ORDER BY 1), '+') AS name FROM memberships m
       JOIN groups g ON g.organization_id = m.organization_id AND g.id = m.group_id
       WHERE m.organization_id = $1 AND m.user_id = $2 ORDER BY 1`,
      [connection.organizationId, userId],
    )
  ).map(({ name }) => name.replaceAll(connection.id, 'here'));
const activate = (id: string, active: boolean) =>
  engine.users.change(connection, id, (current) => ({ ...current, active }), SCIM_CLIENT);
const userRow = async (id: string) => (await server.sql(`SELECT * FROM users WHERE id = $1`, [id]))[0]!;

describe('users made by hand', () => {
  it('d, f: SCIM cannot create, change or delete them until an operator approves the link, and then adopts them', async () => {
    const user = await byHand('hand@example.com');
    await refused('uniqueness', () => push('HAND@example.com'));
    await refused('manual-user', () => activate(user.id, false));
    await refused('manual-user', () => engine.users.remove(connection, user.id, SCIM_CLIENT));
    await engine.operator.setUser(connection.organizationId, user.id, { scimLinkApproved: true }, OPERATOR);
    const effects = await effectsOf(async () => expect((await push('hand@example.com')).id).toBe(user.id));
    expectEvents(effects, [['user.adopted', user.id]]);
    expect(await userRow(user.id)).toMatchObject({
      provenance: 'scim',
      connection_id: connection.id,
      scim_link_approved: false,
    });
  });

  it('7, 8: a sign-in links them only where the domain is verified and the connection allows it', async () => {
    const user = await byHand('ada@linked.example');
    expect(await signIn('ada@linked.example', [])).toMatchObject({ kind: 'rejected', reason: 'account-not-linked' });
    const domains = server.app.get(DomainsService);
    const name = `d${Date.now()}.example`;
    const mine = await byHand(`eve@${name}`);
    await domains.claim(connection.organizationId, name, OPERATOR);
    await domains.verify(connection.organizationId, name, 'operator', OPERATOR);
    const linking = await engine.update(connection, { provisioning: { linkManualUsers: true } });
    expect(await signIn('ada@linked.example', [], [], linking)).toMatchObject({ reason: 'account-not-linked' });
    const effects = await effectsOf(() => signIn(`eve@${name}`, [], [], linking));
    expectEvents(effects, ['user.linked', 'user.updated', 'session.opened']);
    expect(await userRow(mine.id)).toMatchObject({ provenance: 'jit', connection_id: connection.id });
    expect(await userRow(user.id)).toMatchObject({ provenance: 'manual' });
  });
});

describe('people under another connection', () => {
  it('are refused while it has SCIM on, and taken over once it has not', async () => {
    const user = await push('u@example.com');
    const rival = await engine.rival(connection);
    await refused('other-connection', () =>
      engine.users.change(rival, user.id, (current) => ({ ...current, active: false }), SCIM_CLIENT),
    );
    await refused('other-connection', () => engine.users.remove(rival, user.id, SCIM_CLIENT));
    await engine.update(connection, { scim: false });
    await engine.users.change(rival, user.id, (current) => current, SCIM_CLIENT);
    expect(await userRow(user.id)).toMatchObject({ connection_id: rival.id });
  });

  it('5b: a sign-in over the other connection leaves a JIT person alone, so that nothing flips back and forth', async () => {
    await makeGroup('A');
    await makeGroup('B');
    const first = await signIn('x@example.com', ['A']);
    if (first.kind !== 'accepted') throw new Error(first.reason);
    const rival = await engine.rival(connection);
    expect(await signIn('x@example.com', ['B'], [], rival)).toMatchObject({ kind: 'accepted', userId: first.userId });
    expect(await groupsOf(first.userId)).toEqual(['A jit:here']);
  });

  it('an externalId means something only at the connection that issued it', async () => {
    await push('u@example.com', { externalId: 'shared-1' });
    const rival = await engine.rival(connection);
    const outcome = await engine.signIn(rival, { subject: subject('shared-1'), userName: 'other@example.com' });
    expect(outcome).toMatchObject({ kind: 'accepted' });
    const rows = await server.sql(`SELECT user_name FROM users WHERE organization_id = $1 ORDER BY 1`, [
      connection.organizationId,
    ]);
    expect(rows).toEqual([{ user_name: 'other@example.com' }, { user_name: 'u@example.com' }]);
  });
});

describe('break-glass', () => {
  it('R-206 j: nobody but an operator deactivates or deletes them, and SCIM does not take them out of groups', async () => {
    const user = await push('glass@example.com');
    const other = await push('other@example.com');
    await engine.operator.setUser(connection.organizationId, user.id, { breakGlass: true }, OPERATOR);
    await refused('break-glass', () => activate(user.id, false));
    await refused('break-glass', () => engine.users.remove(connection, user.id, SCIM_CLIENT));
    const group = await pushGroup('G', [user.id, other.id]);
    await engine.groups.change(connection, group.id, members([], [], []), SCIM_CLIENT);
    expect(await groupsOf(user.id)).toEqual(['G scim']);
    expect(await groupsOf(other.id)).toEqual([]);
  });
});

describe('groups', () => {
  it('k: SCIM adopts a group made by hand; its members keep the reason they are in it', async () => {
    const user = await push('u@example.com');
    const hand = await makeGroup('Team');
    await engine.operator.addMembers(connection.organizationId, hand.id, [user.id], OPERATOR);
    const effects = await effectsOf(async () => expect((await pushGroup('team')).id).toBe(hand.id));
    expectEvents(effects, ['group.adopted', 'group.updated']);
    expect(await groupsOf(user.id)).toEqual(['team manual']);
  });

  it('m: removing in a group under SCIM ends every origin but default', async () => {
    const user = await push('u@example.com');
    const group = await pushGroup('G');
    await engine.operator.setGroup(connection.organizationId, group.id, { isDefault: true }, OPERATOR);
    await engine.groups.change(connection, group.id, members([user.id]), SCIM_CLIENT);
    expect(await groupsOf(user.id)).toEqual(['G default+scim']);
    const effects = await effectsOf(() =>
      engine.groups.change(connection, group.id, members([], [user.id]), SCIM_CLIENT),
    );
    expect(await groupsOf(user.id)).toEqual(['G default']);
    expectEvents(effects, []);
  });

  it('are read-only by hand while SCIM is their authority, but for role, protection, default and policy', async () => {
    const user = await push('u@example.com');
    const group = await pushGroup('G');
    const organizationId = connection.organizationId;
    await refused('managed-by-scim', () => engine.operator.addMembers(organizationId, group.id, [user.id], OPERATOR));
    await refused('managed-by-scim', () =>
      engine.operator.removeMembers(organizationId, group.id, [user.id], OPERATOR),
    );
    await refused('managed-by-scim', () =>
      engine.operator.setGroup(organizationId, group.id, { displayName: 'X' }, OPERATOR),
    );
    await refused('managed-by-scim', () =>
      engine.operator.setUser(organizationId, user.id, { active: false }, OPERATOR),
    );
    const changed = await engine.operator.setGroup(
      organizationId,
      group.id,
      { role: 'admin', protected: true, loginPolicy: 'ignore' },
      OPERATOR,
    );
    expect(changed).toMatchObject({ role: 'admin', protected: true, loginPolicy: 'ignore', provenance: 'scim' });
  });

  it('protected: SCIM does not create, claim, empty or delete them', async () => {
    const user = await push('u@example.com');
    const hand = await makeGroup('Vault', { protected: true });
    await refused('protected-group', () => pushGroup('vault'));
    await refused('protected-group', () => engine.groups.change(connection, hand.id, members([user.id]), SCIM_CLIENT));
    await refused('protected-group', () => engine.groups.remove(connection, hand.id, SCIM_CLIENT));
    const own = await pushGroup('Own', [user.id]);
    await engine.operator.setGroup(connection.organizationId, own.id, { protected: true }, OPERATOR);
    await refused('protected-group', () =>
      engine.groups.change(connection, own.id, members([], [user.id]), SCIM_CLIENT),
    );
    await refused('protected-group', () => engine.groups.remove(connection, own.id, SCIM_CLIENT));
  });

  it('default: everybody is in them, whoever made them and whenever', async () => {
    const before = await push('before@example.com');
    const group = await makeGroup('Everybody');
    const effects = await effectsOf(() =>
      engine.operator.setGroup(connection.organizationId, group.id, { isDefault: true }, OPERATOR),
    );
    expectEvents(effects, ['group.updated', 'group.members-added']);
    const after = await push('after@example.com');
    const hand = await byHand('hand@example.com');
    const jit = await signIn('jit@example.com', []);
    if (jit.kind !== 'accepted') throw new Error(jit.reason);
    for (const id of [before.id, after.id, hand.id, jit.userId])
      expect(await groupsOf(id)).toEqual(['Everybody default']);
    await engine.operator.setGroup(connection.organizationId, group.id, { isDefault: false }, OPERATOR);
    for (const id of [before.id, after.id, hand.id, jit.userId]) expect(await groupsOf(id)).toEqual([]);
  });

  it('people created while a group becomes a default one are in it all the same', async () => {
    const group = await makeGroup('Everybody');
    const names = Array.from({ length: 12 }, (_, n) => `n${n}@example.com`);
    await Promise.all([
      ...names.map((name) => push(name)),
      engine.operator.setGroup(connection.organizationId, group.id, { isDefault: true }, OPERATOR),
    ]);
    const [row] = await server.sql<{ n: number }>(`SELECT count(*)::int AS n FROM memberships WHERE group_id = $1`, [
      group.id,
    ]);
    expect(row!.n).toBe(names.length);
  });

  it('a person who is deleted while being added to groups is in none', async () => {
    for (let round = 0; round < 5; round++) {
      const user = await push(`gone${round}@example.com`);
      const groups = await Promise.all([pushGroup(`A${round}`), pushGroup(`B${round}`)]);
      await Promise.all([
        ...groups.map(({ id }) => engine.groups.change(connection, id, members([user.id]), SCIM_CLIENT)),
        engine.users.remove(connection, user.id, SCIM_CLIENT),
      ]);
      expect(await groupsOf(user.id)).toEqual([]);
    }
  });
});

describe('roles and the last admin', () => {
  const effective = async (id: string) => {
    const rows = await server.sql<{ role: string; through: string | null }>(
      `SELECT u.role, (SELECT string_agg(g.role, ',') FROM memberships m JOIN groups g ON g.organization_id = m.organization_id AND g.id = m.group_id
        WHERE m.organization_id = u.organization_id AND m.user_id = u.id AND g.role IS NOT NULL) AS through FROM users u WHERE id = $1`,
      [id],
    );
    return rows[0];
  };

  it('SCIM roles decide when SCIM speaks of them', async () => {
    const mapped = await engine.update(connection, {
      provisioning: { roleMapping: [{ value: 'App-Admins', role: 'admin' }] },
    });
    const user = await push('r@example.com', { attributes: { roles: [{ value: 'App-Admins' }] } }, mapped);
    await push('second-admin@example.com', { attributes: { roles: [{ value: 'admin' }] } });
    expect(await effective(user.id)).toMatchObject({ role: 'admin' });
    await engine.users.change(
      mapped,
      user.id,
      (current) => ({ ...current, attributes: { ...current.attributes, title: 'T' } }),
      SCIM_CLIENT,
    );
    expect(await effective(user.id)).toMatchObject({ role: 'admin' });
    await engine.users.change(mapped, user.id, (current) => ({ ...current, attributes: { title: 'T' } }), SCIM_CLIENT);
    expect(await effective(user.id)).toMatchObject({ role: 'member' });
  });

  it('R-206 SCIM cannot deactivate, delete, demote or un-group the last admin; with a second one it can', async () => {
    const admin = await push('admin@example.com', { attributes: { roles: [{ value: 'admin' }] } });
    const demote = () =>
      engine.users.change(connection, admin.id, (current) => ({ ...current, attributes: {} }), SCIM_CLIENT);
    await refused('last-admin', () => activate(admin.id, false));
    await refused('last-admin', () => engine.users.remove(connection, admin.id, SCIM_CLIENT));
    await refused('last-admin', demote);
    const second = await push('second@example.com');
    const admins = await pushGroup('Admins', [second.id]);
    await engine.operator.setGroup(connection.organizationId, admins.id, { role: 'admin' }, OPERATOR);
    await activate(admin.id, false);
    await refused('last-admin', () =>
      engine.groups.change(connection, admins.id, members([], [second.id]), SCIM_CLIENT),
    );
    await refused('last-admin', () => engine.groups.remove(connection, admins.id, SCIM_CLIENT));
    await refused('last-admin', () => activate(second.id, false));
    const careless = await engine.update(connection, { provisioning: { protectLastAdmin: false } });
    await engine.groups.change(careless, admins.id, members([], [second.id]), SCIM_CLIENT);
  });

  it('of two admins deactivated at the same time one stays', async () => {
    const people = await Promise.all(
      ['a', 'b'].map((name) => push(`${name}@example.com`, { attributes: { roles: [{ value: 'admin' }] } })),
    );
    const outcomes = await Promise.allSettled(people.map(({ id }) => activate(id, false)));
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('a sign-in never takes the last admin: role and group stay, and the record says so', async () => {
    const admins = await makeGroup('Admins', { role: 'admin' });
    const first = await signIn('root@example.com', ['Admins'], []);
    if (first.kind !== 'accepted') throw new Error(first.reason);
    await signIn('root@example.com', []);
    expect(await groupsOf(first.userId)).toEqual(['Admins jit:here']);
    const [record] = await server.sql<{ decision: object }>(
      `SELECT decision FROM sign_ins WHERE organization_id = $1 ORDER BY id DESC LIMIT 1`,
      [connection.organizationId],
    );
    expect(record!.decision).toMatchObject({ heldLastAdmin: { groups: [admins.id] } });
    await byHand('second@example.com', 'admin');
    await signIn('root@example.com', []);
    expect(await groupsOf(first.userId)).toEqual([]);
  });

  it('a JIT role follows the assertion at each sign-in', async () => {
    await byHand('other@example.com', 'admin');
    const first = await signIn('j@example.com', [], ['ADMIN']);
    if (first.kind !== 'accepted') throw new Error(first.reason);
    expect(await effective(first.userId)).toMatchObject({ role: 'admin' });
    await signIn('j@example.com', [], []);
    expect(await effective(first.userId)).toMatchObject({ role: 'member' });
  });
});

describe('sign-ins and what they may not do', () => {
  it('12: nobody is created from a domain that another organization has verified', async () => {
    const other = await engine.tenant();
    const name = `taken${Date.now()}.example`;
    const domains = server.app.get(DomainsService);
    await domains.claim(other.organizationId, name, OPERATOR);
    await domains.verify(other.organizationId, name, 'operator', OPERATOR);
    expect(await signIn(`ada@${name}`, [])).toMatchObject({ reason: 'domain-not-allowed' });
  });

  it('a recycled userName is refused to another NameID of the same connection', async () => {
    await signIn('recycled@example.com', []);
    const outcome = await engine.signIn(connection, {
      subject: subject('another person'),
      userName: 'recycled@example.com',
      email: 'recycled@example.com',
    });
    expect(outcome).toMatchObject({ kind: 'rejected', reason: 'identity-conflict' });
  });

  it('overage changes no membership and is an event', async () => {
    await makeGroup('A');
    const first = await signIn('o@example.com', ['A']);
    if (first.kind !== 'accepted') throw new Error(first.reason);
    const effects = await effectsOf(() =>
      engine.signIn(connection, {
        subject: subject('o@example.com'),
        userName: 'o@example.com',
        email: 'o@example.com',
        groups: { kind: 'overage' },
      }),
    );
    expectEvents(effects, ['groups.overage', 'session.opened']);
    expect(await groupsOf(first.userId)).toEqual(['A jit:here']);
  });

  it('unknown groups are listed in the record, or created where the connection says so', async () => {
    const first = await signIn('n@example.com', ['Nowhere']);
    if (first.kind !== 'accepted') throw new Error(first.reason);
    expect(await groupsOf(first.userId)).toEqual([]);
    const creating = await engine.update(connection, { provisioning: { unknownGroups: 'create' } });
    const effects = await effectsOf(() => signIn('n@example.com', ['Nowhere'], [], creating));
    expectEvents(effects, ['group.created', 'group.members-added', 'session.opened']);
    expect(await groupsOf(first.userId)).toEqual(['Nowhere jit:here']);
    expect(await effectsOf(() => signIn('n@example.com', ['NOWHERE'], [], creating))).toMatchObject({
      events: [
        ['group.members-removed', expect.anything() as unknown],
        ['session.opened', first.userId],
      ],
    });
  });
});
