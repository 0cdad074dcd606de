import fc from 'fast-check';
import { NotFoundError } from '../../src/directory/directory-errors.js';
import type { Connection } from '../../src/organizations/connection.js';
import { ConnectionsService } from '../../src/organizations/connections.service.js';
import type { Actor } from '../../src/audit/actor.js';
import { HandOversReconciler } from '../../src/reconciliation/hand-overs.reconciler.js';
import { ProvisioningRefusal } from '../../src/reconciliation/provisioning-refusal.js';
import type { TestServer } from './app.js';
import { Engine, OPERATOR, SCIM_CLIENT, subject } from './engine.js';

/** Random lives of one organization: sign-ins over two connections, a SCIM client, operators. Every kind of change there is. */

const PEOPLE = ['ada', 'bob', 'cyd'] as const;
const GROUPS = ['Red', 'Green', 'Blue', 'Everybody'] as const;

const person = fc.constantFrom(...PEOPLE);
const people = fc.subarray([...PEOPLE]);
const group = fc.constantFrom(...GROUPS);
const name = fc.constantFrom('One', 'Two', undefined);
const flag = fc.boolean();

const of = <Kind extends string, Rest extends object>(kind: Kind, rest: { [K in keyof Rest]: fc.Arbitrary<Rest[K]> }) =>
  fc.record({ kind: fc.constant(kind), ...rest }) as unknown as fc.Arbitrary<{ kind: Kind } & Rest>;

const signIn = of('sign-in', { person, name, over: fc.nat(1), groups: fc.subarray([...GROUPS, 'New']), admin: flag });
const scimSteps = [
  of('scim-create', { person, name, active: flag }),
  of('scim-change', { person, name, active: flag, admin: flag }),
  of('scim-delete', { person }),
  of('scim-group', { group, members: people }),
  of('scim-members', { group, add: people, remove: people }),
  of('scim-replace', { group, add: people }),
  of('scim-rename', { group, name: fc.constantFrom('Red', 'Rouge') }),
  of('scim-group-delete', { group }),
] as const;
const byHand = [
  of('hand-create', { person }),
  of('hand-set', { person, active: flag, breakGlass: flag, approved: flag }),
  of('hand-members', { group, people, joins: flag }),
  of('hand-group', {
    group,
    isDefault: flag,
    isProtected: flag,
    policy: fc.constantFrom('authoritative', 'own', 'additive', 'ignore'),
    role: fc.constantFrom('admin', 'member', null),
  }),
] as const;

/** Who is the authority for all people of the connection: started, and then kept or taken back. */
const handOver = of('hand-over', {
  choice: fc.constantFrom('to-scim', 'freeze', 'to-jit', 'to-manual', 'deactivate'),
  undone: flag,
});

export const scimStep = fc.oneof(...scimSteps);
export const anyStep = fc.oneof(
  { weight: 6, arbitrary: signIn },
  { weight: 14, arbitrary: scimStep },
  { weight: 4, arbitrary: fc.oneof(...byHand) },
  { weight: 1, arbitrary: handOver },
);
export type Step = typeof anyStep extends fc.Arbitrary<infer T> ? T : never;
export const steps = fc.array(anyStep, { minLength: 1, maxLength: 16 });

export class World {
  private constructor(
    private readonly server: TestServer,
    readonly engine: Engine,
    public connection: Connection,
    private readonly rival: Connection,
  ) {}

  static async make(server: TestServer, engine: Engine): Promise<World> {
    const provisioning = { requireScim: false, unknownGroups: 'create', removalGuard: null } as const;
    const lenient = { ...provisioning, deprovisioningGuard: null, linkManualUsers: true };
    const connection = await engine.tenant({ provisioning: lenient });
    const rival = await engine.rival(connection);
    const world = new World(server, engine, connection, await engine.update(rival, { scim: false }));
    for (const displayName of GROUPS) {
      const wanted = { displayName, isDefault: displayName === 'Everybody' };
      await engine.operator.createGroup(connection.organizationId, wanted, OPERATOR);
    }
    return world;
  }

  get organizationId(): string {
    return this.connection.organizationId;
  }

  /** Takes a step, a second after the one before. A refusal is an answer; whether it was one. */
  async take(step: Step, client: Actor = SCIM_CLIENT): Promise<'done' | 'refused'> {
    this.server.clock.advance(1);
    try {
      await this.run(step, client);
      return 'done';
    } catch (error) {
      if (error instanceof ProvisioningRefusal || error instanceof NotFoundError) return 'refused';
      throw error;
    }
  }

