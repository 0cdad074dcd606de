import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';

/** A process of its own: the built server or a script, with what it prints. */
export interface Child {
  readonly process: ChildProcess;
  /** Everything printed so far. */
  readonly output: { stdout: string; stderr: string };
  /** Resolves when stdout matches; rejects when the process ends before that. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
  /** Exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  /** Ends it without a chance to clean up. */
  kill(): Promise<void>;
}

const running = new Set<ChildProcess>();

// What a failed test left running would keep the run from ending.
afterAll(() => {
  for (const child of running) child.kill('SIGKILL');
});

/** Runs `node <arguments>` in the project's directory with `environment` over the safe settings of tests. */
export function startChild(argv: readonly string[], environment: Readonly<Record<string, string>>): Child {
  const process_ = spawn(process.execPath, argv, {
    env: { PATH: process.env['PATH'], DEMO: 'false', HOST: '127.0.0.1', PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(process_);
  process_.once('exit', () => running.delete(process_));
  const output = { stdout: '', stderr: '' };
  process_.stdout.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()));
  process_.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()));
  const ended = once(process_, 'close').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals);
  return {
    process: process_,
    output,
    ended,
    printed: (pattern) =>
      new Promise((resolve, reject) => {
        const fail = (why: string) => reject(new Error(`${why} before it printed ${pattern}:\n${output.stderr}`));
        const patience = setTimeout(() => {
          process_.kill('SIGKILL');
          fail('30 seconds passed');
        }, 30_000);
        const look = () => {
          const match = pattern.exec(output.stdout);
          if (!match) return;
          process_.stdout.off('data', look);
          clearTimeout(patience);
          resolve(match);
        };
        process_.stdout.on('data', look);
        look();
        void ended.then((how) => {
          clearTimeout(patience);
          fail(`ended (${how})`);
        });
      }),
    kill: async () => {
      process_.kill('SIGKILL');
      await ended;
    },
  };
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Resolves when something answers HTTP at the address; throws when the child ends first or 30 seconds pass. */
export async function untilItAnswers(child: Child, url: string): Promise<void> {
  let end: number | NodeJS.Signals | undefined;
  void child.ended.then((how) => (end = how));
  for (const start = Date.now(); Date.now() - start < 30_000;) {
    if (end !== undefined) throw new Error(`ended (${end}) before it answered:\n${child.output.stderr}`);
    try {
      await (await fetch(url)).arrayBuffer();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  await child.kill();
  throw new Error(`No answer at ${url}:\n${child.output.stderr}`);
}
