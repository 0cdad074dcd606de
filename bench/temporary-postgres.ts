import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TemporaryPostgres {
  /** Address of the database `postgres`, whose user may create databases. */
  readonly url: string;
  stop(): void;
}

/**
 * A PostgreSQL of its own in a temporary directory on a free loopback port, without waiting for the disk: what is compared is
 * software, and a slow disk would hide its differences. Throws when no PostgreSQL is installed.
 */
export async function startTemporaryPostgres(): Promise<TemporaryPostgres> {
  const bin = findPostgres();
  const directory = mkdtempSync(join(tmpdir(), 'rollcall-bench-'));
  // PostgreSQL refuses to run as root.
  const asPostgres =
    process.getuid?.() === 0 ? ['setpriv', '--reuid=postgres', '--regid=postgres', '--init-groups'] : [];
  const run = (program: string, ...argv: string[]) => {
    const [command, ...rest] = [...asPostgres, join(bin, program), ...argv];
    execFileSync(command!, rest, { cwd: directory, stdio: ['ignore', 'ignore', 'inherit'] });
  };
  if (asPostgres.length > 0) {
    const uid = Number(execFileSync('id', ['-u', 'postgres']).toString());
    chownSync(directory, uid, uid);
  }
  const data = join(directory, 'data');
  const port = await freePort();
  const options =
    `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c full_page_writes=off
    -c synchronous_commit=off -c shared_buffers=512MB -c max_wal_size=4GB -c max_connections=100`.replace(/\s+/g, ' ');
  run('initdb', '-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync');
  run('pg_ctl', '-D', data, '-w', '-l', join(directory, 'log'), '-o', options, 'start');
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    stop: () => {
      run('pg_ctl', '-D', data, '-m', 'immediate', '-w', 'stop');
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function findPostgres(): string {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const candidates = [
    ...versions.map((version) => join(debian, version, 'bin')),
    ...(process.env['PATH'] ?? '').split(':'),
  ];
  const found = candidates.find((directory) => existsSync(join(directory, 'initdb')));
  if (found === undefined)
    throw new Error('No PostgreSQL is installed; set DATABASE_URL to use one that runs elsewhere');
  return found;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
