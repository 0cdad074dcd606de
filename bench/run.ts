import 'reflect-metadata';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { DataSource } from 'typeorm';
import type { Actor } from '../src/audit/actor.js';
import { loadConfig } from '../src/config/config.js';
import { postgresOptions } from '../src/database/database.js';
import { ConnectionsService } from '../src/organizations/connections.service.js';
import { OrganizationsService } from '../src/organizations/organizations.service.js';
import { ScimTokensService } from '../src/organizations/scim-tokens.service.js';
import { startServer, type RunningServer } from '../src/server.js';
import { checkFloor } from './check-floor.js';
import { backendsOf, cpuTime } from './cpu-time.js';
import { startFloor } from './floor.js';
import { sendAll } from './keep-alive-client.js';
import { groupOperations, userOperations, type BenchOrganization, type Operation } from './operations.js';
import { median, report, type Measurement, type Result } from './report.js';
import { freePort, startTemporaryPostgres } from './temporary-postgres.js';

/** `npm run bench [-- --quick]`: see bench/README.md. */

const quick = process.argv.includes('--quick');
const PLAN = quick
  ? { users: [1_000, 10_000], members: [0, 1_000, 10_000], rounds: 3, requests: 400 }
  : { users: [1_000, 10_000, 100_000], members: [0, 1_000, 10_000, 50_000], rounds: 5, requests: 1_000 };
const CONNECTIONS = 16;
const POOL_SIZE = 10;
const WARMING = 300;

const cleaning: (() => void)[] = [];
process.on('exit', () => {
  for (const clean of cleaning.reverse()) clean();
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));

const databaseUrl = await createDatabase();
const client = new pg.Client({ connectionString: databaseUrl, application_name: 'bench' });
await client.connect();
const operations = await prepare();
const results = await measureAll(operations);
console.log(`\n${report(results)}`);
await client.end();
process.exit(0);

/** A migrated database of its own: in the PostgreSQL of DATABASE_URL, or in a temporary one. Its address. */
async function createDatabase(): Promise<string> {
  let administrative = process.env['DATABASE_URL'];
  if (administrative === undefined) {
    const cluster = await startTemporaryPostgres();
    cleaning.push(() => cluster.stop());
    administrative = cluster.url;
  }
  const name = `rollcall_bench_${process.pid}`;
  const administrator = new pg.Client({ connectionString: administrative });
  await administrator.connect();
  await administrator.query(`CREATE DATABASE ${name}`);
  const { rows } = await administrator.query<{ version: string }>('SELECT version()');
  console.log(`${rows[0]!.version}\nNode.js ${process.version}`);
  await administrator.end();
  const url = new URL(administrative);
  url.pathname = `/${name}`;
  if (process.env['DATABASE_URL'] !== undefined) console.log(`Drop the database ${name} afterwards.`);
  const dataSource = await new DataSource(postgresOptions(url.href, 2)).initialize();
  await dataSource.runMigrations();
  await dataSource.destroy();
  return url.href;
}

/** Organizations by the server's services, their people by SQL; and the check that the floor is one. */
async function prepare(): Promise<Operation[]> {
  const config = loadConfig({
    DATABASE_URL: databaseUrl,
    PORT: '0',
    DEMO: 'false',
    LOG_LEVEL: 'warn',
    // What is measured is the server, not its politeness.
    SCIM_REQUESTS_PER_SECOND: '1000000',
  });
  const server = await startServer(config);
  const prepared: Operation[] = [];
  for (const size of PLAN.users) {
    console.log(`Loading an organization of ${size} people`);
    prepared.push(...(await userOperations(client, await createOrganization(server, prepared.length + 1), size)));
  }
  console.log(`Loading groups of ${PLAN.members.join(', ')} members`);
  const organization = await createOrganization(server, prepared.length + 1);
  prepared.push(...(await groupOperations(client, organization, PLAN.members, PLAN.requests)));
  await client.query('VACUUM ANALYZE');

  const floor = await startFloor(databaseUrl, POOL_SIZE, 0);
  const differences = await checkFloor(server.url, floor.url, prepared, client);
  await floor.close();
  await server.close();
  if (differences.length === 0) {
    console.log('The floor runs the same statements and answers the same documents.');
  } else {
    console.error(`\nTHE FLOOR IS NOT COMPARABLE: it and the server differ in\n${differences.join('\n')}\n`);
    process.exitCode = 1;
    process.exit();
  }
  return prepared;
}

async function createOrganization(server: RunningServer, organization: number): Promise<BenchOrganization> {
  const actor: Actor = { kind: 'system', id: null, correlationId: 'bench' };
  const slug = `bench-${organization}`;
  const { id } = await server.app.get(OrganizationsService).create({ slug, name: slug }, actor);
  const connection = await server.app.get(ConnectionsService).create(id, { name: slug, scim: true }, actor);
  const { token } = await server.app.get(ScimTokensService).create(id, connection.id, { name: slug }, actor);
  return { organizationId: id, connectionId: connection.id, token, organization };
}

interface Side {
  readonly url: string;
  readonly pid: number;
  readonly applicationName: string;
}

/** Rounds of all operations, the two servers in turns, so that a slow minute of the machine meets both. */
async function measureAll(all: readonly Operation[]): Promise<Result[]> {
  const floor = await startProcess('serve-floor.js', 'floor');
  const server = await startProcess('../src/main.js', 'rollcall');
  const found = all.map((operation) => ({ operation, floor: [] as Measurement[], server: [] as Measurement[] }));
  for (let round = 0; round <= PLAN.rounds; round++) {
    const isWarming = round === 0;
    console.log(isWarming ? 'Warming' : `Round ${round} of ${PLAN.rounds}`);
    for (const { operation, ...sides } of found) {
      const turns = round % 2 === 0 ? (['floor', 'server'] as const) : (['server', 'floor'] as const);
      for (const turn of turns) {
        const count = isWarming ? WARMING : PLAN.requests;
        const measured = await measure(operation, turn === 'floor' ? floor : server, round, count);
        if (!isWarming) sides[turn].push(measured);
      }
    }
  }
  return found;
}

async function measure(operation: Operation, side: Side, round: number, count: number): Promise<Measurement> {
  const { organization, expected } = operation;
  const requests = operation.requests(round, count);
  const backends = await backendsOf(client, side.applicationName);
  const before = [cpuTime([side.pid]), cpuTime(backends)];
  const { seconds, latencies } = await sendAll(side.url, organization.token, requests, CONNECTIONS, expected);
  const after = [cpuTime([side.pid]), cpuTime(backends)];
  await operation.reset(client);
  const spent = (which: 0 | 1) => {
    const [start, end] = [before[which], after[which]];
    return start === undefined || end === undefined ? undefined : (end - start) / requests.length;
  };
  return {
    perSecond: requests.length / seconds,
    latency: median(latencies),
    nodeCpu: spent(0),
    databaseCpu: spent(1),
  };
}

async function startProcess(script: string, applicationName: string): Promise<Side> {
  const port = await freePort();
  const child: ChildProcess = spawn(process.execPath, [fileURLToPath(new URL(script, import.meta.url))], {
    env: {
      PATH: process.env['PATH'],
      NODE_ENV: 'production',
      PUBLIC_URL: 'https://rollcall.example.com',
      HOST: '127.0.0.1',
      PORT: String(port),
      DATABASE_URL: databaseUrl,
      ENCRYPTION_KEY: Buffer.alloc(32).toString('base64'),
      DATABASE_POOL_SIZE: String(POOL_SIZE),
      LOG_LEVEL: 'warn',
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
