import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { CommanderError } from 'commander';
import { buildProgram, UsageError, type CliRequest } from './admin/cli/cli.program.js';
import { readCredentials } from './admin/cli/credentials.file.js';
import { toTable } from './admin/cli/to-table.js';
import { InternalToken } from './admin/http/internal-token.service.js';
import { ADMIN_PREFIX } from './admin/operation.js';
import { loadConfig } from './config/config.js';
import { Log } from './platform/logger.js';
import { PublicUrl } from './platform/public-url.js';
import { createApp } from './server.js';

/**
 * The command line: one mechanism with the REST API. It speaks to the server that ROLLCALL_URL names, or to the one that runs on this
 * data directory, or, where none does, to an application of its own on the configured database, which does not listen.
 * Exit codes: 0 done, 1 refused or failed, 2 wrong usage.
 */

interface Answer {
  readonly status: number;
  readonly body: string;
}

interface Transport {
  send(request: CliRequest): Promise<Answer>;
  close(): Promise<void>;
}

function overHttp(url: string, token: string): Transport {
  return {
    send: async ({ method, path, body }) => {
      const response = await fetch(`${url.replace(/\/+$/, '')}/${ADMIN_PREFIX}${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, ...(body ? { 'content-type': 'application/json' } : {}) },
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
      return { status: response.status, body: await response.text() };
    },
    close: async () => undefined,
  };
}

async function inProcess(): Promise<Transport> {
  const config = loadConfig({ ...process.env, DEMO: 'false' });
  const app = await createApp(config, undefined, Log.create('silent'));
  await app.init();
  app.get(PublicUrl).set(config.publicUrl ?? `http://localhost:${config.port}`);
  const token = app.get(InternalToken).value;
  return {
    send: async ({ method, path, body }) => {
      const { statusCode, body: text } = await app.inject({
        method,
        url: `/${ADMIN_PREFIX}${path}`,
        headers: { authorization: `Bearer ${token}`, ...(body ? { 'content-type': 'application/json' } : {}) },
        ...(body ? { payload: JSON.stringify(body) } : {}),
      });
      return { status: statusCode, body: text };
    },
    close: () => app.close(),
  };
}

async function connect(): Promise<Transport> {
  const { ROLLCALL_URL: url, ROLLCALL_ADMIN_TOKEN: token } = process.env;
  if (url && token) return overHttp(url, token);
  if (url || token) throw new UsageError('ROLLCALL_URL and ROLLCALL_ADMIN_TOKEN belong together');
  const credentials = process.env['DATABASE_URL']
    ? undefined
    : readCredentials(process.env['DATA_DIRECTORY'] ?? './data');
  if (credentials && (await isUp(credentials.url))) return overHttp(credentials.url, credentials.token);
  return inProcess();
}

const isUp = (url: string): Promise<boolean> =>
  fetch(`${url}/health`).then(
    ({ ok }) => ok,
    () => false,
  );

async function run(request: CliRequest, { json }: { readonly json: boolean }): Promise<void> {
  const transport = await connect();
  try {
    const { status, body } = await transport.send(request);
    const answer: unknown = body === '' ? undefined : JSON.parse(body);
    if (status >= 400) throw new Refused(json ? body : describe(answer));
    console.log(json ? JSON.stringify(answer ?? null, null, 2) : toTable(answer));
  } finally {
    await transport.close();
  }
}

class Refused extends Error {}

function describe(problem: unknown): string {
  const { title, detail, errors } = (problem ?? {}) as { title?: string; detail?: string; errors?: unknown };
  return [`${title ?? 'Refused'}: ${detail ?? ''}`, ...(errors ? [JSON.stringify(errors, null, 2)] : [])].join('\n');
}

const program = buildProgram({ run, readFile: (path) => readFileSync(path, 'utf8') }).exitOverride();
try {
  for (const command of program.commands.flatMap((noun) => [noun, ...noun.commands])) command.exitOverride();
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = error instanceof UsageError ? 2 : 1;
  }
}
