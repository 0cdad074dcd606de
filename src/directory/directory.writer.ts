import { Inject, Injectable } from '@nestjs/common';
import { constraintOf, sqlState } from '../database/unit-of-work.service.js';
import type { Transaction } from '../database/transaction.js';
import type { UniqueAttribute } from '../organizations/unique-attributes.js';
import { UniquenessError } from './directory-errors.js';
import type { Attributes, Group, Subject, User } from './directory-types.js';
import { nameKey } from './name-key.js';
import { emailKeysOf } from './rows.js';
import { Trail } from './trail.service.js';
import { uniqueKeysOf } from './unique-keys.js';
import { UniqueValuesWriter } from './unique-values.writer.js';

/** Everything of a user that a change may set. */
export type UserState = Omit<User, 'id' | 'version' | 'createdAt' | 'updatedAt' | 'deletedAt'>;

/** Everything of a group that a change may set. */
export type GroupState = Omit<Group, 'id' | 'version' | 'createdAt' | 'updatedAt'> & {
  /** False where several groups of this name are allowed. */
  readonly uniqueName: boolean;
};

/**
 * What the organization declares unique, read by the statement that writes a document and under a lock: a declaration waits for the
 * write and sees it, or the write waits for the declaration and obeys it. It costs no statement of its own.
 */
const TENANT = `WITH tenant AS (SELECT unique_attributes FROM organizations WHERE id = $1 FOR KEY SHARE)`;
const DECLARED = `(SELECT unique_attributes FROM tenant) AS declared`;

const TOUCH = `UPDATE groups SET version = version + 1, updated_at = $3 WHERE organization_id = $1 AND id = ANY($2::uuid[])`;

interface Written {
  readonly declared: readonly UniqueAttribute[];
}

/** Writes users, identities and groups; memberships.writer writes memberships. Only reconciliation may import it (rule R3). */
@Injectable()
export class DirectoryWriter {
  constructor(
    @Inject(UniqueValuesWriter) private readonly uniqueValues: UniqueValuesWriter,
    @Inject(Trail) private readonly trail: Trail,
  ) {}

  /** Throws UniquenessError. */
  async insertUser(tx: Transaction, organizationId: string, id: string, state: UserState, at: Date): Promise<void> {
    const [row] = await named('user', 'userName', state.userName, () =>
      tx.query<Written>(
        `${TENANT} INSERT INTO users (organization_id, id, connection_id, provenance, active, user_name, user_name_key, external_id,
           email_keys, attributes, role, break_glass, scim_link_approved, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14)
         RETURNING ${DECLARED}`,
        [organizationId, id, ...userValues(state), at],
      ),
    );
    await this.setUnique(tx, organizationId, 'user', id, state.attributes, row);
  }

  /** Sets the state and moves version and updated_at; the caller knows that something differs. The new version. Throws UniquenessError. */
  async updateUser(tx: Transaction, organizationId: string, id: string, state: UserState, at: Date): Promise<number> {
    const [row] = await named('user', 'userName', state.userName, () =>
      tx.query<Written & { version: string }>(
        `${TENANT} UPDATE users SET connection_id = $3, provenance = $4, active = $5, user_name = $6, user_name_key = $7,
           external_id = $8, email_keys = $9, attributes = $10, role = $11, break_glass = $12, scim_link_approved = $13,
           updated_at = $14, version = version + 1
         WHERE organization_id = $1 AND id = $2 RETURNING version, ${DECLARED}`,
        [organizationId, id, ...userValues(state), at],
      ),
    );
    await this.setUnique(tx, organizationId, 'user', id, state.attributes, row);
    return Number(row?.version);
  }

  /** Makes a tombstone: hidden from everybody but operators, its userName and other unique values free for others. */
  async buryUser(tx: Transaction, organizationId: string, id: string, connectionId: string | null, at: Date) {
    const [row] = await tx.query<Written>(
      `${TENANT} UPDATE users SET deleted_at = $4, active = false, connection_id = coalesce($3, connection_id), updated_at = $4,
         version = version + 1
       WHERE organization_id = $1 AND id = $2 RETURNING ${DECLARED}`,
      [organizationId, id, connectionId, at],
    );
    await this.setUnique(tx, organizationId, 'user', id, {}, row);
  }

