import 'reflect-metadata';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serialize } from 'node:v8';
import pg from 'pg';
import { DataSource } from 'typeorm';
import type { Actor } from '../src/audit/actor.js';
import { loadConfig } from '../src/config/config.js';
import { postgresOptions } from '../src/database/database.js';
import { ConnectionsService } from '../src/organizations/connections.service.js';
import { OrganizationsService } from '../src/organizations/organizations.service.js';
import { ScimTokensService } from '../src/organizations/scim-tokens.service.js';
import { startServer, type RunningServer } from '../src/server.js';
import { SignInDetails } from '../src/sessions/sign-in-details.service.js';
import { backendsOf, cpuBetween, cpuTimes } from './cpu-time.js';
import { KeepAliveClient, sendAll } from './keep-alive-client.js';
import { LoadWriter } from './load-file.js';
import { loadAtTheFloor, play, simulationOf, type Load, type LoadSize } from './load.js';
import { countStatements, measureSignIns, type CountedSignIns } from './measure-sign-ins.js';
import { listMemberships, type MemoryResult } from './memory.js';
import { operationsAtSize, operationsOf, type BenchOrganization, type Operation } from './operations.js';
import { SETTINGS, startProcess, startVerifier, type Side } from './processes.js';
import { keyOf, Recorder, type Recording } from './recording.js';
import { loadReport, median, memoryReport, report, type LoadResult, type Measurement, type Result } from './report.js';
import { seedGroups, seedUsers } from './seed.js';
import { signInReport } from './sign-in-report.js';
import { signInsOf } from './sign-ins.js';
import { startTemporaryPostgres } from './temporary-postgres.js';

/** `npm run bench [-- --quick] [--once] [--load=PEOPLE] [--only=sign-ins|load]`: what it does is told in docs/performance.md. */

interface Plan {
  /** People of the smallest and the largest directory. */
  readonly sizes: readonly number[];
  readonly rounds: number;
  readonly requests: number;
  readonly load: LoadSize;
}
const PLAN: Plan = process.argv.includes('--quick')
  ? { sizes: [1_000, 10_000], rounds: 3, requests: 300, load: { users: 500, groups: 40, memberships: 2_000 } }
  : { sizes: [1_000, 250_000], rounds: 5, requests: 500, load: { users: 5_000, groups: 400, memberships: 20_000 } };
const ROUNDS = process.argv.includes('--once') ? 1 : PLAN.rounds;
const LOAD = loadOf(process.argv.find((argument) => argument.startsWith('--load='))) ?? PLAN.load;
const WARMING = 300;
const ONLY_SIGN_INS = process.argv.includes('--only=sign-ins');
const ONLY_LOAD = process.argv.includes('--only=load');

const cleaning: (() => void)[] = [];
process.on('exit', () => {
  for (const clean of cleaning.reverse()) clean();
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));

const databaseUrl = await createDatabase();
const client = new pg.Client({ connectionString: databaseUrl, application_name: 'bench' });
await client.connect();
const directory = mkdtempSync(join(tmpdir(), 'rollcall-bench-'));
cleaning.push(() => rmSync(directory, { recursive: true, force: true }));
const recordings = join(directory, 'recordings');
const loadFile = join(directory, 'load');
const prepared = await prepare();
const settings = { DATABASE_URL: databaseUrl, RECORDINGS: recordings, LOAD: loadFile };
const rollcall = await startProcess('../src/main.js', 'rollcall', settings, cleaning);
if (!ONLY_SIGN_INS) {
  const floor = await startProcess('floor.js', 'floor', settings, cleaning);
  if (!ONLY_LOAD) {
    console.log(`\n${report(await measureAll(prepared.operations, floor))}`);
    console.log(`\n${memoryReport(await measureMemory())}`);
  }
  console.log(`\n${loadReport(LOAD, await measureLoad(floor))}`);
}
if (!ONLY_LOAD) {
  const signIns = await prepareSignIns();
  const verifier = await startVerifier(cleaning);
  console.log(`\n${signInReport(await measureSignIns(client, rollcall, verifier, signIns, ROUNDS))}`);
}
await client.end();
process.exit(0);

/** Of a directory with so many people as many groups and memberships as the largest one has for its people. */
function loadOf(argument: string | undefined): LoadSize | undefined {
  if (argument === undefined) return undefined;
  const users = Number(argument.slice('--load='.length));
  return { users, groups: Math.ceil(users / 5), memberships: users * 4 };
}

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

