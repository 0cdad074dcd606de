import fc from 'fast-check';
import type { Actor } from '../../src/audit/actor.js';
import { UndoReconciler } from '../../src/reconciliation/undo.reconciler.js';
import type { UndoPlan } from '../../src/reconciliation/undo-planner.service.js';
import { startTestServer, type TestServer } from '../support/app.js';
import { Engine, OPERATOR, SCIM_CLIENT } from '../support/engine.js';
import { anyStep, scimStep, World, type Step } from '../support/random-history.js';
import { createScimToken } from '../support/scenario.js';
import { rebuilt, snapshot, type Facts, type Snapshot } from '../support/snapshot.js';

/** What a SCIM client did is taken back, and nothing that others did. */

let server: TestServer;
let engine: Engine;
beforeAll(async () => {
  server = await startTestServer();
  engine = new Engine(server);
});
afterAll(() => server.close());

const life = (step: fc.Arbitrary<Step>, maxLength: number) => fc.array(step, { maxLength });

describe('over random histories', () => {
  it('when nobody else wrote, everybody and everything is as at the instant; the log tells of the undo too', async () => {
    await fc.assert(
      fc.asyncProperty(life(anyStep, 10), life(scimStep, 10), async (before, since) => {
        const { world, client, organizationId } = await makeWorld();
        for (const step of before) await world.take(step, client);
        const at = server.clock.now();
        const then = await snapshot(server, organizationId);
        for (const step of since) await world.take(step, client);
        server.clock.advance(1);
        const full = await snapshot(server, organizationId);
        const fullAt = server.clock.now();
        server.clock.advance(1);

        const plan = await undo(world, at);
        expect(plan.conflicts).toEqual([]);
        const now = await snapshot(server, organizationId);
        expect(living(now, then)).toEqual(then);
        expect(await again(world, at)).toEqual([[], [], []]);
        server.clock.advance(1);
        const ids = [[...now.users.keys()], [...new Set([...full.groups.keys(), ...now.groups.keys()])]] as const;
        expect(await rebuilt(server, organizationId, server.clock.now(), ...ids)).toEqual(now);
        expect(await rebuilt(server, organizationId, fullAt, ...ids)).toEqual(full);
        const old = await rebuilt(server, organizationId, at, ...ids);
        expect(living(old, then)).toEqual(then);
      }),
      { numRuns: Number(process.env['RUNS'] ?? 40) },
    );
  });

  it('when others wrote in between, what they wrote last is there, and else what was at the instant', async () => {
    await fc.assert(
      fc.asyncProperty(
        life(anyStep, 8),
        fc.array(fc.tuple(anyStep, fc.boolean()), { maxLength: 14 }),
        async (before, since) => {
          const { world, client, organizationId } = await makeWorld();
          for (const step of before) await world.take(step, client);
          const at = server.clock.now();
          let now = await snapshot(server, organizationId);
          const wanted = cellsOf(now);
          for (const [step, byOther] of since) {
            await world.take(step, byOther ? SCIM_CLIENT : client);
            const next = await snapshot(server, organizationId);
            if (byOther || !step.kind.startsWith('scim-')) overlay(wanted, cellsOf(now), cellsOf(next));
            now = next;
          }
          server.clock.advance(1);

          const { conflicts } = await undo(world, at);
          const left = new Set(conflicts.flatMap(({ id, userId }) => (userId === null ? [id] : [])));
          const after = cellsOf(await snapshot(server, organizationId));
          const unchanged = cellsOf(now);
          const names = [...new Set([...after.keys(), ...wanted.keys(), ...unchanged.keys()])];
          const wrong = names.filter((name) => {
            const kept = name.split(' ').some((id) => left.has(id));
            return !same(after.get(name), wanted.get(name)) && !(kept && same(after.get(name), unchanged.get(name)));
          });
          expect(wrong.map((name) => [name, after.get(name), wanted.get(name)])).toEqual([]);
        },
      ),
      { numRuns: Number(process.env['RUNS'] ?? 60) },
    );
  });
});

async function makeWorld() {
  const world = await World.make(server, engine);
  // Somebody is always left: the guard of the last admin has a test of its own.
  const root = { userName: 'root@example.com', attributes: {}, role: 'admin' };
  await engine.operator.createUser(world.organizationId, root, OPERATOR);
  await createScimToken(server, world.connection);
  const [token] = await server.sql<{ id: string }>(`SELECT id FROM scim_tokens WHERE organization_id = $1`, [
    world.organizationId,
  ]);
  const client: Actor = { kind: 'scim-client', id: token!.id, correlationId: 'wild' };
  return { world, client, organizationId: world.organizationId };
}

async function undo(world: World, from: Date): Promise<UndoPlan> {
  const window = { client: undefined, from, until: server.clock.now() };
  const undos = server.app.get(UndoReconciler);
  const { digest } = await undos.preview(world.connection, window);
  return undos.undo(world.connection, window, digest, OPERATOR);
}

/** What a second undo of the same would still find. */
async function again(world: World, from: Date) {
  const window = { client: undefined, from, until: server.clock.now() };
  const { undone, memberships, conflicts } = await server.app.get(UndoReconciler).preview(world.connection, window);
  return [undone, memberships, conflicts];
}

/** Without those who were made after `then` and are tombstones. */
function living(now: Snapshot, then: Snapshot): Snapshot {
  const users = [...now.users].filter(([id, user]) => then.users.has(id) || user['deleted'] !== true);
  return { users: new Map(users), groups: now.groups };
}

/** Everything that is judged by itself -> what it is. Default memberships follow from the groups. */
function cellsOf({ users, groups }: Snapshot): Map<string, unknown> {
  const cells = new Map<string, unknown>();
  const note = (id: string, { attributes, ...fields }: Facts): void => {
    for (const [name, value] of Object.entries({ ...fields, ...(attributes as Facts) }))
      if (value !== null) cells.set(`${id} ${name}`, value);
  };
  for (const [id, { groups: _groups, identities: _identities, ...user }] of users)
    if (user['deleted'] !== true) note(id, user);
  for (const [id, { members, ...group }] of groups) {
    note(id, group);
    for (const member of members as string[]) {
      const [userId, origins] = member.split(' ') as [string, string];
      for (const origin of origins.split(',')) if (origin !== 'default') cells.set(`${id} ${userId} ${origin}`, true);
    }
  }
  return cells;
}

/** What one step of somebody else changed, is wanted. */
function overlay(
  wanted: Map<string, unknown>,
  before: ReadonlyMap<string, unknown>,
  after: ReadonlyMap<string, unknown>,
) {
  for (const name of new Set([...before.keys(), ...after.keys()])) {
    if (same(before.get(name), after.get(name))) continue;
    if (after.has(name)) wanted.set(name, after.get(name));
    else wanted.delete(name);
  }
}

const same = (left: unknown, right: unknown): boolean => JSON.stringify(left) === JSON.stringify(right);
