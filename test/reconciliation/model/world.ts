import { UnitOfWork } from '../../../src/database/unit-of-work.service.js';
import { NotFoundError } from '../../../src/directory/directory-errors.js';
import { DEFAULT_PROVISIONING, NO_SCHEMAS, type Connection } from '../../../src/organizations/connection.js';
import { newId } from '../../../src/platform/ids.js';
import type { Threshold } from '../../../src/reconciliation/decide-guard.js';
import { ProvisioningRefusal } from '../../../src/reconciliation/provisioning-refusal.js';
import { Sessions } from '../../../src/sessions/sessions.service.js';
import type { TestServer } from '../../support/app.js';
import type { Engine } from '../../support/engine.js';
import { GROUPS, type Answer, type GroupName, type Oracle, type Person } from './oracle.js';

/** Two organizations of a running server beside what the oracle says of them. */

export type Side = 'A' | 'B';
export const SIDES: readonly Side[] = ['A', 'B'];
export type Model = Record<Side, Oracle>;

export interface Tenant {
  connection: Connection;
  readonly groups: ReadonlyMap<GroupName, string>;
  /** Living people, as of the last look. */
  people: ReadonlyMap<Person, string>;
  /** The tokens of every session that was opened. */
  readonly sessions: { readonly who: Person; readonly token: string }[];
}

interface Row {
  readonly organization: string;
  readonly kind: 'user' | 'group';
  readonly name: string;
  readonly id: string;
  readonly version: number;
  readonly facts: Record<string, unknown>;
}
type Rows = ReadonlyMap<string, Row>;

export class World {
  rows: Rows = new Map();

  private constructor(
    readonly server: TestServer,
    readonly engine: Engine,
    readonly tenants: Record<Side, Tenant>,
  ) {}

  static async make(server: TestServer, engine: Engine): Promise<World> {
    const world = new World(server, engine, {
      A: await found(server, null),
      B: await found(server, { atLeast: 1, percent: 0 }),
    });
    await world.look();
    return world;
  }

  /** What a request came to. Anything but a refusal is a fault of the server. */
  async answerOf(work: Promise<unknown>): Promise<Answer> {
    try {
      const outcome = await work;
      return (outcome as { kind?: string } | undefined)?.kind === 'rejected' ? 'refused' : 'done';
    } catch (error) {
      if (error instanceof ProvisioningRefusal || error instanceof NotFoundError) return 'refused';
      throw error;
    }
  }

  /** Both organizations as they are stored, in one statement. */
  async look(): Promise<{ before: Rows; after: Rows }> {
    const before = this.rows;
    const ids = SIDES.map((side) => this.tenants[side].connection.organizationId);
    const rows = await this.server.sql<Row>(LOOK, [ids]);
    this.rows = new Map(rows.map((row) => [row.id, row]));
    for (const side of SIDES) {
      const tenant = this.tenants[side];
      const own = rows.filter(
        ({ organization, kind }) => kind === 'user' && organization === tenant.connection.organizationId,
      );
      tenant.people = new Map(own.map(({ name, id }) => [name as Person, id]));
    }
    return { before, after: this.rows };
  }

  /** Of one organization, in the words of the oracle. */
  told(side: Side) {
    const own = [...this.rows.values()].filter(
      (row) => row.organization === this.tenants[side].connection.organizationId,
    );
    const facts = (kind: Row['kind']) =>
      Object.fromEntries(own.filter((row) => row.kind === kind).map((row) => [row.name, row.facts]));
    return { people: facts('user'), groups: facts('group') };
  }

  /** Which of a person's sessions are still good. */
  async liveSessions(side: Side, who: Person): Promise<number> {
    const sessions = this.server.app.get(Sessions);
    const { read } = this.server.app.get(UnitOfWork);
    const tokens = this.tenants[side].sessions.filter((session) => session.who === who);
    const verified = await Promise.all(
      tokens.map(({ token }) => sessions.verify(read, token, this.server.clock.now())),
    );
    return verified.filter((session) => session !== undefined).length;
  }
}

export const userName = (who: Person): string => `${who}@example.com`;

/** An organization with a connection and its groups; written directly, since thousands are needed. */
async function found(server: TestServer, deprovisioningGuard: Threshold | null): Promise<Tenant> {
  const [organizationId, id] = [newId(), newId()];
  const groups = new Map(GROUPS.map((name) => [name, newId()]));
  const provisioning = { ...DEFAULT_PROVISIONING, requireScim: false, deprovisioningGuard };
  await server.sql(
    `WITH o AS (
       INSERT INTO organizations (id, slug, name, roles, session_lifetime_seconds, created_at, updated_at)
       VALUES ($1::uuid, $1::uuid::text, 'model', '{admin,member}', 28800, now(), now())
     ), c AS (
       INSERT INTO connections (organization_id, id, name, enabled, jit, scim, provisioning, attribute_mapping, created_at, updated_at)
       VALUES ($1::uuid, $2::uuid, 'idp', true, true, true, $3, '{}', now(), now())
     )
     INSERT INTO groups (organization_id, id, provenance, login_policy, protected, is_default, display_name, display_name_key,
       unique_name_key, attributes, created_at, updated_at)
     SELECT $1::uuid, g.id, 'manual', 'authoritative', false, g.name = 'Everybody', g.name, lower(g.name), lower(g.name), '{}', now(), now()
     FROM unnest($4::uuid[], $5::text[]) AS g(id, name)`,
    [organizationId, id, JSON.stringify(provisioning), [...groups.values()], [...groups.keys()]],
  );
  const connection: Connection = {
    organizationId,
    id,
    name: 'idp',
    enabled: true,
    disabledReason: null,
    jit: true,
    scim: true,
    provisioning,
    saml: null,
    metadataValidUntil: null,
    preset: null,
    attributeMapping: {},
    schemas: NO_SCHEMAS,
    organizationRoles: ['admin', 'member'],
  };
  return { connection, groups, people: new Map(), sessions: [] };
}

const LOOK = `
  SELECT organization_id AS organization, 'user' AS kind, split_part(user_name, '@', 1) AS name, id, version::integer,
    jsonb_build_object('provenance', provenance, 'active', active, 'role', role, 'name', attributes -> 'displayName', 'keyed', external_id IS NOT NULL)
      AS facts
  FROM users WHERE organization_id = ANY($1::uuid[]) AND deleted_at IS NULL
  UNION ALL
  SELECT g.organization_id, 'group', g.display_name, g.id, g.version::integer,
    jsonb_build_object('provenance', g.provenance, 'policy', g.login_policy, 'isDefault', g.is_default,
      'members', (SELECT coalesce(jsonb_object_agg(split_part(u.user_name, '@', 1),
          (SELECT jsonb_agg(split_part(o, ':', 1) ORDER BY o) FROM unnest(m.origins) o)), '{}')
        FROM memberships m JOIN users u ON u.organization_id = m.organization_id AND u.id = m.user_id
        WHERE m.organization_id = g.organization_id AND m.group_id = g.id),
      'waiting', (SELECT coalesce(jsonb_agg(w.value ORDER BY w.value), '[]') FROM waiting_members w
        WHERE w.organization_id = g.organization_id AND w.group_id = g.id))
  FROM groups g WHERE g.organization_id = ANY($1::uuid[])
  ORDER BY organization, kind, id`;
