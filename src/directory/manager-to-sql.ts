/**
 * Whom the manager of a person names, as SQL: the living user of that id, or else the one user to whom the same client gave that key.
 * `alias`: of the person's row.
 */

/** The manager as jsonb `{id, displayName}`; null: nobody here. */
export function managerToSql(alias: string): string {
  const named = valueOf(alias);
  return `coalesce(
    (SELECT ${BOSS} FROM users b
     WHERE b.organization_id = ${alias}.organization_id AND b.id = ${idOf(named)} AND b.deleted_at IS NULL),
    (SELECT CASE WHEN count(*) = 1 THEN jsonb_agg(${BOSS}) -> 0 END FROM users b
     WHERE b.organization_id = ${alias}.organization_id AND b.external_id = ${named}
       AND b.connection_id = ${alias}.connection_id AND b.deleted_at IS NULL)
  )`;
}

/** The address that readers are shown: as the client gave it, of the person found, or the one that the id would have. `prefix`: SQL. */
export const managerAddressToSql = (alias: string, prefix: string): string =>
  `coalesce(${refOf(alias)}, ${prefix}::text || coalesce(${managerToSql(alias)} ->> 'id', lower(${idOf(valueOf(alias))}::text)))`;

/** The name that readers are shown: of the person found, unless the client gave an address of its own. */
export const managerNameToSql = (alias: string): string =>
  `CASE WHEN ${refOf(alias)} IS NULL THEN ${managerToSql(alias)} ->> 'displayName' END`;

const at = (alias: string, key: string) =>
  `(${alias}.attributes #>> '{urn:ietf:params:scim:schemas:extension:enterprise:2.0:User,manager,${key}}')`;
const valueOf = (alias: string) => at(alias, 'value');
const refOf = (alias: string) => at(alias, '$ref');

const idOf = (named: string) =>
  `CASE WHEN ${named} ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN ${named}::uuid END`;

const BOSS = `jsonb_build_object('id', b.id, 'displayName', b.attributes ->> 'displayName')`;
