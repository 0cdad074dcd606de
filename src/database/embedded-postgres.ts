import { Duplex } from 'node:stream';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import pg from 'pg';
import { DirectoryLock } from './directory-lock.js';

/**
 * The embedded database: PGlite (PostgreSQL compiled to WebAssembly) behind the same pg client as the production database, so that
 * everything above is the same code. It has one session; a pool of one connection hands it out first come, first served.
 */
export class EmbeddedPostgres {
  private constructor(
    private readonly database: PGlite,
    private readonly lock: DirectoryLock,
  ) {}

  /** Opens (and at the first start creates) the database; throws DirectoryInUseError. */
  static async open(directory: string): Promise<EmbeddedPostgres> {
    const lock = DirectoryLock.acquire(directory);
    try {
      const dataDir = join(directory, 'pg');
      if (!existsSync(dataDir)) mkdirSync(dataDir, { recursive: true, mode: 0o700 });
      const database = await PGlite.create({
        dataDir,
        startParams: START_PARAMETERS,
        initDbStartParams: ['--wal-segsize=1'],
      });
      return new EmbeddedPostgres(database, lock);
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.database.close();
    this.lock.release();
  }

  /** What TypeORM's postgres driver takes in place of the `pg` module. */
  driver(): { Pool: typeof pg.Pool; Client: typeof pg.Client } {
    const database = this.database;
    class EmbeddedClient extends pg.Client {
      constructor(config?: pg.ClientConfig) {
        super({
          ...config,
          user: 'postgres',
          database: 'postgres',
          ssl: false,
          stream: () => new SessionStream(database),
        });
      }
    }
    class EmbeddedPool extends pg.Pool {
      constructor(config?: pg.PoolConfig) {
        super({ ...config, Client: EmbeddedClient, max: 1, idleTimeoutMillis: 0 });
      }
    }
    return { Pool: EmbeddedPool, Client: EmbeddedClient };
  }
}

/** Small caches and a small log: 190 MB of memory instead of 330, 40 MB of disk. */
const START_PARAMETERS = [...PGlite.defaultStartParams, '-c', 'shared_buffers=16MB', '-c', 'max_wal_size=64MB'];

const TERMINATE = 'X'.charCodeAt(0);

/** The wire between pg.Client and PGlite's protocol entry: what is written is executed, what comes back is pushed. */
class SessionStream extends Duplex {
  constructor(private readonly database: PGlite) {
    super();
  }

  connect(): this {
    // The session outlives its clients: what a destroyed client left open must not reach the next one.
    this.database
      .exec('ROLLBACK')
      .then(() => this.database.exec('DISCARD ALL'))
      .then(() => this.emit('connect'))
      .catch((error: unknown) => this.destroy(asError(error)));
    return this;
  }

  override _read(): void {}

  override _writev(chunks: { chunk: Buffer }[], callback: (error?: Error | null) => void): void {
    const message = chunks.length === 1 ? chunks[0]!.chunk : Buffer.concat(chunks.map(({ chunk }) => chunk));
    this.execute(message, callback);
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    this.execute(chunk, callback);
  }

  private execute(message: Buffer, callback: (error?: Error | null) => void): void {
    // Terminate would end the only session there is.
    if (message[0] === TERMINATE && message.length === 5) {
      this.push(null);
      return callback();
    }
    this.database.execProtocolRaw(message).then(
      (answer) => {
        if (answer.length > 0) this.push(Buffer.from(answer));
        callback();
      },
      (error: unknown) => callback(asError(error)),
    );
  }

  setNoDelay(): this {
    return this;
  }
  setKeepAlive(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
}

/** PGlite also throws plain objects of its WebAssembly runtime. */
function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(`The embedded database failed: ${JSON.stringify(error)}`);
}
