import { resolve } from 'node:path';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { MIGRATIONS } from '../../migrations/index.js';
import type { Config } from '../config/config.js';
import { Repeating } from '../platform/repeating.js';
import { EmbeddedPostgres } from './embedded-postgres.js';
import { cleanUp, getToKnowOrganizations, type Session } from './upkeep.js';

/** An open database and how to close it with everything that belongs to it. */
export interface Database {
  readonly dataSource: DataSource;
  readonly embedded: boolean;
  close(): Promise<void>;
}

export class SchemaBehindError extends Error {
  constructor(pending: readonly string[]) {
    super(
      `The database schema is behind this version of Rollcall (missing: ${pending.join(', ')}). ` +
        'Nothing was changed. Run `npm run migration:run` with the same DATABASE_URL, then start again.',
    );
    this.name = 'SchemaBehindError';
  }
}

type DatabaseConfig = Pick<Config, 'databaseUrl' | 'databasePoolSize' | 'dataDirectory'>;

/**
 * Opens the database the settings name, with its schema up to date: the embedded one migrates itself, PostgreSQL is migrated by
 * operators (`npm run migration:run`) and refused while it is behind. Throws SchemaBehindError, DirectoryInUseError.
 */
export async function openDatabase(config: DatabaseConfig): Promise<Database> {
  if (config.databaseUrl === undefined) return openEmbedded(resolve(config.dataDirectory));
  const dataSource = await new DataSource(postgresOptions(config.databaseUrl, config.databasePoolSize)).initialize();
  try {
    const pending = await pendingMigrations(dataSource);
    if (pending.length > 0) throw new SchemaBehindError(pending);
  } catch (error) {
    await dataSource.destroy();
    throw error;
  }
  const upkeep = upkeepOf(dataSource, getToKnowOrganizations);
  const close = async () => {
    await upkeep.stop();
    await dataSource.destroy();
  };
  return { dataSource, embedded: false, close };
}

async function openEmbedded(directory: string): Promise<Database> {
  const engine = await EmbeddedPostgres.open(directory);
  try {
    const dataSource = await new DataSource({
      type: 'postgres',
      driver: engine.driver(),
      poolSize: 1,
      ...COMMON,
    }).initialize();
    await dataSource.runMigrations();
    const upkeep = upkeepOf(dataSource, async (session) => {
      await cleanUp(session);
      await getToKnowOrganizations(session);
    });
    const close = async () => {
      await upkeep.stop();
      await dataSource.destroy();
      await engine.close();
    };
    return { dataSource, embedded: true, close };
  } catch (error) {
    await engine.close();
    throw error;
  }
}

const UPKEEP_EVERY_MS = 10_000;

/** By the pool: there is one session of the embedded database, whose transactions must be over. */
function upkeepOf({ driver }: DataSource, work: (session: Session) => Promise<void>): Repeating {
  const { master } = driver as unknown as { master: Session };
  const upkeep = new Repeating(
    UPKEEP_EVERY_MS,
    () => work(master),
    (error) => process.emitWarning(`The statistics of the database were not kept up: ${String(error)}`),
  );
  upkeep.start();
  return upkeep;
}

const COMMON = {
  migrations: MIGRATIONS,
  migrationsTransactionMode: 'each',
  migrationsTableName: 'schema_migrations',
  entities: [],
} as const satisfies Partial<DataSourceOptions>;

export function postgresOptions(url: string, poolSize: number): DataSourceOptions {
  return {
    type: 'postgres',
    url,
    poolSize,
    connectTimeoutMS: 10_000,
    applicationName: 'rollcall',
    ...COMMON,
    migrations: [...COMMON.migrations],
  };
}

async function pendingMigrations(dataSource: DataSource): Promise<string[]> {
  const runner = dataSource.createQueryRunner();
  try {
    const rows = async (sql: string) => (await runner.query(sql)) as { name: string }[];
    const exists = await rows(`SELECT 'schema_migrations' AS name WHERE to_regclass('schema_migrations') IS NOT NULL`);
    const applied = exists.length > 0 ? await rows('SELECT name FROM schema_migrations') : [];
    const names = new Set(applied.map(({ name }) => name));
    return MIGRATIONS.map((migration) => migration.name).filter((name) => !names.has(name));
  } finally {
    await runner.release();
  }
}
