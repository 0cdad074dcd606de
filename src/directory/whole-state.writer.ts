import { Inject, Injectable } from '@nestjs/common';
import type { Transaction } from '../database/transaction.js';
import type { UniqueAttribute } from '../organizations/unique-attributes.js';
import type { Attributes, Origin } from './directory-types.js';
import type { GroupState, UserState } from './directory.writer.js';
import { nameKey } from './name-key.js';
import { emailKeysOf } from './rows.js';
import { Trail } from './trail.service.js';
import { uniqueKeysOf } from './unique-keys.js';
import { UniqueValuesWriter } from './unique-values.writer.js';
import type { Membership } from './whole-state.reader.js';

export interface WholeUser extends UserState {
  readonly id: string;
  readonly deletedAt: Date | null;
}

export interface WholeGroup extends GroupState {
  readonly id: string;
}

const USER_VALUES = `r(id uuid, "connectionId" uuid, provenance text, active boolean, "userName" text, "userNameKey" text,
  "externalId" text, "emailKeys" text[], attributes jsonb, role text, "breakGlass" boolean, "scimLinkApproved" boolean,
  "deletedAt" timestamptz)`;
const GROUP_VALUES = `r(id uuid, "connectionId" uuid, provenance text, "loginPolicy" text, protected boolean, "isDefault" boolean,
  role text, "displayName" text, "displayNameKey" text, "uniqueNameKey" text, "externalId" text, attributes jsonb,
  version bigint, "createdAt" timestamptz)`;

/**
 * Makes many people, groups and memberships what they are to be, each kind in one statement. They may pass names on among themselves, in
 * a circle too; a name of somebody else fails as a duplicate. Everybody is locked, and so are what extensions declare unique. Only
 * reconciliation may import it (rule R3).
 */
@Injectable()
export class WholeStateWriter {
  constructor(
    @Inject(UniqueValuesWriter) private readonly uniqueValues: UniqueValuesWriter,
    @Inject(Trail) private readonly trail: Trail,
  ) {}

  /** People who are here, or were: they may come back to life, and go. */
  async setUsers(tx: Transaction, organizationId: string, users: readonly WholeUser[], at: Date): Promise<void> {
    if (users.length === 0) return;
    const rows = users.map((user) => ({
      ...user,
      userNameKey: nameKey(user.userName),
      emailKeys: emailKeysOf(user.attributes, nameKey),
    }));
    const values = [organizationId, JSON.stringify(rows)];
    // Names are let go first: the index looks at each row by itself.
    await tx.execute(
      `UPDATE users u SET user_name_key = u.id::text FROM jsonb_to_recordset($2::jsonb) AS ${USER_VALUES}
       WHERE u.organization_id = $1 AND u.id = r.id AND (r."deletedAt" IS NOT NULL OR u.user_name_key <> r."userNameKey")`,
      values,
    );
    await tx.execute(
      `UPDATE users u SET connection_id = r."connectionId", provenance = r.provenance, active = r.active, user_name = r."userName",
         user_name_key = r."userNameKey", external_id = r."externalId", email_keys = r."emailKeys", attributes = r.attributes,
         role = r.role, break_glass = r."breakGlass", scim_link_approved = r."scimLinkApproved", deleted_at = r."deletedAt",
         updated_at = $3, version = u.version + 1
       FROM jsonb_to_recordset($2::jsonb) AS ${USER_VALUES} WHERE u.organization_id = $1 AND u.id = r.id`,
      [...values, at],
    );
    const holding = users.map((user) => ({ id: user.id, attributes: user.deletedAt ? {} : user.attributes }));
    await this.setUnique(tx, organizationId, 'user', holding);
  }

  /** Their memberships must be gone before. */
  async deleteGroups(tx: Transaction, organizationId: string, ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    await tx.execute(`DELETE FROM groups WHERE organization_id = $1 AND id = ANY($2::uuid[])`, [organizationId, ids]);
    await this.setUnique(
      tx,
      organizationId,
      'group',
      ids.map((id) => ({ id, attributes: {} })),
    );
  }

  async setGroups(tx: Transaction, organizationId: string, groups: readonly WholeGroup[], at: Date): Promise<void> {
    if (groups.length === 0) return;
    const values = [organizationId, JSON.stringify(groups.map(toGroupValues))];
    await tx.execute(
      `UPDATE groups g SET unique_name_key = g.id::text FROM jsonb_to_recordset($2::jsonb) AS ${GROUP_VALUES}
       WHERE g.organization_id = $1 AND g.id = r.id AND g.unique_name_key IS DISTINCT FROM r."uniqueNameKey"`,
      values,
    );
    await tx.execute(
      `UPDATE groups g SET connection_id = r."connectionId", provenance = r.provenance, login_policy = r."loginPolicy",
         protected = r.protected, is_default = r."isDefault", role = r.role, display_name = r."displayName",
         display_name_key = r."displayNameKey", unique_name_key = r."uniqueNameKey", external_id = r."externalId",
         attributes = r.attributes, updated_at = $3, version = g.version + 1
       FROM jsonb_to_recordset($2::jsonb) AS ${GROUP_VALUES} WHERE g.organization_id = $1 AND g.id = r.id`,
      [...values, at],
    );
    await this.setUnique(tx, organizationId, 'group', groups);
  }

