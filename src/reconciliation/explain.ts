import type { LoggedChange, LoggedMembers } from '../audit/history.reader.js';
import type { Group, Origin, User } from '../directory/directory-types.js';
import type { LoginClaims } from './changes.js';
import type { MembershipPlan, NamedBy } from './plan-memberships.js';
import { effectiveRole, roleOfValues, scimRoleValues, type RoleMapping } from './roles.js';

/**
 * explain: for each membership and role of a person the chains that give it. A chain is a walk of links from the person to what is
 * given; each link says why it leads on. replay() walks them: with all links it gives exactly what the person has, and without one
 * link whatever hung on it alone is gone (test/reconciliation/explain.scenario.ts holds it to that).
 */

export type Link = { readonly from: Node; readonly to: Node } & (
  | { readonly kind: 'sign-in'; readonly signInId: string; readonly connectionId: string; readonly at: Date }
  | { readonly kind: 'scim-request' | 'operator' | 'person' | 'system'; readonly entry: Evidence }
  | { readonly kind: 'asserted'; readonly value: string }
  /** `created`: no group had the name, and the connection says that one is made then. */
  | { readonly kind: 'rule'; readonly by: NamedBy | 'created' }
  /** The group that every member of the organization is in. */
  | { readonly kind: 'default-group'; readonly entry: Evidence | null }
  | { readonly kind: 'joins'; readonly origin: Origin }
  | { readonly kind: 'role-mapping'; readonly by: 'mapping' | 'name' }
  | { readonly kind: 'default-role'; readonly connectionId: string }
  | { readonly kind: 'own-role' | 'group-role' }
  /** The log of an older version does not say more. */
  | { readonly kind: 'unlogged' }
);

/** `person`, or what a link leads to: `sign-in:<id>`, `value:<text>`, `membership:<group> <origin>`, `role:<role>` and so on. */
export type Node = string;

/** An audit entry, by whom, in which request. */
export interface Evidence {
  readonly id: string;
  readonly at: Date;
  readonly actorKind: string;
  readonly actorId: string | null;
  readonly correlationId: string;
}

export interface Chain {
  readonly gives: Node;
  readonly links: readonly Link[];
}

export interface Explanation {
  readonly memberships: readonly {
    readonly group: Group;
    readonly origins: readonly { readonly origin: Origin; readonly chains: readonly Chain[] }[];
  }[];
  readonly role: {
    readonly effective: string;
    /** The most powerful first; those that win give the effective role. */
    readonly given: readonly { readonly role: string; readonly wins: boolean; readonly chains: readonly Chain[] }[];
  };
}

/** A sign-in as far as it decided about groups and role. */
export interface DecidingSignIn {
  readonly id: string;
  readonly connectionId: string;
  readonly at: Date;
  readonly correlationId: string;
  readonly claims: Pick<LoginClaims, 'roles'> | null;
  readonly plan: Pick<MembershipPlan, 'add' | 'create'> | null;
}

export interface ExplainFacts {
  readonly user: User;
  /** Of the organization, the most powerful first. */
  readonly roles: readonly string[];
  readonly memberships: readonly { readonly group: Group; readonly origins: readonly Origin[] }[];
  /** Of this person, the first first. */
  readonly log: { readonly memberships: readonly LoggedMembers[]; readonly user: readonly LoggedChange[] };
  readonly signIns: readonly DecidingSignIn[];
  readonly connections: readonly {
    readonly id: string;
    readonly provisioning: { readonly roleMapping: readonly RoleMapping[]; readonly defaultRole: string };
  }[];
}

const PERSON: Node = 'person';

export function explain(facts: ExplainFacts): Explanation {
  const memberships = facts.memberships.map(({ group, origins }) => ({
    group,
    origins: origins.map((origin) => ({ origin, chains: membershipChains(facts, group, origin) })),
  }));
  const ofGroups = facts.memberships.flatMap(({ group: { id, role } }) => (role === null ? [] : [{ id, role }]));
  const effective = effectiveRole(
    facts.roles,
    facts.user.role,
    ofGroups.map(({ role }) => role),
  );
  const chains = [
    ...ownRoleChains(facts),
    ...ofGroups.map(({ id, role }): Chain => {
      const gives = `role:${role}`;
      return { gives, links: [{ kind: 'group-role', from: `group:${id}`, to: gives }] };
    }),
  ];
  const given = [...new Set(chains.map(({ gives }) => gives.slice('role:'.length)))].sort(
    (a, b) => facts.roles.indexOf(a) - facts.roles.indexOf(b),
  );
  return {
    memberships,
    role: {
      effective,
      given: given.map((role) => ({
        role,
        wins: role === effective,
        chains: chains.filter(({ gives }) => gives === `role:${role}`),
      })),
    },
  };
}

/** What the links give, walked from the person; roles in the order of their power. */
export function replay(links: readonly Link[], roles: readonly string[]) {
  const reached = new Set<Node>([PERSON]);
  for (let before = 0; before < reached.size;) {
    before = reached.size;
    for (const { from, to } of links) {
      if (!reached.has(from)) continue;
      reached.add(to);
      // Being in a group for any reason is being in it.
      const membership = /^membership:(\S+) /.exec(to);
      if (membership) reached.add(`group:${membership[1]!}`);
    }
  }
  const named = (what: string) =>
    [...reached].flatMap((node) => (node.startsWith(what) ? [node.slice(what.length)] : []));
  const given = named('role:');
  return { memberships: named('membership:').sort(), role: roles.find((role) => given.includes(role)) ?? given[0] };
}

