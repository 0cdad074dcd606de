import { readFileSync } from 'node:fs';
import type pg from 'pg';

/** /proc counts in hundredths of a second on every Linux of today. */
const MILLISECONDS_PER_TICK = 10;

/** User and system time of processes in milliseconds, all threads; undefined where there is no /proc or a process is not here. */
export function cpuTime(pids: readonly number[]): number | undefined {
  let ticks = 0;
  try {
    for (const pid of pids) {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      ticks += Number(fields[11]) + Number(fields[12]);
    }
  } catch {
    return undefined;
  }
  return ticks * MILLISECONDS_PER_TICK;
}

/** The database's processes behind the connections of one application. */
export async function backendsOf(client: pg.Client, applicationName: string): Promise<number[]> {
  const { rows } = await client.query<{ pid: number }>(
    `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1 ORDER BY pid`,
    [applicationName],
  );
  return rows.map(({ pid }) => pid);
}
