import fc from 'fast-check';
import { GuardsReconciler } from '../../../src/reconciliation/guards.reconciler.js';
import { OPERATOR, SCIM_CLIENT, subject } from '../../support/engine.js';
import {
  GROUPS,
  PEOPLE,
  type Answer,
  type Oracle,
  type OraclePerson,
  type Person,
  type Policy,
  type Role,
} from './oracle.js';
import { SIDES, userName, type Model, type Side, type Tenant, type World } from './world.js';

type Command = fc.AsyncCommand<Model, World, false>;

/** One request, what the oracle makes of it, and what must be so afterwards. */
class Step implements Command {
  constructor(
    private readonly side: Side,
    private readonly story: string,
    private readonly oracle: (oracle: Oracle, model: Model) => Answer,
    private readonly request: (world: World, tenant: Tenant) => Promise<unknown>,
    private readonly more: { readonly needsScim?: true; readonly endsSessionsOf?: Person } = {},
  ) {}

  check(model: Readonly<Model>): boolean {
    return !this.more.needsScim || model[this.side].scim;
  }

  async run(model: Model, world: World): Promise<void> {
    const expected = this.oracle(model[this.side], model);
    await this.take(model, world, expected);
    // 6. "The same request twice leaves the same state": asked again, it may be refused, but nothing moves that did not have to.
    await world.answerOf(this.request(world, world.tenants[this.side]));
    const { before, after } = await world.look();
    expect([...after]).toEqual([...before]);
    const { endsSessionsOf } = this.more;
    if (endsSessionsOf === undefined || expected === 'refused') return;
    // 7. After active:false is answered, no session of that user verifies again.
    expect(await world.liveSessions(this.side, endsSessionsOf)).toBe(0);
  }

  private async take(model: Model, world: World, expected: Answer): Promise<void> {
    const answer = await world.answerOf(this.request(world, world.tenants[this.side]));
    expect({ step: this.story, answer }).toEqual({ step: this.story, answer: expected });
    const { before, after } = await world.look();
    // 2, 3 and 5: both organizations are as the oracle says, the one that was not asked as well.
    for (const side of SIDES) expect({ side, ...world.told(side) }).toEqual({ side, ...toldBy(model[side]) });
    // 6. Version and lastModified move only when something changed, and always then.
    for (const [id, row] of after) {
      const old = before.get(id);
      if (!old) continue;
      const moved = row.version !== old.version;
      const changed = JSON.stringify(visible(row.facts)) !== JSON.stringify(visible(old.facts));
      expect({ step: this.story, row: row.name, moved }).toEqual({ step: this.story, row: row.name, moved: changed });
    }
  }

  toString = (): string => `${this.side}: ${this.story}`;
}

/** What of a row a version speaks of: why somebody is a member is no part of the resource, nor who waits. */
function visible({ waiting: _waiting, members, ...facts }: Record<string, unknown>): unknown {
  return members === undefined ? facts : { ...facts, members: Object.keys(members as object).sort() };
}

function toldBy(oracle: Oracle) {
  const groups = [...oracle.groups].map(([name, { members, waiting, ...facts }]) => {
    const origins = [...members].map(([who, reasons]) => [who, [...reasons].sort()] as const);
    return [name, { ...facts, members: Object.fromEntries(origins), waiting: [...waiting].sort() }] as const;
  });
  return { people: Object.fromEntries(oracle.people), groups: Object.fromEntries(groups) };
}

const side = fc.constantFrom(...SIDES);
const person = fc.constantFrom(...PEOPLE);
const group = fc.constantFrom(...GROUPS);
const name = fc.constantFrom('One', 'Two');
const some = <T>(values: readonly T[]) => fc.subarray([...values]);
const NOBODY = '00000000-0000-7000-8000-000000000000';
const idOf = (tenant: Tenant, who: Person): string => tenant.people.get(who) ?? NOBODY;
/** As a client names a member: by the id it was given, or by its own key while it has none. */
const valuesOf = (tenant: Tenant, people: readonly Person[]): string[] =>
  people.map((who) => tenant.people.get(who) ?? who);
const scim = { needsScim: true } as const;

