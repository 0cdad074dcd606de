/** What autovacuum does on PostgreSQL: the embedded database has no background processes. */

/** Anything that runs a statement outside of transactions. */
export interface Session {
  query(sql: string): Promise<{ rows: { name: string }[] }>;
}

/** With the thresholds of autovacuum_analyze_threshold and autovacuum_analyze_scale_factor. */
const CHANGED = `SELECT format('%I', relname) AS name FROM pg_stat_user_tables
  WHERE schemaname = 'public' AND n_mod_since_analyze > 50 + n_live_tup / 10 ORDER BY relname`;

/**
 * Cleans up the tables of which much has changed, and counts what is in them: without statistics the planner takes every table for an
 * empty one, and reads all users of an organization for the manager of each.
 */
export async function keepUp(session: Session): Promise<void> {
  await session.query('SELECT pg_stat_force_next_flush()');
  const { rows } = await session.query(CHANGED);
  if (rows.length > 0) await session.query(`VACUUM (ANALYZE) ${rows.map(({ name }) => name).join(', ')}`);
}