  /** Groups that were here before, under the ids they had. `version`: a later one than any they had. */
  async insertGroups(
    tx: Transaction,
    organizationId: string,
    groups: readonly (WholeGroup & { readonly version: number; readonly createdAt: Date })[],
    at: Date,
  ): Promise<void> {
    if (groups.length === 0) return;
    await tx.execute(
      `INSERT INTO groups (organization_id, id, connection_id, provenance, login_policy, protected, is_default, role, display_name,
         display_name_key, unique_name_key, external_id, attributes, version, created_at, updated_at)
       SELECT $1, r.id, r."connectionId", r.provenance, r."loginPolicy", r.protected, r."isDefault", r.role, r."displayName",
         r."displayNameKey", r."uniqueNameKey", r."externalId", r.attributes, r.version, r."createdAt", $3
       FROM jsonb_to_recordset($2::jsonb) AS ${GROUP_VALUES}`,
      [organizationId, JSON.stringify(groups.map(toGroupValues)), at],
    );
    await this.setUnique(tx, organizationId, 'group', groups);
  }

  /** Each for exactly these reasons; for none, not at all. */
  async setMemberships(
    tx: Transaction,
    organizationId: string,
    wanted: readonly Membership[],
    at: Date,
  ): Promise<void> {
    if (wanted.length === 0) return;
    const rows = await tx.query<{ groupId: string; userId: string; before: Origin[]; after: Origin[] }>(
      `WITH wanted AS (
         SELECT * FROM jsonb_to_recordset($2::jsonb) AS r("groupId" uuid, "userId" uuid, origins text[])
       ), before AS (
         SELECT w.*, coalesce(m.origins, '{}') AS held FROM wanted w
         LEFT JOIN memberships m ON m.organization_id = $1 AND m.group_id = w."groupId" AND m.user_id = w."userId"
       ), ended AS (
         DELETE FROM memberships m USING wanted w WHERE m.organization_id = $1 AND m.group_id = w."groupId"
           AND m.user_id = w."userId" AND cardinality(w.origins) = 0
       ), written AS (
         INSERT INTO memberships (organization_id, group_id, user_id, origins, created_at)
         SELECT $1, w."groupId", w."userId", w.origins, $3 FROM wanted w WHERE cardinality(w.origins) > 0
         ON CONFLICT (organization_id, group_id, user_id) DO UPDATE SET origins = excluded.origins
       )
       SELECT "groupId", "userId", held AS before, origins AS after FROM before ORDER BY 1, 2`,
      [organizationId, JSON.stringify(wanted), at],
    );
    this.trail.noteMemberships(tx, rows);
  }

  /** Puts these people into every default group, and everybody living into these groups. Who joined which. */
  async joinDefaults(
    tx: Transaction,
    organizationId: string,
    userIds: readonly string[],
    groupIds: readonly string[],
    at: Date,
  ): Promise<Pick<Membership, 'groupId' | 'userId'>[]> {
    if (userIds.length + groupIds.length === 0) return [];
    const rows = await tx.query<{ groupId: string; userId: string; after: Origin[]; inserted: boolean }>(
      `INSERT INTO memberships AS m (organization_id, group_id, user_id, origins, created_at)
       SELECT $1, g.id, u.id, '{default}', $4 FROM groups g
       JOIN users u ON u.organization_id = $1 AND u.deleted_at IS NULL AND (u.id = ANY($2::uuid[]) OR g.id = ANY($3::uuid[]))
       WHERE g.organization_id = $1 AND g.is_default
       ON CONFLICT (organization_id, group_id, user_id)
       DO UPDATE SET origins = array_append(m.origins, 'default') WHERE NOT ('default' = ANY (m.origins))
       RETURNING m.group_id AS "groupId", m.user_id AS "userId", m.origins AS after, m.xmax = 0 AS inserted`,
      [organizationId, userIds, groupIds, at],
    );
    this.trail.noteMemberships(
      tx,
      rows.map(({ groupId, userId, after }) => {
        return { groupId, userId, before: after.filter((origin) => origin !== 'default'), after };
      }),
    );
    return rows.filter(({ inserted }) => inserted).map(({ groupId, userId }) => ({ groupId, userId }));
  }

  private async setUnique(
    tx: Transaction,
    organizationId: string,
    subject: 'user' | 'group',
    owners: readonly { readonly id: string; readonly attributes: Attributes }[],
  ): Promise<void> {
    const [row] = await tx.query<{ declared: readonly UniqueAttribute[] }>(
      `SELECT unique_attributes AS declared FROM organizations WHERE id = $1 FOR KEY SHARE`,
      [organizationId],
    );
    const declared = row!.declared.filter((each) => each.subject === subject);
    if (declared.length === 0) return;
    const keys = owners.map(({ id, attributes }) => ({ id, keys: uniqueKeysOf(attributes, declared) }));
    await this.uniqueValues.setAll(tx, organizationId, subject, keys);
  }
}

const toGroupValues = (group: WholeGroup) => ({
  ...group,
  displayNameKey: nameKey(group.displayName),
  uniqueNameKey: group.uniqueName ? nameKey(group.displayName) : null,
});
