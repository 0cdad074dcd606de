import { fraction, pick, sample } from '../random.js';
import { DEPARTMENTS, generatePerson, uuidOf, type Person } from './person.js';

/**
 * The client's own directory: what the server is meant to become. People, groups and memberships are functions of the seed; kept in
 * memory is only what life changed, so that hundreds of thousands of people cost nothing.
 */

export interface DirectoryGroup {
  readonly index: number;
  readonly externalId: string;
  readonly displayName: string;
}

export interface DirectorySize {
  readonly users: number;
  readonly groups: number;
  readonly memberships: number;
}

export class Directory {
  /** Everything of this run carries it, so that what else lives at the server is told apart. */
  readonly mark: string;
  /** The first people are managers; they never leave. */
  readonly managers: number;
  private readonly sizes: Uint32Array;
  private people: number;
  private groupCount: number;
  private readonly changes = new Map<number, Partial<Person>>();
  private readonly gone = new Set<number>();
  private readonly names = new Map<number, string>();
  private readonly goneGroups = new Set<number>();
  /** Members of the groups that are not as the seed made them. */
  private readonly members = new Map<number, Set<number>>();

  constructor(
    readonly seed: number,
    client: string,
    readonly initial: DirectorySize,
  ) {
    this.mark = `${client}-${seed}`;
    this.managers = Math.max(1, Math.floor(initial.users / 50));
    this.people = initial.users;
    this.groupCount = initial.groups;
    this.sizes = groupSizes(initial);
  }

  get domain(): string {
    return `${this.mark}.example.com`;
  }

  person(index: number): Person {
    return { ...generatePerson(this.seed, this.domain, index, this.managers), ...this.changes.get(index) };
  }

  /** Indexes of everybody who was ever here. */
  get personCount(): number {
    return this.people;
  }

  isGone(index: number): boolean {
    return this.gone.has(index);
  }

  change(index: number, change: Partial<Person>): void {
    this.changes.set(index, { ...this.changes.get(index), ...change });
  }

  join(change: Partial<Person> = {}): number {
    const index = this.people++;
    this.change(index, { manager: undefined, ...change });
    return index;
  }

  remove(index: number): void {
    this.gone.add(index);
  }

  restore(index: number): void {
    this.gone.delete(index);
  }

  get groupsEver(): number {
    return this.groupCount;
  }

  *groups(): Generator<number> {
    for (let index = 0; index < this.groupCount; index++) if (!this.goneGroups.has(index)) yield index;
  }

  group(index: number): DirectoryGroup {
    const department = pick(DEPARTMENTS, this.seed, 'group', index);
    // Quotes and signs that a filter has to escape are in some of the names.
    const suffix = fraction(this.seed, 'quoted', index) < 0.1 ? ' "all"' : '';
    return {
      index,
      externalId: uuidOf(this.seed, 'group', index),
      displayName: this.names.get(index) ?? `${department} ${index}${suffix} (${this.mark})`,
    };
  }

  createGroup(members: Iterable<number>): number {
    const index = this.groupCount++;
    this.members.set(index, new Set(members));
    return index;
  }

  renameGroup(index: number, displayName: string): void {
    this.names.set(index, displayName);
  }

  removeGroup(index: number): void {
    this.goneGroups.add(index);
    this.members.delete(index);
  }

  *membersOf(group: number): Generator<number> {
    const members = this.members.get(group) ?? this.generatedMembers(group);
    for (const index of members) if (!this.gone.has(index)) yield index;
  }

  addMember(group: number, person: number): void {
    this.ownMembers(group).add(person);
  }

  removeMember(group: number, person: number): void {
    this.ownMembers(group).delete(person);
  }

  /** The groups of each of the people; one walk through all memberships. */
  membershipsOf(people: ReadonlySet<number>): Map<number, number[]> {
    const found = new Map<number, number[]>();
    for (const group of this.groups()) {
      const members = [...this.membersOf(group)].filter((index) => people.has(index));
      if (members.length > 0) found.set(group, members);
    }
    return found;
  }

  private ownMembers(group: number): Set<number> {
    let members = this.members.get(group);
    if (!members) this.members.set(group, (members = new Set(this.generatedMembers(group))));
    return members;
  }

  private generatedMembers(group: number): Generator<number> {
    return sample(this.sizes[group] ?? 0, this.initial.users, this.seed, 'members', group);
  }
}

/** A few groups of many people and many of a few, as everywhere; together as many memberships as asked for, if there is room. */
function groupSizes({ users, groups, memberships }: DirectorySize): Uint32Array {
  const weightOf = (index: number) => 1 / Math.pow(index + 1, 0.8);
  const sizes = new Uint32Array(groups);
  let weight = 0;
  for (let index = 0; index < groups; index++) weight += weightOf(index);
  let left = memberships;
  for (let index = 0; index < groups; index++) {
    const size = Math.min(users, Math.round((left * weightOf(index)) / weight));
    sizes[index] = size;
    left -= size;
    weight -= weightOf(index);
  }
  return sizes;
}
