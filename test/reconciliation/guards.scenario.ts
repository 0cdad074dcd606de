import { AdminTokensService } from '../../src/organizations/admin-tokens.service.js';
import type { Connection } from '../../src/organizations/connection.js';
import type { ProvisioningSettings } from '../../src/organizations/connection.js';
import { HeldRefusal } from '../../src/reconciliation/provisioning-refusal.js';
import { allowedBy } from '../../src/reconciliation/decide-guard.js';
import { onPostgres, startTestServer, type TestServer } from '../support/app.js';
import { DAY, dice, MINUTE, playSignIns, times } from '../support/companies.js';
import { Engine, OPERATOR, SCIM_CLIENT, subject } from '../support/engine.js';
import { createTenant, request, TEST_OPERATOR, type JsonObject, type Tenant } from '../support/scenario.js';
import { expectEvents, expectNoEffects, sideEffects } from '../support/side-effects.js';

/** Guards against the whole server: what they count, hold and let go, and that several nodes count together. */

let server: TestServer;
let engine: Engine;
let operatorToken: string;
beforeAll(async () => {
  server = await startTestServer();
  engine = new Engine(server);
  operatorToken = (await server.app.get(AdminTokensService).create('test', null, TEST_OPERATOR)).token;
});
afterAll(() => server.close());

const admin = async (method: string, connection: Connection, path: string, body?: object): Promise<JsonObject> => {
  const whole = `/admin/v1/organizations/${connection.organizationId}/connections/${connection.id}${path}`;
  const reply = await request(server, method, whole, { token: operatorToken, body });
  if (reply.status !== 200) throw new Error(`${reply.status} ${reply.body}`);
  return reply.json;
};

/** People of a company of this size, pushed long ago; one statement, since there are many. */
async function employ(connection: Connection, count: number): Promise<string[]> {
  const rows = await server.sql<{ id: string }>(
    `INSERT INTO users (organization_id, id, connection_id, provenance, active, user_name, user_name_key, email_keys, attributes, role,
       created_at, updated_at)
     SELECT $1, gen_random_uuid(), $2, 'scim', true, 'p' || n, 'p' || n, '{}', '{}', 'member', now(), now()
     FROM generate_series(1, $3::integer) n RETURNING id`,
    [connection.organizationId, connection.id, count],
  );
  return rows.map(({ id }) => id);
}

const activePeople = async ({ organizationId }: Connection): Promise<number> =>
  (
    await server.sql<{ n: number }>(`SELECT count(*)::integer AS n FROM users WHERE organization_id = $1 AND active`, [
      organizationId,
    ])
  )[0]!.n;