const role = fc.constantFrom<Role>('admin', 'member');
const signIn = fc.tuple(side, person, some(GROUPS), name, role).map(
  ([where, who, groups, displayName, asserted]) =>
    new Step(
      where,
      `${who}, called ${displayName} and ${asserted}, signs in with ${groups.join(', ') || 'no group'}`,
      (oracle) => oracle.signIn(who, groups, displayName, asserted),
      async ({ engine }, tenant) => {
        const claims = { subject: subject(who), userName: userName(who), displayName };
        const outcome = await engine.signIn(tenant.connection, {
          ...claims,
          roles: asserted === 'admin' ? ['admin'] : [],
          groups: { kind: 'listed', values: groups },
        });
        if (outcome.kind === 'accepted') tenant.sessions.push({ who, token: outcome.sessionToken });
        return outcome;
      },
    ),
);

const create = fc.tuple(side, person, name).map(
  ([where, who, displayName]) =>
    new Step(
      where,
      `SCIM creates ${who}, called ${displayName}`,
      (oracle) => oracle.create(who, displayName),
      ({ engine }, { connection }) => {
        const document = { userName: userName(who), externalId: who, active: true, attributes: { displayName } };
        return engine.users.create(connection, document, SCIM_CLIENT);
      },
      scim,
    ),
);

const change = (where: Side, who: Person, story: string, wanted: Partial<Pick<OraclePerson, 'name' | 'active'>>) =>
  new Step(
    where,
    story,
    (oracle) => oracle.change(who, wanted),
    ({ engine }, tenant) =>
      engine.users.change(
        tenant.connection,
        idOf(tenant, who),
        (current) => ({
          ...current,
          active: wanted.active ?? current.active,
          ...(wanted.name ? { attributes: { displayName: wanted.name } } : {}),
        }),
        SCIM_CLIENT,
      ),
    { ...scim, ...(wanted.active === false ? { endsSessionsOf: who } : {}) },
  );
const rename = fc
  .tuple(side, person, name)
  .map(([where, who, wanted]) => change(where, who, `SCIM calls ${who} ${wanted}`, { name: wanted }));
const activate = fc
  .tuple(side, person, fc.boolean())
  .map(([where, who, active]) => change(where, who, `SCIM sets ${who} active: ${active}`, { active }));
const remove = fc.tuple(side, person).map(
  ([where, who]) =>
    new Step(
      where,
      `SCIM deletes ${who}`,
      (oracle) => oracle.remove(who),
      ({ engine }, tenant) => engine.users.remove(tenant.connection, idOf(tenant, who), SCIM_CLIENT),
      { ...scim, endsSessionsOf: who },
    ),
);

const createGroup = fc.tuple(side, group).map(
  ([where, displayName]) =>
    new Step(
      where,
      `SCIM creates the group ${displayName}`,
      (oracle) => oracle.createGroup(displayName),
      ({ engine }, { connection }) =>
        engine.groups.create(connection, { displayName, externalId: null, attributes: {} }, [], SCIM_CLIENT),
      scim,
    ),
);
const members = fc.tuple(side, group, some(PEOPLE), some(PEOPLE)).map(([where, which, add, leaving]) => {
  const leave = leaving.filter((who) => !add.includes(who));
  return new Step(
    where,
    `SCIM adds ${add.join(', ') || 'nobody'} to ${which} and removes ${leave.join(', ') || 'nobody'}`,
    (oracle) => oracle.members(which, add, leave),
    ({ engine }, tenant) => {
      const wanted = { members: { add: valuesOf(tenant, add), remove: valuesOf(tenant, leave) } };
      return engine.groups.change(tenant.connection, tenant.groups.get(which)!, () => wanted, SCIM_CLIENT);
    },
    scim,
  );
});
const replace = fc.tuple(side, group, some(PEOPLE)).map(
  ([where, which, people]) =>
    new Step(
      where,
      `SCIM sets the members of ${which} to ${people.join(', ') || 'nobody'}`,
      (oracle) => oracle.replace(which, people),
      ({ engine }, tenant) => {
        const wanted = { members: { replace: valuesOf(tenant, people), add: [], remove: [] } };
        return engine.groups.change(tenant.connection, tenant.groups.get(which)!, () => wanted, SCIM_CLIENT);
      },
      scim,
    ),
);

