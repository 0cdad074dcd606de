import fc from 'fast-check';
import type { LoginPolicy, Origin } from '../../src/directory/directory-types.js';
import { planMemberships, type MembershipFacts, type PlannedGroup } from '../../src/reconciliation/plan-memberships.js';

const HERE = 'c1';
const JIT: Origin = `jit:${HERE}`;

const group = (id: string, fields: Partial<PlannedGroup> = {}): PlannedGroup => ({
  id,
  displayName: `Group ${id}`,
  externalId: null,
  provenance: 'manual',
  loginPolicy: 'authoritative',
  protected: false,
  isDefault: false,
  underScim: false,
  ...fields,
});

const facts = (fields: Partial<MembershipFacts>): MembershipFacts => ({
  connectionId: HERE,
  asserted: { kind: 'listed', values: [] },
  whenGroupsAbsent: 'remove',
  unknownGroups: 'ignore',
  groupMapping: [],
  groups: [],
  current: [],
  ...fields,
});

const listed = (...values: string[]) => ({ kind: 'listed', values }) as const;
const member = (groupId: string, ...origins: Origin[]) => ({ groupId, origins });
const addedIds = (plan: ReturnType<typeof planMemberships>) => plan.add.map(({ groupId }) => groupId);

describe('plan-memberships: what the assertion says', () => {
  const groups = [group('a'), group('b', { externalId: 'EXT' })];
  const current = [member('a', JIT)];

  it('unmapped: groups are not synchronised', () => {
    const plan = planMemberships(facts({ asserted: { kind: 'unmapped' }, groups, current }));
    expect(plan).toMatchObject({ kind: 'unmapped', add: [], remove: [], create: [] });
  });

  it('overage: nothing is added or removed', () => {
    const plan = planMemberships(facts({ asserted: { kind: 'overage' }, groups, current }));
    expect(plan).toMatchObject({ kind: 'overage', add: [], remove: [], create: [] });
  });

  it('absent: removes by default, keeps where the connection says so', () => {
    const absent = { asserted: { kind: 'absent' }, groups, current } as const;
    expect(planMemberships(facts(absent)).remove).toEqual([{ groupId: 'a', ends: 'membership' }]);
    expect(planMemberships(facts({ ...absent, whenGroupsAbsent: 'keep' }))).toMatchObject({ kind: 'kept', remove: [] });
  });

  it.each([
    ['exact displayName', listed('Group b'), ['b']],
    ['displayName in another case names nobody', listed('GROUP B'), []],
    ['externalId', listed('EXT'), ['b']],
    ['repeated values are one', listed('Group b', 'Group b', 'EXT'), ['b']],
  ])('%s', (_name, asserted, expected) => {
    expect(addedIds(planMemberships(facts({ asserted, groups })))).toEqual(expected);
  });

  it('reports unknown values, or creates them where the connection says so', () => {
    expect(planMemberships(facts({ asserted: listed('Nowhere'), groups }))).toMatchObject({
      unknown: ['Nowhere'],
      create: [],
    });
    expect(planMemberships(facts({ asserted: listed('Nowhere'), groups, unknownGroups: 'create' }))).toMatchObject({
      unknown: [],
      create: ['Nowhere'],
    });
  });

  it('says which value named a group and how', () => {
    const groupMapping = [{ value: 'admins', groupId: 'a' }];
    const plan = planMemberships(facts({ asserted: listed('admins', 'Group a'), groups, groupMapping }));
    expect(plan.add).toEqual([
      {
        groupId: 'a',
        because: [
          { value: 'admins', by: 'mapping' },
          { value: 'Group a', by: 'displayName' },
        ],
      },
    ]);
  });
});