describe('a SCIM client that ends the access of too many', () => {
  let tenant: Tenant;
  let people: string[];
  beforeEach(async () => {
    tenant = await createTenant(server);
    people = await employ(tenant.connection, 60);
  });
  const inactive = { Operations: [{ op: 'replace', path: 'active', value: false }] };
  const off = (id: string) => tenant.scim('PATCH', `/Users/${id}`, inactive);
  const lose = async (from: number, to: number) => {
    for (const id of people.slice(from, to)) expect((await off(id)).status).toBe(200);
  };

  it('is stopped whatever the verb, told what an operator can do, and nothing of the request is left', async () => {
    await lose(0, 18);
    expect((await tenant.scim('DELETE', `/Users/${people[18]!}`)).status).toBe(204);
    expect((await tenant.scim('PUT', `/Users/${people[19]!}`, { userName: 'p20', active: false })).status).toBe(200);
    const [next, other] = [people[20]!, people[21]!];
    const first = await sideEffects(server, async () => {
      const reply = await off(next);
      expect(reply.status).toBe(429);
      expect(reply.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
      expect(reply.headers.get('content-type')).toBe('application/scim+json; charset=utf-8');
      expect(reply.json).toMatchObject({
        status: '429',
        detail: expect.stringMatching(/20.*operator.*"deprovisioning".*deprovisioningGuard/s) as unknown,
      });
    });
    expect(first.rows).toEqual({ guard_states: '~1', audit_entries: '+1' });
    expectEvents(first, [['provisioning.held', tenant.connection.id]]);
    const further = await sideEffects(server, async () => {
      expect((await tenant.scim('DELETE', `/Users/${next}`)).status).toBe(429);
      expect((await tenant.scim('PUT', `/Users/${other}`, { userName: 'p22', active: false })).status).toBe(429);
    });
    expectNoEffects(further);
    // Everything else goes on, for those who have no access any more too.
    const title = { Operations: [{ op: 'replace', path: 'title', value: 'T' }] };
    expect((await tenant.scim('PATCH', `/Users/${next}`, title)).status).toBe(200);
    expect((await tenant.scim('DELETE', `/Users/${people[0]!}`)).status).toBe(204);
    expect((await off(people[1]!)).status).toBe(200);
  });

  it('stays stopped however often it tries again, until an operator resumes: for one more number, or for a time', async () => {
    await lose(0, 20);
    expect((await off(people[20]!)).status).toBe(429);
    server.clock.advance(5 * 3600);
    expect((await off(people[20]!)).status).toBe(429);
    expect(await admin('GET', tenant.connection, '/guards/deprovisioning')).toMatchObject({
      heldSince: expect.any(String) as unknown,
      counted: 0,
      population: 40,
      allowed: 20,
    });
    const effects = await sideEffects(server, () =>
      admin('POST', tenant.connection, '/guards/deprovisioning/resume', {}).then((guard) =>
        expect(guard).toMatchObject({ heldSince: null, openUntil: null }),
      ),
    );
    expect(effects.audit).toEqual([['guard.resumed', tenant.connection.id]]);
    await lose(20, 40);
    expect((await off(people[40]!)).status).toBe(429);
    await admin('POST', tenant.connection, '/guards/deprovisioning/resume', { minutes: 10 });
    await lose(40, 59);
    server.clock.advance(601);
    // The guard begins anew: what it let pass does not count.
    expect((await off(people[59]!)).status).toBe(200);
    expect(await activePeople(tenant.connection)).toBe(0);
  });

  it('goes on when the threshold is raised, and is not watched when the guard is off', async () => {
    await lose(0, 20);
    expect((await off(people[20]!)).status).toBe(429);
    const set = (deprovisioningGuard: ProvisioningSettings['deprovisioningGuard']) =>
      admin('PATCH', tenant.connection, '', { provisioning: { deprovisioningGuard } });
    await set({ atLeast: 5, percent: 10 });
    expect((await off(people[20]!)).status).toBe(429);
    await set({ atLeast: 20, percent: 50 });
    await lose(20, 30);
    expect((await off(people[30]!)).status).toBe(429);
    await set(null);
    await lose(30, 60);
  });

  it('counts people and not requests: repeated, taken back and by operators is nothing', async () => {
    await lose(0, 19);
    await lose(0, 19);
    const on = { Operations: [{ op: 'replace', path: 'active', value: true }] };
    expect((await tenant.scim('PATCH', `/Users/${people[0]!}`, on)).status).toBe(200);
    await lose(19, 21);
    expect((await off(people[21]!)).status).toBe(429);
    // An hour later the first ones no longer count; but the guard holds, since nobody has decided.
    const effects = await sideEffects(server, () => expect(off(people[0]!)).resolves.toMatchObject({ status: 429 }));
    expectNoEffects(effects);
  });

  it('may not do it in bulk either: each operation counts, and those beyond are answered 429', async () => {
    const Operations = people.slice(0, 30).map((id) => ({ method: 'DELETE', path: `/Users/${id}` }));
    const { json } = await tenant.scim('POST', '/Bulk', {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
      Operations,
    });
    const statuses = (json['Operations'] as JsonObject[]).map(({ status }) => status);
    expect(statuses).toEqual(Array.from({ length: 30 }, (_, index) => (index < 20 ? '204' : '429')));
  });

  it('may not do it through several nodes at once either', async () => {
    const nodes = onPostgres
      ? [
          server,
          await startTestServer(server.environment, { environment: server.environment, drop: async () => undefined }),
        ]
      : [server];
    for (const node of nodes) node.clock.set(server.clock.now());
    try {
      const replies = await Promise.all(
        people.map((id, index) =>
          request(nodes[index % nodes.length]!, 'PATCH', `/scim/v2/Users/${id}`, {
            token: tenant.token,
            body: inactive,
          }),
        ),
      );
      const statuses = replies.map(({ status }) => status);
      expect(statuses.filter((status) => status === 200)).toHaveLength(20);
      expect(statuses.filter((status) => status === 429)).toHaveLength(40);
      expect(await activePeople(tenant.connection)).toBe(40);
      const held = await server.sql(
        `SELECT id FROM outbox_events WHERE type = 'provisioning.held' AND subject_id = $1`,
        [tenant.connection.id],
      );
      expect(held).toHaveLength(1);
    } finally {
      for (const node of nodes.slice(1)) await node.close();
    }
  });

  it.each([
    ['a wipe-out of 25', 25, 0],
    ['a wipe-out of 300', 300, 0],
    ['a slow bleed of 120, one every two minutes', 120, 120],
    ['a slow bleed of 400, one a minute', 400, 60],
  ])('%s is stopped at the threshold: 0 missed', async (_story, population, seconds) => {
    const connection = await engine.tenant();
    let lost = 0;
    let held = 0;
    for (const [index, id] of (await employ(connection, population)).entries()) {
      const work = index % 2 === 0 ? remove(connection, id) : deactivate(connection, id);
      await work.then(
        () => (lost += 1),
        (error: unknown) => {
          if (!(error instanceof HeldRefusal)) throw error;
          held += 1;
        },
      );
      server.clock.advance(seconds);
      if (held > 30) break;
    }
    expect({ lost, heldAtAll: held > 0 }).toEqual({
      lost: allowedBy({ atLeast: 20, percent: 10 }, population),
      heldAtAll: true,
    });
  });

  it.each([
    ['a lay-off of a tenth of 300', 300, 30, 0],
    ['a lay-off of twenty of 40', 40, 20, 0],
    ['leavers of a busy month, one an hour', 100, 80, 3600],
  ])('%s goes through: 0 held', async (_story, population, many, seconds) => {
    const connection = await engine.tenant();
    for (const id of (await employ(connection, population)).slice(0, many)) {
      await deactivate(connection, id);
      server.clock.advance(seconds);
    }
    expect(await activePeople(connection)).toBe(population - many);
  });

  const deactivate = (connection: Connection, id: string) =>
    engine.users.change(connection, id, (current) => ({ ...current, active: false }), SCIM_CLIENT);
  const remove = (connection: Connection, id: string) => engine.users.remove(connection, id, SCIM_CLIENT);
});

describe('sign-ins that would take every group from too many', () => {
  let connection: Connection;
  let groups: Record<'Red' | 'Green', string>;
  beforeEach(async () => {
    connection = await engine.tenant({ scim: false });
    const make = async (displayName: string, more: object = {}) =>
      (await engine.operator.createGroup(connection.organizationId, { displayName, ...more }, OPERATOR)).id;
    groups = { Red: await make('Red'), Green: await make('Green') };
    await make('Everybody', { isDefault: true });
  });
  const signIn = async (name: string, ...values: string[]) => {
    const claims = { subject: subject(name), userName: name, groups: { kind: 'listed', values } as const };
    const outcome = await engine.signIn(connection, claims);
    if (outcome.kind !== 'accepted') throw new Error(outcome.reason);
    return outcome.userId;
  };
  const everybody = async (count: number, ...values: string[]) => {
    const ids: string[] = [];
    for (let index = 0; index < count; index++) ids.push(await signIn(`p${index}`, ...values));
    return ids;
  };
  const memberCount = async () =>
    (
      await server.sql<{ n: number }>(
        `SELECT count(DISTINCT m.user_id)::integer AS n FROM memberships m WHERE m.organization_id = $1 AND m.group_id = ANY($2)`,
        [connection.organizationId, Object.values(groups)],
      )
    )[0]!.n;
  const held = async () => (await admin('GET', connection, '/held-removals?limit=200'))['items'] as JsonObject[];

  it('are held beyond the threshold while everybody gets in; the list is applied or dropped, person by person or as a whole', async () => {
    const ids = await everybody(40, 'Red');
    expect(await held()).toEqual([]);
    // The IdP loses the groups of everybody: eight of forty is a fifth.
    await everybody(8);
    expect(await memberCount()).toBe(32);
    const effects = await sideEffects(server, () => signIn('p8'), connection.organizationId);
    expectEvents(effects, [
      ['groups.reset-held', ids[8]!],
      ['session.opened', ids[8]!],
    ]);
    expect(effects.rows).toMatchObject({ held_removals: '+1', sign_ins: '+1' });
    const [record] = await server.sql<{ decision: object }>(
      `SELECT decision FROM sign_ins WHERE organization_id = $1 ORDER BY id DESC LIMIT 1`,
      [connection.organizationId],
    );
    expect(record!.decision).toMatchObject({ heldRemovals: { counted: 9, population: 40, allowed: 8 } });
    await everybody(40);
    expect(await memberCount()).toBe(32);
    expect(await held()).toHaveLength(32);
    expect((await held())[0]).toMatchObject({ userId: ids[8], groups: [{ displayName: 'Red' }], everyGroup: true });
    expect(await admin('GET', connection, '/guards/removals')).toMatchObject({
      counted: 40,
      allowed: 8,
      heldPeople: 32,
    });

    const one = await admin('POST', connection, '/held-removals/apply', { userIds: [ids[8]] });
    expect(one).toEqual({ applied: 1, dropped: 0, left: 31 });
    expect(await memberCount()).toBe(31);
    const other = await admin('POST', connection, '/held-removals/drop', { userIds: [ids[9]] });
    expect(other).toEqual({ applied: 0, dropped: 1, left: 30 });
    // A night later the guard still knows of those who wait.
    server.clock.advance(12 * 3600);
    await everybody(12);
    expect(await memberCount()).toBe(31);
    // The IdP is well again: who signs in is off the list.
    await everybody(20, 'Red');
    expect(await held()).toHaveLength(20);
    expect(await admin('POST', connection, '/held-removals/apply', {})).toEqual({ applied: 20, dropped: 0, left: 0 });
    expect(await memberCount()).toBe(20);
  });

  it('are applied later only as far as they are still true', async () => {
    const ids = await everybody(10, 'Red', 'Green');
    await everybody(10);
    expect((await held()).map(({ userId }) => userId)).toEqual(ids.slice(5));
    await engine.operator.setGroup(connection.organizationId, groups.Green, { loginPolicy: 'additive' }, OPERATOR);
    await engine.operator.removeMembers(connection.organizationId, groups.Red, [ids[5]!], OPERATOR);
    const scim = await engine.update(connection, { scim: true });
    await engine.users.change(scim, ids[6]!, (current) => current, SCIM_CLIENT);
    const effects = await sideEffects(
      server,
      async () =>
        expect(await admin('POST', connection, '/held-removals/apply', {})).toEqual({
          applied: 3,
          dropped: 2,
          left: 0,
        }),
      connection.organizationId,
    );
    expect(effects.rows).toMatchObject({ memberships: '-3', held_removals: '-5' });
    expect(effects.audit.map(([action]) => action).sort()).toEqual([
      'group.members-removed',
      'group.members-removed',
      'group.members-removed',
      'held-removals.dropped',
      'held-removals.dropped',
    ]);
  });

  it('of somebody who is deleted are on no list, and count no more', async () => {
    const ids = await everybody(8, 'Red');
    await everybody(8);
    expect(await held()).toHaveLength(3);
    const client = await engine.update(connection, { scim: true });
    const effects = await sideEffects(server, () => engine.users.remove(client, ids[7]!, SCIM_CLIENT));
    expect(effects.rows).toMatchObject({ held_removals: '-1', users: '~1' });
    expect((await held()).map(({ userId }) => userId)).toEqual([ids[5], ids[6]]);
  });

  it('are counted as the simulation of generated companies counts', async () => {
    for (const seed of [1, 2]) {
      const random = dice(seed);
      const count = 18 + Math.floor(random() * 8);
      const lost = times(count, () => random() < 0.8);
      const signIns = [0, 1]
        .flatMap((day) =>
          times(count, (person) => {
            const at = day * DAY + random() * 90 * MINUTE;
            return { at, person, named: !lost[person]! || (day === 0 && at < 40 * MINUTE) };
          }),
        )
        .sort((one, other) => one.at - other.at);
      for (let person = 0; person < count; person++) await signIn(`s${seed}p${person}`, 'Red');
      const begin = server.clock.now().getTime() + 2 * DAY;
      const became: string[] = [];
      for (const { at, person, named } of signIns) {
        server.clock.set(new Date(begin + at));
        const before = await memberCount();
        const id = await signIn(`s${seed}p${person}`, ...(named ? ['Red'] : []));
        const isHeld = (await held()).some(({ userId }) => userId === id);
        became.push(isHeld ? 'held' : (await memberCount()) < before ? 'taken' : 'passed');
      }
      expect(became).toEqual(playSignIns({ signIns }, { atLeast: 5, percent: 20 }));
      expect(new Set(became).size).toBe(3);
      await admin('POST', connection, '/held-removals/drop', {});
    }
  });

  it('are never applied to the last admin', async () => {
    await engine.operator.setGroup(connection.organizationId, groups.Red, { role: 'admin' }, OPERATOR);
    const ids = await everybody(6, 'Red');
    const ending = [...ids].reverse();
    for (const index of [5, 4, 3, 2, 1, 0]) await signIn(`p${index}`);
    expect((await held()).map(({ userId }) => userId)).toEqual([ending.at(-1)]);
    expect(await admin('POST', connection, '/held-removals/apply', {})).toEqual({ applied: 0, dropped: 1, left: 0 });
    expect(await memberCount()).toBe(1);
  });

  it('go through when an operator resumes, raises the threshold or switches the guard off', async () => {
    await everybody(30, 'Red');
    await everybody(7);
    expect(await memberCount()).toBe(24);
    await admin('POST', connection, '/guards/removals/resume', {});
    await everybody(12);
    // Six signed in since, all of them emptied: five may be, and those who were held before do not count.
    expect(await memberCount()).toBe(19);
    await admin('POST', connection, '/guards/removals/resume', { minutes: 5 });
    await everybody(20);
    expect(await memberCount()).toBe(10);
    server.clock.advance(301);
    await everybody(30);
    expect(await memberCount()).toBe(5);
    connection = await engine.update(connection, { provisioning: { removalGuard: null } });
    await everybody(30);
    expect(await memberCount()).toBe(0);
    expect(await held()).toEqual([]);
  });

  it('of a reorganisation, of leavers and of newcomers are no wipe: 0 held', async () => {
    await everybody(40, 'Red');
    await everybody(40, 'Green');
    for (let index = 0; index < 8; index++) await signIn(`p${index}`);
    await everybody(8);
    for (let index = 100; index < 120; index++) await signIn(`p${index}`);
    expect(await held()).toEqual([]);
    expect(await memberCount()).toBe(32);
  });

  it('counts together when everybody signs in at once', async () => {
    await everybody(30, 'Red');
    await Promise.all(Array.from({ length: 30 }, (_, index) => signIn(`p${index}`)));
    expect(await memberCount()).toBe(24);
    expect(await held()).toHaveLength(24);
  });
});