  /** Links a subject to a user; a link that led to a tombstone is led to the living one. */
  async linkIdentity(
    tx: Transaction,
    organizationId: string,
    connectionId: string,
    subject: Subject,
    userId: string,
    at: Date,
  ): Promise<void> {
    const [row] = await tx.query<{ before: string | null }>(
      `WITH previous AS (
         SELECT user_id FROM identities
         WHERE organization_id = $1 AND connection_id = $2 AND name_id_format = $3 AND name_qualifier = $4 AND name_id = $5
       )
       INSERT INTO identities (organization_id, connection_id, name_id_format, name_qualifier, name_id, user_id, created_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7)
       ON CONFLICT (organization_id, connection_id, name_id_format, name_qualifier, name_id)
       DO UPDATE SET user_id = excluded.user_id, created_at = excluded.created_at
       RETURNING (SELECT user_id FROM previous) AS before`,
      [organizationId, connectionId, subject.format, subject.nameQualifier, subject.value, userId, at],
    );
    this.trail.noteIdentity(tx, { connectionId, subject, before: row?.before ?? null, after: userId });
  }

  /** Throws UniquenessError. */
  async insertGroup(tx: Transaction, organizationId: string, id: string, state: GroupState, at: Date): Promise<void> {
    const [row] = await named('group', 'displayName', state.displayName, () =>
      tx.query<Written>(
        `${TENANT} INSERT INTO groups (organization_id, id, connection_id, provenance, login_policy, protected, is_default, role,
           display_name, display_name_key, unique_name_key, external_id, attributes, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14)
         RETURNING ${DECLARED}`,
        [organizationId, id, ...groupValues(state), at],
      ),
    );
    await this.setUnique(tx, organizationId, 'group', id, state.attributes, row);
  }

  /** Sets the state and moves version and updated_at. The new version. Throws UniquenessError. */
  async updateGroup(tx: Transaction, organizationId: string, id: string, state: GroupState, at: Date): Promise<number> {
    const [row] = await named('group', 'displayName', state.displayName, () =>
      tx.query<Written & { version: string }>(
        `${TENANT} UPDATE groups SET connection_id = $3, provenance = $4, login_policy = $5, protected = $6, is_default = $7, role = $8,
           display_name = $9, display_name_key = $10, unique_name_key = $11, external_id = $12, attributes = $13,
           updated_at = $14, version = version + 1
         WHERE organization_id = $1 AND id = $2 RETURNING version, ${DECLARED}`,
        [organizationId, id, ...groupValues(state), at],
      ),
    );
    await this.setUnique(tx, organizationId, 'group', id, state.attributes, row);
    return Number(row?.version);
  }

  /** Moves version and updated_at of groups whose members changed. */
  async touchGroups(tx: Transaction, organizationId: string, ids: readonly string[], at: Date): Promise<void> {
    if (ids.length > 0) await tx.execute(TOUCH, [organizationId, ids, at]);
  }

  /** As `touchGroups`, but with the commit: once in a transaction, in which nobody reads or writes these groups any more. */
  async touchGroupsLast(tx: Transaction, organizationId: string, ids: readonly string[], at: Date): Promise<void> {
    if (ids.length > 0) await tx.defer(TOUCH, [organizationId, ids, at]);
  }

  /** The memberships must be gone before. */
  async deleteGroup(tx: Transaction, organizationId: string, id: string): Promise<void> {
    const [row] = await tx.query<Written>(
      `${TENANT} DELETE FROM groups WHERE organization_id = $1 AND id = $2 RETURNING ${DECLARED}`,
      [organizationId, id],
    );
    await this.setUnique(tx, organizationId, 'group', id, {}, row);
  }

  private async setUnique(
    tx: Transaction,
    organizationId: string,
    subject: 'user' | 'group',
    id: string,
    attributes: Attributes,
    written: Written | undefined,
  ): Promise<void> {
    const declared = written?.declared.filter((each) => each.subject === subject) ?? [];
    if (declared.length > 0)
      await this.uniqueValues.set(tx, organizationId, subject, id, uniqueKeysOf(attributes, declared));
  }
}

const userValues = (state: UserState): unknown[] => [
  state.connectionId,
  state.provenance,
  state.active,
  state.userName,
  nameKey(state.userName),
  state.externalId,
  emailKeysOf(state.attributes, nameKey),
  JSON.stringify(state.attributes),
  state.role,
  state.breakGlass,
  state.scimLinkApproved,
];

const groupValues = (state: GroupState): unknown[] => [
  state.connectionId,
  state.provenance,
  state.loginPolicy,
  state.protected,
  state.isDefault,
  state.role,
  state.displayName,
  nameKey(state.displayName),
  state.uniqueName ? nameKey(state.displayName) : null,
  state.externalId,
  JSON.stringify(state.attributes),
];

/** Runs a write; a taken name becomes UniquenessError. */
async function named<T>(
  what: 'user' | 'group',
  attribute: 'userName' | 'displayName',
  value: string,
  write: () => Promise<T>,
): Promise<T> {
  try {
    return await write();
  } catch (error) {
    const constraint = constraintOf(error);
    if (sqlState(error) === '23505' && (constraint === 'users_user_name' || constraint === 'groups_unique_name')) {
      throw new UniquenessError(what, attribute, value);
    }
    throw error;
  }
}
