import type pg from 'pg';
import type { Statement } from './recording.js';

/** What stands between the beginning and the end of a transaction goes over one connection, the rest over any. */
export async function replay(pool: pg.Pool, statements: readonly Statement[]): Promise<void> {
  let client: pg.PoolClient | undefined;
  try {
    for (const { name, text, values } of statements) {
      if (/^(START TRANSACTION|BEGIN)/.test(text)) client = await pool.connect();
      await (client ?? pool).query({ name, text, values: [...values] });
      if (/^(COMMIT|ROLLBACK)/.test(text)) {
        client?.release();
        client = undefined;
      }
    }
  } catch (error) {
    await client?.query('ROLLBACK');
    throw error;
  } finally {
    client?.release();
  }
}
