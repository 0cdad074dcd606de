/**
 * What an organization must look like, told in the words of the design and not in those of the server: a few maps in memory. It has
 * one connection; people, NameIDs and externalIds go by the same short name.
 */

export const PEOPLE = ['ada', 'bob', 'cyd'] as const;
export const GROUPS = ['Red', 'Green', 'Blue', 'Everybody'] as const;
export type Person = (typeof PEOPLE)[number];
export type GroupName = (typeof GROUPS)[number];
export type Policy = 'authoritative' | 'own' | 'additive' | 'ignore';
export type Role = 'admin' | 'member';
type Origin = 'manual' | 'scim' | 'default' | 'jit';

export interface OraclePerson {
  provenance: 'manual' | 'jit' | 'scim';
  active: boolean;
  name: string | null;
  role: Role;
  /** The client has given its own key. */
  keyed: boolean;
}

export interface OracleGroup {
  provenance: 'manual' | 'scim';
  policy: Policy;
  isDefault: boolean;
  members: Map<Person, Set<Origin>>;
  waiting: Set<Person>;
}

export type Answer = 'done' | 'refused';

export class Oracle {
  /** `mostEnds`: so many people may lose their access by SCIM within an hour; null: any number. */
  constructor(private readonly mostEnds: number | null) {}

  jit = true;
  scim = true;
  readonly people = new Map<Person, OraclePerson>();
  /** Whose access SCIM ended within the hour; who has it again does not count. */
  private ends: OraclePerson[] = [];
  private held = false;
  /** Deleted by SCIM, and nobody of that name since. */
  readonly buried = new Set<Person>();
  readonly groups = new Map<GroupName, OracleGroup>(
    GROUPS.map((name) => [
      name,
      {
        provenance: 'manual',
        policy: 'authoritative',
        isDefault: name === 'Everybody',
        members: new Map(),
        waiting: new Set(),
      },
    ]),
  );

  signIn(who: Person, groups: readonly GroupName[], name: string, role: Role): Answer {
    const known = this.people.get(who);
    if (!known) {
      if (this.buried.has(who) || !this.jit) return 'refused';
      this.join(who, { provenance: 'jit', active: true, name, role, keyed: false });
    } else {
      if (!known.active || known.provenance === 'manual') return 'refused';
      if (known.provenance === 'scim' || !this.jit) return 'done';
      known.name = name;
      if (role === 'admin' || !this.isLastAdmin(who)) known.role = role;
    }
    for (const [groupName, group] of this.groups) this.reset(group, who, groups.includes(groupName));
    return 'done';
  }

  private reset(group: OracleGroup, who: Person, named: boolean): void {
    if (group.isDefault || (group.provenance === 'scim' && this.scim) || group.policy === 'ignore') return;
    if (named) return this.give(group, who, 'jit');
    if (group.policy === 'authoritative') group.members.delete(who);
    if (group.policy === 'own') this.take(group, who, 'jit');
  }

  create(who: Person, name: string): Answer {
    const known = this.people.get(who);
    if (known && known.provenance !== 'jit') return 'refused';
    if (known) Object.assign(known, { provenance: 'scim', active: true, name, keyed: true });
    else this.join(who, { provenance: 'scim', active: true, name, role: 'member', keyed: true });
    for (const group of this.groups.values()) if (group.waiting.delete(who)) this.give(group, who, 'scim');
    return 'done';
  }

  change(who: Person, change: Partial<Pick<OraclePerson, 'name' | 'active'>>): Answer {
    const known = this.people.get(who);
    if (!known || known.provenance === 'manual') return 'refused';
    if (change.active === false && known.active) {
      if (!this.mayEnd()) return 'refused';
      if (this.isLastAdmin(who)) return 'refused';
      this.ends.push(known);
    }
    Object.assign(known, { provenance: 'scim', ...change });
    return 'done';
  }

  remove(who: Person): Answer {
    if (this.change(who, { active: false }) === 'refused') return 'refused';
    this.people.delete(who);
    this.buried.add(who);
    for (const { members } of this.groups.values()) members.delete(who);
    return 'done';
  }

