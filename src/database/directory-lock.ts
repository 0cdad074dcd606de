import { mkdirSync, openSync, closeSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/**
 * PGlite does not keep a second process out of its directory, and two processes lose each other's rows silently. This lock does:
 * a file created exclusively, naming the process and when it started. A file whose process is gone is taken over.
 */
export class DirectoryLock {
  private constructor(private readonly path: string) {}

  /** Throws DirectoryInUseError when a living process holds the directory. */
  static acquire(directory: string): DirectoryLock {
    mkdirSync(directory, { recursive: true });
    const path = join(directory, 'rollcall.lock');
    for (let attempt = 0; attempt < 10; attempt++) {
      if (tryCreate(path)) return new DirectoryLock(path);
      const holder = readHolder(path);
      if (holder && isAlive(holder)) throw new DirectoryInUseError(directory, holder.pid);
      // Renaming is atomic: of several processes that find the stale file, one moves it away, the others try again.
      try {
        renameSync(path, `${path}.stale-${process.pid}`);
        rmSync(`${path}.stale-${process.pid}`, { force: true });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      }
    }
    throw new DirectoryInUseError(directory, undefined);
  }

  release(): void {
    rmSync(this.path, { force: true });
  }
}

export class DirectoryInUseError extends Error {
  constructor(directory: string, pid: number | undefined) {
    super(
      `The embedded database in ${directory} is in use by another Rollcall process${pid ? ` (pid ${pid})` : ''}. ` +
        'One process at a time can open it: stop the other one, choose another DATA_DIRECTORY, or use PostgreSQL (DATABASE_URL).',
    );
    this.name = 'DirectoryInUseError';
  }
}

interface Holder {
  readonly pid: number;
  /** Start time of the process where the system tells it, so that a reused pid is not mistaken for the holder. */
  readonly started: string;
}

function tryCreate(path: string): boolean {
  try {
    const file = openSync(path, 'wx', 0o600);
    writeSync(file, JSON.stringify({ pid: process.pid, started: startOf(process.pid) } satisfies Holder));
    closeSync(file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function readHolder(path: string): Holder | undefined {
  for (let attempt = 0; attempt < 5; attempt++) {
    try {
      return JSON.parse(readFileSync(path, 'utf8')) as Holder;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      // Created but not yet written by the other process.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    }
  }
  return undefined;
}

function isAlive(holder: Holder): boolean {
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return startOf(holder.pid) === holder.started;
}

/** Field 22 of /proc/<pid>/stat plus the boot id; empty where there is no /proc. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot}:${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''}`;
  } catch {
    return '';
  }
}
