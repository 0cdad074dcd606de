import { SignInDetails } from '../../src/sessions/sign-in-details.service.js';
import type { TestServer } from './app.js';

/** Every row of every table there is, as the database writes it: two that are equal are the same database, byte for byte. */
export async function fingerprint(
  server: Pick<TestServer, 'sql' | 'app'>,
  except: readonly string[] = [],
): Promise<Readonly<Record<string, string>>> {
  // Written behind the answers of sign-ins.
  await server.app.get(SignInDetails, { strict: false }).settled();
  const tables = await server.sql<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1`,
  );
  const found: Record<string, string> = {};
  for (const { name } of tables.filter((table) => !except.includes(table.name))) {
    const [row] = await server.sql<{ digest: string }>(
      `SELECT count(*) || ' ' || coalesce(md5(string_agg(t::text, E'\\n' ORDER BY t::text)), '') AS digest FROM "${name}" t`,
    );
    found[name] = row!.digest;
  }
  return found;
}
