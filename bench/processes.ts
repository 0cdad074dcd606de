import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { freePort } from './temporary-postgres.js';
import type { Verification } from './verifier.js';

export const POOL_SIZE = 10;

/** Of the server in this process and of the one that is measured. */
export const SETTINGS = {
  PUBLIC_URL: 'https://rollcall.example.com',
  HOST: '127.0.0.1',
  ENCRYPTION_KEY: Buffer.alloc(32).toString('base64'),
  DATABASE_POOL_SIZE: String(POOL_SIZE),
  LOG_LEVEL: 'warn',
  // What is measured is the server, not its politeness.
  SCIM_REQUESTS_PER_SECOND: '1000000',
  MEASURE_EVERY_MINUTES: '0',
};

export interface Side {
  readonly url: string;
  readonly pid: number;
  readonly applicationName: string;
}

/** A server in a process of its own, once it listens; `cleaning` gets its end. */
export async function startProcess(
  script: string,
  applicationName: string,
  settings: Readonly<Record<string, string>>,
  cleaning: (() => void)[],
): Promise<Side> {
  const port = await freePort();
  const child: ChildProcess = spawn(process.execPath, [fileURLToPath(new URL(script, import.meta.url))], {
    env: {
      PATH: process.env['PATH'],
      NODE_ENV: 'production',
      ...SETTINGS,
      ...settings,
      PORT: String(port),
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  cleaning.push(() => child.kill('SIGKILL'));
  const url = `http://127.0.0.1:${port}`;
  const died = once(child, 'exit').then(() => Promise.reject(new Error(`${script} ended`)));
  died.catch(() => undefined);
  await Promise.race([untilItListens(url), died]);
  return { url, pid: child.pid!, applicationName };
}

export interface Verifier {
  readonly pid: number;
  /** Seconds. */
  verify(work: Verification): Promise<number>;
}

/** The floor of a sign-in; `cleaning` gets its end. */
export async function startVerifier(cleaning: (() => void)[]): Promise<Verifier> {
  const child = fork(fileURLToPath(new URL('verifier.js', import.meta.url)));
  cleaning.push(() => child.kill('SIGKILL'));
  const answer = async (): Promise<number> => {
    const [told] = (await once(child, 'message')) as [{ seconds?: number; error?: string }];
    if (told.seconds === undefined) throw new Error(told.error);
    return told.seconds;
  };
  await answer();
  const verify = (work: Verification): Promise<number> => {
    const told = answer();
    child.send(work);
    return told;
  };
  return { pid: child.pid!, verify };
}

async function untilItListens(url: string): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt++) {
    const { hostname, port } = new URL(url);
    try {
      await fetch(`http://${hostname}:${port}/health`, { headers: { authorization: 'Bearer none' } });
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  throw new Error(`Nothing listens at ${url}`);
}
