import fc from 'fast-check';
import { NotFoundError } from '../../src/directory/directory-errors.js';
import type { Connection } from '../../src/organizations/connection.js';
import type { LoginClaims } from '../../src/reconciliation/changes.js';
import { ProvisioningRefusal } from '../../src/reconciliation/provisioning-refusal.js';
import { UnitOfWork } from '../../src/database/unit-of-work.service.js';
import { Sessions } from '../../src/sessions/sessions.service.js';
import { startTestServer, type TestServer } from '../support/app.js';
import { Engine, OPERATOR, SCIM_CLIENT, subject } from '../support/engine.js';

/** The invariants of reconciliation over random histories of sign-ins, SCIM requests and operators' edits. */

const PEOPLE = ['ada', 'bob', 'cyd', 'dee'] as const;
const GROUPS = ['Red', 'Green', 'Blue', 'Everybody'] as const;
type Person = (typeof PEOPLE)[number];
type GroupName = (typeof GROUPS)[number];

type Step =
  | { readonly do: 'sign-in'; readonly person: Person; readonly groups: readonly GroupName[]; readonly name: string }
  | { readonly do: 'scim-create'; readonly person: Person; readonly name: string }
  | { readonly do: 'scim-rename'; readonly person: Person; readonly name: string }
  | { readonly do: 'scim-activate'; readonly person: Person; readonly active: boolean }
  | { readonly do: 'scim-delete'; readonly person: Person }
  | { readonly do: 'scim-group'; readonly group: GroupName }
  | {
      readonly do: 'scim-members';
      readonly group: GroupName;
      readonly add: readonly Person[];
      readonly remove: readonly Person[];
    }
  | { readonly do: 'scim-replace'; readonly group: GroupName; readonly members: readonly Person[] }
  | { readonly do: 'by-hand'; readonly group: GroupName; readonly person: Person; readonly joins: boolean };

const person = fc.constantFrom(...PEOPLE);
const group = fc.constantFrom(...GROUPS);
const name = fc.constantFrom('One', 'Two');
const signIn = fc.record({ do: fc.constant('sign-in' as const), person, groups: fc.subarray([...GROUPS]), name });
const scim: fc.Arbitrary<Step>[] = [
  fc.record({ do: fc.constant('scim-create' as const), person, name }),
  fc.record({ do: fc.constant('scim-rename' as const), person, name }),
  fc.record({ do: fc.constant('scim-activate' as const), person, active: fc.boolean() }),
  fc.record({ do: fc.constant('scim-delete' as const), person }),
  fc.record({ do: fc.constant('scim-group' as const), group }),
  fc.record({
    do: fc.constant('scim-members' as const),
    group,
    add: fc.subarray([...PEOPLE]),
    remove: fc.subarray([...PEOPLE]),
  }),
  fc.record({ do: fc.constant('scim-replace' as const), group, members: fc.subarray([...PEOPLE]) }),
];
const byHand = fc.record({ do: fc.constant('by-hand' as const), group, person, joins: fc.boolean() });
const anyStep = fc.oneof({ weight: 5, arbitrary: signIn }, ...scim, byHand);
const history = fc.array(anyStep, { minLength: 1, maxLength: 14 });

const RUNS = { numRuns: 40 };