const byHand = fc.tuple(side, group, person, fc.boolean()).map(
  ([where, which, who, joins]) =>
    new Step(
      where,
      `an operator ${joins ? 'puts' : 'takes'} ${who} ${joins ? 'into' : 'out of'} ${which}`,
      (oracle) => oracle.byHand(which, who, joins),
      ({ engine: { operator } }, tenant) => {
        const edit = joins ? operator.addMembers.bind(operator) : operator.removeMembers.bind(operator);
        const { organizationId } = tenant.connection;
        return edit(organizationId, tenant.groups.get(which)!, [idOf(tenant, who)], OPERATOR);
      },
    ),
);
const createByHand = fc.tuple(side, person).map(
  ([where, who]) =>
    new Step(
      where,
      `an operator creates ${who}`,
      (oracle) => oracle.createByHand(who),
      ({ engine }, { connection }) =>
        engine.operator.createUser(connection.organizationId, { userName: userName(who), attributes: {} }, OPERATOR),
    ),
);
const activateByHand = fc.tuple(side, person, fc.boolean()).map(
  ([where, who, active]) =>
    new Step(
      where,
      `an operator sets ${who} active: ${active}`,
      (oracle) => oracle.setByHand(who, { active }),
      ({ engine }, tenant) =>
        engine.operator.setUser(tenant.connection.organizationId, idOf(tenant, who), { active }, OPERATOR),
      active ? {} : { endsSessionsOf: who },
    ),
);
const roleByHand = fc.tuple(side, person, role).map(
  ([where, who, wanted]) =>
    new Step(
      where,
      `an operator makes ${who} ${wanted}`,
      (oracle) => oracle.setByHand(who, { role: wanted }),
      ({ engine }, tenant) =>
        engine.operator.setUser(tenant.connection.organizationId, idOf(tenant, who), { role: wanted }, OPERATOR),
    ),
);
const policies = fc.constantFrom<Policy>('authoritative', 'own', 'additive', 'ignore');
const setGroup = fc.tuple(side, group, policies, fc.boolean()).map(
  ([where, which, loginPolicy, isDefault]) =>
    new Step(
      where,
      `an operator makes ${which} ${loginPolicy}${isDefault ? ' and a default group' : ''}`,
      (oracle) => oracle.setGroup(which, loginPolicy, isDefault),
      ({ engine }, { connection, groups }) =>
        engine.operator.setGroup(connection.organizationId, groups.get(which)!, { loginPolicy, isDefault }, OPERATOR),
    ),
);

const switches = fc.tuple(side, fc.boolean(), fc.boolean()).map(
  ([where, jit, scimOn]) =>
    new Step(
      where,
      `the connection is switched to jit ${jit ? 'on' : 'off'}, scim ${scimOn ? 'on' : 'off'}`,
      (oracle) => {
        Object.assign(oracle, { jit, scim: scimOn });
        return 'done';
      },
      async ({ engine }, tenant) => {
        tenant.connection = await engine.update(tenant.connection, { jit, scim: scimOn });
      },
    ),
);
const clock = fc.integer({ min: 1, max: 10 }).map(
  (hours) =>
    new Step(
      'A',
      `${hours} hours pass`,
      (_oracle, model) => (model.A.forgetEnds(), model.B.forgetEnds()),
      async ({ server }) => server.clock.advance(hours * 3600),
    ),
);

const resume = side.map(
  (where) =>
    new Step(
      where,
      'an operator says that what SCIM ended was meant',
      (oracle) => oracle.resume(),
      ({ server }, { connection }) =>
        server.app.get(GuardsReconciler).resume(connection, 'deprovisioning', undefined, OPERATOR),
    ),
);

export const commands = (most: number) =>
  fc.commands<Model, World, false>(
    [
      signIn,
      signIn,
      create,
      rename,
      activate,
      remove,
      createGroup,
      members,
      replace,
      byHand,
      createByHand,
      activateByHand,
      roleByHand,
      setGroup,
      switches,
      clock,
      resume,
    ],
    { maxCommands: most },
  );