function membershipChains(facts: ExplainFacts, { id: groupId }: Group, origin: Origin): Chain[] {
  const gives = `membership:${groupId} ${origin}`;
  const entry = facts.log.memberships.findLast((each) => each.targetId === groupId && gains(each, origin));
  if (origin === 'default')
    return [{ gives, links: [{ kind: 'default-group', from: PERSON, to: gives, entry: evidence(entry) }] }];
  if (!entry) return [unlogged(gives)];
  const signIn = signInOf(facts, entry);
  const joins = (from: Node): Link => ({ kind: 'joins', origin, from, to: gives });
  if (!signIn) return [{ gives, links: [acts(entry), joins(`entry:${entry.id}`)] }];
  const named = namedBy(facts, signIn, groupId);
  if (named.length === 0) return [{ gives, links: [...signsIn(signIn), joins(`sign-in:${signIn.id}`)] }];
  return named.map(({ value, by }) => ({
    gives,
    links: [
      ...signsIn(signIn),
      { kind: 'asserted', value, from: `sign-in:${signIn.id}`, to: `value:${signIn.id} ${value}` },
      { kind: 'rule', by, from: `value:${signIn.id} ${value}`, to: `named:${groupId} ${by} ${value}` },
      joins(`named:${groupId} ${by} ${value}`),
    ],
  }));
}

/** Does this entry bring the reason? Entries of older versions say which one they brought. */
function gains({ action, changes }: LoggedMembers, origin: Origin): boolean {
  const both = changes['origins'] as readonly [readonly Origin[], readonly Origin[]] | undefined;
  if (both) return both[1].includes(origin) && !both[0].includes(origin);
  return action !== 'group.members-removed' && changes['origin']?.[1] === origin;
}

/** The values of the sign-in that named the group; a group made for a value has its name. */
function namedBy(facts: ExplainFacts, { plan }: DecidingSignIn, groupId: string) {
  const added = plan?.add.find((each) => each.groupId === groupId);
  if (added) return added.because.map(({ value, by }) => ({ value, by }));
  const created = facts.memberships.find(({ group }) => group.id === groupId)?.group.displayName;
  return (plan?.create ?? []).flatMap((value) => (value === created ? [{ value, by: 'created' as const }] : []));
}

function ownRoleChains(facts: ExplainFacts): Chain[] {
  const { user } = facts;
  const gives = `role:${user.role}`;
  const entry = facts.log.user.findLast(({ changes }) => changes['role']?.[1] === user.role);
  if (!entry) return [unlogged(gives)];
  const signIn = signInOf(facts, entry);
  const source = signIn ? `sign-in:${signIn.id}` : `entry:${entry.id}`;
  const first = signIn ? signsIn(signIn) : [acts(entry)];
  if (!signIn && entry.actorKind !== 'scim-client')
    return [{ gives, links: [...first, { kind: 'own-role', from: source, to: gives }] }];
  const connection = facts.connections.find(({ id }) => id === (signIn?.connectionId ?? user.connectionId));
  const values = signIn ? (signIn.claims?.roles ?? []) : scimRoleValues(user.attributes);
  const mapping = connection?.provisioning.roleMapping ?? [];
  const giving = [...new Set(values)].filter((value) => roleOfValues(facts.roles, mapping, [value]) === user.role);
  if (giving.length === 0) {
    const isDefault = connection !== undefined && connection.provisioning.defaultRole === user.role;
    const last: Link = isDefault
      ? { kind: 'default-role', connectionId: connection.id, from: source, to: gives }
      : { kind: 'own-role', from: source, to: gives };
    return [{ gives, links: [...first, last] }];
  }
  return giving.map((value) => {
    const by = mapping.some((each) => each.value === value && each.role === user.role) ? 'mapping' : 'name';
    const node = `role-value:${entry.id} ${value}`;
    return {
      gives,
      links: [
        ...first,
        { kind: 'asserted', value, from: source, to: node },
        { kind: 'role-mapping', by, from: node, to: gives },
      ],
    };
  });
}

/** The sign-in in whose transaction the entry was written. */
const signInOf = ({ signIns }: ExplainFacts, entry: Evidence): DecidingSignIn | undefined =>
  entry.actorKind === 'sign-in'
    ? signIns.find(
        ({ at, correlationId }) => correlationId === entry.correlationId && at.getTime() === entry.at.getTime(),
      )
    : undefined;

const signsIn = ({ id, connectionId, at }: DecidingSignIn): Link[] => [
  { kind: 'sign-in', signInId: id, connectionId, at, from: PERSON, to: `sign-in:${id}` },
];

const ACTS = { 'scim-client': 'scim-request', operator: 'operator', person: 'person' } as const;

const acts = (entry: Evidence): Link => ({
  kind: ACTS[entry.actorKind as keyof typeof ACTS] ?? 'system',
  entry: evidence(entry)!,
  from: PERSON,
  to: `entry:${entry.id}`,
});

const unlogged = (gives: Node): Chain => ({ gives, links: [{ kind: 'unlogged', from: PERSON, to: gives }] });

const evidence = (entry: Evidence | undefined): Evidence | null =>
  entry
    ? {
        id: entry.id,
        at: entry.at,
        actorKind: entry.actorKind,
        actorId: entry.actorId,
        correlationId: entry.correlationId,
      }
    : null;
