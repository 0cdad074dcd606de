import type { Actor } from '../../src/audit/actor.js';
import { ConnectionsService, type ConnectionSettings } from '../../src/organizations/connections.service.js';
import type { Connection } from '../../src/organizations/connection.js';
import { OrganizationsService } from '../../src/organizations/organizations.service.js';
import type { LoginClaims, LoginOutcome } from '../../src/reconciliation/changes.js';
import { GroupReconciler } from '../../src/reconciliation/group.reconciler.js';
import { LoginReconciler } from '../../src/reconciliation/login.reconciler.js';
import { OperatorReconciler } from '../../src/reconciliation/operator.reconciler.js';
import { UserReconciler } from '../../src/reconciliation/user.reconciler.js';
import type { TestServer } from './app.js';

export const OPERATOR: Actor = { kind: 'operator', id: null, correlationId: 'test' };
export const SCIM_CLIENT: Actor = { kind: 'scim-client', id: null, correlationId: 'test' };

let serial = 0;

/** The engine of a running server without its doors: what properties over long histories need, where HTTP would only cost time. */
export class Engine {
  readonly login: LoginReconciler;
  readonly users: UserReconciler;
  readonly groups: GroupReconciler;
  readonly operator: OperatorReconciler;
  private readonly organizations: OrganizationsService;
  private readonly connections: ConnectionsService;

  constructor(private readonly server: TestServer) {
    this.login = server.app.get(LoginReconciler);
    this.users = server.app.get(UserReconciler);
    this.groups = server.app.get(GroupReconciler);
    this.operator = server.app.get(OperatorReconciler);
    this.organizations = server.app.get(OrganizationsService);
    this.connections = server.app.get(ConnectionsService);
  }

  async tenant(settings: ConnectionSettings = {}): Promise<Connection> {
    const name = `t${serial++}-${Date.now().toString(36)}`;
    const organization = await this.organizations.create({ slug: name, name }, OPERATOR);
    return this.connections.create(organization.id, { name: 'idp', jit: true, scim: true, ...settings }, OPERATOR);
  }

  /** Another connection of the same organization, SCIM and JIT on. */
  rival(connection: Connection): Promise<Connection> {
    const settings = { name: 'rival', jit: true, scim: true, provisioning: { requireScim: false } };
    return this.connections.create(connection.organizationId, settings, OPERATOR);
  }

  update(connection: Connection, settings: ConnectionSettings): Promise<Connection> {
    return this.connections.update(connection.organizationId, connection.id, settings, OPERATOR);
  }

  signIn(
    connection: Connection,
    claims: Partial<LoginClaims> & { subject: LoginClaims['subject'] },
  ): Promise<LoginOutcome> {
    const full: LoginClaims = { roles: [], groups: { kind: 'unmapped' }, missing: [], ...claims };
    return this.login.reconcile(connection, full, {
      assertionId: `_assertion${serial++}`,
      replayUntil: new Date(this.server.clock.now().getTime() + 600_000),
      loginRequestId: undefined,
      sessionIndex: undefined,
      authenticatedAt: this.server.clock.now(),
      sessionNotOnOrAfter: undefined,
      correlationId: 'test',
    });
  }

  /** Everything an organization's people and groups are, in a comparable form. */
  async state(organizationId: string) {
    const [users, groups, memberships, identities] = await Promise.all(
      [
        `SELECT id, connection_id, provenance, active, user_name, external_id, attributes, role, break_glass, version, updated_at, deleted_at
         FROM users WHERE organization_id = $1 ORDER BY id`,
        `SELECT id, connection_id, provenance, display_name, external_id, version, updated_at FROM groups WHERE organization_id = $1 ORDER BY id`,
        `SELECT group_id, user_id, origins FROM memberships WHERE organization_id = $1 ORDER BY group_id, user_id`,
        `SELECT connection_id, name_id, user_id FROM identities WHERE organization_id = $1 ORDER BY name_id`,
      ].map((statement) => this.server.sql(statement, [organizationId])),
    );
    return { users: users!, groups: groups!, memberships: memberships!, identities: identities! };
  }
}

export const subject = (value: string) => ({ format: 'urn:persistent', nameQualifier: '', value });
