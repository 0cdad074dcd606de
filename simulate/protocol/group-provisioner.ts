import { patchBody } from '../clients/bodies.js';
import type { GroupDialect, Member, Profile } from '../clients/profile.js';
import type { Directory, DirectoryGroup } from '../directory/directory.js';
import { LostAnswer, type Answer, type Json, type Transport } from '../http/transport.js';
import { IdStore } from './id-store.js';
import type { Problems } from './problems.js';
import { readPages } from './read-pages.js';

/** Walks the groups of the directory and their members through a client's protocol. */
export class GroupProvisioner {
  readonly ids = new IdStore();
  private byName: Map<string, string> | undefined;

  constructor(
    private readonly profile: Profile & { readonly groups: GroupDialect },
    private readonly directory: Directory,
    private readonly users: IdStore,
    private readonly transport: Transport,
    private readonly problems: Problems,
  ) {}

  /** Finds the group or creates it, empty. */
  async ensure(index: number): Promise<void> {
    const { groups } = this.profile;
    const group = this.directory.group(index);
    let id = groups.looksUpFirst ? await this.find(group, false) : undefined;
    while (id === undefined) {
      const answer = await this.create(group);
      if (answer?.status === 201) id = String(answer.json['id']);
      else if (answer && answer.status !== 409) return this.fail('create group', group, answer);
      else {
        id = await this.find(group, true);
        if (answer && id === undefined) return this.fail('find the group a create conflicted with', group, answer);
      }
    }
    const linked = this.ids.indexOf(id);
    if (linked === undefined || linked === index) this.ids.set(index, id);
    else this.problems.conflicts++;
  }

  /** Tells the server who came and who went; a client that knows only whole memberships sends the directory's. */
  async push(index: number, added: readonly number[], removed: readonly number[]): Promise<void> {
    const { members } = this.profile.groups;
    if (members.kind === 'whole') {
      const everybody = this.membersOf(this.directory.membersOf(index));
      return this.write('push members', index, members.method, (group, id) => members.body(everybody, group, id));
    }
    const changes = [
      ...this.membersOf(added).map((member) => ({ member, isAdded: true })),
      ...this.membersOf(removed).map((member) => ({ member, isAdded: false })),
    ];
    for (let from = 0; from < changes.length; from += members.perRequest) {
      const part = changes.slice(from, from + members.perRequest);
      const side = (wanted: boolean) => part.filter(({ isAdded }) => isAdded === wanted).map(({ member }) => member);
      const change = { added: side(true), removed: side(false) };
      await this.write('push members', index, 'PATCH', (group, id) => patchBody(members.operations(change, group, id)));
    }
  }

  async rename(index: number): Promise<void> {
    const { rename } = this.profile.groups;
    if (rename) await this.write('rename group', index, rename.method, (group, id) => rename.body(group, id));
    else await this.push(index, [], []);
  }

  async delete(index: number): Promise<void> {
    const id = this.ids.get(index);
    if (id === undefined) return;
    const group = this.directory.group(index);
    const answer = await this.send('delete group', group, 'DELETE', `/Groups/${id}`);
    if (answer.status >= 300 && answer.status !== 404) this.fail('delete group', group, answer);
    this.ids.forget(index);
  }

  private async write(
    kind: string,
    index: number,
    method: string,
    body: (group: DirectoryGroup, id: string) => Json,
  ): Promise<void> {
    const { readsFirst, suffix = '' } = this.profile.groups;
    const id = this.ids.get(index);
    if (id === undefined) return;
    const group = this.directory.group(index);
    if (readsFirst !== undefined) {
      const read = await this.send('read group', group, 'GET', `/Groups/${id}${readsFirst}`);
      if (read.status !== 200) this.fail('read group', group, read);
    }
    const answer = await this.send(kind, group, method, `/Groups/${id}${suffix}`, body(group, id));
    if (answer.status >= 300) this.fail(kind, group, answer);
  }

  private membersOf(people: Iterable<number>): Member[] {
    const members: Member[] = [];
    for (const person of people) {
      const id = this.users.get(person);
      if (id !== undefined) members.push({ id, display: this.directory.person(person).userName });
    }
    return members;
  }

  private async find(group: DirectoryGroup, isAnew: boolean): Promise<string | undefined> {
    const { lookUp } = this.profile.groups;
    if (!lookUp) return (await this.allGroups(isAnew)).get(group.displayName);
    const answer = await this.send('look up group', group, 'GET', lookUp(group.displayName));
    if (answer.status !== 200 && answer.status !== 404) this.fail('look up group', group, answer);
    const [first] = Array.isArray(answer.json['Resources']) ? (answer.json['Resources'] as Json[]) : [];
    return first === undefined ? undefined : String(first['id']);
  }

  private async allGroups(isAnew: boolean): Promise<Map<string, string>> {
    if (this.byName && !isAnew) return this.byName;
    const found = new Map<string, string>();
    for await (const resource of readPages(this.transport, '/Groups', 'read all groups', this.profile.pageSize)) {
      found.set(String(resource['displayName']), String(resource['id']));
    }
    return (this.byName = found);
  }

  private create(group: DirectoryGroup): Promise<Answer | undefined> {
    const body = this.profile.groups.create(group);
    return this.send('create group', group, 'POST', '/Groups', body, this.profile.users.looksUpAfterLoss).catch(
      (error: unknown) => {
        if (error instanceof LostAnswer) return undefined;
        throw error;
      },
    );
  }

  private send(
    kind: string,
    { displayName: subject }: DirectoryGroup,
    method: string,
    path: string,
    body?: Json,
    throwLost = false,
  ): Promise<Answer> {
    return this.transport.send({ kind, subject, method, path, body, throwLost });
  }

  private fail(doing: string, group: DirectoryGroup, answer: Answer): void {
    this.problems.note(doing, group.displayName, answer);
  }
}
