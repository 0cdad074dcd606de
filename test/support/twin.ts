import type { TestServer } from './app.js';

/** Tables with rows that clients name, in the order in which they refer to each other. */
const TABLES = ['connections', 'scim_tokens', 'users', 'identities', 'groups', 'memberships', 'sessions', 'sign_ins'];

/**
 * Copies what one organization has into another one under the same ids and names, down to the hashes of tokens: no client can make such
 * twins, and nothing may mistake one for the other.
 */
export async function makeTwin(server: Pick<TestServer, 'sql'>, organizationId: string, twinId: string): Promise<void> {
  for (const table of TABLES) {
    const columns = await server.sql<{ name: string }>(
      `SELECT quote_ident(column_name) AS name FROM information_schema.columns
       WHERE table_schema = 'public' AND table_name = $1 AND is_generated = 'NEVER' AND column_name <> 'organization_id'`,
      [table],
    );
    const names = columns.map(({ name }) => name).join(', ');
    await server.sql(
      `INSERT INTO ${table} (organization_id, ${names}) SELECT $2::uuid, ${names} FROM ${table} WHERE organization_id = $1`,
      [organizationId, twinId],
    );
  }
}
