/** What the database is not told by its own background processes, or told too late. */

/** Anything that runs a statement outside of transactions. */
export interface Session {
  query<Row>(sql: string, parameters?: readonly unknown[]): Promise<{ rows: Row[] }>;
}

/** With the thresholds of autovacuum_analyze_threshold and autovacuum_analyze_scale_factor. */
const CHANGED = `SELECT format('%I', relname) AS name FROM pg_stat_user_tables
  WHERE schemaname = 'public' AND n_mod_since_analyze > 50 + n_live_tup / 10 ORDER BY relname`;

/**
 * What autovacuum does on PostgreSQL; the embedded database has no background processes. Cleans up the tables of which much has changed,
 * and counts what is in them: without statistics the planner takes every table for an empty one, and reads all users of an organization
 * for the manager of each.
 */
export async function cleanUp(session: Session): Promise<void> {
  await session.query('SELECT pg_stat_force_next_flush()');
  const { rows } = await session.query<{ name: string }>(CHANGED);
  if (rows.length > 0) await session.query(`VACUUM (ANALYZE) ${rows.map(({ name }) => name).join(', ')}`);
}

/** Below this size every way to read a table is a fast one; bytes. */
const SMALL = 1024 * 1024;

/**
 * Tables of which the planner believes to know every organization, because the most common values of the column are all of its values:
 * of any other one it expects no row, (1 - their share) of all rows. `few`: so many rows of an organization may be missed by a sample,
 * which is of 30,000 rows.
 */
const TABLES_OF_KNOWN_ORGANIZATIONS = `SELECT format('%I', c.relname) AS name,
    coalesce(s.most_common_vals::text, '{}') AS known, (50 + greatest(c.reltuples, 0) / 3000)::integer AS few
  FROM pg_class c
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'organization_id' AND NOT a.attisdropped
  LEFT JOIN pg_stats s ON s.schemaname = 'public' AND s.tablename = c.relname AND s.attname = a.attname
  WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND pg_relation_size(c.oid) > ${SMALL}
    AND pg_has_role(c.relowner, 'USAGE')
    AND c.reltuples * (1 - coalesce((SELECT sum(share) FROM unnest(s.most_common_freqs) share), 0)) < 1
  ORDER BY c.relname`;

const hasStranger = (name: string, index: number): string => `SELECT '${name}' AS name WHERE EXISTS (
  SELECT FROM organizations o WHERE o.id <> ALL (($1::text[])[${index + 1}]::uuid[])
    AND EXISTS (SELECT FROM ${name} WHERE organization_id = o.id OFFSET ($2::integer[])[${index + 1}] LIMIT 1))`;

/**
 * Counts tables in which an organization has come up that their statistics do not know. Of its rows the planner expects none, so that
 * every index that begins with the organization is as good to it as any other, and the look-up of one user may read all of them.
 * Autovacuum would come when as much has changed as the tables of everybody else allow, which may be minutes later.
 */
export async function getToKnowOrganizations(session: Session): Promise<void> {
  const { rows: tables } = await session.query<{ name: string; known: string; few: number }>(
    TABLES_OF_KNOWN_ORGANIZATIONS,
  );
  if (tables.length === 0) return;
  const { rows } = await session.query<{ name: string }>(
    tables.map(({ name }, index) => hasStranger(name, index)).join(' UNION ALL '),
    [tables.map(({ known }) => known), tables.map(({ few }) => few)],
  );
  // Several nodes may have seen the same.
  if (rows.length > 0) await session.query(`ANALYZE (SKIP_LOCKED) ${rows.map(({ name }) => name).join(', ')}`);
}