describe('invariants over random histories', () => {
  let server: TestServer;
  let engine: Engine;

  beforeAll(async () => {
    server = await startTestServer();
    engine = new Engine(server);
  });
  afterAll(() => server.close());

  it('2, 3, 6, 7: what a sign-in may change, what repeating changes, what deactivating ends', async () => {
    await fc.assert(
      fc.asyncProperty(history, async (steps) => {
        const world = await World.make(server, engine);
        for (const step of steps) {
          const before = await engine.state(world.connection.organizationId);
          const outcome = await world.take(step);
          const after = await engine.state(world.connection.organizationId);
          if (step.do === 'sign-in') await world.checkSignIn(step, before, after, outcome);
          if (step.do === 'scim-activate' && !step.active) await world.checkNoSession(step.person, after);
          await world.take(step);
          const again = await engine.state(world.connection.organizationId);
          if (step.do !== 'scim-delete' && step.do !== 'scim-create') expect(again).toEqual(after);
        }
      }),
      RUNS,
    );
  });

  it('4: SCIM state is a function of the SCIM requests alone, whatever sign-ins happen between them', async () => {
    const scimOnly = fc.array(fc.oneof(...scim), { minLength: 1, maxLength: 10 });
    const visits = fc.array(fc.tuple(fc.nat(20), signIn), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(scimOnly, visits, async (steps, signIns) => {
        const quiet = await World.make(server, engine, { jit: false });
        const busy = await World.make(server, engine, { jit: false });
        for (const [index, step] of steps.entries()) {
          for (const [at, visit] of signIns) if (at === index) await busy.take(visit);
          await quiet.take(step);
          await busy.take(step);
        }
        expect(await busy.scimView()).toEqual(await quiet.scimView());
      }),
      RUNS,
    );
  });

  it('R-039, R-200 5: nothing of one organization changes by any request of another', async () => {
    const bystander = await World.make(server, engine);
    await bystander.take({ do: 'scim-create', person: 'ada', name: 'One' });
    await bystander.take({ do: 'sign-in', person: 'bob', groups: ['Red'], name: 'One' });
    const untouched = await engine.state(bystander.connection.organizationId);
    await fc.assert(
      fc.asyncProperty(history, async (steps) => {
        const world = await World.make(server, engine);
        // Names, externalIds and NameIDs are the same; ids of the bystander are sprinkled in.
        world.knowAlso(bystander);
        for (const step of steps) await world.take(step);
        expect(await engine.state(bystander.connection.organizationId)).toEqual(untouched);
      }),
      { numRuns: 20 },
    );
  });
});

type State = Awaited<ReturnType<Engine['state']>>;

/** One organization with its groups, and the way from a step to the engine. */
class World {
  private readonly strangers: string[] = [];

  private constructor(
    private readonly server: TestServer,
    private readonly engine: Engine,
    readonly connection: Connection,
    private readonly groupIds: ReadonlyMap<GroupName, string>,
  ) {}

  static async make(server: TestServer, engine: Engine, settings: { jit?: boolean } = {}): Promise<World> {
    const connection = await engine.tenant({ ...settings, provisioning: { requireScim: false } });
    const groupIds = new Map<GroupName, string>();
    for (const displayName of GROUPS) {
      const isDefault = displayName === 'Everybody';
      const created = await engine.operator.createGroup(
        connection.organizationId,
        { displayName, isDefault },
        OPERATOR,
      );
      groupIds.set(displayName, created.id);
    }
    return new World(server, engine, connection, groupIds);
  }

  knowAlso(other: World): void {
    this.strangers.push(...other.groupIds.values());
  }

  /** Refusals are answers; anything else is a fault. */
  async take(step: Step): Promise<unknown> {
    try {
      return await this.run(step);
    } catch (error) {
      if (error instanceof ProvisioningRefusal || error instanceof NotFoundError) return error;
      throw error;
    }
  }

  private async run(step: Step): Promise<unknown> {
    const { users, groups, operator } = this.engine;
    const { connection } = this;
    switch (step.do) {
      case 'sign-in':
        return this.engine.signIn(connection, this.claims(step));
      case 'scim-create': {
        const document = { userName: userName(step.person), externalId: step.person, active: true };
        return users.create(connection, { ...document, attributes: { displayName: step.name } }, SCIM_CLIENT);
      }
      case 'scim-rename': {
        const attributes = { displayName: step.name };
        return users.change(
          connection,
          await this.idOf(step.person),
          (current) => ({ ...current, attributes }),
          SCIM_CLIENT,
        );
      }
      case 'scim-activate':
        return users.change(
          connection,
          await this.idOf(step.person),
          (current) => ({ ...current, active: step.active }),
          SCIM_CLIENT,
        );
      case 'scim-delete':
        return users.remove(connection, await this.idOf(step.person), SCIM_CLIENT);
      case 'scim-group':
        return groups.create(
          connection,
          { displayName: step.group, externalId: null, attributes: {} },
          [],
          SCIM_CLIENT,
        );
      case 'scim-members': {
        const remove = await this.idsOf(step.remove.filter((one) => !step.add.includes(one)));
        const members = { add: [...(await this.idsOf(step.add)), ...this.strangers], remove };
        return groups.change(connection, this.groupIds.get(step.group)!, () => ({ members }), SCIM_CLIENT);
      }
      case 'scim-replace': {
        const members = { replace: await this.idsOf(step.members), add: [], remove: [] };
        return groups.change(connection, this.groupIds.get(step.group)!, () => ({ members }), SCIM_CLIENT);
      }
      case 'by-hand': {
        const edit = step.joins ? operator.addMembers.bind(operator) : operator.removeMembers.bind(operator);
        return edit(
          connection.organizationId,
          this.groupIds.get(step.group)!,
          [await this.idOf(step.person)],
          OPERATOR,
        );
      }
    }
  }

