import { Injectable } from '@nestjs/common';
import type { Queryable } from '../database/transaction.js';
import { isUuid } from '../platform/ids.js';
import { conditionToSql } from './condition-to-sql.js';
import type { Condition } from './condition.js';
import { Parameters } from './parameters.js';
import { scopeOf } from './statement-scope.js';

/** Chooses among the members of a group, and others who are named, by what they are. */
@Injectable()
export class MemberChoicesReader {
  /** The ids of those who fulfil each of the conditions on users. One statement, which returns nobody else. */
  async who(
    db: Queryable,
    organizationId: string,
    groupId: string,
    conditions: readonly Condition[],
    besides: readonly string[],
  ): Promise<readonly (readonly string[])[]> {
    const parameters = new Parameters(organizationId);
    const scope = scopeOf('user', 'u');
    const [group, named] = [parameters.add(groupId), parameters.add(besides.filter(isUuid))];
    const tests = conditions.map((condition) => conditionToSql(condition, scope, parameters));
    const rows = await db.query<{ id: string; fulfils: readonly boolean[] }>(
      `SELECT u.id, to_json(ARRAY[${tests.join(', ')}]) AS fulfils
       FROM (SELECT user_id AS id FROM memberships WHERE organization_id = $1 AND group_id = ${group}
             UNION SELECT unnest(${named}::uuid[])) candidate
       JOIN users u ON u.organization_id = $1 AND u.id = candidate.id
       WHERE u.deleted_at IS NULL AND (${tests.join(' OR ')})`,
      parameters.values,
    );
    return conditions.map((_condition, index) => rows.filter(({ fulfils }) => fulfils[index]).map(({ id }) => id));
  }
}