  createGroup(name: GroupName): Answer {
    const group = this.groups.get(name)!;
    if (group.provenance === 'scim') return 'refused';
    group.provenance = 'scim';
    return 'done';
  }

  members(name: GroupName, add: readonly Person[], remove: readonly Person[]): Answer {
    const group = this.groups.get(name)!;
    group.provenance = 'scim';
    for (const who of remove)
      if (this.people.has(who)) this.leave(group, who);
      else group.waiting.delete(who);
    this.push(group, add);
    return 'done';
  }

  replace(name: GroupName, members: readonly Person[]): Answer {
    const group = this.groups.get(name)!;
    group.provenance = 'scim';
    for (const who of [...group.members.keys()]) if (!members.includes(who)) this.leave(group, who);
    for (const who of [...group.waiting]) if (!members.includes(who) || this.people.has(who)) group.waiting.delete(who);
    this.push(group, members);
    return 'done';
  }

  byHand(name: GroupName, who: Person, joins: boolean): Answer {
    const group = this.groups.get(name)!;
    if (group.provenance === 'scim') return 'refused';
    if (!this.people.has(who)) return joins ? 'refused' : 'done';
    if (joins) this.give(group, who, 'manual');
    else this.leave(group, who);
    return 'done';
  }

  createByHand(who: Person): Answer {
    if (this.people.has(who)) return 'refused';
    this.join(who, { provenance: 'manual', active: true, name: null, role: 'member', keyed: false });
    return 'done';
  }

  setByHand(who: Person, wanted: Partial<Pick<OraclePerson, 'active' | 'role'>>): Answer {
    const known = this.people.get(who);
    if (!known) return 'refused';
    const next = { ...known, ...wanted };
    if (next.active === known.active && next.role === known.role) return 'done';
    if (known.provenance === 'scim') return 'refused';
    if ((!next.active || next.role !== 'admin') && this.isLastAdmin(who)) return 'refused';
    Object.assign(known, wanted);
    return 'done';
  }

  setGroup(name: GroupName, policy: Policy, isDefault: boolean): Answer {
    const group = this.groups.get(name)!;
    group.policy = policy;
    if (group.isDefault !== isDefault) {
      group.isDefault = isDefault;
      for (const who of this.people.keys())
        if (isDefault) this.give(group, who, 'default');
        else this.take(group, who, 'default');
    }
    return 'done';
  }

  private join(who: Person, person: OraclePerson): void {
    this.people.set(who, person);
    this.buried.delete(who);
    for (const group of this.groups.values()) if (group.isDefault) this.give(group, who, 'default');
  }

  /** Hours pass. */
  forgetEnds(): Answer {
    this.ends = [];
    return 'done';
  }

  resume(): Answer {
    this.held = false;
    return this.forgetEnds();
  }

  private mayEnd(): boolean {
    if (this.mostEnds === null) return true;
    const ended = new Set(this.ends.filter(({ active }) => !active)).size;
    this.held ||= ended + 1 > this.mostEnds;
    return !this.held;
  }

  private isLastAdmin(who: Person): boolean {
    const admins = [...this.people].filter(([, { active, role }]) => active && role === 'admin');
    return admins.length === 1 && admins[0]![0] === who;
  }

  private push(group: OracleGroup, people: readonly Person[]): void {
    for (const who of people)
      if (this.people.has(who)) this.give(group, who, 'scim');
      else group.waiting.add(who);
  }

  private give(group: OracleGroup, who: Person, origin: Origin): void {
    group.members.set(who, (group.members.get(who) ?? new Set<Origin>()).add(origin));
  }

  private take(group: OracleGroup, who: Person, origin: Origin): void {
    const origins = group.members.get(who);
    if (origins?.delete(origin) && origins.size === 0) group.members.delete(who);
  }

  /** Ended by an authority: for every reason but that everybody is in it. */
  private leave(group: OracleGroup, who: Person): void {
    if (group.members.get(who)?.has('default')) group.members.set(who, new Set(['default']));
    else group.members.delete(who);
  }
}
