import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** IdPs that others wrote, as programs of their own beside the tests. */

/** `describe` where everything is installed; otherwise the tests count as skipped and the run says why. */
export function describeWithPeer(name: string, missing: readonly string[], tests: () => void): void {
  if (missing.length === 0) return describe(name, tests);
  console.warn(`Not installed: ${missing.join(', ')}: skipped "${name}"`);
  describe.skip(name, tests);
}

export interface PeerOptions {
  readonly signAssertion: boolean;
  readonly signResponse: boolean;
  readonly encrypt?: boolean;
  /** It takes no request without a signature. */
  readonly wantSigned?: boolean;
  /** How it sends what it says of logouts, where it has a choice. */
  readonly logoutBinding?: 'redirect' | 'post';
}

export interface Application {
  readonly sp: string;
  readonly acs: string;
  readonly slo: string;
}

/** An IdP where one person is always signed in. */
export interface Peer {
  readonly entityId: string;
  readonly ssoUrl: string;
  readonly sloUrl: string;
  /** However it is set up, it encrypts with AES in CBC mode. */
  readonly knowsOnlyCbc: boolean;
  /** Its logouts name the session, not the person alone. */
  readonly namesSessions: boolean;
  /** A page that begins a sign-in by itself. */
  startUrl(spEntityId: string): string;
  /** A page that logs out everywhere. */
  readonly logoutUrl: string;
  /** Makes it know the application by its metadata, and answer as `options` say. */
  register(metadata: string, application: Application, options: PeerOptions): void;
  close(): Promise<void>;
}

/** The certificates that metadata names for a use, without the lines of PEM. */
export const certificatesOf = (metadata: string, use: 'signing' | 'encryption'): string[] =>
  [...metadata.matchAll(/<md:KeyDescriptor use="(\w+)">[^]*?<ds:X509Certificate>([^<]*)</g)]
    .filter(([, found]) => found === use)
    .map(([, , certificate]) => certificate!.replace(/\s/g, ''));

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => void server.close(() => resolve()));
  return port;
}

export interface Program {
  /** What it printed, for the message of a failure. */
  readonly output: () => string;
  stop(): Promise<void>;
}

/** Starts a program and waits until `url` answers something. Throws with what it printed if it does not. */
export async function startProgram(
  command: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  url: string,
): Promise<Program> {
  const child: ChildProcess = spawn(command, args, {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that its children end with it.
    detached: true,
  });
  let printed = '';
  for (const stream of [child.stdout!, child.stderr!])
    stream.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const program = {
    output: () => printed,
    stop: async () => {
      if (child.exitCode === null) process.kill(-child.pid!, 'SIGKILL');
      await ended;
    },
  };
  for (let tries = 0; tries < 300; tries++) {
    if (child.exitCode !== null) break;
    const answers = await fetch(url).then(
      () => true,
      () => false,
    );
    if (answers) return program;
    await sleep(100);
  }
  await program.stop();
  throw new Error(`${command} does not answer: ${printed.slice(-2000)}`);
}

export const hasProgram = (name: string): boolean => spawnSync('which', [name]).status === 0;