interface Prepared {
  readonly operations: readonly Operation[];
  readonly organizations: readonly BenchOrganization[];
  /** Two empty organizations, one of them with what a simulator's load of it was. */
  readonly loads?: { readonly empty: BenchOrganization; readonly loaded: BenchOrganization; readonly load: Load };
}

/** Organizations by the server's services, their people by SQL; and what the server says to its database for each request. */
async function prepare(): Promise<Prepared> {
  return withServer(async (server, url) => {
    const organizations: BenchOrganization[] = [];
    for (const [index, users] of PLAN.sizes.entries()) {
      console.log(`Loading an organization of ${users.toLocaleString('en')} people`);
      organizations.push(await createOrganization(server, index + 1, users));
      await client.query('VACUUM ANALYZE');
    }
    if (ONLY_SIGN_INS) return { operations: [], organizations };
    const recorder = new Recorder(server.app.getHttpServer());
    const operations: Operation[] = [];
    for (const each of organizations) {
      operations.push(...operationsOf(each, PLAN.requests, await findLastCursor(url, each)));
    }
    operations.push(...operationsAtSize(organizations.at(-1)!, PLAN.requests));
    if (ONLY_LOAD) operations.length = 0;
    const found = new Map<string, Recording>();
    for (const operation of operations) {
      console.log(`Recording ${operation.name} (${operation.organization.users.toLocaleString('en')})`);
      await recordAll(recorder, url, operation, found);
    }
    const loaded = await createOrganization(server, 100, 0);
    console.log('Recording a load by the simulator');
    const writer = new LoadWriter(loadFile);
    const simulation = simulationOf(url, loaded, LOAD);
    const load = await recorder.listen(
      () => play(simulation),
      (request, statements) => writer.write(request, statements),
    );
    writer.close();
    simulation.close();
    const empty = await createOrganization(server, 101, 0);
    writeFileSync(recordings, serialize(found));
    return { operations, organizations, loads: { loaded, load, empty } };
  });
}

/** Runs `work` with a server in this process, where its statements can be listened to. */
async function withServer<T>(work: (server: RunningServer, url: string) => Promise<T>): Promise<T> {
  const server = await startServer(loadConfig({ ...SETTINGS, DATABASE_URL: databaseUrl, PORT: '0', DEMO: 'false' }));
  const result = await work(server, await server.app.getUrl());
  await server.close();
  return result;
}

/** After everything else: they make other people of some of the organization's. */
async function prepareSignIns(): Promise<CountedSignIns[]> {
  return withServer(async (server, url) => {
    const recorder = new Recorder(server.app.getHttpServer());
    const all: CountedSignIns[] = [];
    for (const organization of prepared.organizations) {
      console.log(`Signing answers for ${organization.users.toLocaleString('en')} people`);
      for (const signIns of await signInsOf(server, client, organization, PLAN.requests)) {
        all.push(await countStatements(recorder, client, url, signIns, () => server.app.get(SignInDetails).settled()));
      }
    }
    return all;
  });
}

async function findLastCursor(url: string, { token }: BenchOrganization): Promise<string> {
  const walker = await KeepAliveClient.open(url, token);
  for (let cursor = ''; ;) {
    const { body } = await walker.send({ method: 'GET', path: `/scim/v2/Users?count=100&cursor=${cursor}` });
    const { nextCursor } = JSON.parse(body) as { nextCursor?: string };
    if (nextCursor === undefined) {
      walker.close();
      return cursor;
    }
    cursor = nextCursor;
  }
}

async function recordAll(
  recorder: Recorder,
  url: string,
  operation: Operation,
  found: Map<string, Recording>,
): Promise<void> {
  const { token } = operation.organization;
  const sender = await KeepAliveClient.open(url, token);
  for (const request of operation.requests) {
    const key = keyOf(token, request);
    if (!found.has(key)) found.set(key, await recorder.record(sender, request));
    const { status } = found.get(key)!;
    if (!operation.expected.includes(status)) throw new Error(`${request.method} ${request.path}: ${status}`);
  }
  sender.close();
  await reset(operation);
}

/** What was announced goes too: it is appended again with the same ids when a recording is played. */
async function reset(operation: Operation): Promise<void> {
  await operation.reset(client);
  await client.query('TRUNCATE outbox_events, audit_entries CASCADE');
}

async function measureMemory(): Promise<MemoryResult> {
  console.log('Listing all memberships');
  return listMemberships(rollcall, prepared.organizations.at(-1)!);
}

