import 'reflect-metadata';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import pg from 'pg';
import { loadConfig } from '../../src/config/config.js';
import { UnitOfWork } from '../../src/database/unit-of-work.service.js';
import { Log } from '../../src/platform/logger.js';
import { startServer } from '../../src/server.js';
import { MovableClock } from './clock.js';

/** The real server on a database of its own. */
export interface TestServer {
  readonly url: string;
  readonly app: NestFastifyApplication;
  readonly clock: MovableClock;
  /** Settings another process needs to open the same database (PostgreSQL only for two at once). */
  readonly environment: Readonly<Record<string, string>>;
  /** Rows of one statement on the server's database. */
  sql<Row = Record<string, unknown>>(text: string, parameters?: readonly unknown[]): Promise<Row[]>;
  close(): Promise<void>;
}

/** 32 bytes in base64. */
export const TEST_KEY = Buffer.alloc(32, 'test').toString('base64');

export const onPostgres = process.env['TEST_DATABASE'] === 'postgres';

/** A database and how to get rid of it. */
export interface TestDatabase {
  readonly environment: Readonly<Record<string, string>>;
  drop(): Promise<void>;
}

/** A migrated database of the kind the run is for. */
export const freshDatabase = async (): Promise<TestDatabase> => (onPostgres ? freshPostgres() : freshDirectory());

/** `settings`: environment values over the test's own. `existing`: a database to open instead of a fresh one; it outlives the server. */
export async function startTestServer(
  settings: Readonly<Record<string, string>> = {},
  existing?: TestDatabase,
  log: Log = Log.create(process.env['TEST_LOG'] ?? 'silent'),
): Promise<TestServer> {
  const database = existing ?? (await freshDatabase());
  const drop = async () => (existing ? undefined : database.drop());
  // Scenarios send as fast as they can; those about limits set their own.
  const calm = {
    DEMO: 'false',
    HOST: '127.0.0.1',
    PORT: '0',
    SCIM_REQUESTS_PER_SECOND: '100000',
    SAML_REFUSALS_AT_ONCE: '100000',
    // Counted when a scenario asks for it, and not in the middle of another.
    MEASURE_EVERY_MINUTES: '0',
  };
  const environment = { ...database.environment, ...calm, ...settings };
  const clock = new MovableClock();
  try {
    const config = loadConfig(environment);
    const server = await startServer(config, clock, log);
    const unitOfWork = server.app.get(UnitOfWork);
    return {
      url: server.url,
      app: server.app,
      clock,
      environment: database.environment,
      sql: (text, parameters) => unitOfWork.read.query(text, parameters),
      close: async () => {
        await server.close();
        await drop();
      },
    };
  } catch (error) {
    await drop();
    throw error;
  }
}

/** A copy of the template directory. */
export function freshDirectory(): TestDatabase {
  const directory = mkdtempSync(join(tmpdir(), 'rollcall-test-'));
  cpSync(process.env['TEST_TEMPLATE']!, directory, { recursive: true });
  return {
    environment: { DATA_DIRECTORY: directory, ENCRYPTION_KEY: TEST_KEY },
    drop: async () => rmSync(directory, { recursive: true, force: true }),
  };
}

let count = 0;

/** A copy of the template database, or of another one. */
export async function freshPostgres(template = process.env['TEST_TEMPLATE']!): Promise<TestDatabase> {
  const name = `rollcall_test_${process.pid}_${Date.now().toString(36)}_${count++}`;
  await administer(`CREATE DATABASE ${name} TEMPLATE ${template}`);
  const url = new URL(process.env['TEST_DATABASE_URL']!);
  url.pathname = `/${name}`;
  return {
    environment: { DATABASE_URL: url.href, ENCRYPTION_KEY: TEST_KEY },
    drop: () => administer(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  };
}

async function administer(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: process.env['TEST_DATABASE_URL'] });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
