import { existsSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { loadConfig } from '../../src/config/config.js';
import { openDatabase } from '../../src/database/database.js';
import { freshDirectory, freshPostgres, onPostgres, startTestServer, type TestDatabase } from '../support/app.js';
import { freePort, startChild, untilItAnswers, type Child } from '../support/child.js';

const serve = (environment: Readonly<Record<string, string>>): Child =>
  startChild(['dist/src/main.js'], { LOG_LEVEL: 'info', ...environment });

describe('starting', () => {
  it('names every wrong setting and starts nothing', async () => {
    const child = serve({ PORT: 'eighty', LOG_LEVEL: 'chatty', DATABASE_URL: 'mysql://localhost/x' });
    expect(await child.ended).toBe(1);
    for (const name of ['PORT', 'LOG_LEVEL', 'DATABASE_URL']) expect(child.output.stderr).toContain(name);
    expect(child.output.stderr).not.toContain('    at ');
  });
});

if (onPostgres) {
  describe('starting on PostgreSQL', () => {
    it('refuses a schema that is behind and names the command', async () => {
      const empty = await freshPostgres('template0');
      try {
        const config = loadConfig({ ...empty.environment, DEMO: 'false' });
        await expect(openDatabase(config)).rejects.toThrow('npm run migration:run');
        const child = serve(empty.environment);
        expect(await child.ended).toBe(1);
        expect(child.output.stderr).toContain('Foundation1764000000000');
        expect(child.output.stderr).toContain('npm run migration:run');
        expect(child.output.stderr).not.toContain('    at ');
      } finally {
        await empty.drop();
      }
    });

    it('goes on after the database has thrown its connections out', async () => {
      const server = await startTestServer({ DATABASE_POOL_SIZE: '3' });
      const outside = new pg.Client({ connectionString: server.environment['DATABASE_URL'] });
      await outside.connect();
      try {
        await Promise.all([1, 2, 3].map(() => server.sql(`SELECT pg_sleep(0.05)`)));
        const running = server.sql(`SELECT pg_sleep(30)`);
        const failed = expect(running).rejects.toThrow();
        const ended = await outside.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
        );
        expect(ended.rowCount).toBeGreaterThan(0);
        await failed;
        // The server learns of the ends of idle connections by events of their sockets.
        await new Promise((resolve) => setTimeout(resolve, 100));
        const answers = await Promise.all([1, 2, 3].map(() => server.sql(`SELECT 1 AS one`)));
        expect(answers).toEqual([[{ one: 1 }], [{ one: 1 }], [{ one: 1 }]]);
      } finally {
        await outside.end();
        await server.close();
      }
    });

    it('serves one database from two processes', async () => {
      const server = await startTestServer();
      try {
        const second = await startTestServer({}, { environment: server.environment, drop: async () => undefined });
        expect(await second.sql(`SELECT 1 AS one`)).toEqual([{ one: 1 }]);
        await second.close();
        expect(await server.sql(`SELECT 1 AS one`)).toEqual([{ one: 1 }]);
      } finally {
        await server.close();
      }
    });
  });
} else {
  describe('starting on the embedded database', () => {
    let database: TestDatabase;
    let directory: string;
    beforeEach(() => {
      database = freshDirectory();
      directory = database.environment['DATA_DIRECTORY']!;
    });
    afterEach(() => database.drop());

    it('refuses a directory that another process has open and says which', async () => {
      const server = await startTestServer({}, database);
      try {
        const child = serve(database.environment);
        expect(await child.ended).toBe(1);
        expect(child.output.stderr).toContain(`in use by another Rollcall process (pid ${process.pid})`);
        expect(child.output.stderr).toContain('DATA_DIRECTORY');
        expect(child.output.stderr).not.toContain('    at ');
        expect(await server.sql(`SELECT 1 AS one`)).toEqual([{ one: 1 }]);
      } finally {
        await server.close();
      }
      expect(existsSync(join(directory, 'rollcall.lock'))).toBe(false);
    });

    it('lets only one of several processes in that start at the same time', async () => {
      const children = [0, 1, 2].map(() => startChild(['test/support/hold-directory.mjs'], database.environment));
      try {
        const outcomes = await Promise.all(
          children.map((child) => Promise.race([child.printed(/open/).then(() => 'open'), child.ended]).catch(() => 1)),
        );
        expect(outcomes.sort()).toEqual([1, 1, 'open']);
      } finally {
        await Promise.all(children.map((child) => child.kill()));
      }
    });

    it('takes over the directory of a process that was killed', async () => {
      const child = startChild(['test/support/hold-directory.mjs'], database.environment);
      await child.printed(/open/);
      await child.kill();
      expect(existsSync(join(directory, 'rollcall.lock'))).toBe(true);
      const server = await startTestServer({}, database);
      expect(await server.sql(`SELECT name FROM schema_migrations`)).not.toEqual([]);
      await server.close();
    });

    it('creates the database and its schema in a directory that does not exist', async () => {
      const inner = join(directory, 'not', 'yet', 'there');
      const server = await startTestServer({ DATA_DIRECTORY: inner }, database);
      expect(await server.sql(`SELECT count(*)::int AS count FROM users`)).toEqual([{ count: 0 }]);
      await server.close();
      expect(existsSync(join(inner, 'rollcall.lock'))).toBe(false);
    });

    it('closes cleanly at SIGTERM and leaves no lock', async () => {
      const port = await freePort();
      const child = serve({ ...database.environment, PORT: String(port) });
      await untilItAnswers(child, `http://127.0.0.1:${port}/`);
      child.process.kill('SIGTERM');
      expect([0, 143, 'SIGTERM']).toContain(await child.ended);
      expect(existsSync(join(directory, 'rollcall.lock'))).toBe(false);
    });
  });
}