async function measureLoad(floor: Side): Promise<{ floor: LoadResult; rollcall: LoadResult }> {
  console.log('Loading a directory with the simulator');
  const { loaded, load, empty } = prepared.loads!;
  const { organizationId } = loaded;
  for (const table of ['memberships', 'groups', 'identities', 'users'])
    await client.query(`DELETE FROM ${table} WHERE organization_id = $1`, [organizationId]);
  await client.query('TRUNCATE outbox_events, audit_entries CASCADE');
  const atTheFloor = await spent(floor, () => loadAtTheFloor(floor.url, loaded, load));
  const simulation = simulationOf(rollcall.url, empty, LOAD);
  const bySimulator = await spent(rollcall, () => play(simulation));
  console.log('Comparing what was loaded with what the simulator meant');
  const { equal, differences } = await simulation.compare();
  simulation.close();
  // A fast load of something else is none.
  if (!equal) throw new Error(`${differences.count} differences: ${JSON.stringify(differences.first.slice(0, 5))}`);
  return { floor: atTheFloor, rollcall: bySimulator };
}

async function spent(side: Side, load: () => Promise<number>): Promise<LoadResult> {
  const look = async () => [cpuTimes([side.pid]), cpuTimes(await backendsOf(client, side.applicationName))] as const;
  // To both the organization is one that the statistics do not know yet.
  await client.query('VACUUM ANALYZE');
  const [before, own] = [await look(), process.cpuUsage()];
  const seconds = await load();
  const [after, { user, system }] = [await look(), process.cpuUsage(own)];
  const cpu = [cpuBetween(before[0], after[0]), cpuBetween(before[1], after[1]), (user + system) / 1000];
  return { seconds, cpu: cpu.map((milliseconds) => milliseconds && milliseconds / 1000) };
}

async function createOrganization(
  server: RunningServer,
  organization: number,
  users: number,
): Promise<BenchOrganization> {
  const actor: Actor = { kind: 'system', id: null, correlationId: 'bench' };
  const slug = `bench-${organization}`;
  const { id } = await server.app.get(OrganizationsService).create({ slug, name: slug }, actor);
  // Deactivating half of everybody is what is measured.
  const provisioning = { deprovisioningGuard: null, removalGuard: null };
  const settings = { name: slug, scim: true, provisioning };
  const connection = await server.app.get(ConnectionsService).create(id, settings, actor);
  const { token } = await server.app.get(ScimTokensService).create(id, connection.id, { name: slug }, actor);
  const place = { organizationId: id, connectionId: connection.id, organization };
  if (users > 0) await seedUsers(client, place, users);
  const { largest } = users > 0 ? await seedGroups(client, place, users) : { largest: 0 };
  return { ...place, token, users, largest };
}

/** Rounds of all operations, the two servers in turns, so that a slow minute of the machine meets both. */
async function measureAll(all: readonly Operation[], floor: Side): Promise<Result[]> {
  const found = all.map((operation) => ({ operation, floor: [] as Measurement[], server: [] as Measurement[] }));
  for (let round = 0; round <= ROUNDS; round++) {
    const isWarming = round === 0;
    console.log(isWarming ? 'Warming' : `Round ${round} of ${ROUNDS}`);
    for (const { operation, ...sides } of found) {
      const turns = round % 2 === 0 ? (['floor', 'server'] as const) : (['server', 'floor'] as const);
      for (const turn of turns) {
        const count = isWarming ? WARMING : PLAN.requests;
        const measured = await measure(operation, turn === 'floor' ? floor : rollcall, count);
        if (!isWarming) sides[turn].push(measured);
      }
    }
  }
  return found;
}

async function measure(operation: Operation, side: Side, count: number): Promise<Measurement> {
  const { organization, expected, connections } = operation;
  const requests = operation.requests.slice(0, count);
  const look = async () => [cpuTimes([side.pid]), cpuTimes(await backendsOf(client, side.applicationName))] as const;
  const before = await look();
  const { seconds, latencies } = await sendAll(side.url, organization.token, requests, connections, expected);
  const after = await look();
  await reset(operation);
  const spent = (which: 0 | 1) => {
    const sum = cpuBetween(before[which], after[which]);
    return sum === undefined ? undefined : sum / requests.length;
  };
  return {
    perSecond: requests.length / seconds,
    latency: median(latencies),
    nodeCpu: spent(0),
    databaseCpu: spent(1),
  };
}
