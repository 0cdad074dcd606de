import { asText } from '../as-text.js';
import { plainUser } from '../clients/bodies.js';
import type { GroupDialect, Profile } from '../clients/profile.js';
import type { Directory } from '../directory/directory.js';
import type { Json, Transport } from '../http/transport.js';
import { leavesOf } from './attributes.js';
import { GroupProvisioner } from './group-provisioner.js';
import { Problems } from './problems.js';
import { readPages } from './read-pages.js';
import { UserProvisioner } from './user-provisioner.js';

/** One provisioning client with its links to a server. */
export class Client {
  readonly problems = new Problems();
  readonly users: UserProvisioner;
  /** Absent when the client provisions no groups. */
  readonly groups: GroupProvisioner | undefined;

  constructor(
    readonly profile: Profile,
    readonly directory: Directory,
    readonly transport: Transport,
  ) {
    this.users = new UserProvisioner(profile, directory, transport, this.problems);
    this.groups = hasGroups(profile)
      ? new GroupProvisioner(profile, directory, this.users.ids, transport, this.problems)
      : undefined;
  }

  /** "Test connection", and what the client reads before it begins. */
  async connect(): Promise<void> {
    for (const path of this.profile.probe) await this.must('test connection', 'GET', path);
    if (this.profile.probesByWriting) await this.probeByWriting();
    for (const path of this.profile.aggregates ?? []) {
      for await (const resource of readPages(this.transport, path, 'aggregate', this.profile.pageSize)) {
        if (!Array.isArray(resource['schemas'])) {
          this.problems.note('aggregate: a resource without schemas', path, { status: 200, json: {} });
        }
      }
    }
  }

  /** A user and a group that nobody needs, put together and taken away. */
  private async probeByWriting(): Promise<void> {
    const { profile, directory } = this;
    const person = { ...directory.person(0), userName: `test.user@${directory.domain}`, externalId: 'test-user' };
    const email = `test.user@${directory.domain}`;
    await this.must('test connection', 'GET', profile.users.lookUp(person));
    const leaves = leavesOf(profile.attributes, { person: { ...person, email }, managerId: undefined });
    const user = await this.must('test connection', 'POST', '/Users', plainUser(leaves));
    const displayName = `Test (${directory.mark})`;
    const group = await this.must('test connection', 'POST', '/Groups', { schemas: [], displayName });
    const operations = [{ op: 'add', path: 'members', value: [{ value: user['id'] }] }];
    const schemas = ['urn:ietf:params:scim:api:messages:2.0:PatchOp'];
    const path = `/Groups/${String(group['id'])}`;
    await this.must('test connection', 'PATCH', path, { schemas, Operations: operations });
    await this.must('test connection', 'DELETE', path);
    await this.must('test connection', 'DELETE', `/Users/${String(user['id'])}`);
  }

  private async must(kind: string, method: string, path: string, body?: Json): Promise<Json> {
    const { status, json } = await this.transport.send({ kind, subject: path, method, path, body });
    if (status < 300) return json;
    throw new Error(`${kind}: ${method} ${path} was answered ${status} ${asText(json['detail'])}`);
  }
}

const hasGroups = (profile: Profile): profile is Profile & { readonly groups: GroupDialect } =>
  profile.groups !== undefined;