  private async run(step: Step, client: Actor): Promise<unknown> {
    const { users, groups, operator } = this.engine;
    const { connection, organizationId } = this;
    switch (step.kind) {
      case 'sign-in':
        return this.engine.signIn(step.over === 0 ? connection : this.rival, {
          subject: subject(step.person),
          userName: address(step.person),
          email: address(step.person),
          ...(step.name === undefined ? {} : { displayName: step.name }),
          roles: step.admin ? ['admin'] : [],
          groups: { kind: 'listed', values: step.groups },
        });
      case 'scim-create': {
        const attributes = attributesOf(step.name, false);
        const names = { userName: address(step.person), externalId: step.person };
        return users.create(connection, { ...names, active: step.active, attributes }, client);
      }
      case 'scim-change': {
        const attributes = attributesOf(step.name, step.admin);
        const id = await this.userId(step.person);
        return users.change(connection, id, (now) => ({ ...now, active: step.active, attributes }), client);
      }
      case 'scim-delete':
        return users.remove(connection, await this.userId(step.person), client);
      case 'scim-group': {
        const document = { displayName: step.group, externalId: `x-${step.group}`, attributes: {} };
        return groups.create(connection, document, await this.userIds(step.members), client);
      }
      case 'scim-members': {
        const remove = step.remove.filter((one) => !step.add.includes(one));
        const members = { add: await this.userIds(step.add), remove: await this.userIds(remove) };
        return groups.change(connection, await this.groupId(step.group), () => ({ members }), client);
      }
      case 'scim-replace': {
        const members = { replace: await this.userIds(step.add), add: [], remove: [] };
        return groups.change(connection, await this.groupId(step.group), () => ({ members }), client);
      }
      case 'scim-rename': {
        const change = { displayName: step.name, members: { add: [], remove: [] } };
        return groups.change(connection, await this.groupId(step.group), () => change, client);
      }
      case 'scim-group-delete':
        return groups.remove(connection, await this.groupId(step.group), client);
      case 'hand-create': {
        const wanted = { userName: address(step.person), attributes: attributesOf('Hand', false) };
        return operator.createUser(organizationId, wanted, OPERATOR);
      }
      case 'hand-set': {
        const { active, breakGlass, approved } = step;
        const wanted = { active, breakGlass, ...(approved ? { scimLinkApproved: true } : {}) };
        return operator.setUser(organizationId, await this.userId(step.person), wanted, OPERATOR);
      }
      case 'hand-members': {
        const id = await this.groupId(step.group);
        const members = await this.userIds(step.people);
        if (step.joins) return operator.addMembers(organizationId, id, members, OPERATOR);
        return operator.removeMembers(organizationId, id, members, OPERATOR);
      }
      case 'hand-over': {
        const handOvers = this.server.app.get(HandOversReconciler);
        const { handOver: started } = await handOvers.start(connection, step.choice, OPERATOR);
        this.server.clock.advance(1);
        if (step.undone) await handOvers.undo(connection, started.id, OPERATOR);
        else await handOvers.confirm(connection, started.id, OPERATOR);
        const connections = this.server.app.get(ConnectionsService);
        this.connection = (await connections.get(organizationId, connection.id))!;
        return undefined;
      }
      case 'hand-group': {
        const { isDefault, policy: loginPolicy, role } = step;
        const wanted = { isDefault, protected: step.isProtected, loginPolicy, role };
        return operator.setGroup(organizationId, await this.groupId(step.group), wanted, OPERATOR);
      }
    }
  }

  private async userId(who: string): Promise<string> {
    const [id] = await this.userIds([who]);
    if (id === undefined) throw new NotFoundError('user', who);
    return id;
  }

  private async userIds(who: readonly string[]): Promise<string[]> {
    const rows = await this.server.sql<{ id: string }>(
      `SELECT id FROM users WHERE organization_id = $1 AND user_name = ANY($2::text[]) AND deleted_at IS NULL`,
      [this.organizationId, who.map(address)],
    );
    return rows.map(({ id }) => id);
  }

  private async groupId(displayName: string): Promise<string> {
    const [row] = await this.server.sql<{ id: string }>(
      `SELECT id FROM groups WHERE organization_id = $1 AND display_name = $2 ORDER BY id LIMIT 1`,
      [this.organizationId, displayName],
    );
    if (!row) throw new NotFoundError('group', displayName);
    return row.id;
  }
}

const address = (who: string) => `${who}@example.com`;
const attributesOf = (displayName: string | undefined, admin: boolean) => ({
  ...(displayName === undefined ? {} : { displayName }),
  ...(admin ? { roles: [{ value: 'admin' }] } : {}),
});
