import type { Change, Operation, Profile } from '../clients/profile.js';
import { patchBody } from '../clients/bodies.js';
import type { Directory } from '../directory/directory.js';
import type { Person } from '../directory/person.js';
import { LostAnswer, type Answer, type Json, type Transport } from '../http/transport.js';
import { leavesOf, readLeaf, type Leaf } from './attributes.js';
import { IdStore } from './id-store.js';
import type { Problems } from './problems.js';

/** Walks the people of the directory through a client's protocol. What it wants is what the directory says at that moment. */
export class UserProvisioner {
  readonly ids = new IdStore();

  constructor(
    private readonly profile: Profile,
    private readonly directory: Directory,
    private readonly transport: Transport,
    private readonly problems: Problems,
  ) {}

  /** Finds the person or creates them, whatever it takes. False: another account is in the way. */
  async ensure(index: number): Promise<boolean> {
    const { users } = this.profile;
    const person = this.directory.person(index);
    const found = users.looksUpFirst ? await this.find(person) : undefined;
    if (found) return this.adopt(index, found);
    for (;;) {
      const answer = await this.create(person);
      if (answer?.status === 201 && typeof answer.json['id'] === 'string') {
        return this.link(index, answer.json['id']);
      }
      if (answer && answer.status !== 409) return this.fail('create user', person, answer);
      // A conflict, or an answer that was lost: it may be there by now.
      const existing = await this.find(person);
      if (existing) return this.adopt(index, existing);
      if (answer) return this.fail('find the user a create conflicted with', person, answer);
    }
  }

  /** `before`: as the server has the person. */
  async update(index: number, before: Person): Promise<void> {
    const id = this.ids.get(index);
    if (id === undefined) return;
    const person = this.directory.person(index);
    const read = this.profile.users.readsFirst ? await this.read(id, person) : undefined;
    await this.write(id, person, this.leaves(before), read);
  }

  async setActive(index: number): Promise<void> {
    const { activate, looksUpFirst, suffix = '' } = this.profile.users;
    const person = this.directory.person(index);
    const id = this.ids.get(index);
    if (id === undefined) return;
    if (person.active && looksUpFirst && !(await this.find(person))) {
      this.fail('find a deactivated user', person, { status: 200, json: {} });
    }
    if (!activate) return this.update(index, { ...person, active: !person.active });
    const kind = person.active ? 'reactivate user' : 'deactivate user';
    await this.expect(kind, person, 'PATCH', `/Users/${id}${suffix}`, patchBody([activate(person.active)]));
  }

  async delete(index: number): Promise<void> {
    const id = this.ids.get(index);
    if (id === undefined) return;
    const person = this.directory.person(index);
    // 404: gone already, as after a lost answer.
    await this.expect('delete user', person, 'DELETE', `/Users/${id}`, undefined, [404]);
    this.ids.forget(index);
  }

  /** Managers are sent when they are there, after everybody is. */
  async sendManager(index: number): Promise<void> {
    const person = this.directory.person(index);
    const id = this.ids.get(index);
    if (id === undefined || !this.profile.attributes.includes('manager') || this.managerId(person) === undefined)
      return;
    await this.write(id, person, this.leaves({ ...person, manager: undefined }), undefined);
  }

  /** What the person is to be at the server. */
  leaves(person: Person): Leaf[] {
    return leavesOf(this.profile.attributes, { person, managerId: this.managerId(person) });
  }

  private managerId(person: Person): string | undefined {
    return person.manager === undefined ? undefined : this.ids.get(person.manager);
  }

  private create(person: Person): Promise<Answer | undefined> {
    const { users } = this.profile;
    const body = users.create(this.leaves({ ...person, manager: undefined }));
    const throwLost = users.looksUpAfterLoss;
    return this.transport
      .send({ kind: 'create user', subject: person.userName, method: 'POST', path: '/Users', body, throwLost })
      .catch((error: unknown) => {
        if (error instanceof LostAnswer) return undefined;
        throw error;
      });
  }

  private async find(person: Person): Promise<Json | undefined> {
    const path = this.profile.users.lookUp(person);
    const answer = await this.transport.send({ kind: 'look up user', subject: person.userName, method: 'GET', path });
    if (answer.status !== 200 && answer.status !== 404) this.fail('look up user', person, answer);
    const [first] = Array.isArray(answer.json['Resources']) ? (answer.json['Resources'] as Json[]) : [];
    return first;
  }

  private async adopt(index: number, resource: Json): Promise<boolean> {
    const person = this.directory.person(index);
    const id = String(resource['id']);
    if (!this.link(index, id)) return false;
    const leaves = this.leaves({ ...person, manager: undefined });
    const server = leaves.map((leaf) => ({ ...leaf, value: readLeaf(resource, leaf.path) as Leaf['value'] }));
    if (changesOf(server, leaves).length > 0) await this.write(id, person, server, resource);
    return true;
  }

  /** False: the resource is somebody else's, who may have found it before the answer to our create came. */
  private link(index: number, id: string): boolean {
    const linked = this.ids.indexOf(id);
    if (linked === undefined) this.ids.set(index, id);
    else if (linked !== index) this.problems.conflicts++;
    return linked === undefined || linked === index;
  }

  private async write(id: string, person: Person, before: readonly Leaf[], read: Json | undefined): Promise<void> {
    const { update, activate, suffix = '' } = this.profile.users;
    const leaves = this.leaves(person);
    const path = `/Users/${id}${suffix}`;
    if (update.method === 'PUT') {
      return this.expect('update user', person, 'PUT', path, update.body(leaves, id, read));
    }
    const changes = changesOf(before, leaves);
    const status = changes.find(({ name }) => name === 'active');
    const operations: Operation[] = update.operations(changes.filter((change) => !activate || change !== status));
    if (activate && status) operations.push(activate(person.active));
    if (operations.length > 0) await this.expect('update user', person, 'PATCH', path, patchBody(operations));
  }

  private async read(id: string, person: Person): Promise<Json> {
    const path = `/Users/${id}`;
    const answer = await this.transport.send({ kind: 'read user', subject: person.userName, method: 'GET', path });
    if (answer.status !== 200) this.fail('read user', person, answer);
    return answer.status === 200 ? answer.json : {};
  }

  private async expect(
    kind: string,
    person: Person,
    method: string,
    path: string,
    body?: Json,
    tolerated: readonly number[] = [],
  ): Promise<void> {
    const answer = await this.transport.send({ kind, subject: person.userName, method, path, body });
    const isDone = answer.status >= 200 && answer.status < 300;
    if (!isDone && !tolerated.includes(answer.status)) this.fail(kind, person, answer);
  }

  private fail(doing: string, person: Person, answer: Answer): false {
    this.problems.note(doing, person.userName, answer);
    return false;
  }
}

function changesOf(before: readonly Leaf[], after: readonly Leaf[]): Change[] {
  return after
    .map((leaf, index) => ({ ...leaf, before: before[index]!.value }))
    .filter((change) => (change.before ?? '') !== (change.value ?? ''));
}
