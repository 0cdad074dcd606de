import { readFileSync } from 'node:fs';
import type pg from 'pg';

/** /proc counts in hundredths of a second on every Linux of today. */
const MILLISECONDS_PER_TICK = 10;

/** User and system time of each process in milliseconds, all threads; undefined where there is no /proc or a process is not here. */
export function cpuTimes(pids: readonly number[]): ReadonlyMap<number, number> | undefined {
  try {
    return new Map(
      pids.map((pid) => {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        return [pid, (Number(fields[11]) + Number(fields[12])) * MILLISECONDS_PER_TICK];
      }),
    );
  } catch {
    return undefined;
  }
}

type Times = ReturnType<typeof cpuTimes>;

/** What processes took between two looks; those that came meanwhile count whole. */
export function cpuBetween(before: Times, after: Times): number | undefined {
  if (!before || !after) return undefined;
  return [...after].reduce((sum, [pid, time]) => sum + time - (before.get(pid) ?? 0), 0);
}

/** The database's processes behind the connections of one application. */
export async function backendsOf(client: pg.Client, applicationName: string): Promise<number[]> {
  const { rows } = await client.query<{ pid: number }>(
    `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1 ORDER BY pid`,
    [applicationName],
  );
  return rows.map(({ pid }) => pid);
}