  private claims(step: Extract<Step, { do: 'sign-in' }>): Partial<LoginClaims> & Pick<LoginClaims, 'subject'> {
    return {
      subject: subject(step.person),
      userName: userName(step.person),
      email: userName(step.person),
      displayName: step.name,
      groups: { kind: 'listed', values: step.groups },
    };
  }

  async checkSignIn(
    step: Extract<Step, { do: 'sign-in' }>,
    before: State,
    after: State,
    outcome: unknown,
  ): Promise<void> {
    const known = before.users.find(
      (user) => user['user_name'] === userName(step.person) && user['deleted_at'] === null,
    );
    if (known && (known['provenance'] === 'scim' || known['active'] === false)) {
      // 3. A sign-in never changes anything of a scim user, and never revives anyone.
      expect(after.users).toEqual(before.users);
      expect(after.memberships).toEqual(before.memberships);
      expect(after.groups).toEqual(before.groups);
      expect(outcome).toMatchObject({ kind: known['active'] === true ? 'accepted' : 'rejected' });
      return;
    }
    if ((outcome as { kind: string }).kind !== 'accepted') {
      // Only somebody who was deleted by SCIM is refused here; nothing changes then.
      expect(outcome).toMatchObject({ reason: 'deprovisioned' });
      expect(after).toEqual(before);
      return;
    }
    // 2. Memberships are the asserted groups plus the default ones; groups under SCIM stay as they were.
    const user = after.users.find(
      (candidate) => candidate['user_name'] === userName(step.person) && candidate['deleted_at'] === null,
    )!;
    const underScim = new Set(after.groups.filter((one) => one['provenance'] === 'scim').map((one) => one['id']));
    const groupsOf = (state: State) =>
      state.memberships.filter((row) => row['user_id'] === user['id']).map((row) => row['group_id']);
    const expected = [...this.groupIds]
      .filter(
        ([groupName, id]) =>
          groupName === 'Everybody' ||
          (underScim.has(id) ? groupsOf(before).includes(id) : step.groups.includes(groupName)),
      )
      .map(([, id]) => id);
    expect(groupsOf(after).sort()).toEqual(expected.sort());
    expect(user).toMatchObject({
      provenance: 'jit',
      attributes: expect.objectContaining({ displayName: step.name }) as unknown,
    });
    this.lastToken.set(step.person, (outcome as { sessionToken: string }).sessionToken);
  }

  private readonly lastToken = new Map<Person, string>();

  /** 7. After active:false is answered, no session of that user verifies again. */
  async checkNoSession(who: Person, after: State): Promise<void> {
    const user = after.users.find(
      (candidate) => candidate['user_name'] === userName(who) && candidate['deleted_at'] === null,
    );
    const token = this.lastToken.get(who);
    if (!user || user['active'] === true || !token) return;
    const sessions = this.server.app.get(Sessions);
    const { read } = this.server.app.get(UnitOfWork);
    expect(await sessions.verify(read, token, this.server.clock.now())).toBeUndefined();
  }

  /** What SCIM shows, without ids and times, which differ from one organization to the next. */
  async scimView() {
    const state = await this.engine.state(this.connection.organizationId);
    const names = new Map(state.users.map((user) => [user['id'], user['user_name']]));
    return {
      users: state.users
        .map((user) => [
          user['user_name'],
          user['provenance'],
          user['active'],
          user['attributes'],
          user['version'],
          user['deleted_at'] !== null,
        ])
        .sort(),
      groups: state.groups.map((one) => [
        one['display_name'],
        one['provenance'],
        one['version'],
        state.memberships
          .filter((row) => row['group_id'] === one['id'])
          .map((row) => [names.get(row['user_id']), row['origins']])
          .sort(),
      ]),
    };
  }

  private async idOf(who: Person): Promise<string> {
    const rows = await this.server.sql<{ id: string }>(
      `SELECT id FROM users WHERE organization_id = $1 AND user_name = $2 AND deleted_at IS NULL`,
      [this.connection.organizationId, userName(who)],
    );
    return rows[0]?.id ?? '00000000-0000-7000-8000-000000000000';
  }

  private idsOf(who: readonly Person[]): Promise<string[]> {
    return Promise.all(who.map((one) => this.idOf(one)));
  }
}

const userName = (who: Person): string => `${who}@example.com`;