describe('plan-memberships: what the group allows', () => {
  it.each<[LoginPolicy, Origin[], unknown[]]>([
    ['authoritative', ['manual'], [{ groupId: 'a', ends: 'membership' }]],
    ['authoritative', [JIT, 'manual'], [{ groupId: 'a', ends: 'membership' }]],
    ['own', [JIT], [{ groupId: 'a', ends: JIT }]],
    ['own', [JIT, 'manual'], [{ groupId: 'a', ends: JIT }]],
    ['own', ['manual'], []],
    ['own', ['jit:other'], []],
    ['additive', [JIT], []],
    ['ignore', [JIT], []],
  ])('%s ends of %j: %j', (loginPolicy, origins, expected) => {
    const plan = planMemberships(facts({ groups: [group('a', { loginPolicy })], current: [member('a', ...origins)] }));
    expect(plan.remove).toEqual(expected);
  });

  it.each<[string, Partial<PlannedGroup>, string | undefined]>([
    ['ignore', { loginPolicy: 'ignore' }, 'ignore'],
    ['protected', { protected: true }, 'protected'],
    ['under SCIM', { provenance: 'scim', underScim: true }, 'scim'],
    ['scim group whose connection has scim off', { provenance: 'scim' }, undefined],
    ['additive', { loginPolicy: 'additive' }, undefined],
    ['own', { loginPolicy: 'own' }, undefined],
  ])('adding to a group that is %s', (_name, fields, why) => {
    const plan = planMemberships(facts({ asserted: listed('Group a'), groups: [group('a', fields)] }));
    expect(plan.withheld).toEqual(why ? [{ groupId: 'a', why }] : []);
    expect(addedIds(plan)).toEqual(why ? [] : ['a']);
  });

  it('adds to a protected group through the mapping table', () => {
    const groupMapping = [{ value: 'x', groupId: 'a' }];
    const plan = planMemberships(
      facts({ asserted: listed('x'), groups: [group('a', { protected: true })], groupMapping }),
    );
    expect(addedIds(plan)).toEqual(['a']);
  });

  it('never touches default groups and groups under SCIM', () => {
    const groups = [group('d', { isDefault: true }), group('s', { provenance: 'scim', underScim: true })];
    const plan = planMemberships(facts({ groups, current: [member('d', 'default', JIT), member('s', 'scim')] }));
    expect(plan).toMatchObject({ add: [], remove: [] });
  });

  it('makes the assertion one more reason for a membership that is there', () => {
    const plan = planMemberships(
      facts({ asserted: listed('Group a'), groups: [group('a')], current: [member('a', 'manual')] }),
    );
    expect(plan).toMatchObject({ add: [{ groupId: 'a' }], remove: [] });
  });
});

describe('plan-memberships: properties', () => {
  const ids = ['a', 'b', 'c', 'd', 'e'];
  const anyGroups = fc.tuple(
    ...ids.map((id) =>
      fc
        .record({
          loginPolicy: fc.constantFrom<LoginPolicy>('authoritative', 'own', 'additive', 'ignore'),
          protected: fc.boolean(),
          isDefault: fc.boolean(),
          underScim: fc.boolean(),
        })
        .map((fields) => group(id, fields)),
    ),
  );
  const anyOrigins = fc.uniqueArray(fc.constantFrom<Origin>('manual', JIT, 'jit:other', 'default', 'scim'), {
    minLength: 1,
  });
  const anyCurrent = fc
    .subarray(ids)
    .chain((members) => fc.tuple(...members.map((id) => anyOrigins.map((origins) => ({ groupId: id, origins })))));
  const anyValues = fc.subarray(ids).map((named) => named.map((id) => `Group ${id}`));

  it('a second sign-in with the same assertion plans nothing', () => {
    fc.assert(
      fc.property(anyGroups, anyCurrent, anyValues, (groups, current, values) => {
        const first = planMemberships(facts({ groups, current, asserted: listed(...values) }));
        const second = planMemberships(
          facts({ groups, current: applied(current, first), asserted: listed(...values) }),
        );
        expect(second).toMatchObject({ add: [], remove: [] });
      }),
    );
  });

  it('with every policy authoritative, memberships are the asserted groups plus the default ones', () => {
    fc.assert(
      fc.property(fc.subarray(ids), anyCurrent, anyValues, (defaults, current, values) => {
        const groups = ids.map((id) => group(id, { isDefault: defaults.includes(id) }));
        const joined = [
          ...current,
          ...defaults.filter((id) => !current.some(({ groupId }) => groupId === id)).map((id) => member(id, 'default')),
        ];
        const plan = planMemberships(facts({ groups, current: joined, asserted: listed(...values) }));
        const after = applied(joined, plan).map(({ groupId }) => groupId);
        const expected = ids.filter((id) => defaults.includes(id) || values.includes(`Group ${id}`));
        expect(after.sort()).toEqual(expected);
      }),
    );
  });

  it('never plans anything about a default group or one under SCIM', () => {
    fc.assert(
      fc.property(anyGroups, anyCurrent, anyValues, (groups, current, values) => {
        const plan = planMemberships(facts({ groups, current, asserted: listed(...values) }));
        const untouchable = groups.filter(({ isDefault, underScim }) => isDefault || underScim).map(({ id }) => id);
        const planned = [...plan.add, ...plan.remove].map(({ groupId }) => groupId);
        expect(planned.filter((id) => untouchable.includes(id))).toEqual([]);
      }),
    );
  });

  type Current = readonly { readonly groupId: string; readonly origins: readonly Origin[] }[];

  /** What the writer does with a plan, over a plain list. */
  function applied(current: Current, plan: ReturnType<typeof planMemberships>): Current {
    const rows = new Map(current.map(({ groupId, origins }) => [groupId, new Set(origins)]));
    for (const { groupId } of plan.add) rows.set(groupId, (rows.get(groupId) ?? new Set<Origin>()).add(JIT));
    for (const { groupId, ends } of plan.remove) {
      const origins = rows.get(groupId)!;
      if (ends === 'membership') origins.clear();
      else origins.delete(ends);
      if (origins.size === 0) rows.delete(groupId);
    }
    return [...rows].map(([groupId, origins]) => ({ groupId, origins: [...origins] }));
  }
});
