import { Injectable } from '@nestjs/common';
import type { Transaction } from '../database/transaction.js';
import type { UniqueAttribute } from '../organizations/unique-attributes.js';
import { UniquenessError } from './directory-errors.js';
import type { Attributes } from './directory-types.js';
import { uniqueKeysOf, type UniqueKey } from './unique-keys.js';

export type Subject = 'user' | 'group';

/** Somebody and what they hold. */
export interface Holder {
  readonly id: string;
  readonly attributes: Attributes;
}

/**
 * Keeps unique_values: who has which value of an attribute that an extension declares unique. The primary key decides between two
 * who want the same at the same moment.
 */
@Injectable()
export class UniqueValuesWriter {
  /** Makes what the owner has exactly these. Throws UniquenessError, naming the first that is somebody else's. */
  async set(
    tx: Transaction,
    organizationId: string,
    subject: Subject,
    ownerId: string,
    keys: readonly UniqueKey[],
  ): Promise<void> {
    // In the order of the keys, so that two who want the same several wait for each other in a row and not in a circle.
    // An insert that meets another's waits until that one is decided, and then does nothing.
    const [taken] = await tx.query<{ attribute: string; value: string }>(
      `WITH wanted AS (SELECT * FROM unnest($4::text[], $5::text[], $6::text[]) AS w(attribute, value_key, value)),
         mine AS (SELECT attribute, value_key FROM unique_values WHERE organization_id = $1 AND subject = $2 AND owner_id = $3),
         dropped AS (
           DELETE FROM unique_values u WHERE u.organization_id = $1 AND u.subject = $2 AND u.owner_id = $3
             AND NOT EXISTS (SELECT 1 FROM wanted w WHERE w.attribute = u.attribute AND w.value_key = u.value_key)),
         added AS (
           INSERT INTO unique_values (organization_id, subject, attribute, value_key, owner_id)
           SELECT $1, $2, w.attribute, w.value_key, $3 FROM wanted w
           WHERE NOT EXISTS (SELECT 1 FROM mine m WHERE m.attribute = w.attribute AND m.value_key = w.value_key)
           ORDER BY w.attribute, w.value_key
           ON CONFLICT (organization_id, subject, attribute, value_key) DO NOTHING RETURNING attribute, value_key)
       SELECT w.attribute, w.value FROM wanted w
       WHERE NOT EXISTS (SELECT 1 FROM mine m WHERE m.attribute = w.attribute AND m.value_key = w.value_key)
         AND NOT EXISTS (SELECT 1 FROM added a WHERE a.attribute = w.attribute AND a.value_key = w.value_key)
       ORDER BY w.attribute, w.value_key LIMIT 1`,
      [
        organizationId,
        subject,
        ownerId,
        keys.map(({ attribute }) => attribute),
        keys.map(({ key }) => key),
        keys.map(({ value }) => value),
      ],
    );
    if (taken) throw new UniquenessError(subject, taken.attribute, taken.value);
  }

  /** Makes what these have exactly these; they may pass values on among themselves. A value of somebody else fails as a duplicate. */
  async setAll(
    tx: Transaction,
    organizationId: string,
    subject: Subject,
    owners: readonly { readonly id: string; readonly keys: readonly UniqueKey[] }[],
  ): Promise<void> {
    const entries = owners.flatMap(({ id, keys }) => keys.map(({ attribute, key }) => ({ id, attribute, key })));
    await tx.execute(
      `DELETE FROM unique_values WHERE organization_id = $1 AND subject = $2 AND owner_id = ANY($3::uuid[])`,
      [organizationId, subject, owners.map(({ id }) => id)],
    );
    await tx.execute(
      `INSERT INTO unique_values (organization_id, subject, attribute, value_key, owner_id)
       SELECT $1, $2, entry.* FROM unnest($3::text[], $4::text[], $5::uuid[]) AS entry(attribute, value_key, owner_id)`,
      [
        organizationId,
        subject,
        entries.map(({ attribute }) => attribute),
        entries.map(({ key }) => key),
        entries.map(({ id }) => id),
      ],
    );
  }

  /** Frees every value of attributes that are unique no longer. */
  async forget(
    tx: Transaction,
    organizationId: string,
    subject: Subject,
    attributes: readonly string[],
  ): Promise<void> {
    if (attributes.length === 0) return;
    await tx.execute(
      `DELETE FROM unique_values WHERE organization_id = $1 AND subject = $2 AND attribute = ANY($3::text[])`,
      [organizationId, subject, attributes],
    );
  }

  /**
   * Enters what everybody holds of attributes that are unique from now on; nobody may write meanwhile. Values that several hold are
   * not entered but returned, each with its holders.
   */
  async enter(
    tx: Transaction,
    organizationId: string,
    subject: Subject,
    attributes: readonly UniqueAttribute[],
    holders: readonly Holder[],
  ): Promise<readonly { readonly key: UniqueKey; readonly owners: readonly string[] }[]> {
    const held = new Map<string, { key: UniqueKey; owners: string[] }>();
    for (const { id, attributes: document } of holders) {
      for (const key of uniqueKeysOf(document, attributes)) {
        const known = held.get(`${key.attribute} ${key.key}`);
        if (known) known.owners.push(id);
        else held.set(`${key.attribute} ${key.key}`, { key, owners: [id] });
      }
    }
    const entries = [...held.values()];
    const repeated = entries.filter(({ owners }) => owners.length > 1);
    if (repeated.length > 0) return repeated;
    await tx.execute(
      `INSERT INTO unique_values (organization_id, subject, attribute, value_key, owner_id)
       SELECT $1, $2, entry.* FROM unnest($3::text[], $4::text[], $5::uuid[]) AS entry(attribute, value_key, owner_id)`,
      [
        organizationId,
        subject,
        entries.map(({ key }) => key.attribute),
        entries.map(({ key }) => key.key),
        entries.map(({ owners }) => owners[0]),
      ],
    );
    return [];
  }
}
