import { UnitOfWork } from '../../src/database/unit-of-work.service.js';
import { onPostgres, startTestServer, type TestServer } from '../support/app.js';

describe('unit of work', () => {
  let server: TestServer;
  let work: UnitOfWork;

  beforeAll(async () => {
    server = await startTestServer();
    work = server.app.get(UnitOfWork);
    await server.sql(`CREATE TABLE probe (id integer PRIMARY KEY, value integer NOT NULL)`);
  });
  afterAll(() => server.close());
  beforeEach(() => server.sql(`TRUNCATE probe`));

  it('twenty concurrent transactions, half of which fail, leave exactly the rows of the other half', async () => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) =>
        work.run(async (tx) => {
          await tx.execute(`INSERT INTO probe VALUES ($1, 0)`, [index]);
          await tx.query(`SELECT 1`);
          if (index % 2 === 1) throw new Error('on purpose');
        }),
      ),
    );
    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(10);
    const rows = await server.sql<{ id: number }>(`SELECT id FROM probe ORDER BY id`);
    expect(rows.map(({ id }) => id)).toEqual([0, 2, 4, 6, 8, 10, 12, 14, 16, 18]);
  });

  it('refuses a statement outside of the open transaction instead of waiting for ever', async () => {
    const inside = work.run(async () => {
      await work.read.query(`SELECT 1`);
    });
    await expect(inside).rejects.toThrow('outside the open transaction');
    const nested = work.run(() => work.run(async () => undefined));
    await expect(nested).rejects.toThrow('outside the open transaction');
    expect(await work.read.query(`SELECT 1 AS one`)).toEqual([{ one: 1 }]);
  });

  it('runs a transaction again that the database gave up for a deadlock, and only that', async () => {
    let attempts = 0;
    const result = await work.run(async (tx) => {
      attempts += 1;
      await tx.execute(`INSERT INTO probe VALUES (1, $1)`, [attempts]);
      if (attempts < 3) await tx.query(`DO $$ BEGIN RAISE EXCEPTION 'made up' USING ERRCODE = '40P01'; END $$`);
      return attempts;
    });
    expect(result).toBe(3);
    expect(await server.sql(`SELECT id, value FROM probe`)).toEqual([{ id: 1, value: 3 }]);

    attempts = 0;
    const failing = work.run(async (tx) => {
      attempts += 1;
      await tx.execute(`INSERT INTO probe VALUES (1, 0)`);
    });
    await expect(failing).rejects.toMatchObject({ code: '23505' });
    expect(attempts).toBe(1);
  });

  it('does what was left until the commit, all or nothing, and again with the transaction', async () => {
    let attempts = 0;
    const committed: number[] = [];
    await work.run(async (tx) => {
      attempts += 1;
      const attempt = attempts;
      tx.committed(() => committed.push(attempt));
      await tx.defer(`INSERT INTO probe VALUES ($1, $2)`, [1, attempts]);
      await tx.defer(`INSERT INTO probe VALUES ($2, $1)`, [attempts, 2]);
      expect(await tx.query(`SELECT id FROM probe`)).toEqual([]);
      if (attempts < 2) await tx.query(`DO $$ BEGIN RAISE EXCEPTION 'made up' USING ERRCODE = '40P01'; END $$`);
    });
    const rows = [
      { id: 1, value: 2 },
      { id: 2, value: 2 },
    ];
    expect(await server.sql(`SELECT id, value FROM probe ORDER BY id`)).toEqual(rows);
    expect(committed).toEqual([2]);

    const asking = (id: number) =>
      work.run(async (tx) => {
        await tx.defer(`UPDATE probe SET value = $1 WHERE id = 2`, [id]);
        await tx.demand(`SELECT 1 FROM probe WHERE id = $1 FOR SHARE`, [id], () => new Error(`No ${id}`));
      });
    await expect(asking(9)).rejects.toThrow('No 9');
    expect(await server.sql(`SELECT id, value FROM probe ORDER BY id`)).toEqual(rows);
    await asking(1);
    await server.sql(`UPDATE probe SET value = 2 WHERE value = 1`);

    const failing = work.run(async (tx) => {
      await tx.execute(`INSERT INTO probe VALUES (3, 3)`);
      await tx.defer(`INSERT INTO probe VALUES (4, 4)`, []);
      await tx.defer(`INSERT INTO probe VALUES ($1, 0)`, [1]);
    });
    await expect(failing).rejects.toMatchObject({ code: '23505' });
    expect(await server.sql(`SELECT id, value FROM probe ORDER BY id`)).toEqual(rows);
  });

  it('leaves no transaction open behind an error', async () => {
    await expect(work.run((tx) => tx.query(`SELECT nonsense`))).rejects.toThrow();
    await work.run((tx) => tx.execute(`INSERT INTO probe VALUES (7, 7)`));
    expect(await server.sql(`SELECT id FROM probe`)).toEqual([{ id: 7 }]);
  });

  it('gives up after four attempts and says why', async () => {
    let attempts = 0;
    const hopeless = work.run(async (tx) => {
      attempts += 1;
      await tx.query(`DO $$ BEGIN RAISE EXCEPTION 'made up' USING ERRCODE = '40001'; END $$`);
    });
    await expect(hopeless).rejects.toMatchObject({ code: '40001' });
    expect(attempts).toBe(4);
  });

  it('does not take statements of a transaction that has ended', async () => {
    const ended = await work.run(async (tx) => tx);
    await expect(ended.execute(`INSERT INTO probe VALUES (1, 1)`)).rejects.toThrow();
    expect(await server.sql(`SELECT id FROM probe`)).toEqual([]);
  });

  // The embedded database has one session: its transactions never meet.
  if (onPostgres) {
    /** Resolves for everybody once `count` have arrived; later ones pass. */
    const meetingOf = (count: number) => {
      let release = () => {};
      const all = new Promise<void>((resolve) => (release = resolve));
      return () => {
        if (--count <= 0) release();
        return all;
      };
    };

    it('lets both sides of a real deadlock have their way', async () => {
      await server.sql(`INSERT INTO probe VALUES (1, 0), (2, 0)`);
      const meet = meetingOf(2);
      let attempts = 0;
      const increment = (first: number, second: number) =>
        work.run(async (tx) => {
          attempts += 1;
          await tx.execute(`UPDATE probe SET value = value + 1 WHERE id = $1`, [first]);
          await meet();
          await tx.execute(`UPDATE probe SET value = value + 1 WHERE id = $1`, [second]);
        });
      await Promise.all([increment(1, 2), increment(2, 1)]);
      expect(await server.sql(`SELECT id, value FROM probe ORDER BY id`)).toEqual([
        { id: 1, value: 2 },
        { id: 2, value: 2 },
      ]);
      expect(attempts).toBe(3);
    });

    it('runs a transaction again that could not be serialized', async () => {
      await server.sql(`INSERT INTO probe VALUES (1, 0)`);
      const meet = meetingOf(2);
      let attempts = 0;
      const increment = () =>
        work.run(async (tx) => {
          attempts += 1;
          await tx.execute(`SET TRANSACTION ISOLATION LEVEL SERIALIZABLE`);
          const [row] = await tx.query<{ value: number }>(`SELECT value FROM probe WHERE id = 1`);
          await meet();
          await tx.execute(`UPDATE probe SET value = $1 WHERE id = 1`, [row!.value + 1]);
        });
      await Promise.all([increment(), increment()]);
      expect(await server.sql(`SELECT value FROM probe`)).toEqual([{ value: 2 }]);
      expect(attempts).toBe(3);
    });
  }

  it('parses the statements of a repeated transaction once a connection, and plans them for any parameters', async () => {
    const add = (id: number) =>
      work.run(async (tx) => {
        await tx.execute(`INSERT INTO probe VALUES ($1, 0)`, [id]);
        const [mode] = await tx.query(`SELECT current_setting('plan_cache_mode') AS mode`);
        const parsed = await tx.query<{ statement: string }>(
          `SELECT statement FROM pg_prepared_statements WHERE name LIKE 'rollcall\\_%' ORDER BY statement`,
        );
        return { mode, parsed: parsed.map(({ statement }) => statement.slice(0, 22)) };
      }, 'repeated');
    const texts = ['INSERT INTO probe VALU', 'SELECT current_setting', 'SELECT statement FROM '];
    for (const id of [1, 2, 3]) expect(await add(id)).toEqual({ mode: { mode: 'force_generic_plan' }, parsed: texts });
    expect(await work.read.query(`SELECT current_setting('plan_cache_mode') AS mode`)).toEqual([{ mode: 'auto' }]);
    expect(await server.sql(`SELECT id FROM probe ORDER BY id`)).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }]);
    await expect(add(3)).rejects.toMatchObject({ code: '23505' });
    expect(await server.sql(`SELECT count(*)::int AS n FROM probe`)).toEqual([{ n: 3 }]);
  });
});
