import { HistoryService } from '../../src/reconciliation/history.service.js';
import type { TestServer } from './app.js';

/** Everything an organization's people and groups are, without versions and times: read off the tables, and rebuilt from the log. */

export interface Snapshot {
  readonly users: ReadonlyMap<string, Facts>;
  readonly groups: ReadonlyMap<string, Facts>;
}

export type Facts = Readonly<Record<string, unknown>>;

const json = (value: unknown): Facts => JSON.parse(JSON.stringify(value)) as Facts;

export async function snapshot(server: TestServer, organizationId: string): Promise<Snapshot> {
  const [users, groups, memberships, identities] = await Promise.all(
    ['users', 'groups', 'memberships', 'identities'].map((table) =>
      server.sql(`SELECT to_jsonb(t) AS row FROM ${table} t WHERE organization_id = $1`, [organizationId]),
    ),
  ).then((tables) => tables.map((rows) => rows.map(({ row }) => row as Record<string, unknown>)));
  return {
    users: new Map(
      users!.map((row) => [
        String(row['id']),
        {
          userName: row['user_name'],
          externalId: row['external_id'],
          active: row['active'],
          provenance: row['provenance'],
          connectionId: row['connection_id'],
          role: row['role'],
          breakGlass: row['break_glass'],
          scimLinkApproved: row['scim_link_approved'],
          attributes: row['attributes'],
          deleted: row['deleted_at'] !== null,
          groups: memberships!
            .filter((each) => each['user_id'] === row['id'])
            .map((each) => joined(each, groups!))
            .sort(),
          identities: identities!
            .filter((each) => each['user_id'] === row['id'])
            .map((each) => `${String(each['connection_id'])} ${String(each['name_id'])}`)
            .sort(),
        },
      ]),
    ),
    groups: new Map(
      groups!.map((row) => [
        String(row['id']),
        {
          displayName: row['display_name'],
          externalId: row['external_id'],
          provenance: row['provenance'],
          connectionId: row['connection_id'],
          loginPolicy: row['login_policy'],
          protected: row['protected'],
          isDefault: row['is_default'],
          role: row['role'],
          attributes: row['attributes'],
          members: memberships!
            .filter((each) => each['group_id'] === row['id'])
            .map((each) => `${String(each['user_id'])} ${origins(each['origins'])}`)
            .sort(),
        },
      ]),
    ),
  };
}

const origins = (of: unknown) => [...(of as string[])].sort().join();
const joined = (membership: Record<string, unknown>, groups: readonly Record<string, unknown>[]) => {
  const group = groups.find(({ id }) => id === membership['group_id'])!;
  return `${String(group['display_name'])} ${String(group['role'])} ${origins(membership['origins'])}`;
};

export async function rebuilt(
  server: TestServer,
  organizationId: string,
  at: Date,
  users: readonly string[],
  groups: readonly string[],
): Promise<Snapshot> {
  const history = server.app.get(HistoryService);
  const past: { users: Map<string, Facts>; groups: Map<string, Facts> } = { users: new Map(), groups: new Map() };
  for (const id of users) {
    const { state, certain, memberships, identities } = await history.userAt(organizationId, id, at);
    expect(certain).toBe(true);
    if (!state) continue;
    const { deletedAt, ...fields } = state;
    past.users.set(
      id,
      json({
        ...fields,
        deleted: deletedAt !== null,
        groups: memberships
          .map((each) => `${each.group?.displayName} ${each.group?.role} ${origins(each.origins)}`)
          .sort(),
        identities: identities.map(({ connectionId, subject }) => `${connectionId} ${subject.value}`).sort(),
      }),
    );
  }
  for (const id of groups) {
    const { state, certain, members } = await history.groupAt(organizationId, id, at);
    expect(certain).toBe(true);
    if (!state) continue;
    past.groups.set(
      id,
      json({ ...state, members: members.map((each) => `${each.userId} ${origins(each.origins)}`).sort() }),
    );
  }
  return past;
}
